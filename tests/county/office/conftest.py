"""Passwords that are quick to check, and a browser somebody is logged in with."""

import pytest

PASSWORD = "correct horse battery"


@pytest.fixture
def quick(settings):
    """A hash that takes no time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def officer(people, quick):
    """The duty officer, with a password."""
    user = people["duty_officer"]
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def enter(people, client):
    """A browser in which this person is logged in."""

    def log_in(username):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        return client

    return log_in
