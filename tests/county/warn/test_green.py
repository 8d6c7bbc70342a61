"""What goes out by itself, after which time for a veto, and who is asked where it does not."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from anlan.county import clock
from anlan.county.dispatch.models import Message
from anlan.county.errors import NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import appoint
from anlan.county.office.models import County
from anlan.county.sense.models import Alert
from anlan.county.warn import green, jobs, sending
from anlan.county.warn.actions import NotInThisState, WarningExpired, approve, cancel, draft, edit, release
from anlan.county.warn.models import Target
from anlan.county.warn.models import Warning as TheWarning


def by_audience():
    return {each.audience: each for each in TheWarning.objects.all()}


@pytest.mark.clause("W2", "W4", "L1")
def test_key_groups_and_cadres_are_told_at_once_and_everyone_after_the_veto(red, people):
    people["duty_officer"].phone = "10000000001"
    people["duty_officer"].save()
    assert jobs.go_green() == 1
    found = by_audience()
    assert {name: each.state for name, each in found.items()} == {
        "danger": "released", "key": "released", "cadre": "released", "general": "held",
    }  # fmt: skip
    assert all(each.green_at == clock.now() and each.approved_by is None for each in found.values())
    assert found["general"].hold_until == clock.now() + timedelta(minutes=2)
    desk = Message.objects.get(kind="voice", key__contains="duty_officer")
    assert desk.address == "10000000001"
    assert "取消" in desk.body
    assert not Target.objects.filter(warning=found["general"]).exists()
    assert jobs.release_held() == 0
    clock.advance(timedelta(minutes=2))
    assert jobs.release_held() == 1
    assert Target.objects.filter(warning=found["general"]).count() == 4
    assert jobs.release_held() == jobs.go_green() == 0


@pytest.mark.clause("W2")
def test_within_the_veto_one_deed_stops_the_wave_and_tells_those_already_reached(red, people):
    green.run(event=red.event)
    found = by_audience()
    cancel(warning=found["general"], reason="误报", by=people["duty_officer"])
    clock.advance(timedelta(minutes=3))
    assert jobs.release_held() == 0
    assert not Message.objects.filter(key__startswith=f"{found['general'].code}/").exists()
    Message.objects.filter(key__startswith=f"{found['danger'].code}/").update(handed_at=clock.now())
    reached = Message.objects.filter(handed_at__isnull=False, kind__in=("sms", "loudspeaker")).count()
    cancel(warning=found["danger"], reason="误报", by=people["duty_officer"])
    told = Message.objects.filter(key__startswith=f"{found['danger'].code}/x/")
    assert told.count() == reached > 0
    assert {each.body for each in told.filter(kind="sms")} == {found["danger"].cancellation}
    assert all("【" not in each.body for each in told.filter(kind="loudspeaker"))
    assert all(each.exercise for each in told)
    line = Entry.objects.filter(verb="warn.cancel").last()
    assert f'"told":{reached}' in str(line.payload).replace(" ", "")


def test_a_warning_without_a_prepared_cancellation_is_still_cancelled(red, people):
    green.run(event=red.event)
    warning = by_audience()["danger"]
    TheWarning.objects.filter(pk=warning.pk).update(cancellation="")
    Message.objects.update(handed_at=clock.now())
    cancel(warning=warning, reason="误报", by=people["duty_officer"])
    assert not Message.objects.filter(key__contains="/x/").exists()


@pytest.mark.clause("W2")
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"verdict": "flagged"}, "untrusted"),
        ({"status": "Test"}, "not_actual"),
        ({"status": "Exercise"}, "not_actual"),
        ({"msg_type": "Cancel"}, "all_clear"),
    ],
)
def test_an_alert_that_is_not_beyond_doubt_waits_for_a_person_with_the_reason(red, change, why):
    Alert.objects.update(**change)
    red.event.refresh_from_db()
    assert green.run(event=red.event) == []
    assert {each.state for each in TheWarning.objects.all()} == {"draft"}
    assert all(each.objections == [why] for each in TheWarning.objects.all())
    assert not Message.objects.exists()


def test_a_real_county_sends_nothing_by_itself_until_it_has_signed_and_named_whom_it_trusts(red):
    County.objects.update(synthetic=False)
    assert green.run(event=red.event) == []
    assert by_audience()["danger"].objections == ["unsigned", "untrusted"]


def test_an_area_that_reaches_beyond_the_county_waits_for_a_person(red):
    red.event.codes = ["360123000000", "360121000000"]
    red.event.save()
    green.run(event=red.event)
    assert by_audience()["danger"].objections == ["outside"]


def test_an_event_opened_by_hand_and_changed_words_wait_for_a_person(storm, people):
    assert jobs.go_green() == 0  # no alert
    drafts = {each.audience: each for each in draft(event=storm.event, by=people["duty_officer"])}
    edit(warning=drafts["key"], sms="改过", voice="改过", by=people["duty_officer"])
    green.run(event=storm.event)
    assert by_audience()["key"].objections == ["untrusted", "not_actual", "not_near", "edited"]


def test_what_was_sent_a_moment_ago_is_not_sent_again_by_itself(red):
    green.run(event=red.event)
    clock.advance(timedelta(minutes=29))
    assert green.run(event=red.event) == []
    assert TheWarning.objects.get(code=f"{red.event.code}.danger.2").objections == ["repeated"]
    assert not sending.repeated(TheWarning.objects.get(code=f"{red.event.code}.danger.2"), timedelta(minutes=29))


def test_what_a_person_has_already_approved_is_left_to_people(red, people):
    for each in draft(event=red.event, by=people["duty_officer"]):
        approve(warning=each, by=people["county_director"])
    assert green.run(event=red.event) == []
    assert {each.state for each in TheWarning.objects.all()} == {"approved"}


def test_an_event_that_reaches_nobody_lets_nothing_go(red):
    red.run.impacts.all().delete()
    assert green.run(event=red.event) == []
    assert jobs.go_green() == 0  # or the worker would never come to rest


# --- four eyes ---------------------------------------------------------------------------------------
@pytest.mark.clause("W2")
def test_the_next_approver_is_asked_when_one_lets_five_minutes_pass_and_nothing_is_sent(storm, people, now):
    second = appoint(username="county_director_2", name="示例副", role="county_director", division="360123000000",
                     since=clock.today())  # fmt: skip
    second.phone = "10000000003"
    second.save()
    (first, *_rest) = draft(event=storm.event, by=people["duty_officer"])
    TheWarning.objects.exclude(pk=first.pk).delete()
    asked = []
    for _turn in range(4):
        jobs.ask_next()
        assert jobs.ask_next() == 0
        first.refresh_from_db()
        asked.append(first.asked.username)
        clock.advance(timedelta(minutes=5))
    assert asked == ["county_director", "county_director_2"] * 2
    assert first.state == "draft"
    assert Entry.objects.filter(verb="warn.ask").count() == 4
    sent = Message.objects.filter(kind="sms")
    assert {each.address for each in sent} == {
        "10000000003"
    }  # the other has no telephone; the page shows whose turn it is
    assert sent.count() == 2
    assert not Target.objects.exists()


def test_whoever_is_asked_is_not_the_author_and_an_edit_asks_anew(storm, people):
    (first, *_rest) = draft(event=storm.event, by=people["duty_officer"])
    jobs.ask_next()
    edited = edit(warning=first, sms="改过", voice="改过", by=people["duty_officer"])
    assert (edited.asked, edited.asked_at) == (None, None)
    TheWarning.objects.update(drafted_by=people["county_director"])
    assert jobs.ask_next() == 0


def test_a_warning_that_moved_on_between_look_and_lock_is_not_asked_about(storm, people):
    (first, *_rest) = draft(event=storm.event, by=people["duty_officer"])
    approve(warning=first, by=people["county_director"])
    assert green._ask(first.pk, clock.now()) is False
    assert green._release_held(first.pk) is False


# --- quiet hours -------------------------------------------------------------------------------------
@pytest.fixture
def yellow_night(storm, people):
    """Approved drafts under yellow at eleven in the evening."""
    storm.event.level = 2
    storm.event.save()
    clock.advance(timedelta(hours=3))
    drafts = draft(event=storm.event, by=people["duty_officer"])
    return {each.audience: approve(warning=each, by=people["county_director"]) for each in drafts}


@pytest.mark.clause("W4")
def test_at_night_yellow_wakes_the_key_groups_only_and_the_rest_in_the_morning(yellow_night, people):
    states = {name: release(warning=each, by=people["duty_officer"]).state for name, each in yellow_night.items()}
    assert states == {"danger": "released", "key": "released", "general": "held", "cadre": "released"}
    assert jobs.release_held() == 0
    clock.advance(timedelta(hours=7))
    assert jobs.release_held() == 1
    assert by_audience()["general"].state == "released"


def test_a_yellow_that_ends_before_the_morning_is_refused_and_not_lost_in_silence(yellow_night, people):
    TheWarning.objects.update(expires_at=clock.now() + timedelta(hours=5))
    with pytest.raises(WarningExpired, match="6 时前失效"):
        release(warning=yellow_night["general"], by=people["duty_officer"])
    assert by_audience()["general"].state == "approved"


def test_pressing_again_does_not_wake_anybody(yellow_night, people):
    held = release(warning=yellow_night["general"], by=people["duty_officer"])
    assert release(warning=held, by=people["duty_officer"]).state == "held"
    with pytest.raises(NotAllowed):
        release(warning=held, by=people["county_director"])
    with pytest.raises(NotInThisState):
        approve(warning=held, by=people["county_director"])


# --- tests and exercises ---------------------------------------------------------------------------------
@pytest.mark.clause("W2")
def test_the_dispatcher_itself_keeps_exercises_from_people(red, people, monkeypatch):
    from anlan.county.dispatch import handover

    reaches = SimpleNamespace(name="carrier", safe_for_exercise=False, batch=10, kinds=frozenset({"sms"}))
    stays = SimpleNamespace(name="file", safe_for_exercise=True, batch=10, kinds=frozenset({"sms"}))
    monkeypatch.setattr(handover, "channels", lambda: {"carrier": reaches, "file": stays})
    monkeypatch.setattr(handover, "routes", lambda: {"sms": "carrier"})
    County.objects.update(synthetic=False)
    red.event.exercise = True
    red.event.save()
    (first, *_rest) = draft(event=red.event, by=people["duty_officer"])
    release(warning=approve(warning=first, by=people["county_director"]), by=people["duty_officer"])
    queued = list(Message.objects.filter(kind="sms"))
    assert queued
    chosen = list(handover._by_channel(handover.Claim("w", queued)))
    assert [(channel.name, len(found)) for channel, found in chosen] == [("file", len(queued))]


@pytest.mark.clause("W2")
def test_by_command_what_went_and_what_waits_with_its_reasons(red, capsys):
    call_command("warn_green", red.event.code, "--json")
    assert {each["state"] for each in json.loads(capsys.readouterr().out)} == {"released", "held"}
    clock.advance(timedelta(minutes=1))
    call_command("warn_green", red.event.code)
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert {line[1]: line[2] for line in lines} == {"draft": "刚发过相同的内容", "held": ""}
