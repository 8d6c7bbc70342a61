"""An alert that nobody has answered: it stands on the desk with a clock, and somebody's telephone rings."""

from datetime import timedelta

import pytest
from django.urls import reverse

from anlan.county import clock
from anlan.county.dispatch.models import Message
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock, County
from anlan.county.sense import jobs
from anlan.county.sense.actions import open_event, receive_alert
from anlan.county.sense.models import Alert, Event
from anlan.county.sense.queries import unanswered
from anlan.county.sense.ringing import AlertAnswered, set_aside, wake

SENT = "2026-06-18T14:00:00+08:00"


@pytest.fixture
def duty(people):
    for username, phone in (("duty_officer", "10000000001"), ("county_director", "10000000002")):
        people[username].phone = phone
        people[username].save()
    return people["duty_officer"]


@pytest.fixture
def receive(duty, sample):
    def take(name="rainstorm_red", replace=None):
        return receive_alert(data=sample(name, replace=replace or {}), by=duty, source="test")

    return take


def running():
    return list(Clock.objects.filter(kind="alert", stopped_at__isnull=True).values_list("about", flat=True))


def called():
    return sorted(Message.objects.filter(kind="voice").values_list("address", flat=True))


@pytest.mark.clause("W1", "W2")
def test_a_red_alert_stands_on_the_desk_with_its_clock_and_opens_nothing_by_itself(receive):
    alert = receive()
    assert list(unanswered()) == [alert]
    assert running() == [f"alert:{alert.pk}"]
    assert Clock.objects.get(kind="alert").due_at == clock.now() + timedelta(minutes=10)
    assert not Event.objects.exists()


@pytest.mark.clause("W2")
def test_it_wakes_the_desk_at_once_and_the_chief_when_the_desk_sleeps_on(receive):
    receive()
    assert jobs.wake() == 1
    assert called() == ["10000000001"]
    assert "还没有人处理" in Message.objects.filter(kind="sms").get().body
    assert jobs.wake() == 0
    clock.advance(timedelta(minutes=5))
    assert jobs.wake() == 1
    assert called() == ["10000000001"] * 2
    clock.advance(timedelta(minutes=5))
    assert jobs.wake() == 1
    assert called() == ["10000000001"] * 3 + ["10000000002"]
    told = Entry.objects.filter(verb="sense.wake").order_by("seq").last()
    assert "10000000001" not in str(told.payload)


def test_a_low_alert_is_told_of_once_by_a_short_message_and_may_wait_an_hour(receive):
    alert = receive()
    Alert.objects.filter(pk=alert.pk).update(level=1)
    assert wake() == 1
    assert {each.kind for each in Message.objects.all()} == {"sms"}
    clock.advance(timedelta(minutes=30))
    assert wake() == 0


def test_opening_an_event_answers_it(receive, duty):
    alert = receive()
    event = open_event(alert=alert, by=duty)
    alert.refresh_from_db()
    assert (alert.answered_by, alert.answer) == (duty, f"event:{event.code}")
    assert running() == []
    assert wake() == 0


def test_setting_it_aside_answers_it_with_a_reason_once(receive, duty, people):
    alert = receive()
    with pytest.raises(NotAllowed):
        set_aside(alert=alert, reason="误发", by=people["village_cadre_a"])
    with pytest.raises(BadInput):
        set_aside(alert=alert, reason=" ", by=duty)
    assert running()
    set_aside(alert=alert, reason="误发", by=duty)
    assert running() == []
    assert "误发" in Entry.objects.get(verb="sense.set_aside").payload
    with pytest.raises(AlertAnswered):
        set_aside(alert=alert, reason="误发", by=duty)


def test_what_is_over_test_or_elsewhere_rings_nowhere(receive, duty):
    County.objects.update(synthetic=False, clock_at=None)
    receive(replace={"<status>Actual</status>": "<status>Exercise</status>"})
    receive(replace={"360123000000": "360124000000"})
    clock.advance(timedelta(days=30))
    receive()
    assert Alert.objects.count() == 3
    assert running() == []
    assert wake() == 0


def following(sample, first, kind="Update", status="Actual"):
    """Another alert of the same words that refers to the first one."""
    text = sample().decode().replace(f"<identifier>{first.identifier}", f"<identifier>{first.identifier}9")
    text = text.replace("<msgType>Alert</msgType>", f"<msgType>{kind}</msgType>")
    text = text.replace("<status>Actual</status>", f"<status>{status}</status>")
    reference = f"<references>{first.sender},{first.identifier},{SENT}</references>"
    return text.replace("<info>", f"{reference}<info>", 1).encode()  # after `code`, before `info`


def test_an_update_of_what_nobody_answered_takes_its_place(receive, sample, duty):
    first = receive()
    second = receive_alert(data=following(sample, first), by=duty, source="test")
    first.refresh_from_db()
    assert first.answer == f"alert:{second.identifier}"
    assert running() == [f"alert:{second.pk}"]


def test_a_cancellation_takes_it_off_the_desk(receive, sample, duty):
    receive_alert(data=following(sample, receive(), kind="Cancel"), by=duty, source="test")
    assert running() == []


def test_an_exercise_silences_nothing_that_is_meant(receive, sample, duty):
    first = receive()
    receive_alert(data=following(sample, first, kind="Cancel", status="Exercise"), by=duty, source="test")
    assert running() == [f"alert:{first.pk}"]


def test_the_page_says_so_and_takes_the_reason(receive, enter):
    alert = receive()
    browser = enter("duty_officer")
    assert "待处理的预警报文" in browser.get("/").text
    listed = browser.get(reverse("sense:alerts")).text
    assert "还没有人处理" in listed
    page = browser.get(reverse("sense:alert", args=[alert.pk])).text
    assert reverse("sense:set_aside", args=[alert.pk]) in page
    answer = browser.post(reverse("sense:set_aside", args=[alert.pk]), {"reason": ""})
    assert 400 <= answer.status_code < 500
    browser.post(reverse("sense:set_aside", args=[alert.pk]), {"reason": "气象台误发"})
    assert "气象台误发" in browser.get(reverse("sense:alert", args=[alert.pk])).text
    assert reverse("sense:alert", args=[alert.pk]) in listed


def test_the_clock_on_the_desk_leads_to_the_alert(receive, enter):
    alert = receive()
    home = enter("duty_officer").get("/").text
    assert f'href="{reverse("sense:alert", args=[alert.pk])}"' in home
