"""Coming in and going out; who answers for what."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.county.office.conftest import PASSWORD

from anlan.county.office.actions import give_duty
from anlan.county.office.models import User

LOGIN = "/office/login/"


def log_in(client, path=LOGIN, username="duty_officer", password=PASSWORD):
    return client.post(path, {"username": username, "password": password})


def test_the_right_password_leads_to_the_desk(officer, client):
    answer = log_in(client)
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:home"))
    assert client.get("/").wsgi_request.user == officer


@pytest.mark.parametrize(
    ("username", "password"),
    [("duty_officer", "wrong"), ("nobody", PASSWORD), ("anlan", "!"), ("auditor", "!"), ("DUTY_OFFICER", PASSWORD)],
)
def test_anything_else_stays_at_the_door_and_does_not_say_which_was_wrong(officer, client, username, password):
    answer = log_in(client, username=username, password=password)
    assert answer.status_code == 200
    assert "用户名或密码不对。" in answer.content.decode()
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("given", [{}, {"username": "duty_officer"}, {"password": PASSWORD}, {"username": "x" * 61}])
def test_an_incomplete_form_comes_back(officer, client, given):
    answer = client.post(LOGIN, given)
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_someone_who_left_is_not_let_in(officer, client):
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert "用户名或密码不对。" in log_in(client).content.decode()


def test_someone_who_leaves_while_logged_in_is_out(officer, client):
    log_in(client)
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert client.get("/").status_code == 302


def test_a_new_password_ends_the_sessions_of_the_old_one(officer, client):
    log_in(client)
    officer.set_password("another long password")
    officer.save()
    assert client.get("/").status_code == 302


def test_one_comes_back_to_where_one_wanted_to_go(officer, client):
    wanted = "/registry/?q=%E7%8E%8B"
    door = client.get(wanted)["Location"]
    assert door.startswith(LOGIN)
    assert log_in(client, door)["Location"] == wanted


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "https:///evil.example", "javascript:alert(1)", "/\\evil.example", ""],
)
def test_nobody_is_led_elsewhere(officer, client, elsewhere):
    assert log_in(client, f"{LOGIN}?next={elsewhere}")["Location"] == "/"


def test_the_password_is_never_sent_back(officer, client):
    assert "wrong-secret" not in log_in(client, password="wrong-secret").content.decode()


def test_going_out_is_a_post_and_forgets(officer, client):
    log_in(client)
    assert client.get(reverse("office:logout")).status_code == 405
    assert client.get("/").status_code == 200
    assert client.post(reverse("office:logout"))["Location"] == LOGIN
    assert client.get("/").status_code == 302


@pytest.mark.clause("R1")
def test_the_duties_page_names_for_every_task_clause_departments_and_who_holds_it_now(people, enter):
    for user, since in (("village_cadre_b", date(2026, 1, 1)), ("village_cadre_a", date(2026, 5, 1))):
        give_duty(duty="sweep", division="360123101201", user=people[user], since=since)
    shown = enter("auditor").get(reverse("office:home")).content.decode()
    for words in ("预警信息绿色通道发布", "W2", "县应急管理局", "village_cadre_a（示例甲村）", "县值班员"):
        assert words in shown, words
    assert "village_cadre_b（" not in shown


@pytest.mark.clause("L1")
def test_a_duty_that_many_hold_names_six_and_counts_them(people, enter):
    villages = ("360123101201", "360123101202", "360123102201", "360123102202")
    holders = [*villages, "360123101000", "360123102000", "360123000000"]
    for division in holders:
        give_duty(duty="sweep", division=division, user=people["village_cadre_a"], since=date(2026, 1, 1))
    shown = enter("auditor").get(reverse("office:home")).content.decode()
    assert shown.count("village_cadre_a（") == 6
    assert "等 7 人" in shown


def test_the_duties_page_costs_the_same_however_many_hold_them(people, enter):
    browser = enter("auditor")

    def cost():
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("office:home"))
        return len(queries)

    before = cost()
    for division in ("360123101201", "360123101202", "360123102201"):
        give_duty(duty="sweep", division=division, user=people["village_cadre_a"], since=date(2026, 1, 1))
    assert cost() == before
