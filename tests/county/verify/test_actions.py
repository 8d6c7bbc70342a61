"""Visits that become findings or close a lead, and the departments' comparison."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.county import clock
from anlan.county.decide import actions as decide
from anlan.county.discover import rules
from anlan.county.discover.actions import Report, dismiss, report, take_in
from anlan.county.discover.models import Lead
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock
from anlan.county.verify import queries
from anlan.county.verify.actions import (
    AlreadyMatched,
    ConsentMissing,
    FindingReport,
    LeadOver,
    NumberTaken,
    VisitReport,
    match,
    record_visits,
)
from anlan.county.verify.models import Finding, Visit
from anlan.county.verify.queries import second_looks
from anlan.engine import policy

FOUND = FindingReport(income_per_head_yuan=5200.0, losses_yuan={"crop": 3000.0, "home": 12000.0}, home_safe=False,
                      home_grade="C")  # fmt: skip


@pytest.fixture
def lead(storm, people):
    """A lead in the first village, taken in."""
    return make_lead(storm, people, storm.household(0, 5))


def make_lead(storm, people, household, key="r"):
    reports = [Report(f"{key}{household.code}", "cadre", household.pk, clock.now(), {"kinds": ["crop"]})]
    (made,) = report(event=storm.event, reports=reports, by=people["anlan"])
    take_in(leads=[made.pk], by=people["anlan"])
    return made


def a_visit(lead, people, outcome="harmed", **change):
    filled = {"finding": FOUND} if outcome == "harmed" else {}
    filled |= {"again_on": clock.today() + timedelta(days=2)} if outcome == "absent" else {}
    given = {"uuid": f"v-{lead.pk}-{outcome}", "lead_id": lead.pk, "visitor_id": people["village_cadre_a"].pk,
             "at": clock.now(), "outcome": outcome, "consent": True, **filled, **change}  # fmt: skip
    return VisitReport(**given)


def running(lead):
    about = rules.about(lead.event.code, lead.household.code)
    return {each.kind: each.due_at for each in Clock.objects.filter(about=about, stopped_at__isnull=True)}


@pytest.mark.clause("D2", "P2")
def test_a_harmed_household_ends_in_a_finding_that_goes_on_to_matching(lead, people):
    clock.advance(timedelta(hours=20))
    assert record_visits(visits=[a_visit(lead, people)], by=people["village_cadre_a"]) == 1
    lead.refresh_from_db()
    finding = Finding.objects.get()
    assert (lead.state, lead.outcome, lead.closed_at) == ("found", "harmed", None)
    assert (finding.home_safe, finding.water_safe, finding.home_grade) == (False, True, "C")
    assert finding.losses_yuan == {"crop": 3000.0, "home": 12000.0}
    assert finding.visit.consent
    days = policy.on(clock.today()).number("clock_match_days")
    left = running(lead)
    assert set(left) == {"match", "total"}
    assert left["match"] == clock.now() + timedelta(days=days)
    assert Clock.objects.get(kind="visit").stopped_at == clock.now()


@pytest.mark.parametrize("outcome", ["unharmed", "moved"])
def test_a_lead_without_harm_closes_with_its_outcome_and_all_its_clocks(lead, people, outcome):
    record_visits(visits=[a_visit(lead, people, outcome)], by=people["village_cadre_a"])
    lead.refresh_from_db()
    assert (lead.state, lead.outcome, lead.closed_at) == ("closed", outcome, clock.now())
    assert running(lead) == {}
    assert not Finding.objects.exists()


@pytest.mark.clause("M2", "D6")
def test_an_absent_household_keeps_a_date_and_a_clock(lead, people):
    record_visits(visits=[a_visit(lead, people, "absent")], by=people["village_cadre_a"])
    lead.refresh_from_db()
    assert (lead.state, lead.outcome) == ("taken_in", "")
    assert running(lead)["revisit"].date() == clock.today() + timedelta(days=2)
    clock.advance(timedelta(days=2))
    record_visits(visits=[a_visit(lead, people)], by=people["village_cadre_a"])
    assert set(running(lead)) == {"match", "total"}
    assert [visit.outcome for visit in queries.visits(lead)] == ["absent", "harmed"]


def test_a_visit_to_a_lead_nobody_took_in_takes_it_in(storm, people):
    household = storm.household(0, 4)
    (lead,) = report(event=storm.event, reports=[Report("x", "cadre", household.pk, clock.now())], by=people["anlan"])
    record_visits(visits=[a_visit(lead, people)], by=people["village_cadre_a"])
    lead.refresh_from_db()
    assert lead.taken_in_by == people["village_cadre_a"]
    assert "intake" not in running(lead)


def test_the_same_visit_sent_again_is_stored_once(lead, people):
    visit = a_visit(lead, people)
    assert record_visits(visits=[visit, visit], by=people["village_cadre_a"]) == 1
    assert record_visits(visits=[visit], by=people["village_cadre_a"]) == 0
    assert (Visit.objects.count(), Finding.objects.count()) == (1, 1)
    assert Entry.objects.filter(verb="verify.visit").count() == 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sends=st.lists(st.lists(st.sampled_from(range(4)), max_size=5), min_size=1, max_size=5))
def test_however_a_phone_repeats_itself_the_outcome_is_the_same(storm, people, sends):
    """Each send is any selection of four households' visits, with repeats; a last one brings all."""
    Finding.objects.all().delete()
    Visit.objects.all().delete()
    households = [storm.household(0, serial) for serial in (2, 3, 4, 5)]
    Lead.objects.filter(household__in=households).update(state="taken_in", outcome="", closed_at=None)
    leads = [Lead.objects.filter(household=each).first() or make_lead(storm, people, each) for each in households]
    outcomes = ("harmed", "unharmed", "absent", "moved")
    visits = [a_visit(lead, people, outcome) for lead, outcome in zip(leads, outcomes, strict=True)]
    for chosen in [*sends, range(4)]:
        record_visits(visits=[visits[place] for place in chosen], by=people["village_cadre_a"])
    assert sorted(Visit.objects.values_list("outcome", flat=True)) == sorted(outcomes)
    states = [Lead.objects.get(pk=lead.pk).state for lead in leads]
    assert states == ["found", "closed", "taken_in", "closed"]
    assert Finding.objects.count() == 1


def test_two_visits_in_one_batch_count_in_the_order_of_time(lead, people):
    later = a_visit(lead, people, at=clock.now())
    earlier = a_visit(lead, people, "absent", at=clock.now() - timedelta(hours=4))
    record_visits(visits=[later, earlier], by=people["village_cadre_a"])
    lead.refresh_from_db()
    assert lead.state == "found"
    assert "revisit" not in running(lead)


def test_a_second_look_makes_the_finding_anew(lead, people):
    record_visits(visits=[a_visit(lead, people)], by=people["village_cadre_a"])
    finding = Finding.objects.get()
    match(findings=[finding.pk], by=people["department_clerk"])
    milder = replace(FOUND, income_per_head_yuan=9900.0, home_safe=True, home_grade="B")
    record_visits(visits=[a_visit(lead, people, uuid="second", finding=milder)], by=people["village_cadre_a"])
    again = Finding.objects.get()
    assert (again.pk, again.income_per_head_yuan, again.home_grade) == (finding.pk, 9900.0, "B")
    assert (again.visit.uuid, again.matched_at) == ("second", None)
    assert "match" in running(lead)


def test_a_closed_lead_is_not_visited_until_somebody_reports_again(storm, lead, people):
    dismiss(lead=lead, reason="no_harm", by=people["township_officer_a"])
    with pytest.raises(LeadOver, match=lead.household.code):
        record_visits(visits=[a_visit(lead, people)], by=people["village_cadre_a"])
    make_lead(storm, people, lead.household, key="again")
    assert record_visits(visits=[a_visit(lead, people)], by=people["village_cadre_a"]) == 1


def test_a_finding_is_not_undone_by_a_later_visit_that_saw_nothing(lead, people):
    record_visits(visits=[a_visit(lead, people)], by=people["village_cadre_a"])
    with pytest.raises(LeadOver):
        record_visits(visits=[a_visit(lead, people, "unharmed")], by=people["village_cadre_a"])
    assert Finding.objects.count() == 1


def test_one_bad_visit_refuses_the_whole_batch(storm, lead, people):
    other = make_lead(storm, people, storm.household(0, 4))
    bad = a_visit(other, people, "absent", again_on=None)
    with pytest.raises(BadInput):
        record_visits(visits=[a_visit(lead, people), bad], by=people["village_cadre_a"])
    assert not Visit.objects.exists()
    lead.refresh_from_db()
    assert lead.state == "taken_in"


@pytest.mark.parametrize(
    ("outcome", "change"),
    [
        ("harmed", {"finding": None}),
        ("unharmed", {"finding": FOUND}),
        ("asleep", {}),
        ("unharmed", {"note": "长" * 301}),
        ("harmed", {"finding": replace(FOUND, losses_yuan={"pride": 1.0})}),
        ("harmed", {"finding": replace(FOUND, losses_yuan={"crop": -1.0})}),
        ("harmed", {"finding": replace(FOUND, income_per_head_yuan=float("nan"))}),
        ("harmed", {"finding": replace(FOUND, home_grade="E")}),
    ],
)
def test_visits_that_cannot_be_are_refused(lead, people, outcome, change):
    with pytest.raises(BadInput):
        record_visits(visits=[a_visit(lead, people, outcome, **change)], by=people["village_cadre_a"])
    assert not Visit.objects.exists()


def test_a_visit_is_not_tomorrow_and_the_next_one_not_yesterday(lead, people):
    for change in ({"at": clock.now() + timedelta(days=1)}, {"again_on": clock.today() - timedelta(days=1)}):
        with pytest.raises(BadInput):
            record_visits(visits=[a_visit(lead, people, "absent", **change)], by=people["village_cadre_a"])


def test_another_villages_cadre_and_a_clerk_do_not_visit_here(lead, people):
    for username in ("village_cadre_b", "department_clerk"):
        with pytest.raises(NotAllowed):
            record_visits(visits=[a_visit(lead, people)], by=people[username])


def test_a_visit_needs_a_lead(lead, people):
    with pytest.raises(NotFound):
        record_visits(visits=[a_visit(lead, people, lead_id=10**9)], by=people["village_cadre_a"])


# --- matching -----------------------------------------------------------------------------------------
@pytest.fixture
def finding(lead, people):
    """What a cadre found in the first village."""
    record_visits(visits=[a_visit(lead, people)], by=people["village_cadre_a"])
    return Finding.objects.get()


@pytest.mark.clause("M1")
def test_matching_stops_its_clock_and_keeps_what_differed(finding, people):
    clock.advance(timedelta(days=1))
    assert match(findings=[finding.pk], by=people["department_clerk"], notes={finding.pk: "名下有经营户登记"}) == 1
    finding.refresh_from_db()
    assert (finding.matched_by, finding.matched_at) == (people["department_clerk"], clock.now())
    assert finding.match_notes == ["名下有经营户登记"]
    assert set(running(finding.lead)) == {"total"}


def test_many_findings_are_matched_at_once_without_notes(storm, finding, people):
    other = make_lead(storm, people, storm.household(2, 5))
    record_visits(visits=[a_visit(other, people)], by=people["village_cadre_b"])
    findings = list(Finding.objects.values_list("id", flat=True))
    assert match(findings=findings, by=people["department_clerk"], notes={finding.pk: "同名"}) == 2
    assert not queries.to_match(people["department_clerk"]).exists()


def test_a_finding_is_matched_once(finding, people):
    match(findings=[finding.pk], by=people["department_clerk"])
    with pytest.raises(AlreadyMatched, match=finding.lead.household.code):
        match(findings=[finding.pk], by=people["department_clerk"])


def test_without_consent_nobody_looks_into_a_households_data(lead, people):
    record_visits(visits=[a_visit(lead, people, consent=False)], by=people["village_cadre_a"])
    with pytest.raises(ConsentMissing):
        match(findings=[Finding.objects.get().pk], by=people["department_clerk"])
    signed = a_visit(lead, people, uuid="signed")
    record_visits(visits=[signed], by=people["village_cadre_a"])
    assert match(findings=[Finding.objects.get().pk], by=people["department_clerk"]) == 1


def test_matching_is_the_departments_work_and_needs_findings(finding, people):
    with pytest.raises(NotAllowed):
        match(findings=[finding.pk], by=people["township_officer_a"])
    with pytest.raises(NotFound):
        match(findings=[finding.pk, 10**9], by=people["department_clerk"])


def test_lists_show_only_ones_own_divisions(storm, finding, people):
    make_lead(storm, people, storm.household(2, 5))
    assert [lead.household.code for lead in queries.to_visit(people["village_cadre_b"], storm.event)] == [
        storm.household(2, 5).code
    ]
    assert not queries.to_match(people["village_cadre_b"], storm.event).exists()
    assert list(queries.to_match(people["village_cadre_a"], storm.event)) == [finding]


def test_the_ledger_keeps_the_finding_but_not_the_note(lead, people):
    record_visits(visits=[a_visit(lead, people, note="李四 13800000000")], by=people["village_cadre_a"])
    payload = Entry.objects.get(verb="verify.visit").payload
    assert "12000" in payload
    assert "李四" not in payload


# --- a second visitor, and what the data say ---------------------------------------------------------
LINE_YUAN = 8500.0


def near_the_line(storm, people, uuid="v1", by="village_cadre_a", income=8600.0, lost=0.0):
    lead = make_lead(storm, people, storm.household(0, 5)) if not Lead.objects.exists() else Lead.objects.get()
    losses = {"crop": lost * lead.household.size} if lost else {}
    report_ = a_visit(lead, people, uuid=uuid, visitor_id=people[by].pk,
                      finding=FindingReport(income_per_head_yuan=income, losses_yuan=losses))  # fmt: skip
    record_visits(visits=[report_], by=people["anlan"])
    return Finding.objects.get()


def waits_for_another(people):
    return second_looks(people["anlan"]).exists()


@pytest.mark.clause("L1", "A2")
def test_whom_one_visitor_would_leave_out_by_little_another_one_visits_before_there_is_a_case(storm, people):
    finding, clerk = near_the_line(storm, people), people["department_clerk"]
    assert not waits_for_another(people)  # the data come first: they may settle it
    match(findings=[finding.pk], by=clerk)
    assert waits_for_another(people)
    assert running(finding.lead)["revisit"] == clock.now() + timedelta(days=3)
    assert json.loads(Entry.objects.get(verb="verify.match").payload)["second_visitor"] is True
    assert decide.open_cases(by=people["anlan"]) == 0
    near_the_line(storm, people, uuid="v2")  # the same person again
    assert "revisit" not in running(finding.lead)
    match(findings=[finding.pk], by=clerk)
    assert waits_for_another(people)
    near_the_line(storm, people, uuid="v3", by="township_officer_a", income=8550.0)
    match(findings=[finding.pk], by=clerk)
    assert not waits_for_another(people)
    assert "second_visitor" not in Entry.objects.filter(verb="verify.match").order_by("seq").last().payload
    assert Finding.objects.get().income_per_head_yuan == 8550.0
    assert decide.open_cases(by=people["anlan"]) == 1


@pytest.mark.parametrize(
    ("above", "lost", "another"),
    [
        (-1.0, 0.0, False), (0.0, 0.0, True), (169.0, 0.0, True), (171.0, 0.0, False),  # two in a hundred of the line
        (390.0, 1000.0, True), (410.0, 1000.0, False),  # were the loss two fifths larger
        (190.0, 1000.0, False), (210.0, 1000.0, True),  # were it a fifth larger, the household is proposed anyhow
        (4240.0, 15000.0, True), (4260.0, 15000.0, False),  # not near the line, whatever was lost
    ],
)  # fmt: skip
def test_nobody_is_left_out_by_little_on_one_visitor_s_word(storm, people, above, lost, another):
    finding = near_the_line(storm, people, income=LINE_YUAN + above, lost=lost)
    assert match(findings=[finding.pk], by=people["department_clerk"]) == 1
    assert waits_for_another(people) is another


def test_what_is_a_case_already_is_not_visited_again_when_the_rule_changes(storm, people):
    finding = near_the_line(storm, people, income=LINE_YUAN * 1.1)
    match(findings=[finding.pk], by=people["department_clerk"])
    assert decide.open_cases(by=people["anlan"]) == 1
    Finding.objects.update(income_per_head_yuan=LINE_YUAN + 1)
    assert not waits_for_another(people)


def test_where_an_axis_is_broken_the_line_does_not_matter(lead, people):
    report_ = a_visit(lead, people, finding=FindingReport(income_per_head_yuan=8600.0, home_safe=False))
    record_visits(visits=[report_], by=people["anlan"])
    assert match(findings=[Finding.objects.get().pk], by=people["department_clerk"]) == 1
    assert not waits_for_another(people)


@pytest.mark.clause("M1")
def test_the_data_correct_the_income_and_the_ledger_keeps_both(lead, people):
    record_visits(visits=[a_visit(lead, people)], by=people["anlan"])
    finding = Finding.objects.get()
    match(findings=[finding.pk], by=people["department_clerk"], incomes={finding.pk: 7100.0})
    assert Finding.objects.get().income_per_head_yuan == 7100.0
    assert json.loads(Entry.objects.get(verb="verify.match").payload)["income_per_head_yuan"] == 7100.0
    assert json.loads(Entry.objects.get(verb="verify.visit").payload)["finding"]["income_per_head_yuan"] == 5200.0


def test_what_is_no_number_corrects_nothing(lead, people):
    record_visits(visits=[a_visit(lead, people)], by=people["anlan"])
    finding = Finding.objects.get()
    with pytest.raises(BadInput):
        match(findings=[finding.pk], by=people["department_clerk"], incomes={finding.pk: float("nan")})
    assert Finding.objects.get().matched_at is None


@pytest.mark.clause("A1")
def test_why_nobody_was_met_is_kept_and_stands_in_the_ledger(lead, people):
    record_visits(visits=[a_visit(lead, people, "absent", why="road")], by=people["village_cadre_a"])
    assert Visit.objects.get().why == "road"
    line = Entry.objects.get(verb="verify.visit")
    assert '"why":"road"' in line.payload
    assert f'"again_on":"{Visit.objects.get().again_on.isoformat()}"' in line.payload


@pytest.mark.parametrize(("outcome", "why"), [("absent", "bored"), ("unharmed", "road")])
def test_a_reason_is_one_of_the_list_and_only_where_nobody_was_met(lead, people, outcome, why):
    with pytest.raises(BadInput, match="原因"):
        record_visits(visits=[a_visit(lead, people, outcome, why=why)], by=people["village_cadre_a"])
    assert not Visit.objects.exists()


def test_a_forged_number_of_another_doors_visit_is_refused_and_not_passed_over(storm, people, lead):
    other = make_lead(storm, people, storm.household(0, 4))
    record_visits(visits=[first := a_visit(lead, people, "unharmed")], by=people["village_cadre_a"])
    forged = replace(a_visit(other, people, "harmed"), uuid=first.uuid)
    with pytest.raises(NumberTaken, match="已经用在另一户上"):
        record_visits(visits=[forged], by=people["village_cadre_a"])
    one = replace(a_visit(other, people, "unharmed"), uuid="u-1")
    with pytest.raises(NumberTaken):
        record_visits(visits=[one, replace(first, uuid="u-1")], by=people["village_cadre_a"])
    assert Visit.objects.get().lead == lead
