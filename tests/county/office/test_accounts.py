"""The page of log-ins: who holds which role where, how the door stands; who may change it and who may only look."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.county.office.conftest import PASSWORD

from anlan.county import clock
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.office import guarding, onetime
from anlan.county.office.accounts import actions, queries
from anlan.county.office.actions import Post, appoint, give_duty
from anlan.county.office.models import Appointment, User
from anlan.county.office.permissions import Unpermitted

COUNTY, TOWN_A, VILLAGE_A = "360123000000", "360123101000", "360123101201"
USERS = reverse("office:users")


def listed(browser, **query):
    answer = browser.get(USERS, query)
    assert answer.status_code == 200
    return [account.username for account in answer.context["page"]]


@pytest.fixture
def keeper_a(county):
    """An administrator of one township alone."""
    return appoint(username="keeper", name="甲", role="administrator", division=TOWN_A, since=date(2026, 1, 1))


# --- looking -------------------------------------------------------------------------------------------
@pytest.mark.clause("M6")
def test_every_log_in_stands_there_with_its_posts_and_its_door(people, enter, quick):
    browser = enter("administrator")
    names = listed(browser)
    assert set(names) == set(people) - {"anlan"}
    page = browser.get(USERS).text
    assert "县值班员" in page
    assert "2026-01-01 起" in page
    assert "没有绑定手机" in page
    assert "还没有密码" in page


def test_they_are_found_by_name_role_and_how_they_stand(people, enter, quick):
    browser = enter("administrator")
    for _guess in range(guarding.TRIES):
        guarding.failed(people["village_cadre_a"])
    secret = onetime.secret()
    guard = guarding._guard(people["auditor"])
    guard.secret = secret
    guard.save()
    assert listed(browser, words="cadre") == ["village_cadre_a", "village_cadre_b"]
    assert listed(browser, role="auditor") == ["auditor"]
    assert listed(browser, state="locked") == ["village_cadre_a"]
    assert "auditor" not in listed(browser, state="single")
    assert "auditor" in listed(browser, state="held")
    assert "暂停登录至" in browser.get(USERS, {"state": "locked"}).text
    assert "已绑定手机" in browser.get(USERS, {"role": "auditor"}).text
    assert len(listed(browser, state="x", role="x")) == len(people) - 1
    assert "没有这样的账号" in browser.get(USERS, {"words": "查无此人"}).text
    assert secret not in browser.get(USERS).text


def test_the_auditor_reads_and_changes_nothing(people, enter, county):
    give_duty(duty="sweep", division=VILLAGE_A, user=people["village_cadre_a"], since=date(2026, 1, 1))
    browser, target = enter("auditor"), people["village_cadre_a"]
    page = browser.get(reverse("office:user", args=[target.pk])).text
    assert "任命岗位" in page  # the ledger's lines
    assert "灾后逐户排查" in page
    for words in ("免去</button>", "恢复登录</button>", "再任命"):
        assert words not in page
    assert "office/users/appoint" not in browser.get(USERS).text
    post = target.appointments.get()
    for name, args in (("end_post", [post.pk]), ("let_in", [target.pk]), ("appoint", [])):
        assert browser.post(reverse(f"office:{name}", args=args)).status_code == 403
    assert Appointment.objects.get(pk=post.pk).until is None


@pytest.mark.parametrize("who", ["township_officer_a", "village_cadre_a", "duty_officer", "department_clerk"])
def test_nobody_else_sees_the_list_or_is_led_to_it(people, enter, who):
    browser = enter(who)
    assert browser.get(USERS).status_code == 403
    assert browser.get(reverse("office:user", args=[people["auditor"].pk])).status_code == 403
    home = browser.get(reverse("office:home"))
    assert home.status_code == 403 or USERS not in home.text


@pytest.mark.clause("L1")
def test_an_administrator_of_one_township_sees_and_keeps_that_one(people, keeper_a, client):
    client.force_login(keeper_a)
    assert set(listed(client)) == {"keeper", "township_officer_a", "village_cadre_a"}
    foreign = people["village_cadre_b"]
    assert client.get(reverse("office:user", args=[foreign.pk])).status_code == 404
    assert client.post(reverse("office:let_in", args=[foreign.pk])).status_code == 404
    assert client.post(reverse("office:end_post", args=[foreign.appointments.get().pk])).status_code == 404
    places = dict(client.get(reverse("office:appoint")).context["form"].fields["division"].choices)
    assert all(code.startswith("360123101") for code in places)
    appoint(username="village_cadre_a", name="x", role="auditor", division=COUNTY, since=date(2026, 1, 1))
    with pytest.raises(Unpermitted):  # who works for the county, too, is not a township's to let in
        actions.let_in(user=User.objects.get(username="village_cadre_a"), by=keeper_a)


def test_the_list_asks_as_many_questions_for_ten_as_for_forty(people, enter, county):
    browser = enter("administrator")
    browser.get(USERS)
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(USERS)
    for number in range(30):
        appoint(username=f"u{number}", name="某", role="village_cadre", division=VILLAGE_A, since=date(2026, 1, 1))
    with CaptureQueriesContext(connection) as many:
        browser.get(USERS)
    assert len(many) == len(few)


# --- acting --------------------------------------------------------------------------------------------
@pytest.mark.clause("M6")
def test_a_new_person_gets_a_post_and_a_password_that_is_shown_once(people, enter, quick, client):
    browser = enter("administrator")
    given = {"username": "wang", "name": "王某", "role": "village_cadre", "division": VILLAGE_A, "department": ""}
    answer = browser.post(reverse("office:appoint"), given)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    password = re.search(r'<strong class="code">([^<]+)</strong>', answer.text)[1]
    wang = User.objects.get(username="wang")
    assert wang.check_password(password)
    assert password not in browser.get(reverse("office:user", args=[wang.pk])).text
    assert [entry.by for entry in Entry.objects.filter(about="user:wang")] == ["administrator"] * 2
    again = browser.post(reverse("office:appoint"), given)
    assert (again.status_code, "已经有这个岗位" in again.text) == (422, True)
    more = browser.post(reverse("office:appoint"), {**given, "role": "township_officer", "division": TOWN_A})
    assert more.status_code == 302
    assert wang.appointments.count() == 2


@pytest.mark.parametrize(
    ("field", "value"), [("username", "王 某"), ("role", "king"), ("division", "11"), ("name", "")]
)
def test_a_post_that_cannot_be_is_refused_beside_the_field(people, enter, field, value):
    given = {"username": "wang", "name": "王某", "role": "village_cadre", "division": VILLAGE_A, field: value}
    answer = enter("administrator").post(reverse("office:appoint"), given)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not User.objects.filter(username="wang").exists()


def test_the_form_for_another_post_knows_whom_it_is_for(people, enter):
    browser = enter("administrator")
    page = browser.get(reverse("office:appoint"), {"user": people["auditor"].pk}).text
    assert 'value="auditor"' in page
    assert browser.get(reverse("office:appoint"), {"user": "x"}).status_code == 200


@pytest.mark.clause("M6")
def test_a_post_that_is_ended_is_over_at_once_and_stays_to_be_read(people, enter, now):
    target = people["village_cadre_a"]
    post = target.appointments.get()
    browser = enter("administrator")
    assert browser.post(reverse("office:end_post", args=[post.pk])).status_code == 302
    assert not User.objects.get(pk=target.pk).may("verify.visit")
    page = browser.get(reverse("office:user", args=[target.pk])).text
    assert "2026-01-01 至 2026-06-18，已免去" in page
    assert target.username in listed(browser, state="ended")
    line = Entry.objects.get(verb="office.end_post")
    assert (line.about, line.by) == ("user:village_cadre_a", "administrator")
    assert browser.post(reverse("office:end_post", args=[post.pk])).status_code == 409
    assert Entry.objects.filter(verb="office.end_post").count() == 1
    clock.advance(timedelta(days=1))
    assert actions.give_post(post=Post("village_cadre_a", "x", "village_cadre", VILLAGE_A), by=people["administrator"],
                             since=clock.today())  # fmt: skip
    assert User.objects.get(pk=target.pk).may("verify.visit")


def test_who_is_locked_out_is_let_in_and_a_lost_telephone_forgotten(people, enter, quick):
    target = people["village_cadre_a"]
    guard = guarding._guard(target)
    guard.secret = onetime.secret()
    guard.save()
    for _guess in range(guarding.TRIES):
        guarding.failed(target)
    address, browser = reverse("office:let_in", args=[target.pk]), enter("administrator")
    assert browser.post(address).status_code == 302
    assert (guarding.locked_until(target), guarding.bound(target)) == (None, True)
    answer = browser.post(address, {"unbind": "on", "password": "on"})
    assert answer.status_code == 200
    assert guarding.bound(target) is False
    assert User.objects.get(pk=target.pk).has_usable_password()
    assert Entry.objects.filter(verb="office.unlock", about="user:village_cadre_a", by="administrator").count() == 2


def test_nobody_keeps_the_own_log_in(people, enter):
    own = people["administrator"]
    with pytest.raises(NotAllowed):
        actions.give_post(post=Post("administrator", "x", "county_director", COUNTY), by=own, since=clock.today())
    browser = enter("administrator")
    assert browser.post(reverse("office:end_post", args=[own.appointments.get().pk])).status_code == 403
    assert browser.post(reverse("office:let_in", args=[own.pk]), {"password": "on"}).status_code == 403
    assert "恢复登录</button>" not in browser.get(reverse("office:user", args=[own.pk])).text
    assert not own.may("decide.county")


def test_whoever_may_not_keep_log_ins_may_not_by_the_deed_either(people, quick):
    auditor, cadre = people["auditor"], people["village_cadre_a"]
    with pytest.raises(NotAllowed):
        actions.end_post(appointment=cadre.appointments.get(), by=auditor)
    with pytest.raises(NotAllowed):
        actions.let_in(user=cadre, by=auditor)
    with pytest.raises(NotAllowed):
        actions.give_post(post=Post("y", "y", "auditor", COUNTY), by=auditor, since=clock.today())
    with pytest.raises(BadInput):
        actions.give_post(post=Post("auditor", "x", "auditor", COUNTY), by=people["administrator"], since=clock.today())
    assert PASSWORD not in str(list(queries.lines(cadre)))


def test_the_programs_own_name_is_nobodys_to_appoint(people, enter):
    page = enter("administrator").post(reverse("office:appoint"), {
        "username": "anlan", "name": "安澜", "role": "village_cadre", "division": "360123101201", "department": "",
    })  # fmt: skip
    assert page.status_code == 422
    assert "系统自己的" in page.content.decode()
    with pytest.raises(BadInput, match="anlan"):
        appoint(username="anlan", name="x", role="auditor", division="360123000000", since=date(2026, 1, 1))
    assert not Appointment.objects.filter(user__username="anlan").exists()
    assert not people["anlan"].has_usable_password()
