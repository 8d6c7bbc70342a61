"""Username and password, and nothing else."""

import pytest
from tests.county.office.conftest import PASSWORD

from anlan.county.office.authentication import Passwords
from anlan.county.office.models import User


def test_the_right_password_is_the_users(officer):
    assert Passwords().authenticate(None, "duty_officer", PASSWORD) == officer


@pytest.mark.parametrize(
    ("username", "password"),
    [("duty_officer", "x"), ("duty_officer", None), ("duty_officer", ""), (None, PASSWORD), ("", ""), (None, None)],
)
def test_nothing_else_is(officer, username, password):
    assert Passwords().authenticate(None, username, password) is None


def test_a_name_that_does_not_exist_takes_a_hash_as_well(officer, monkeypatch):
    hashed = []
    monkeypatch.setattr(User, "set_password", lambda self, password: hashed.append(password))
    assert Passwords().authenticate(None, "nobody", "guess") is None
    assert hashed == ["guess"]


def test_a_session_holds_while_the_user_is_active(officer):
    assert Passwords().get_user(officer.pk) == officer
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert Passwords().get_user(officer.pk) is None
    assert Passwords().get_user(-1) is None


def test_the_machine_never_logs_in(officer):
    machine = User.objects.get(username="anlan")
    machine.set_password(PASSWORD)
    machine.save()
    assert Passwords().authenticate(None, "anlan", PASSWORD) is None


def test_a_user_is_known_by_username(officer):
    assert User.objects.get_by_natural_key("duty_officer") == officer
    assert str(officer) == "duty_officer"
