"""The door: guesses are counted, a name is locked for a while, and a bound telephone must agree."""

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from tests.county.office.conftest import PASSWORD

from anlan.county import clock
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.office import guarding, onetime
from anlan.county.office.models import Guard

LOGIN = "/office/login/"
RFC = base64.b32encode(b"12345678901234567890").decode()


@pytest.fixture
def at(monkeypatch):
    """The machine's clock, to be moved."""
    moment = [datetime(2026, 6, 18, 3, 0, tzinfo=UTC)]
    monkeypatch.setattr(clock, "machine", lambda: moment[0])

    def move(by=timedelta()):
        moment[0] += by
        return moment[0]

    return move


@pytest.fixture
def bound(officer, at):
    """The officer with a telephone; gives its present code."""
    secret = onetime.secret()
    guarding.bind(user=officer, secret=secret, code=now_code(secret, at()))
    at(timedelta(seconds=60))
    return lambda: now_code(secret, at())


def now_code(secret, moment):
    return onetime.code(secret, int(moment.timestamp() // 30))


def log_in(client, password=PASSWORD, code=""):
    return client.post(LOGIN, {"username": "duty_officer", "password": password, "code": code})


def came_in(answer):
    return answer.status_code == 302


# --- codes ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("at_s", "expected"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_codes_are_those_of_the_standard(at_s, expected):
    assert onetime.code(RFC, at_s // 30) == expected
    assert onetime.step_of(RFC, expected, at_s) == at_s // 30


@given(st.integers(2000, 10**10), st.integers(-40, 40))
def test_a_telephone_may_be_half_a_minute_off_and_no_code_is_good_twice(at_s, off):
    step = at_s // 30
    given_code = onetime.code(RFC, step + off)
    found = onetime.step_of(RFC, given_code, at_s)
    if abs(off) <= 1:
        assert found is not None
        assert onetime.step_of(RFC, given_code, at_s, after=step + 1) is None
    elif found is not None:  # two codes of a million may be the same
        assert onetime.code(RFC, found) == given_code


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "１２３４５６", "287082 9"])
def test_what_is_no_code_is_wrong(typed):
    assert onetime.step_of(RFC, typed, 59) is None


# --- guesses -------------------------------------------------------------------------------------------
def test_five_wrong_guesses_lock_the_name_and_a_quarter_of_an_hour_opens_it(officer, client, at):
    for _ in range(guarding.TRIES):
        assert not came_in(log_in(client, "wrong"))
    assert not came_in(log_in(client))
    assert guarding.locked_until(officer) == at() + guarding.REST
    assert Entry.objects.filter(verb="office.lock").count() == 1
    at(guarding.REST)
    assert came_in(log_in(client))
    assert Entry.objects.filter(verb="office.log_in").count() == 1


def test_a_right_guess_forgives_the_wrong_ones(officer, client, at):
    for _ in range(3):
        for _ in range(guarding.TRIES - 1):
            log_in(client, "wrong")
        assert came_in(log_in(client))
        client.logout()


def test_guessing_at_nobody_leaves_nothing(officer, client):
    client.post(LOGIN, {"username": "nobody", "password": "x"})
    assert not Guard.objects.exists()


def test_the_administrator_opens_a_locked_name(officer, people, client, at):
    for _ in range(guarding.TRIES):
        log_in(client, "wrong")
    with pytest.raises(NotAllowed):
        guarding.release(user=officer, by=people["auditor"])
    guarding.release(user=officer, by=people["administrator"])
    assert came_in(log_in(client))


# --- the second factor -----------------------------------------------------------------------------------
def test_a_bound_telephone_must_agree_and_each_code_opens_once(bound, client):
    assert not came_in(log_in(client))
    assert not came_in(log_in(client, code="000000"))
    code = bound()
    assert not came_in(log_in(client, "wrong", code))
    assert came_in(log_in(client, code=code))
    client.logout()
    assert not came_in(log_in(client, code=code))


def test_it_is_bound_on_a_page_with_the_code_it_shows(officer, client, at):
    log_in(client)
    page = client.get(reverse("office:second")).text
    secret = re.search(r'<p class="code">(\w+)</p>', page).group(1)
    sealed = re.search(r'name="sealed" value="([^"]+)"', page).group(1)
    wrong = client.post(reverse("office:second"), {"sealed": sealed, "code": "1"})
    assert wrong.status_code == 422
    assert secret in wrong.text
    assert not guarding.bound(officer)
    client.post(reverse("office:second"), {"sealed": sealed, "code": now_code(secret, at())})
    assert guarding.bound(officer)
    assert "<svg" not in client.get(reverse("office:second")).text.partition("<main")[2]
    with pytest.raises(BadInput):
        guarding.bind(user=officer, secret=secret, code="1")


def test_a_secret_of_another_s_page_binds_nothing(officer, people, client, at):
    client.force_login(people["auditor"])
    sealed = re.search(r'name="sealed" value="([^"]+)"', client.get(reverse("office:second")).text).group(1)
    secret = re.search(r'<p class="code">(\w+)</p>', client.get(reverse("office:second")).text).group(1)
    client.force_login(officer)
    for forged in (sealed, "x"):
        client.post(reverse("office:second"), {"sealed": forged, "code": now_code(secret, at())})
    assert not guarding.bound(officer)


def test_a_lost_telephone_is_forgotten_by_the_administrator(officer, people, bound, client):
    guarding.release(user=officer, by=people["administrator"], unbind=True)
    assert came_in(log_in(client))


def test_where_the_county_demands_it_nothing_opens_before_a_telephone_is_bound(officer, client, settings, at):
    log_in(client)
    settings.TWO_FACTOR = True
    assert client.get("/")["Location"] == reverse("office:second")
    assert client.get(reverse("office:home"))["Location"] == reverse("office:second")
    assert client.get(reverse("office:second")).status_code == 200
    secret = onetime.secret()
    guarding.bind(user=officer, secret=secret, code=now_code(secret, at()))
    assert client.get("/").status_code == 200
