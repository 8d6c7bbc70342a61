"""One personal value in full: for a role that may, for a reason, once, and into the ledger without the value."""

import json

import pytest
from django.urls import reverse
from tests.county.registry.conftest import A, C, household, person

from anlan.county import seal
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.registry import actions
from anlan.county.registry.models import MASKED, REASONS, Household, Person

NUMBER, PHONE = "990123197211110033", "10000000001"


@pytest.fixture
def home(people, now):
    ill = household(A, 1, people=(person(health="grave"),))
    actions.enrol(records=[ill, household(C, 1, people=(person(id_number=""),))], by=people["anlan"], source="t")
    return Household.objects.get(code=f"{A}00001")


@pytest.fixture
def show(client, people, home):
    def show(username, what, reason="identity", code=f"{A}00001"):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        return client.post(reverse("registry:unmask", args=[code]), {"what": what, "reason": reason})

    return show


def written():
    return [json.loads(entry.payload) for entry in Entry.objects.filter(verb="registry.unmask")]


@pytest.mark.parametrize(("field", "value"), [("phone", PHONE), ("id_number", NUMBER), ("health", "grave")])
def test_it_shows_the_value_and_writes_who_whose_which_and_why(people, home, field, value):
    who = None if field == "phone" else home.people.get()
    officer = people["township_officer_a"]
    assert actions.unmask(household=home, person=who, field=field, reason="payment", by=officer) == value
    entry = Entry.objects.get(verb="registry.unmask")
    assert (entry.by, entry.about) == ("township_officer_a", f"household:{home.code}")
    assert written() == [{"field": field, "reason": "payment"} | ({"person": who.pk} if who else {})]
    assert value not in entry.payload


@pytest.mark.parametrize("field", ["id_number", "name", "", "born"])
def test_a_household_has_no_such_value(people, home, field):
    with pytest.raises(BadInput):
        actions.unmask(household=home, field=field, reason="identity", by=people["township_officer_a"])
    assert written() == []


def test_a_telephone_is_the_households_and_not_a_members(people, home):
    with pytest.raises(BadInput):
        actions.unmask(
            household=home, person=home.people.get(), field="phone", reason="identity", by=people["township_officer_a"]
        )


@pytest.mark.parametrize("reason", ["", "curiosity"])
def test_without_a_reason_nothing_is_shown(people, home, reason):
    with pytest.raises(BadInput):
        actions.unmask(household=home, field="phone", reason=reason, by=people["township_officer_a"])
    assert written() == []


def test_another_households_member_is_not_this_ones(people, home):
    other = Person.objects.exclude(household=home).get()
    with pytest.raises(NotFound):
        actions.unmask(household=home, person=other, field="id_number", reason="match", by=people["department_clerk"])
    assert written() == []


@pytest.mark.parametrize(
    "username", ["township_officer_b", "village_cadre_a", "auditor", "administrator", "duty_officer"]
)
def test_who_may_not_here_may_not(people, home, username):
    with pytest.raises(NotAllowed):
        actions.unmask(household=home, field="phone", reason="identity", by=people[username])
    assert written() == []


def test_the_page_shows_it_once_and_is_not_kept(show, home):
    response = show("department_clerk", f"id_number {home.people.get().pk}")
    assert NUMBER in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"
    assert len(written()) == 1


def test_a_stranger_does_not_find_the_household(show):
    assert show("township_officer_b", "phone").status_code == 404
    assert show("auditor", "phone").status_code == 403
    assert written() == []


@pytest.mark.parametrize("what", ["", "phone 1", "id_number", "id_number x", "health 999999", "name", "password 1"])
def test_a_form_that_asks_for_nothing_known_is_refused(show, what):
    assert show("department_clerk", what).status_code in {404, 422}
    assert written() == []


def test_looking_is_no_get(client, people, home):
    client.force_login(people["department_clerk"], backend="anlan.county.office.authentication.Passwords")
    assert client.get(reverse("registry:unmask", args=[home.code])).status_code == 405


def page(client, user, code):
    client.force_login(user, backend="anlan.county.office.authentication.Passwords")
    return client.get(reverse("desk:household", args=[code])).content.decode()


@pytest.mark.parametrize("username", ["duty_officer", "auditor", "administrator"])
def test_a_state_of_health_is_shown_to_those_who_need_it(client, people, home, username):
    assert "大病" in page(client, people["village_cadre_a"], home.code)
    assert "大病" not in page(client, people[username], home.code)
    assert "已隐藏" in page(client, people[username], home.code)


def test_without_the_key_the_page_says_so_and_shows_nothing(client, people, home):
    client.force_login(people["department_clerk"], backend="anlan.county.office.authentication.Passwords")
    with seal.held(seal.new_ring("aes")):
        response = client.get(reverse("desk:household", args=[home.code]))
        assert client.get(reverse("account:home")).status_code in {200, 403}
    assert response.status_code == 503
    assert "ANLAN_KEYS" in response.content.decode()
    assert PHONE not in response.content.decode()


def test_the_form_is_there_for_those_who_may(client, people, home):
    url = reverse("registry:unmask", args=[home.code])
    assert url in page(client, people["township_officer_a"], home.code)
    assert url not in page(client, people["village_cadre_a"], home.code)


def test_every_reason_and_every_field_has_its_word():
    from anlan.county.desk.words import MASKED as FIELDS
    from anlan.county.desk.words import UNMASKING

    assert tuple(UNMASKING) == REASONS
    assert tuple(FIELDS) == MASKED
