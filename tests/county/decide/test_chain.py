"""The chain of a decision under any sequence of moves: what the state, the steps and the clocks say agrees."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.county.cases import POOR, WELL, compare, found, lead, move, visit

from anlan.county import clock
from anlan.county.decide.actions import open_cases
from anlan.county.decide.chain import Chain, OutOfOrder, Passage, clock_kind
from anlan.county.decide.models import Case, Episode, Step
from anlan.county.decide.rules import MACHINE, PERMISSIONS, STATES
from anlan.county.discover.rules import about as lead_subject
from anlan.county.discover.rules import case_about as case_subject
from anlan.county.errors import NotAllowed, Refused
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock
from anlan.county.office.queries import machine
from anlan.county.office.roles import ROLES
from anlan.county.registry.models import Category
from anlan.engine import policy

WAYS = [
    ["publicity", "town_check", "county_decide", "notice", "entered"],
    ["publicity", "objection", "review", "publicity", "town_check", "county_decide", "not_confirmed"],
    ["publicity", "town_check", "not_confirmed"],
    ["not_confirmed"],
]


def follow(case, way):
    """Walk a case along a way, waiting and visiting where the way asks for it."""
    for state in way:
        clock.advance(timedelta(days=5, minutes=1) if state == "town_check" else timedelta(minutes=30))
        if state == "review":
            visit(case.event, case.household, finding=POOR)
            compare(case.event, case.household)
        move(state, case, note="写明理由")


def agrees(case) -> None:
    """State, version, steps, clocks, episode and ledger of one case tell one story."""
    fresh = Case.objects.select_related("event", "household").get(pk=case.pk)
    steps = list(Step.objects.filter(case=case))
    assert fresh.version == len(steps)
    assert [step.after for step in steps][-1:] in ([], [fresh.state])
    assert [step.before for step in steps[1:]] == [step.after for step in steps[:-1]]
    about = case_subject(fresh.event.code, fresh.household.code)
    running = set(Clock.objects.filter(about=about, stopped_at__isnull=True).values_list("kind", flat=True))
    state = MACHINE.states[fresh.state]
    assert running == ({clock_kind(state)} if state.clock else set())
    total = Clock.objects.get(kind="total", about=lead_subject(fresh.event.code, fresh.household.code))
    assert (fresh.closed_at is not None) == (fresh.state in MACHINE.ends()) == (total.stopped_at is not None)
    assert Episode.objects.filter(case=case).exists() == (fresh.state == "entered")
    assert Entry.objects.filter(about=about, verb="decide.advance").count() == len(steps)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_on_every_way_through_the_chain_all_records_agree(storm, way):
    case = found(storm.event, storm.household(0, 5))[0]
    agrees(case)
    for place in range(len(way)):
        follow(case, way[place : place + 1])
        agrees(case)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=st.lists(st.tuples(st.sampled_from(sorted(STATES)), st.booleans(), st.integers(0, 7)), max_size=12))
def test_whatever_is_wished_for_the_chain_is_kept_or_the_wish_refused(storm, wishes):
    with clock.held(clock.now()), transaction.atomic():
        case = found(storm.event, storm.household(0, 5))[0]
        for state, said, days in wishes:
            clock.advance(timedelta(days=days, hours=1))
            before = Case.objects.values_list("state", flat=True).get(pk=case.pk)
            try:
                with transaction.atomic():
                    move(state, case, note="理由" if said else "")
            except Refused:
                assert Case.objects.values_list("state", flat=True).get(pk=case.pk) == before
            else:
                assert state in MACHINE.states[before].after
            agrees(case)
        transaction.set_rollback(True)


HANDS = [
    (state, role)
    for state in MACHINE.states
    for role in ROLES
    if MACHINE.states[state].after
]  # fmt: skip


@pytest.mark.clause("L1")
@pytest.mark.parametrize(("state", "role"), HANDS)
def test_each_state_is_moved_on_by_the_role_that_owns_it_and_by_no_other(people, now, state, role):
    usernames = {"township_officer": "township_officer_a", "village_cadre": "village_cadre_a"}
    by = people[usernames.get(role, role)]
    following = min(MACHINE.states[state].after)
    passage = Passage("case:x", "EV1", "360123101201", state, following)
    owner = {"village": "village_cadre", "township": "township_officer", "county": "county_director"}
    chain = Chain(MACHINE, PERMISSIONS)
    if owner[MACHINE.states[state].owner] == role:
        chain.check([passage], by)
    else:
        with pytest.raises(NotAllowed):
            chain.check([passage], by)


def test_a_state_nobody_has_heard_of_is_out_of_order(people, now):
    passage = Passage("case:x", "EV1", "360123101201", "dreaming", "entered")
    with pytest.raises(OutOfOrder):
        Chain(MACHINE, PERMISSIONS).check([passage], people["anlan"])


@pytest.mark.parametrize(
    ("state", "kind", "days", "lower"),
    [
        ("review", "review", "clock_review_days", False),
        ("publicity", "publicity", "clock_publicity_min_days", True),
        ("objection", "visit", "clock_visit_days", False),
        ("town_check", "town", "clock_town_days", False),
        ("county_decide", "county", "clock_county_days", False),
        ("notice", "notice", "clock_notice_days", False),
    ],
)
def test_every_state_runs_the_clock_that_policy_sets(county, now, state, kind, days, lower):
    rules = policy.on(now.date())
    chain = Chain(MACHINE, PERMISSIONS)
    chain.start([Passage("case:x", "EV1", "360123101201", "", state)], at=now, policy=rules)
    started = Clock.objects.get(about="case:x")
    assert (started.kind, started.lower, started.unit) == (kind, lower, MACHINE.states[state].owner)
    assert started.due_at - now == timedelta(days=rules.number(days))
    chain.stop([Passage("case:x", "EV1", "360123101201", state, min(MACHINE.states[state].after))], at=now)
    assert Clock.objects.get(about="case:x").stopped_at == now


def test_clocks_of_two_events_are_kept_apart(county, now):
    things = [Passage(f"case:EV{n}/h", f"EV{n}", "360123101201", "", "review") for n in (1, 2)]
    Chain(MACHINE, PERMISSIONS).start(things, at=now, policy=policy.on(now.date()))
    assert dict(Clock.objects.values_list("about", "event_code")) == {"case:EV1/h": "EV1", "case:EV2/h": "EV2"}


@pytest.mark.clause("P2")
class TestProposals:
    """What the engine is told about a household, read out of four rooms."""

    def proposal(self, storm, household, finding):
        lead(storm.event, household)
        visit(storm.event, household, finding=finding)
        compare(storm.event, household)
        open_cases(by=machine())
        return Case.objects.get(household=household).proposal

    def codes(self, proposal):
        return [(reason["code"], reason["axis"]) for reason in proposal["reasons"]]

    def test_a_household_that_ceased_to_be_ex_poor_is_marginal(self, storm):
        household = storm.household(0, 4)
        Category.objects.filter(household=household).update(until=clock.today())
        assert self.proposal(storm, household, POOR)["category"] == "marginal"

    @pytest.mark.parametrize("axis", ["food", "clothing", "schooling", "medical", "home", "water"])
    def test_each_broken_guarantee_puts_a_household_with_income_at_risk(self, storm, axis):
        name = f"{axis}_safe" if axis in {"home", "water"} else f"{axis}_secured"
        proposal = self.proposal(storm, storm.household(0, 5), replace(WELL, **{name: False}))
        assert (proposal["category"], proposal["axes"]) == ("hardship", [axis])
        assert self.codes(proposal) == [("guarantee_lost", axis)]

    def test_an_income_that_collapsed_is_seen_against_the_registry(self, storm):
        household = storm.household(0, 5)
        household.income.wage_yuan = 60000.0
        household.income.save()
        proposal = self.proposal(storm, household, replace(WELL, income_per_head_yuan=12000.0))
        assert self.codes(proposal) == [("income_dropped", "income")]
        assert proposal["reasons"][0]["values"]["dropped_ratio"] == pytest.approx(0.6)

    def test_without_a_known_income_nothing_is_said_to_have_dropped(self, storm):
        household = storm.household(0, 5)
        household.income.delete()
        proposal = self.proposal(storm, household, replace(WELL, income_per_head_yuan=12000.0))
        assert proposal["reasons"] == []

    def test_large_spending_that_cannot_be_avoided_counts(self, storm):
        finding = replace(WELL, income_per_head_yuan=10000.0, rigid_per_head_yuan=6000.0)
        assert ("rigid_spending", "income") in self.codes(self.proposal(storm, storm.household(0, 5), finding))

    def test_the_policy_of_the_day_judges_and_is_written_down(self, storm):
        proposal = self.proposal(storm, storm.household(0, 5), POOR)
        assert proposal["policy_day"] == "2026-06-18"
        assert proposal["reasons"][0]["values"]["line_yuan"] == policy.on(clock.today()).number("monitoring_line_yuan")
