"""Visits in whatever order and batches they arrive: the lead, the finding and the clocks tell what was seen last."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.county.cases import compare, lead, move
from tests.county.snapshot import changed, everything

from anlan.county import clock
from anlan.county.decide.actions import open_cases
from anlan.county.discover import rules as leads
from anlan.county.discover.models import Lead
from anlan.county.errors import Refused
from anlan.county.ledger.models import Entry
from anlan.county.ledger.queries import verify
from anlan.county.office.models import Clock
from anlan.county.office.queries import machine
from anlan.county.verify import queries, rules
from anlan.county.verify.actions import FindingReport, VisitReport, match, record_visits
from anlan.county.verify.models import Finding, Visit

OUTCOMES = st.sampled_from(sorted(rules.OUTCOMES))


def seen(storm, place, outcome, number, minutes_ago=0, income=5000.0):
    """A visit to a household with a lead; the same number is the same form."""
    home = storm.household(*place)
    at = clock.now() - timedelta(minutes=minutes_ago)
    return VisitReport(
        uuid=f"form-{number}", lead_id=Lead.objects.get(household=home).pk, visitor_id=machine().pk, at=at,
        outcome=outcome, consent=True, again_on=at.date() + timedelta(days=2) if outcome == "absent" else None,
        finding=FindingReport(income) if outcome == "harmed" else None,
    )  # fmt: skip


@pytest.fixture
def reported(storm):
    """Three households with leads, a day before anybody comes."""
    lead(storm.event, *(storm.household(0, serial) for serial in (3, 4, 5)))
    clock.advance(timedelta(days=1))
    return storm


def agrees() -> None:
    """What each lead says is what its visits say."""
    for each in Lead.objects.select_related("event", "household"):
        visits = list(Visit.objects.filter(lead=each).order_by("at", "uuid"))
        found = Finding.objects.filter(lead=each).first()
        about = leads.about(each.event.code, each.household.code)
        running = set(Clock.objects.filter(about=about, stopped_at__isnull=True).values_list("kind", flat=True))
        if not visits:
            assert (each.state, found, running) == ("open", None, {"intake", "total"})
            continue
        last = visits[-1]
        assert each.state == rules.LEAD_AFTER[last.outcome]
        assert each.taken_in_at is not None
        assert (found is not None) == any(visit.outcome == "harmed" for visit in visits)
        if found is not None:
            harmed = [visit for visit in visits if visit.outcome == "harmed"]
            assert (found.visit_id, found.made_at) == (harmed[-1].pk, harmed[-1].at)
        assert ("match" in running) == (found is not None and found.matched_at is None)
        assert ("revisit" in running) == (last.outcome == "absent")
        assert ("total" in running) == (each.closed_at is None)
        assert "intake" not in running
    assert Entry.objects.filter(verb="verify.visit").count() == Visit.objects.count()
    assert verify().verified


STEPS = st.tuples(st.sampled_from([3, 4, 5]), OUTCOMES, st.integers(1, 12))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(STEPS, min_size=1, max_size=3), min_size=1, max_size=6))
def test_whatever_phones_send_everything_agrees(reported, batches):
    with clock.held(clock.now()), transaction.atomic():
        for batch in batches:
            clock.advance(timedelta(hours=1))
            visits = [seen(reported, (0, serial), outcome, number) for serial, outcome, number in batch]
            count = Visit.objects.count()
            try:
                with transaction.atomic():
                    new = record_visits(visits=visits, by=machine())
            except Refused:
                assert Visit.objects.count() == count
            else:
                assert Visit.objects.count() == count + new
        agrees()
        transaction.set_rollback(True)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(5)), outcomes=st.lists(OUTCOMES, min_size=5, max_size=5))
def test_the_order_in_a_batch_does_not_matter(reported, order, outcomes):
    """A phone without a signal sends the day's visits in the evening, in any order."""

    def after(visits):
        with transaction.atomic():
            try:
                with transaction.atomic():
                    record_visits(visits=visits, by=machine())
                told = list(Lead.objects.order_by("pk").values_list("state", "outcome", "closed_at"))
                told += list(Finding.objects.order_by("lead").values_list("made_at", "income_per_head_yuan"))
            except Refused as refused:
                told = [str(refused)]
            transaction.set_rollback(True)
        return told

    visits = [
        seen(reported, (0, 3 + n % 3), outcome, n, minutes_ago=60 * (5 - n), income=1000.0 * n)
        for n, outcome in enumerate(outcomes)
    ]
    assert after([visits[place] for place in order]) == after(visits)


@pytest.mark.parametrize("outcome", sorted(rules.OUTCOMES))
@pytest.mark.parametrize("state", sorted(leads.STATES))
def test_a_visit_goes_on_from_where_the_machine_of_leads_allows_it(reported, outcome, state):
    home = reported.household(0, 5)
    columns = {"closed_at": clock.now(), "outcome": "no_harm"} if state in leads.OVER else {}
    Lead.objects.filter(household=home).update(state=state, **columns)
    before = everything()
    visit = seen(reported, (0, 5), outcome, 1)
    if rules.LEAD_AFTER[outcome] in leads.MACHINE.states[state].after:
        assert record_visits(visits=[visit], by=machine()) == 1
        assert Lead.objects.get(household=home).state == rules.LEAD_AFTER[outcome]
    else:
        with pytest.raises(Refused), transaction.atomic():
            record_visits(visits=[visit], by=machine())
        assert changed(before, everything()) == set()


@pytest.mark.clause("D2")
def test_an_objection_s_second_visit_makes_the_finding_anew_and_waits_to_be_compared_again(reported):
    event, home = reported.event, reported.household(0, 5)
    record_visits(visits=[seen(reported, (0, 5), "harmed", 1)], by=machine())
    compare(event, home)
    open_cases(by=machine())
    first = Finding.objects.get()
    assert (first.income_per_head_yuan, first.matched_at) == (5000.0, clock.now())
    case = first.case
    move("publicity", case)
    move("objection", case, note="收入不实")
    clock.advance(timedelta(days=1))
    record_visits(visits=[seen(reported, (0, 5), "harmed", 2, income=22000.0)], by=machine())
    again = Finding.objects.get()
    assert (again.pk, again.income_per_head_yuan, again.made_at) == (first.pk, 22000.0, clock.now())
    assert (again.matched_at, again.matched_by, again.match_notes) == (None, None, [])
    with pytest.raises(Refused):
        move("review", case, note="已复核")
    compare(event, home)
    move("review", case, note="已复核")
    case.refresh_from_db()
    assert case.proposal["at_risk"] is False


def test_a_list_of_findings_is_compared_whole_or_not_at_all(reported):
    forms = [seen(reported, (0, serial), "harmed", serial) for serial in (3, 4, 5)]
    record_visits(visits=forms, by=machine())
    Visit.objects.filter(uuid="form-5").update(consent=False)
    keys = list(Finding.objects.order_by("pk").values_list("pk", flat=True))
    before = everything()
    with pytest.raises(Refused, match="承诺授权书"), transaction.atomic():
        match(findings=keys, by=machine())
    assert changed(before, everything()) == set()
    assert match(findings=keys[:2], by=machine(), notes={keys[0]: "收入与社保数据不符"}) == 2
    assert Finding.objects.get(pk=keys[0]).match_notes == ["收入与社保数据不符"]
    assert Finding.objects.get(pk=keys[1]).match_notes == []
    assert list(queries.held([keys[2]])) == [keys[2]]


def test_the_tables_themselves_refuse_what_cannot_be(reported):
    record_visits(visits=[seen(reported, (0, 5), "harmed", 1)], by=machine())
    visit, finding = Visit.objects.get(), Finding.objects.get()
    wrong = (
        lambda: Visit.objects.filter(pk=visit.pk).update(outcome="absent"),
        lambda: Finding.objects.filter(pk=finding.pk).update(matched_at=clock.now()),
        lambda: Visit.objects.create(lead=visit.lead, uuid="form-1", at=clock.now(), by=machine(), outcome="moved"),
        lambda: Finding.objects.create(
            lead=visit.lead, visit=visit, made_at=clock.now(), income_per_head_yuan=1.0, losses_yuan={}
        ),
    )
    for deed in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            deed()
