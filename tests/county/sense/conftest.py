"""Alerts as China's offices write them (invented), and a browser."""

from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent / "data"


@pytest.fixture
def sample():
    """The bytes of one of our sample alerts, with parts replaced."""

    def read(name="rainstorm_red", **changes):
        text = (SAMPLES / f"{name}.xml").read_text(encoding="utf-8")
        for old, new in changes.get("replace", {}).items():
            assert old in text, old
            text = text.replace(old, new)
        return text.encode()

    return read


@pytest.fixture
def enter(people, client):
    """A browser in which this person is logged in."""

    def log_in(username):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        return client

    return log_in
