"""Whatever people do with warnings in whatever order: four eyes on each, and nobody lost from the count."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.county import clock
from anlan.county.dispatch.models import Message
from anlan.county.errors import Refused
from anlan.county.foresee.models import Impact
from anlan.county.ledger.models import Entry
from anlan.county.ledger.queries import verify
from anlan.county.office.queries import machine
from anlan.county.office.roles import ROLES
from anlan.county.warn import actions, queries, rules
from anlan.county.warn.actions import acknowledge, approve, cancel, draft, edit, expire, release, send_back
from anlan.county.warn.models import Target
from anlan.county.warn.models import Warning as TheWarning
from anlan.engine.audience import words

HANDS = ("duty_officer", "duty_officer_2", "county_director")
DEEDS = ("draft", "edit", "approve", "send_back", "release", "cancel", "expire", "acknowledge")
AFTER = {"edit": "draft", "approve": "approved", "send_back": "returned", "release": "released", "cancel": "cancelled"}


def do(storm, deed, warning, by):
    """One deed of one person on one warning."""
    if deed == "draft":
        draft(event=storm.event, by=by)
    elif deed == "edit":
        edit(warning=warning, sms="暴雨将至，请转移", voice="暴雨将至，请马上转移", by=by)
    elif deed == "approve":
        approve(warning=warning, by=by)
    elif deed == "send_back":
        send_back(warning=warning, reason="area", by=by)
    elif deed == "release":
        release(warning=warning, by=by)
    elif deed == "cancel":
        cancel(warning=warning, reason="雨停了", by=by)
    elif deed == "expire":
        expire(by=by)
    else:
        targets = Target.objects.filter(warning=warning).values_list("id", flat=True)[:3]
        acknowledge(acks=[(target, clock.now()) for target in targets], how="cadre", by=by)


def agrees(storm) -> None:
    """State, hands, moments, messages and targets of every warning say the same."""
    for warning in TheWarning.objects.all():
        went = warning.released_at is not None
        assert went == (warning.state == "released") or warning.state in {"cancelled", "expired"}
        assert (warning.approved_by_id is None) == (warning.approved_at is None)
        assert warning.approved_by_id != warning.drafted_by_id
        assert not went or warning.approved_at <= warning.released_at < warning.expires_at
        assert (warning.cancelled_at is not None) == (warning.state == "cancelled") == bool(warning.cancel_reason)
        targets = Target.objects.filter(warning=warning)
        assert targets.exists() == (went and warning.audience != rules.CADRE)
        assert words.units(warning.sms) <= words.SMS_UNITS
        assert went or not Message.objects.filter(key__startswith=f"{warning.code}/").exists()
    tally = queries.tally(storm.event)
    told = Target.objects.values("household").distinct().count()
    assert tally["targeted"] == told
    assert tally["acknowledged"] + tally["unreached"] <= told
    waiting = TheWarning.objects.filter(state__in=rules.WAITING).values_list("audience", flat=True)
    assert len(waiting) == len(set(waiting))
    assert verify().verified


STEPS = st.tuples(st.sampled_from(DEEDS), st.integers(0, 7), st.sampled_from(HANDS), st.integers(1, 9))


@pytest.mark.clause("W4")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=4, max_size=16))
def test_whatever_is_done_everything_agrees(storm, people, steps):
    with clock.held(clock.now()), transaction.atomic():
        draft(event=storm.event, by=people["duty_officer"])
        for deed, place, hand, hours in steps:
            clock.advance(timedelta(hours=hours))
            warnings = list(TheWarning.objects.order_by("code"))
            warning = warnings[place % len(warnings)]
            lines = Entry.objects.count()
            try:
                with transaction.atomic():
                    do(storm, deed, warning, people[hand])
            except Refused:
                assert TheWarning.objects.get(pk=warning.pk).state == warning.state
                assert Entry.objects.count() == lines
            else:
                assert TheWarning.objects.get(pk=warning.pk).state == AFTER.get(deed, warning.state) or deed == "expire"
        agrees(storm)
        transaction.set_rollback(True)


@pytest.mark.parametrize("before", sorted(rules.STATES))
@pytest.mark.parametrize("deed", sorted(AFTER))
def test_the_states_allow_what_the_machine_allows_and_nothing_else(storm, people, before, deed):
    warning = draft(event=storm.event, by=people["duty_officer"])[0]
    approved = {"approved_by": people["county_director"], "approved_at": clock.now()}
    TheWarning.objects.filter(pk=warning.pk).update(
        state=before,
        hold_until=clock.now() if before == "held" else None,
        **(approved if deed == "release" else {}),
    )
    if AFTER[deed] in rules.MACHINE.states[before].after:
        do(storm, deed, warning, machine())
        assert TheWarning.objects.get(pk=warning.pk).state == AFTER[deed]
    else:
        with pytest.raises(actions.NotInThisState, match=str(rules.STATES[before])):
            do(storm, deed, warning, machine())
        assert TheWarning.objects.get(pk=warning.pk).state == before


@pytest.mark.clause("W4")
def test_of_two_approvers_and_two_senders_the_second_is_told(storm, people):
    """Both have the page open; each holds the warning as it was."""
    warning = draft(event=storm.event, by=people["duty_officer"])[0]
    seen = TheWarning.objects.get(pk=warning.pk)
    approve(warning=warning, by=people["county_director"])
    with pytest.raises(actions.NotInThisState, match="待发布"):
        approve(warning=seen, by=machine())
    release(warning=seen, by=people["duty_officer"])
    messages = Message.objects.count()
    with pytest.raises(actions.NotInThisState, match="已发布"):
        release(warning=warning, by=people["duty_officer_2"])
    assert Message.objects.count() == messages


def test_an_edit_that_crosses_an_approval_needs_another_approval(storm, people):
    warning = draft(event=storm.event, by=people["duty_officer"])[0]
    seen = TheWarning.objects.get(pk=warning.pk)
    approve(warning=warning, by=people["county_director"])
    edit(warning=seen, sms="新的短信", voice="新的话", by=people["duty_officer_2"])
    with pytest.raises(actions.NotInThisState):
        release(warning=warning, by=people["duty_officer"])
    fresh = TheWarning.objects.get(pk=warning.pk)
    assert (fresh.state, fresh.approved_by, fresh.drafted_by) == ("draft", None, people["duty_officer_2"])


def test_each_household_is_the_target_of_one_audience(storm, people):
    for warning in draft(event=storm.event, by=people["duty_officer"]):
        approve(warning=warning, by=people["county_director"])
        release(warning=warning, by=people["duty_officer"])
    targets = list(Target.objects.values_list("household_id", flat=True))
    assert len(targets) == len(set(targets)) == storm.run.households
    assert set(targets) == set(Impact.objects.filter(run=storm.run).values_list("household_id", flat=True))
    without = Target.objects.filter(message__isnull=True)
    assert {each.household.phone for each in without.select_related("household")} == {""}


@pytest.mark.parametrize("hours", [0, 23, 24, 25])
def test_a_warning_ends_when_its_time_is_over_and_not_before(storm, people, hours):
    warnings = draft(event=storm.event, by=people["duty_officer"])
    clock.advance(timedelta(hours=hours))
    assert expire(by=machine()) == (len(warnings) if hours >= 24 else 0)
    assert Entry.objects.filter(verb="warn.expire").count() == (len(warnings) if hours >= 24 else 0)
    assert expire(by=machine()) == 0


def test_who_may_approve_may_not_draft_so_four_eyes_are_two_people():
    for role in ROLES.values():
        assert not {"warn.draft", "warn.approve"} <= role.permissions, role.key


def test_the_tables_themselves_refuse_what_cannot_be(storm, people):
    warning = draft(event=storm.event, by=people["duty_officer"])[0]
    this = TheWarning.objects.filter(pk=warning.pk)
    wrong = (
        {"approved_by": people["duty_officer"], "approved_at": clock.now()},  # one's own words
        {"approved_by": people["county_director"]},  # without a moment
        {"released_at": clock.now()},  # never approved
        {"state": "held"},  # nobody knows until when
        {"asked": people["county_director"]},  # without a moment
    )
    for columns in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            this.update(**columns)
    do(storm, "approve", warning, people["county_director"])
    do(storm, "release", warning, people["duty_officer"])
    target = Target.objects.filter(warning=warning).first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Target.objects.filter(pk=target.pk).update(acknowledged_at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Target.objects.create(warning=warning, household=target.household, tier=0, group="alone")
