"""From draft to release, four eyes on the way, and who was told in the end."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.county import clock
from anlan.county.dispatch.actions import deliver, fail
from anlan.county.dispatch.models import Message
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.sense.models import Alert
from anlan.county.warn import jobs, queries, rules
from anlan.county.warn.actions import (
    EventClosed,
    NotForeseen,
    NotInThisState,
    SameHand,
    WarningExpired,
    acknowledge,
    approve,
    cancel,
    draft,
    edit,
    expire,
    release,
    send_back,
)
from anlan.county.warn.models import Target
from anlan.county.warn.models import Warning as TheWarning
from anlan.engine.audience import words


@pytest.fixture
def drafts(storm, people):
    """The event's four drafts by audience."""
    return {each.audience: each for each in draft(event=storm.event, by=people["duty_officer"])}


def out(warning, people):
    """Approve and release."""
    approved = approve(warning=warning, by=people["county_director"])
    return release(warning=approved, by=people["duty_officer"])


# --- drafting ----------------------------------------------------------------------------------------
@pytest.mark.clause("W1", "W4")
def test_one_draft_for_each_audience_that_is_there_and_one_for_the_cadres(drafts):
    assert list(drafts) == ["danger", "key", "general", "cadre"]
    assert {each.state for each in drafts.values()} == {"draft"}
    assert all(words.units(each.sms) <= words.SMS_UNITS for each in drafts.values())
    assert len({each.sms for each in drafts.values()}) > 1


@pytest.mark.clause("W4")
def test_no_text_names_poverty_or_monitoring(drafts, people):
    for warning in drafts.values():
        assert words.unfit(warning.sms + warning.voice) == ()
    with pytest.raises(BadInput, match="低保"):
        edit(warning=warning, sms="低保户请注意", voice="话", by=people["duty_officer"])


def test_an_audience_whose_draft_waits_keeps_it(drafts, storm, people):
    edit(warning=drafts["key"], sms="改过的短信", voice="改过的话", by=people["duty_officer"])
    again = draft(event=storm.event, by=people["duty_officer_2"])
    assert {each.pk for each in again} == {each.pk for each in drafts.values()}
    assert "改过的短信" in {each.sms for each in again}


def test_after_a_release_a_new_draft_is_a_new_warning(drafts, storm, people):
    out(drafts["danger"], people)
    again = {each.audience: each for each in draft(event=storm.event, by=people["duty_officer"])}
    assert again["danger"].code == f"{storm.event.code}.danger.2"
    assert again["key"] == drafts["key"]


def test_a_draft_lasts_as_long_as_the_alert_or_a_day(storm, people):
    (first, *_rest) = draft(event=storm.event, by=people["duty_officer"])
    assert first.expires_at == clock.now() + rules.USUAL_HOURS
    ends = clock.now() + timedelta(hours=6)
    alert = Alert.objects.create(source="t", identifier="t", sender="t", sent_at=clock.now(), received_at=clock.now(),
                                 status="Actual", msg_type="Alert", hazard="rainstorm", level=3, expires_at=ends,
                                 verdict="accepted", digest="0" * 64, raw=b"")  # fmt: skip
    storm.event.alert = alert
    storm.event.save()
    for each in TheWarning.objects.all():
        cancel(warning=each, reason="换新的", by=people["duty_officer"])
    assert draft(event=storm.event, by=people["duty_officer"])[0].expires_at == ends


def test_without_an_estimate_nobody_knows_whom_to_warn(storm, people):
    storm.run.impacts.all().delete()
    storm.run.delete()
    with pytest.raises(NotForeseen, match=storm.event.code):
        draft(event=storm.event, by=people["duty_officer"])


def test_an_estimate_that_reaches_nobody_drafts_nothing(storm, people):
    storm.run.impacts.all().delete()
    assert draft(event=storm.event, by=people["duty_officer"]) == []


def test_a_closed_event_is_not_warned_of(storm, people, drafts):
    approved = approve(warning=drafts["key"], by=people["county_director"])
    storm.event.closed_at = clock.now()
    storm.event.save()
    with pytest.raises(EventClosed):
        draft(event=storm.event, by=people["duty_officer"])
    with pytest.raises(EventClosed):
        release(warning=approved, by=people["duty_officer"])


def test_a_long_list_of_townships_is_named_by_its_first(storm, people, monkeypatch):
    from anlan.county.warn import actions

    monkeypatch.setattr(actions.queries, "townships", lambda reached: [f"某某某某某某镇{n}" for n in range(12)])
    sms = draft(event=storm.event, by=people["duty_officer"])[2].sms
    assert "等12个乡镇" in sms
    assert words.units(sms) <= words.SMS_UNITS


def test_where_even_that_is_too_long_the_county_is_named(storm, people, monkeypatch):
    from anlan.county.warn import actions

    monkeypatch.setattr(actions.queries, "townships", lambda reached: ["很长的乡镇名字" * 6, "另一个"])
    assert "安义县" in draft(event=storm.event, by=people["duty_officer"])[2].sms


@pytest.mark.parametrize("username", ["county_director", "township_officer_a", "auditor"])
def test_only_the_duty_desk_drafts(storm, people, username):
    with pytest.raises(NotAllowed):
        draft(event=storm.event, by=people[username])


# --- words -------------------------------------------------------------------------------------------
def test_a_short_message_holds_seventy_characters_whatever_they_are(drafts, people):
    with pytest.raises(BadInput, match="71"):
        edit(warning=drafts["key"], sms="暴" * 71, voice="话", by=people["duty_officer"])
    with pytest.raises(BadInput, match="72"):
        edit(warning=drafts["key"], sms="⛈️" + "暴" * 68 + "🌀", voice="话", by=people["duty_officer"])
    assert edit(warning=drafts["key"], sms="暴" * 70, voice="话", by=people["duty_officer"]).sms == "暴" * 70


@pytest.mark.parametrize(("sms", "voice"), [(" ", "话"), ("短信", " ")])
def test_neither_text_may_be_empty(drafts, people, sms, voice):
    with pytest.raises(BadInput):
        edit(warning=drafts["key"], sms=sms, voice=voice, by=people["duty_officer"])


def test_changing_the_words_voids_the_approval_and_makes_one_the_author(drafts, people):
    approve(warning=drafts["key"], by=people["county_director"])
    edited = edit(warning=drafts["key"], sms="新", voice="新", by=people["duty_officer_2"])
    assert (edited.state, edited.approved_by, edited.drafted_by) == ("draft", None, people["duty_officer_2"])
    with pytest.raises(NotInThisState):
        release(warning=edited, by=people["duty_officer"])


# --- four eyes ---------------------------------------------------------------------------------------
@pytest.mark.clause("W2")
def test_another_person_approves(drafts, people):
    approved = approve(warning=drafts["key"], by=people["county_director"])
    assert (approved.state, approved.approved_by, approved.approved_at) == (
        "approved", people["county_director"], clock.now(),
    )  # fmt: skip


def test_nobody_approves_what_they_wrote(storm, people):
    (first, *_rest) = draft(event=storm.event, by=people["anlan"])
    with pytest.raises(SameHand):
        approve(warning=first, by=people["anlan"])
    first.refresh_from_db()
    assert first.state == "draft"


@pytest.mark.parametrize("username", ["duty_officer_2", "township_officer_a", "department_clerk"])
def test_only_the_leadership_approves(drafts, people, username):
    with pytest.raises(NotAllowed):
        approve(warning=drafts["key"], by=people[username])


def test_a_warning_is_sent_back_for_a_reason_and_comes_again_after_a_change(drafts, people):
    with pytest.raises(BadInput):
        send_back(warning=drafts["key"], reason="不好", by=people["county_director"])
    returned = send_back(warning=drafts["key"], reason="wording", by=people["county_director"])
    assert returned.state == "returned"
    with pytest.raises(NotInThisState):
        approve(warning=returned, by=people["county_director"])
    edit(warning=returned, sms="新", voice="新", by=people["duty_officer"])
    assert approve(warning=returned, by=people["county_director"]).state == "approved"


def test_an_approved_warning_may_still_be_sent_back(drafts, people):
    approve(warning=drafts["key"], by=people["county_director"])
    returned = send_back(warning=drafts["key"], reason="level", by=people["county_director"])
    assert (returned.state, returned.approved_by) == ("returned", None)


# --- release -----------------------------------------------------------------------------------------
@pytest.mark.clause("W2", "W4", "H3")
def test_every_household_is_a_target_and_those_with_a_phone_get_a_message(drafts, storm, people):
    for warning in drafts.values():
        out(warning, people)
    assert Target.objects.count() == len(storm.households)
    without_phone = Target.objects.filter(message__isnull=True)
    assert {each.household.code[-1] for each in without_phone} == {"1"}
    assert Message.objects.filter(kind="sms").count() == 16
    loudspeakers = set(Message.objects.filter(kind="loudspeaker").values_list("division_id", flat=True))
    assert len(loudspeakers) == 4
    assert set(Message.objects.filter(kind="sms").values_list("address", flat=True)) == {
        each.phone for each in storm.households.values() if each.phone
    }


def test_urgent_tiers_go_first_and_nothing_leaves_a_synthetic_county(drafts, people):
    for warning in drafts.values():
        out(warning, people)
    for target in Target.objects.select_related("message").exclude(message=None):
        assert target.message.priority == target.tier
        assert target.message.exercise
        assert target.message.not_after == target.warning.expires_at


def test_cadres_get_the_list_of_doors_and_a_message(drafts, storm, people):
    people["village_cadre_a"].phone = "10000000009"
    people["village_cadre_a"].save()
    out(drafts["cadre"], people)
    assert not Target.objects.exists()
    lists = Message.objects.filter(kind="list")
    assert lists.count() == 4
    first = lists.get(division_id=storm.household(0, 1).division_id).body
    assert "示例户01" in first
    assert "示例户05" not in first
    assert Message.objects.get(kind="sms").address == "10000000009"


def test_only_what_was_approved_goes_out_and_only_once(drafts, people):
    with pytest.raises(NotInThisState):
        release(warning=drafts["key"], by=people["duty_officer"])
    out(drafts["key"], people)
    with pytest.raises(NotInThisState):
        release(warning=drafts["key"], by=people["duty_officer"])
    with pytest.raises(NotAllowed):
        release(warning=drafts["general"], by=people["county_director"])


@pytest.mark.clause("W2")
def test_after_its_time_a_warning_is_neither_approved_nor_released(drafts, people):
    approved = approve(warning=drafts["key"], by=people["county_director"])
    clock.advance(rules.USUAL_HOURS)
    with pytest.raises(WarningExpired):
        release(warning=approved, by=people["duty_officer"])
    with pytest.raises(WarningExpired):
        approve(warning=drafts["general"], by=people["county_director"])
    assert not Message.objects.exists()


def test_a_cancelled_warning_stays_cancelled_and_its_waiting_messages_do_not_go(drafts, people):
    released = out(drafts["key"], people)
    gone = Message.objects.filter(kind="sms").first()
    Message.objects.filter(pk=gone.pk).update(handed_at=clock.now())
    cancelled = cancel(warning=released, reason="上级解除", by=people["county_director"])
    assert (cancelled.state, cancelled.cancel_reason) == ("cancelled", "上级解除")
    left, told = Message.objects.filter(cancelled_at__isnull=True).order_by("id")
    assert (left, told.address, told.body) == (gone, gone.address, cancelled.cancellation)
    for deed in (cancel, edit, approve, release, send_back):
        extra = {cancel: {"reason": "x"}, edit: {"sms": "x", "voice": "x"}, send_back: {"reason": "area"}}.get(deed, {})
        who = people["county_director"] if deed in (approve, send_back) else people["duty_officer"]
        with pytest.raises(NotInThisState):
            deed(warning=cancelled, by=who, **extra)


@pytest.mark.parametrize("reason", ["", " ", "长" * 121])
def test_cancelling_says_why_in_one_line(drafts, people, reason):
    with pytest.raises(BadInput):
        cancel(warning=drafts["key"], reason=reason, by=people["duty_officer"])


def test_cancelling_another_warning_leaves_these_messages_alone(drafts, people):
    out(drafts["key"], people)
    cancel(warning=drafts["general"], reason="不发", by=people["duty_officer"])
    assert not Message.objects.filter(cancelled_at__isnull=False).exists()


def test_the_worker_ends_warnings_whose_time_is_over(drafts, people):
    out(drafts["key"], people)
    assert jobs.expire_overdue() == 0
    clock.advance(rules.USUAL_HOURS)
    assert jobs.expire_overdue() == 4
    assert expire(by=people["anlan"]) == 0
    assert set(TheWarning.objects.values_list("state", flat=True)) == {"expired"}


# --- told --------------------------------------------------------------------------------------------
@pytest.fixture
def released(drafts, people):
    """Every household of the storm warned."""
    for warning in drafts.values():
        out(warning, people)
    return {target.household.code: target for target in Target.objects.select_related("household")}


def test_a_reply_is_counted_and_a_cadres_word_is_kept_by_household(released, storm, people):
    first, second = storm.household(0, 1), storm.household(0, 2)
    cadre = people["village_cadre_a"]
    at = clock.now()
    assert acknowledge(acks=[(released[first.code].pk, at)], how="cadre", by=cadre) == 1
    assert acknowledge(acks=[(released[second.code].pk, at)] * 2, how="reply", by=people["anlan"]) == 1
    told = Target.objects.get(household=first)
    assert (told.acknowledged_at, told.acknowledged_how, told.acknowledged_by) == (at, "cadre", "village_cadre_a")
    abouts = list(Entry.objects.filter(verb="warn.acknowledge").values_list("about", flat=True))
    assert abouts == [f"household:{first.code}", f"warning:{Target.objects.get(household=second).warning.code}"]


def test_the_first_acknowledgement_counts(released, storm, people):
    target = released[storm.household(0, 2).code].pk
    at = clock.now()
    acknowledge(acks=[(target, at)], how="reply", by=people["anlan"])
    assert acknowledge(acks=[(target, at + timedelta(hours=1))], how="cadre", by=people["village_cadre_a"]) == 0
    assert Target.objects.get(pk=target).acknowledged_how == "reply"


def test_a_cadre_speaks_for_their_own_village_only(released, storm, people):
    with pytest.raises(NotAllowed):
        acknowledge(acks=[(released[storm.household(2, 1).code].pk, clock.now())], how="cadre",
                    by=people["village_cadre_a"])  # fmt: skip


def test_an_unknown_target_or_way_is_refused(released, people):
    with pytest.raises(NotFound):
        acknowledge(acks=[(10**9, clock.now())], how="cadre", by=people["anlan"])
    with pytest.raises(BadInput):
        acknowledge(acks=[], how="telepathy", by=people["anlan"])


# --- how far it got ----------------------------------------------------------------------------------
@pytest.mark.clause("W4", "D6")
def test_the_tally_counts_each_household_once_with_everyone_in_the_denominator(released, storm, people):
    messages = list(Message.objects.filter(kind="sms").order_by("key"))
    Message.objects.filter(pk__in=[each.pk for each in messages]).update(handed_at=clock.now())
    deliver(receipts=[(each.pk, clock.now() + timedelta(minutes=n)) for n, each in enumerate(messages[:12])])
    acknowledge(acks=[(released[storm.household(0, 1).code].pk, clock.now())], how="cadre", by=people["anlan"])
    tally = queries.tally(storm.event)
    assert list(tally) == ["issued_at", "released_at", "targeted", "handed", "delivered", "acknowledged", "unreached",
                           "t50_min", "t90_min", "by_group"]  # fmt: skip
    assert (tally["targeted"], tally["handed"], tally["delivered"]) == (20, 17, 13)
    assert (tally["acknowledged"], tally["unreached"]) == (1, 7)
    assert tally["t50_min"] == 10 + 8  # issued ten minutes ago; the tenth of twenty, one of them told in person
    assert tally["t90_min"] is None
    assert tally["issued_at"] == (clock.now() - timedelta(minutes=10)).isoformat()
    assert sum(each["targeted"] for each in tally["by_group"].values()) == 20
    assert tally["by_group"]["alone"] == {"targeted": 4, "delivered": 1, "acknowledged": 1}


def test_a_household_warned_twice_is_one_household(released, storm, people):
    again = draft(event=storm.event, by=people["duty_officer"])
    for warning in again:
        out(warning, people)
    assert Target.objects.count() == 40
    first = Message.objects.filter(kind="sms", key__contains=".general.1/").first()
    Message.objects.filter(pk=first.pk).update(handed_at=clock.now())
    deliver(receipts=[(first.pk, clock.now())])
    tally = queries.tally(storm.event)
    assert (tally["targeted"], tally["delivered"], tally["unreached"]) == (20, 1, 19)
    assert queries.unreached(storm.event).count() == 19


def test_an_event_without_warnings_has_an_empty_tally(storm):
    tally = queries.tally(storm.event)
    assert (tally["released_at"], tally["targeted"], tally["t50_min"], tally["by_group"]) == (None, 0, None, {})


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1000), max_size=30).map(sorted), st.integers(0, 60))
def test_the_share_is_of_all_targets_and_never_of_those_delivered(delivered, more):
    targeted = len(delivered) + more
    for share in (0.5, 0.9):
        at = queries._share_reached(delivered, targeted, share)
        reached = sum(1 for minutes in delivered if at is not None and minutes <= at)
        if at is None:
            assert len(delivered) < share * targeted or not targeted
        else:
            assert reached >= share * targeted


def test_who_was_not_reached_says_why(released, storm, people):
    by_serial = {int(code[-1]): target for code, target in released.items() if code.startswith("360123101201")}
    messages = {serial: target.message_id for serial, target in by_serial.items()}
    Message.objects.filter(pk__in=[messages[2], messages[3], messages[4]]).update(handed_at=clock.now())
    fail(failures=[(messages[2], clock.now(), "空号")])
    deliver(receipts=[(messages[3], clock.now())])
    reasons = {
        int(each.household.code[-1]): each.reason for each in queries.unreached(storm.event, people["village_cadre_a"])
    }
    assert reasons == {1: "no_phone", 2: "invalid", 4: "not_delivered", 5: "not_yet"}
    Message.objects.filter(pk=messages[5]).update(cancelled_at=clock.now())
    assert {each.reason for each in queries.unreached(storm.event, people["village_cadre_a"])} >= {"cancelled"}
    acknowledge(acks=[(by_serial[1].pk, clock.now())], how="cadre", by=people["village_cadre_a"])
    assert queries.unreached(storm.event, people["village_cadre_a"]).count() == 3


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_in_any_history_the_counts_balance(released, storm, people, data):
    """Whatever was handed, delivered, failed or acknowledged: the unreached are those neither delivered nor told."""
    Message.objects.update(handed_at=None, delivered_at=None, failed_at=None, failure="")
    Target.objects.update(acknowledged_at=None, acknowledged_how="", acknowledged_by="")
    messages = sorted(Message.objects.filter(kind="sms").values_list("id", flat=True))
    delivered = data.draw(st.sets(st.sampled_from(messages)))
    told = data.draw(st.sets(st.sampled_from(sorted(each.pk for each in released.values()))))
    deliver(receipts=[(pk, clock.now()) for pk in sorted(delivered)])
    acknowledge(acks=[(pk, clock.now()) for pk in sorted(told)], how="reply", by=people["anlan"])
    tally = queries.tally(storm.event)
    reached = {each.pk for each in released.values() if each.message_id in delivered} | told
    assert tally["unreached"] == 20 - len(reached) == queries.unreached(storm.event).count()
    assert tally["targeted"] >= tally["handed"] >= tally["delivered"] >= tally["acknowledged"] == len(told)
    assert tally["delivered"] == len(reached)
