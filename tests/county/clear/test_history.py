"""The follow-up under any sequence of months: what the rooms keep and what the engine says agree."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.county.cases import UNSAFE, entered, follow

from anlan.county import clock
from anlan.county.clear.actions import CheckReport, Move, advance, check, open_clearances
from anlan.county.clear.models import Check, Clearance, Step
from anlan.county.clear.queries import day, ripe, verdicts
from anlan.county.clear.rules import MACHINE, subject
from anlan.county.decide.chain import clock_kind
from anlan.county.decide.models import Episode
from anlan.county.errors import NotAllowed, Refused
from anlan.county.office.models import Clock
from anlan.county.office.queries import breached, machine
from anlan.county.office.roles import ROLES
from anlan.engine import policy
from anlan.engine.eligibility import clearance

MONTHS = st.tuples(st.integers(20, 45), st.sampled_from([7000.0, 8600.0, 15000.0]), st.sampled_from([(), ("home",)]))


@pytest.fixture
def episode(storm):
    """A household of village A under monitoring."""
    return entered(storm.event, storm.household(0, 5), finding=UNSAFE)[0]


def running() -> list[Clock]:
    return list(Clock.objects.filter(kind="check", stopped_at__isnull=True))


@pytest.mark.clause("M6")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(months=st.lists(MONTHS, min_size=1, max_size=10))
def test_the_tables_are_judged_as_the_plain_months_are(episode, months):
    with clock.held(clock.now()), transaction.atomic():
        history = []
        for days, income, broken in months:
            clock.advance(timedelta(days=days))
            check(checks=[CheckReport(episode.pk, clock.now(), income, broken)], by=machine())
            history.append(clearance.Check(clock.today(), income, broken))
        rules = policy.on(clock.today())
        wanted = clearance.judge(history, day(episode.entered_at), True, clock.today(), rules)
        told = verdicts([episode], clock.today())[episode.pk]
        assert told.ready == wanted.ready
        assert {each.code for each in told.reasons} >= {each.code for each in wanted.reasons}
        assert open_clearances(by=machine(), on=clock.today()) == int(wanted.ready)
        assert len(running()) == 1
        late = sum(days > rules.number("clock_check_days") for days, _income, _broken in months)
        assert Clock.objects.filter(breached(clock.now()), kind="check").count() == late
        transaction.set_rollback(True)


def agrees() -> None:
    """State, version, steps and clocks of the clearance tell one story."""
    fresh = Clearance.objects.select_related("episode__household", "episode__case__event").latest("id")
    steps = list(Step.objects.filter(clearance=fresh))
    assert fresh.version == len(steps)
    assert [step.before for step in steps[1:]] == [step.after for step in steps[:-1]]
    code, household = fresh.episode.case.event.code, fresh.episode.household.code
    about = subject(code, household, f"{day(fresh.opened_at):%Y%m%d}")
    kinds = set(Clock.objects.filter(about=about, stopped_at__isnull=True).values_list("kind", flat=True))
    state = MACHINE.states[fresh.state]
    assert kinds == ({clock_kind(state)} if state.clock else set())
    assert (fresh.closed_at is not None) == (fresh.state in MACHINE.ends())
    assert (Episode.objects.get().cleared_at is not None) == (fresh.state == "cleared") == bool(fresh.how)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=st.lists(st.tuples(st.sampled_from(sorted(MACHINE.states)), st.integers(0, 6)), max_size=10))
def test_whatever_is_wished_for_the_chain_is_kept_or_the_wish_refused(episode, wishes):
    with clock.held(clock.now()), transaction.atomic():
        follow([episode], 7)
        open_clearances(by=machine(), on=clock.today())
        for state, days in wishes:
            clock.advance(timedelta(days=days, hours=1))
            fresh = Clearance.objects.latest("id")
            try:
                with transaction.atomic():
                    advance(moves=[Move(fresh.pk, fresh.version, state, note="理由")], by=machine())
            except Refused:
                assert Clearance.objects.latest("id").state == fresh.state
            agrees()
        transaction.set_rollback(True)


@pytest.mark.clause("L1")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", [name for name, state in MACHINE.states.items() if state.after])
def test_each_state_is_moved_on_by_the_role_that_owns_it_and_by_no_other(episode, people, role, state):
    made = Clearance.objects.create(
        episode=episode, opened_at=clock.now(), state=state, public_since=clock.now() - timedelta(days=9)
    )
    by = people[{"township_officer": "township_officer_a", "village_cadre": "village_cadre_a"}.get(role, role)]
    to = {"visit": "review", "publicity": "visit"}.get(state, "refused")
    owner = {"village": "village_cadre", "township": "township_officer", "county": "county_director"}
    wish = Move(made.pk, 0, to, note="理由")
    if owner[MACHINE.states[state].owner] == role:
        assert advance(moves=[wish], by=by) == 1
    else:
        with pytest.raises(NotAllowed):
            advance(moves=[wish], by=by)


def test_only_who_was_entered_half_a_year_ago_is_looked_at(episode):
    entry = day(episode.entered_at)
    assert not ripe(machine(), entry + timedelta(days=160)).exists()
    assert ripe(machine(), entry + timedelta(days=180)).exists()


def test_a_moment_belongs_to_the_countys_day(now):
    assert day(now) == date(2026, 6, 18)
    assert day(now + timedelta(hours=5)) == date(2026, 6, 19)


def test_the_tables_themselves_refuse_what_cannot_be(episode, people):
    now = clock.now()
    Clearance.objects.create(episode=episode, opened_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Clearance.objects.create(episode=episode, opened_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Clearance.objects.update(state="cleared")
    one = {"episode": episode, "at": now, "by": people["anlan"], "income_per_head_yuan": 1.0, "holds": True}
    Check.objects.create(**one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Check.objects.create(**one)
