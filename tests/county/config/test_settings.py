"""The key that signs sessions, and what a county sets."""

import json
import stat

import pytest

from anlan.county.config import settings as module

ASK = """
import json
from django.conf import settings
names = ["DEBUG", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT",
         "SECURE_HSTS_SECONDS", "SECRET_KEY", "SMTP_URL"]
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home without a secret."""
    monkeypatch.setattr(module, "HOME", tmp_path / "new")
    monkeypatch.delenv("ANLAN_SECRET", raising=False)
    return tmp_path / "new"


def test_a_secret_is_made_once_and_kept_for_the_owner_alone(home):
    first = module._secret()
    assert len(first) >= 50
    assert module._secret() == first == (home / "secret").read_text()
    assert stat.S_IMODE((home / "secret").stat().st_mode) == 0o600


def test_two_installations_have_two_secrets(home, tmp_path, monkeypatch):
    first = module._secret()
    monkeypatch.setattr(module, "HOME", tmp_path / "other")
    assert module._secret() != first


def test_a_given_secret_is_used_and_none_is_made(home, monkeypatch):
    monkeypatch.setenv("ANLAN_SECRET", "given")
    assert module._secret() == "given"
    assert not home.exists()


def test_without_variables_it_is_a_local_installation(installed):
    installation, _printed = installed
    found = json.loads(installation.python(ASK, ANLAN_SECRET="", ANLAN_HTTPS="").stdout)
    assert found["SECRET_KEY"] == (installation.home / "secret").read_text()
    assert found["DEBUG"] is found["SESSION_COOKIE_SECURE"] is found["SECURE_SSL_REDIRECT"] is False
    assert found["SECURE_HSTS_SECONDS"] == 0
    assert "localhost" in found["ALLOWED_HOSTS"]
    assert "*" not in found["ALLOWED_HOSTS"]


def test_a_county_that_serves_over_https_passes_djangos_own_check(installed):
    installation, _printed = installed
    words = {
        "ANLAN_HTTPS": "1",
        "ANLAN_SECRET": "n8f0q2v7-x5m1c9z3-b6k4j2h8-g0f7d5s3-a1p9o8i6-u4y2t0",
        "ANLAN_HOSTS": "x.cn",
    }
    check = "from django.core.management import execute_from_command_line as run; import sys; run(sys.argv)"
    checked = installation.python(check, "check", "--deploy", "--fail-level", "WARNING", **words)
    assert checked.returncode == 0, checked.stderr
    found = json.loads(installation.python(ASK, **words).stdout)
    assert found["SECRET_KEY"] == words["ANLAN_SECRET"]
    assert found["ALLOWED_HOSTS"] == ["x.cn"]
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is found["SECURE_SSL_REDIRECT"] is True
