"""Three doors into one lead; taking in, dismissing, releasing, sweeping."""

from datetime import timedelta
from itertools import permutations

import pytest

from anlan.county import clock
from anlan.county.discover import queries, rules, sweeping
from anlan.county.discover.actions import (
    AlreadySwept,
    LeadOpen,
    NotPending,
    Report,
    Unaccounted,
    close_sweeps,
    dismiss,
    dismiss_each,
    open_sweeps,
    release,
    report,
    report_self,
    take_in,
)
from anlan.county.discover.models import Lead, Release, Source, Sweep
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.foresee.actions import learn
from anlan.county.foresee.doors import Visits
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock
from anlan.county.registry.models import Household
from anlan.county.warn.models import Target, Warning
from anlan.engine import policy


def a_report(household, key="r1", door="cadre", kinds=("crop",), **claim):
    return Report(key, door, household.pk, clock.now(), {"kinds": list(kinds), **claim})


def running(about):
    return {each.kind: each.due_at for each in Clock.objects.filter(about=about, stopped_at__isnull=True)}


@pytest.fixture
def lead(storm, people):
    (made,) = report(event=storm.event, reports=[a_report(storm.household(0, 5))], by=people["village_cadre_a"])
    return made


@pytest.mark.clause("D1", "D2", "D3")
def test_three_doors_make_one_lead_that_keeps_every_source(storm, people):
    household = storm.household(0, 5)
    by = {"self": people["anlan"], "cadre": people["village_cadre_a"], "dept": people["department_clerk"]}
    for door, user in by.items():
        report(event=storm.event, reports=[a_report(household, key=door, door=door)], by=user)
    lead = Lead.objects.get()
    assert lead.household == household
    assert sorted(lead.sources.values_list("door", "by")) == [
        ("cadre", "village_cadre_a"), ("dept", "department_clerk"), ("self", "anlan"),
    ]  # fmt: skip


def test_every_order_of_the_doors_gives_the_same_lead(storm, people):
    households = [storm.household(v, s) for v in (0, 1) for s in (4, 5)]
    said = (("self", ["home"]), ("cadre", ["crop"]), ("dept", ["other"]))
    seen = set()
    for household, order in zip(households, list(permutations(said))[:4], strict=True):
        for door, kinds in order:
            report(event=storm.event, reports=[a_report(household, f"{household.code}{door}", door, kinds)],
                   by=people["anlan"])  # fmt: skip
        lead = Lead.objects.get(household=household)
        key_group = household.code.endswith("4")
        score = storm.run.impacts.get(household=household).score
        expected = rules.priority(score=score, key_group=key_group, doors=("self", "cadre", "dept"), green=True)
        assert lead.priority == expected
        seen.add((lead.state, lead.green, lead.sources.count(), lead.opened_at))
    assert seen == {("open", True, 3, clock.now())}


@pytest.mark.clause("D6")
def test_a_new_lead_starts_its_clocks_at_the_reports_moment(storm, people):
    earlier = clock.now() - timedelta(hours=5)
    household = storm.household(0, 5)
    reports = [a_report(household, "late"), Report("early", "cadre", household.pk, earlier, {"kinds": ["crop"]})]
    (lead,) = report(event=storm.event, reports=reports, by=people["village_cadre_a"])
    today = policy.on(clock.today())
    assert lead.opened_at == earlier
    assert running(rules.about(storm.event.code, household.code)) == {
        "intake": earlier + timedelta(days=today.number("clock_intake_days")),
        "total": earlier + timedelta(days=today.number("clock_total_days")),
    }


def test_a_repeated_key_is_one_source_and_restarts_nothing(storm, people, lead):
    started = Clock.objects.get(kind="intake").started_at
    clock.advance(timedelta(hours=3))
    again = [a_report(storm.household(0, 5)), a_report(storm.household(0, 5))]
    assert report(event=storm.event, reports=again, by=people["village_cadre_a"]) == [lead]
    assert Source.objects.count() == 1
    assert Clock.objects.get(kind="intake").started_at == started
    assert Entry.objects.filter(verb="discover.report").count() == 1


def test_nothing_reported_is_nothing_done(storm, people):
    assert report(event=storm.event, reports=[], by=people["anlan"]) == []


@pytest.mark.clause("D5")
def test_urgent_harm_comes_first_then_expected_impact_key_groups_and_doors(storm, people):
    urgent, hard_hit, key_group = storm.household(3, 5), storm.household(0, 5), storm.household(0, 4)
    reports = [a_report(urgent, "u", kinds=("water",)), a_report(hard_hit, "h"), a_report(key_group, "k")]
    report(event=storm.event, reports=reports, by=people["anlan"])
    inbox = queries.inbox(people["duty_officer"], storm.event)
    assert [lead.household for lead in inbox] == [urgent, key_group, hard_hit]
    assert [lead.green for lead in inbox] == [True, False, False]


def test_a_household_outside_the_estimate_may_still_report(storm, people):
    storm.run.impacts.all().delete()
    storm.run.delete()
    (lead,) = report(event=storm.event, reports=[a_report(storm.household(0, 5))], by=people["anlan"])
    assert lead.priority == rules.priority(score=0, key_group=False, doors=["cadre"], green=False)


def test_harm_that_shows_after_the_event_is_closed_is_still_taken(storm, people):
    storm.event.closed_at = clock.now()
    storm.event.save()
    assert report(event=storm.event, reports=[a_report(storm.household(0, 5))], by=people["anlan"])


@pytest.mark.parametrize(
    ("username", "door", "village"),
    [("village_cadre_b", "cadre", 0), ("village_cadre_a", "dept", 0), ("department_clerk", "cadre", 0),
     ("auditor", "self", 0)],
)  # fmt: skip
def test_a_door_is_opened_only_by_who_holds_its_key_there(storm, people, username, door, village):
    with pytest.raises(NotAllowed):
        report(event=storm.event, reports=[a_report(storm.household(village, 5), door=door)], by=people[username])
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [({"door": "window"}, BadInput), ({"kinds": ("feelings",)}, BadInput)],
)
def test_unknown_doors_and_kinds_are_refused(storm, people, change, refusal):
    with pytest.raises(refusal):
        report(event=storm.event, reports=[a_report(storm.household(0, 5), **change)], by=people["anlan"])


def test_a_household_nobody_knows_is_refused(storm, people):
    with pytest.raises(NotFound, match="1"):
        report(event=storm.event, reports=[Report("x", "self", 10**9, clock.now())], by=people["anlan"])


def test_the_ledger_never_holds_what_a_villager_wrote(storm, people):
    report(event=storm.event, reports=[a_report(storm.household(0, 5), text="张三 13800000000", loss_yuan=900)],
           by=people["anlan"])  # fmt: skip
    payload = Entry.objects.get(verb="discover.report").payload
    assert "张三" not in payload
    assert '"loss_yuan":900' in payload.replace(" ", "")


# --- a villager's own report ---------------------------------------------------------------------
def self_report(storm, people, key="RABCDEF23456", **change):
    home = storm.household(0, 5)
    given = {"village": home.division_id, "head_name": "示例户05", "phone": home.phone, "size": 3,
             "claim": {"kinds": ["home"], "text": "屋顶掉了"}, "by": people["anlan"], **change}  # fmt: skip
    return report_self(event=storm.event, key=key, **given)


@pytest.mark.clause("D1")
def test_a_villager_whom_the_registry_knows_is_recognised(storm, people):
    before = Household.objects.count()
    source = self_report(storm, people)
    assert source.lead.household == storm.household(0, 5)
    assert source.lead.green
    assert Household.objects.count() == before


@pytest.mark.clause("M2")
def test_a_villager_whom_the_registry_does_not_know_gets_a_lead_too(storm, people):
    source = self_report(storm, people, head_name="无人知晓", phone="10000000001")
    assert source.lead.household.registered is False
    again = self_report(storm, people, key="RABCDEF23457", head_name="无人知晓", phone="10000000001")
    assert again.lead == source.lead


def test_the_same_form_sent_twice_is_one_report(storm, people):
    first = self_report(storm, people, head_name="无人知晓", phone="10000000001")
    before = Household.objects.count()
    assert self_report(storm, people, head_name="无人知晓", phone="10000000001") == first
    assert Household.objects.count() == before


def test_the_same_name_with_another_number_is_somebody_else(storm, people):
    source = self_report(storm, people, phone="10099999999")
    assert source.lead.household != storm.household(0, 5)


def test_a_name_is_enough_where_the_registry_holds_no_number(storm, people):
    assert self_report(storm, people, head_name="示例户01", phone="1").lead.household == storm.household(0, 1)


def test_the_name_is_looked_for_in_that_village_only(storm, people):
    source = self_report(storm, people, village=storm.household(1, 5).division_id)
    assert source.lead.household.division_id == storm.household(1, 5).division_id
    assert source.lead.household.registered is False


# --- taking in and dismissing ----------------------------------------------------------------------
def test_taking_in_stops_the_intake_clock_and_starts_the_visits(storm, people, lead):
    clock.advance(timedelta(hours=4))
    assert take_in(leads=[lead.pk], by=people["township_officer_a"]) == 1
    lead.refresh_from_db()
    assert (lead.state, lead.taken_in_by, lead.taken_in_at) == ("taken_in", people["township_officer_a"], clock.now())
    days = policy.on(clock.today()).number("clock_visit_days")
    about = rules.about(storm.event.code, lead.household.code)
    assert running(about)["visit"] == clock.now() + timedelta(days=days)
    assert "intake" not in running(about)


def test_a_lead_is_taken_in_once(people, lead):
    take_in(leads=[lead.pk], by=people["village_cadre_a"])
    with pytest.raises(NotPending, match=lead.household.code):
        take_in(leads=[lead.pk], by=people["township_officer_a"])


def test_another_townships_lead_is_out_of_reach(people, lead):
    with pytest.raises(NotAllowed):
        take_in(leads=[lead.pk], by=people["township_officer_b"])
    lead.refresh_from_db()
    assert lead.state == "open"


def test_a_lead_that_does_not_exist_is_not_taken_in(people, lead):
    with pytest.raises(NotFound):
        take_in(leads=[lead.pk, 10**9], by=people["township_officer_a"])


def test_dismissing_stops_every_clock_and_says_why(storm, people, lead):
    dismissed = dismiss(lead=lead, reason="not_this_event", by=people["township_officer_a"])
    assert (dismissed.state, dismissed.outcome, dismissed.closed_at) == ("dismissed", "not_this_event", clock.now())
    assert running(rules.about(storm.event.code, lead.household.code)) == {}
    with pytest.raises(NotPending):
        dismiss(lead=lead, reason="no_harm", by=people["township_officer_a"])


def test_dismissing_needs_a_reason_from_the_list(people, lead):
    with pytest.raises(BadInput):
        dismiss(lead=lead, reason="因为", by=people["township_officer_a"])


@pytest.mark.clause("M2")
def test_a_dismissed_household_that_reports_again_is_open_again(storm, people, lead):
    take_in(leads=[lead.pk], by=people["village_cadre_a"])
    dismiss(lead=lead, reason="no_harm", by=people["village_cadre_a"])
    clock.advance(timedelta(days=2))
    report(event=storm.event, reports=[a_report(storm.household(0, 5), "again", "self", ["water"])], by=people["anlan"])
    lead.refresh_from_db()
    assert (lead.state, lead.outcome, lead.closed_at, lead.taken_in_at) == ("open", "", None, None)
    assert lead.green
    assert lead.opened_at == clock.now()
    assert set(running(rules.about(storm.event.code, lead.household.code))) == {"intake", "total"}
    assert Entry.objects.filter(verb="discover.reopen").count() == 1


# --- releases ----------------------------------------------------------------------------------------
@pytest.mark.clause("M2")
def test_a_released_household_that_reports_is_back_on_the_list(storm, people):
    household = storm.household(0, 5)
    assert release(event=storm.event, households=[(household.pk, "below_harm")], by=people["county_director"]) == 1
    assert release(event=storm.event, households=[(household.pk, "below_harm")], by=people["county_director"]) == 0
    report(event=storm.event, reports=[a_report(household)], by=people["anlan"])
    assert not Release.objects.exists()
    assert Lead.objects.get().state == "open"


def test_a_household_with_an_open_lead_is_not_released(storm, people, lead):
    with pytest.raises(LeadOpen, match=lead.household.code):
        release(event=storm.event, households=[(lead.household_id, "below_harm")], by=people["county_director"])
    dismiss(lead=lead, reason="no_harm", by=people["township_officer_a"])
    assert release(event=storm.event, households=[(lead.household_id, "below_harm")], by=people["county_director"])


def test_releasing_needs_the_director_and_a_reason_of_the_list(storm, people):
    household = storm.household(0, 5)
    with pytest.raises(NotAllowed):
        release(event=storm.event, households=[(household.pk, "below_harm")], by=people["township_officer_a"])
    with pytest.raises(BadInput):
        release(event=storm.event, households=[(household.pk, "tired")], by=people["county_director"])


def test_the_rules_release_below_harm_and_the_informed_but_never_key_groups(storm, people):
    impacts = storm.run.impacts
    impacts.update(severity=0.0)
    impacts.filter(household=storm.household(0, 5)).update(severity=4.0)
    proposed = dict(sweeping.releasable(storm.event, people["township_officer_a"]))
    assert proposed == {storm.household(v, s).pk: "below_harm" for v, s in ((0, 1), (1, 1), (1, 5))}


def test_the_hardly_at_risk_are_proposed_once_they_were_told(storm, people):
    storm.run.impacts.update(score=0.001)
    assert sweeping.releasable(storm.event) == []
    warning = Warning.objects.create(
        event=storm.event, code="w", audience="general", level=3, sms="x", voice="x", drafted_by=people["duty_officer"],
        drafted_at=clock.now(), expires_at=clock.now(),
    )  # fmt: skip
    told, silent = storm.household(0, 5), storm.household(1, 5)
    Target.objects.create(warning=warning, household=silent, tier=2, group="general")
    Target.objects.create(warning=warning, household=told, tier=2, group="general", acknowledged_at=clock.now(),
                          acknowledged_how="cadre")  # fmt: skip
    assert sweeping.releasable(storm.event) == [(told.pk, "low_risk_informed")]


@pytest.mark.clause("D2")
def test_what_visits_taught_decides_who_is_worth_one_and_who_may_go(storm, people):
    impacts = storm.run.impacts
    impacts.update(score=0.2, severity=4.0)
    homes = {serial: storm.household(0, serial).pk for serial in range(1, 6)}
    seen = {storm.household(1, serial).pk: False for serial in range(1, 6)}
    learn(event=storm.event, visits=Visits(seen, 40, (), list(seen)), by=people["duty_officer"])
    open_sweeps(event=storm.event, by=people["duty_officer"])
    rows = sweeping.listed(Sweep.objects.get(division_id=storm.household(0, 1).division_id))
    assert {row.impact.household_id for row in rows} == set(homes.values())
    assert not any(row.worth for row in rows)  # forty were found elsewhere, and here hardly anybody is left to find
    assert all(row.chance < 0.2 for row in rows)
    assert set(dict(sweeping.releasable(storm.event)).values()) == {"low_risk_learned"}
    learn(event=storm.event, visits=Visits({}, 0, (), ()), by=people["duty_officer"])
    rows = sweeping.listed(Sweep.objects.get(division_id=storm.household(0, 1).division_id))
    assert all(row.worth for row in rows)
    assert sweeping.releasable(storm.event) == []  # nothing learned: only who was told may go


def test_several_leads_are_dismissed_together_or_none(storm, people):
    reports = [a_report(storm.household(0, serial), f"d{serial}") for serial in (1, 2)]
    leads = report(event=storm.event, reports=reports, by=people["village_cadre_a"])
    with pytest.raises(NotAllowed):
        dismiss_each(leads=[each.pk for each in leads], reason="just_visited", by=people["department_clerk"])
    assert dismiss_each(leads=[each.pk for each in leads], reason="just_visited", by=people["township_officer_a"]) == 2
    assert set(Lead.objects.values_list("state", "outcome")) == {("dismissed", "just_visited")}
    assert Entry.objects.filter(verb="discover.dismiss").count() == 2
    assert not Clock.objects.filter(stopped_at__isnull=True).exists()


# --- sweeps ------------------------------------------------------------------------------------------
@pytest.mark.clause("D2")
def test_every_village_on_the_list_is_swept_on_a_clock(storm, people):
    assert open_sweeps(event=storm.event, by=people["duty_officer"]) == 4
    assert open_sweeps(event=storm.event, by=people["duty_officer"]) == 0
    days = policy.on(clock.today()).number("clock_sweep_days")
    sweeps = Clock.objects.filter(kind="sweep")
    assert {each.due_at for each in sweeps} == {clock.now() + timedelta(days=days)}
    assert {each.about for each in sweeps} == {
        rules.sweep_about(storm.event.code, village) for village in Sweep.objects.values_list("division_id", flat=True)
    }


def test_a_township_sweeps_its_own_villages_and_a_cadre_none(storm, people):
    assert open_sweeps(event=storm.event, by=people["township_officer_b"]) == 2
    with pytest.raises(NotAllowed):
        open_sweeps(event=storm.event, by=people["village_cadre_a"])


@pytest.mark.clause("M2")
def test_a_sweep_closes_when_every_household_has_somewhere_to_go(storm, people):
    open_sweeps(event=storm.event, by=people["duty_officer"])
    sweep = Sweep.objects.get(division_id=storm.household(0, 1).division_id)
    with pytest.raises(Unaccounted, match="5"):
        close_sweeps(sweeps=[sweep], by=people["township_officer_a"])
    report(event=storm.event, reports=[a_report(storm.household(0, s), f"s{s}") for s in (1, 2)],
           by=people["village_cadre_a"])  # fmt: skip
    left = [(each.household_id, "low_risk_informed") for each in sweeping.unaccounted(storm.event, sweep.division_id)]
    release(event=storm.event, households=left, by=people["county_director"])
    assert close_sweeps(sweeps=[sweep], by=people["township_officer_a"], note="走完了") == 1
    sweep.refresh_from_db()
    assert sweep.closed_by == people["township_officer_a"]
    assert Clock.objects.get(about=rules.sweep_about(storm.event.code, sweep.division_id)).stopped_at == clock.now()
    with pytest.raises(AlreadySwept):
        close_sweeps(sweeps=[sweep], by=people["township_officer_a"])


def test_a_foreign_village_is_not_closed(storm, people):
    open_sweeps(event=storm.event, by=people["duty_officer"])
    sweep = Sweep.objects.get(division_id=storm.household(0, 1).division_id)
    with pytest.raises(NotAllowed):
        close_sweeps(sweeps=[sweep], by=people["township_officer_b"])
