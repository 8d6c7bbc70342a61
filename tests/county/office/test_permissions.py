"""May this person do this, here? And what a page answers who may not."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from anlan.county import clock
from anlan.county.errors import NotAllowed
from anlan.county.office.actions import appoint
from anlan.county.office.models import Appointment, User
from anlan.county.office.permissions import check, needs, public, whose

COUNTY, TOWN_A, TOWN_B, VILLAGE_A, VILLAGE_B = (
    "360123000000", "360123101000", "360123102000", "360123101201", "360123102201",
)  # fmt: skip


@needs("warn.approve", "warn.release")
def guarded(request, *words):
    """A view."""
    return HttpResponse(" ".join(words))


def asked(user, path="/somewhere/?page=2"):
    request = RequestFactory().get(path)
    request.user = user
    return request


@pytest.mark.clause("L1")
@pytest.mark.parametrize(
    ("username", "permission", "division"),
    [
        ("township_officer_a", "decide.town", None),
        ("township_officer_a", "decide.town", TOWN_A),
        ("township_officer_a", "decide.town", VILLAGE_A),
        ("village_cadre_a", "decide.village", VILLAGE_A),
        ("county_director", "warn.approve", VILLAGE_B),
        ("anlan", "anything.at.all", "990000000000"),
    ],
)
def test_an_appointment_carries_its_permissions_over_its_divisions(people, username, permission, division):
    check(people[username], permission, division)


@pytest.mark.clause("L1")
@pytest.mark.parametrize("division", [TOWN_B, VILLAGE_B, COUNTY, "360124101201"])
def test_beside_and_above_ones_division_one_is_told_so(people, division):
    with pytest.raises(NotAllowed, match="区划"):
        check(people["township_officer_a"], "decide.town", division)


@pytest.mark.parametrize("division", [None, VILLAGE_A])
def test_what_no_role_of_mine_carries_is_named(people, division):
    with pytest.raises(NotAllowed, match="批准或退回预警信息") as refusal:
        check(people["village_cadre_a"], "warn.approve", division)
    assert refusal.value.status == 403


def test_an_appointment_counts_from_its_first_day_to_the_one_before_its_last(people, now):
    today = clock.today()
    user = people["auditor"]
    for since, until, holds in (
        (date(2026, 6, 19), None, False), (date(2026, 6, 18), None, True), (date(2026, 1, 1), today, False),
        (date(2026, 1, 1), date(2026, 6, 19), True),
    ):  # fmt: skip
        Appointment.objects.filter(user=user).update(since=since, until=until)
        assert User.objects.get(pk=user.pk).may("ledger.read") is holds, (since, until)


def test_who_holds_two_appointments_may_what_either_carries_where_it_holds(people):
    user = people["village_cadre_a"]
    appoint(username=user.username, name="", role="township_officer", division=TOWN_B, since=date(2026, 1, 1))
    twice = User.objects.get(pk=user.pk)
    assert twice.scopes() == [VILLAGE_A, TOWN_B]
    assert twice.may("decide.village", VILLAGE_A)
    assert twice.may("decide.town", VILLAGE_B)
    assert not twice.may("decide.town", VILLAGE_A)


def test_who_holds_no_appointment_may_nothing_and_sees_nothing(people):
    nobody = User.objects.create(username="nobody", name="无")
    assert nobody.scopes() == []
    assert not nobody.may("registry.read")


def test_any_one_of_the_permissions_opens_the_view(people):
    for username in ("county_director", "duty_officer"):
        assert guarded(asked(people[username]), "a", "b").content == b"a b"
    assert guarded.needs == ("warn.approve", "warn.release")


def test_without_them_the_view_refuses_by_the_first(people):
    with pytest.raises(NotAllowed, match="批准或退回预警信息"):
        guarded(asked(people["auditor"]))


def test_who_is_not_logged_in_is_sent_to_the_door_and_back(db):
    answer = guarded(asked(AnonymousUser()))
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('office:login')}?next=/somewhere/%3Fpage%3D2"


def test_a_missing_permission_is_a_page_with_its_sentence(enter):
    answer = enter("village_cadre_a").get(reverse("office:home"))
    assert answer.status_code == 403
    assert "您的岗位没有这项权限：查看组织和职责。" in answer.content.decode()
    assert "没有办成" in answer.content.decode()


def test_a_view_open_to_all_is_marked_as_such():
    assert public(lambda request: HttpResponse()).public is True


def test_only_a_user_can_have_done_a_deed(people):
    assert whose(asked(people["auditor"])) == people["auditor"]
    with pytest.raises(NotAllowed, match="登录"):
        whose(asked(AnonymousUser()))
