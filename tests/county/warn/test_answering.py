"""The screens of the green channel, and the page that a household answers on."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from anlan.county import clock
from anlan.county.warn import answers, green
from anlan.county.warn.actions import draft
from anlan.county.warn.models import Target
from anlan.county.warn.models import Warning as TheWarning


@pytest.fixture
def gone(red, people):
    """A red warning that went by the green channel."""
    green.run(event=red.event)
    return {each.audience: each for each in TheWarning.objects.all()}


@pytest.fixture
def browser(people):
    """The duty officer's."""
    client = Client()
    client.force_login(people["duty_officer"])
    return client


@pytest.mark.clause("W2")
def test_one_press_cancels_what_is_held_or_out_and_says_who(gone, browser):
    for name in ("general", "danger"):
        page = reverse("warn:warning", args=[gone[name].code])
        assert "一键取消" in browser.get(page).content.decode()
        assert browser.post(reverse("warn:cancel", args=[gone[name].code])).status_code == 302
        warning = TheWarning.objects.get(pk=gone[name].pk)
        assert (warning.state, warning.cancel_reason) == ("cancelled", "值班员一键取消")
        assert "一键取消</button>" not in browser.get(page).content.decode()


def test_the_page_says_until_when_a_no_is_possible_and_why_a_person_is_needed(gone, browser, people):
    assert "在此之前可以取消" in browser.get(reverse("warn:warning", args=[gone["general"].code])).content.decode()
    clock.advance(timedelta(minutes=1))
    green.run(event=gone["danger"].event)
    again = TheWarning.objects.get(audience="danger", state="draft")
    assert green.ask_next() == 3
    shown = browser.get(reverse("warn:warning", args=[again.code])).content.decode()
    assert "刚发过相同的内容" in shown
    assert "逾时转请下一位" in shown
    assert people["county_director"].name in shown


@pytest.mark.clause("W4")
def test_a_household_answers_on_its_page_without_logging_in_and_the_page_names_nobody(gone):
    target = Target.objects.select_related("household", "warning").order_by("id").first()
    url = reverse("warn:answer", args=[answers.token(target.pk)])
    stranger = Client(enforce_csrf_checks=False)
    shown = stranger.get(url).content.decode()
    assert target.warning.sms in shown
    for secret in (target.household.head_name, target.household.code, target.household.division.name):
        assert secret not in shown
    assert Target.objects.get(pk=target.pk).acknowledged_at is None  # looking is no answer
    assert "已收到您的回复" in stranger.post(url, {"known": "1"}, follow=True).content.decode()
    assert "已收到您的平安消息" in stranger.post(url, {"safe": "1"}, follow=True).content.decode()
    told = Target.objects.get(pk=target.pk)
    assert (told.acknowledged_how, told.acknowledged_at, told.safe_at) == ("page", clock.now(), clock.now())
    assert stranger.get(reverse("warn:answer", args=["1:forged"])).status_code == 404


def test_the_page_of_a_cancelled_warning_says_so(gone, browser):
    target = Target.objects.filter(warning=gone["danger"]).first()
    browser.post(reverse("warn:cancel", args=[gone["danger"].code]))
    shown = Client().get(reverse("warn:answer", args=[answers.token(target.pk)])).content.decode()
    assert gone["danger"].cancellation in shown
    assert gone["danger"].sms not in shown


@pytest.mark.clause("W4")
def test_a_cadre_says_where_a_household_was_told(gone, people):
    client = Client()
    client.force_login(people["village_cadre_a"])
    target = Target.objects.visible_to(people["village_cadre_a"]).first()
    client.post(reverse("warn:acknowledge"), {"targets": [target.pk], "place": "晒谷场"})
    target.refresh_from_db()
    assert (target.acknowledged_how, target.acknowledged_by, target.acknowledged_place, target.acknowledged_at) == (
        "cadre", "village_cadre_a", "晒谷场", clock.now(),
    )  # fmt: skip


def test_a_yellow_released_at_night_is_said_to_wait(storm, people, browser):
    from anlan.county.warn.actions import approve

    storm.event.level = 2
    storm.event.save()
    clock.advance(timedelta(hours=3))
    drafts = {each.audience: each for each in draft(event=storm.event, by=people["duty_officer"])}
    approve(warning=drafts["general"], by=people["county_director"])
    answer = browser.post(reverse("warn:release", args=[drafts["general"].code]), follow=True)
    assert "安静时段，到时发布" in answer.content.decode()


@pytest.mark.clause("H3")
def test_a_silent_channel_is_seen_on_the_desk(gone, browser):
    page = reverse("warn:channels")
    assert "badge--bad" not in browser.get(page).content.decode()
    clock.advance(timedelta(minutes=2))
    shown = browser.get(page).content.decode()
    assert 'badge--bad">不通' in shown
    assert "<html" in shown
    assert "<html" not in browser.get(page, headers={"HX-Request": "true"}).content.decode()
    assert f'href="{page}"' in browser.get(reverse("warn:home")).content.decode()
