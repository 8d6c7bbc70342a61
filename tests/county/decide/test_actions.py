"""Opening cases and moving them along the statutory chain."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.county.cases import UNSAFE, WELL, cases, compare, found, lead, move, visit, walk

from anlan.county import clock
from anlan.county.decide.actions import (
    Move,
    NotVisitedAgain,
    SignedBefore,
    Uncategorised,
    advance,
    open_cases,
)
from anlan.county.decide.chain import AlreadyMoved, OutOfOrder, PublishedTooBriefly, Unexplained
from anlan.county.decide.models import Case, Episode, Step
from anlan.county.desk.waiting import waiting
from anlan.county.errors import NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import appoint
from anlan.county.office.models import Clock, User
from anlan.county.office.queries import breached
from anlan.county.registry.models import Category
from anlan.county.sense.models import Event
from anlan.county.verify.models import Visit
from anlan.county.verify.queries import errands, to_visit


@pytest.fixture
def one(storm):
    """A household of village A, ready for review."""
    return found(storm.event, storm.household(0, 5))[0]


def running(kind: str) -> list[Clock]:
    return list(Clock.objects.filter(kind=kind, stopped_at__isnull=True).order_by("about"))


@pytest.mark.clause("P2")
def test_a_matched_finding_becomes_a_case_with_the_engines_proposal(storm, one):
    assert one.state == "review"
    assert one.proposal["at_risk"] is True
    assert one.proposal["category"] == "marginal"
    assert one.proposal["axes"] == ["income"]
    assert one.proposal["reasons"]
    assert one.lead_at == clock.now()
    assert [each.about for each in running("review")] == [f"case:{storm.event.code}/{one.household.code}"]
    assert Entry.objects.filter(verb="decide.open").count() == 1


def test_a_finding_becomes_a_case_once(storm, one):
    assert open_cases(by=User.objects.get(username="anlan")) == 0
    assert Case.objects.count() == 1


def test_a_cadre_opens_the_cases_of_the_own_village_only(storm, people):
    found_before = [storm.household(0, 5), storm.household(2, 5)]
    lead(storm.event, *found_before)
    visit(storm.event, *found_before)
    compare(storm.event, *found_before)
    assert open_cases(by=people["village_cadre_a"]) == 1
    assert Case.objects.get().household == storm.household(0, 5)
    with pytest.raises(NotAllowed):
        open_cases(by=people["auditor"])


def test_an_ex_poor_household_is_proposed_as_unstable_and_a_well_one_not_at_all(storm):
    poor, well = storm.household(0, 4), storm.household(1, 5)
    assert found(storm.event, poor)[0].proposal["category"] == "unstable"
    assert found(storm.event, well, finding=WELL)[0].proposal["at_risk"] is False


@pytest.mark.clause("L1", "M3", "D6")
def test_the_chain_runs_from_review_to_entry_with_an_owner_for_every_clock(storm, one, people):
    hands = {"publicity": "village_cadre_a", "town_check": "village_cadre_a", "county_decide": "township_officer_a",
             "notice": "county_director", "entered": "county_director"}  # fmt: skip
    for state, hand in hands.items():
        clock.advance(timedelta(days=5) if state == "town_check" else timedelta(hours=1))
        assert move(state, one, by=people[hand]) == 1
    case = cases(storm.event, one.household)[0]
    assert (case.state, case.version, case.category) == ("entered", 5, "marginal")
    assert case.closed_at == clock.now()
    assert [step.after for step in Step.objects.all()] == list(hands)
    kinds = {"review": "village", "publicity": "village", "town": "township", "county": "county", "notice": "county"}
    assert dict(Clock.objects.filter(kind__in=kinds).values_list("kind", "unit")) == kinds
    assert not Clock.objects.filter(breached(clock.now())).exists()
    assert {each.kind for each in Clock.objects.filter(stopped_at__isnull=True)} == {"measures", "check"}


@pytest.mark.clause("M2")
def test_entering_begins_an_episode_and_puts_the_household_into_the_registrys_category(storm, one):
    walk(one)
    episode = Episode.objects.get()
    assert (episode.household, episode.category, episode.axes) == (one.household, "marginal", ["income"])
    assert Category.objects.get(household=one.household, kind="marginal").since == clock.today()
    assert running("measures")[0].due_at - clock.now() == timedelta(days=10)
    assert running("check")[0].about == f"check:{storm.event.code}/{one.household.code}/{clock.now():%Y%m%d}"


def test_a_household_enters_once(storm, one):
    walk(one)
    with pytest.raises(OutOfOrder):
        move("entered", one)
    assert Episode.objects.count() == 1


def test_a_second_event_widens_the_episode_of_a_household_already_monitored(storm, one):
    walk(one)
    other = Event.objects.create(
        code="EV20260701-typhoon-1", title="台风", hazard="typhoon", opened_at=clock.now(), issued_at=clock.now(),
        codes=["360123000000"],
    )  # fmt: skip
    walk(*found(other, one.household, finding=UNSAFE))
    episode = Episode.objects.get()
    assert episode.case == one
    assert set(episode.axes) == {"income", "home", "water"}
    assert Case.objects.filter(state="entered").count() == 2


def test_two_events_at_once_begin_one_episode(storm, one):
    other = Event.objects.create(
        code="EV20260701-typhoon-1", title="台风", hazard="typhoon", opened_at=clock.now(), issued_at=clock.now(),
        codes=["360123000000"],
    )  # fmt: skip
    again = found(other, one.household, finding=UNSAFE)[0]
    walk(one, again)
    assert set(Episode.objects.get().axes) == {"income", "home", "water"}


@pytest.mark.clause("D6")
def test_the_publicity_hangs_at_least_five_days(storm, one):
    move("publicity", one)
    clock.advance(timedelta(days=4, hours=23))
    with pytest.raises(PublishedTooBriefly, match="5"):
        move("town_check", one)
    assert cases(storm.event, one.household)[0].state == "publicity"
    clock.advance(timedelta(hours=1))
    assert move("town_check", one) == 1


def test_of_two_reviewers_the_later_is_told(one, people):
    seen = Move(one.pk, one.version, "publicity")
    advance(moves=[seen], by=people["village_cadre_a"])
    with pytest.raises(AlreadyMoved):
        advance(moves=[Move(one.pk, one.version, "town_check")], by=people["village_cadre_a"])
    assert Step.objects.count() == 1


def test_the_same_case_twice_in_one_batch_is_refused(one, people):
    with pytest.raises(AlreadyMoved):
        advance(moves=[Move(one.pk, 0, "publicity"), Move(one.pk, 0, "publicity")], by=people["anlan"])


def test_a_case_that_is_not_there_is_not_found(people, storm):
    with pytest.raises(NotFound):
        advance(moves=[Move(99, 0, "publicity")], by=people["anlan"])


def test_nobody_moves_the_cases_of_another_township_or_another_level(one, people):
    for hand in ("village_cadre_b", "township_officer_a", "county_director", "administrator"):
        with pytest.raises(NotAllowed):
            move("publicity", one, by=people[hand])
    walk(one, until="town_check")
    with pytest.raises(NotAllowed):
        move("county_decide", one, by=people["township_officer_b"])


def test_one_refused_move_leaves_all_where_they_were(storm, people):
    first, second = found(storm.event, storm.household(0, 5), storm.household(0, 4))
    moves = [Move(first.pk, 0, "publicity"), Move(second.pk, 1, "publicity")]
    with pytest.raises(AlreadyMoved):
        advance(moves=moves, by=people["village_cadre_a"])
    assert set(Case.objects.values_list("state", flat=True)) == {"review"}
    assert not Step.objects.exists()


@pytest.mark.parametrize("to", ["county_decide", "entered", "review", "nowhere"])
def test_the_chain_has_no_short_cut(one, to):
    with pytest.raises(OutOfOrder):
        move(to, one, note="x")


def test_whoever_checked_in_the_township_does_not_approve_in_the_county(storm, one, people):
    both = appoint(
        username="township_officer_a", name="x", role="county_director", division="360123000000",
        since=clock.today(),
    )  # fmt: skip
    walk(one, until="town_check")
    move("county_decide", one, by=people["township_officer_a"])
    with pytest.raises(SignedBefore):
        move("notice", one, by=User.objects.get(pk=both.pk))
    assert move("notice", one, by=people["county_director"]) == 1


def test_turning_the_proposal_around_needs_a_reason(storm, one, people):
    with pytest.raises(Unexplained):
        move("not_confirmed", one, by=people["village_cadre_a"])
    move("not_confirmed", one, by=people["village_cadre_a"], note="有稳定退休金")
    case = cases(storm.event, one.household)[0]
    assert (case.state, case.reasons, case.category) == ("not_confirmed", ["有稳定退休金"], "")
    assert Entry.objects.filter(verb="decide.advance", payload__contains='"against":true').count() == 1
    assert "退休金" not in "".join(Entry.objects.values_list("payload", flat=True))


def test_a_well_household_may_be_taken_in_with_a_reason_and_a_category(storm):
    case = found(storm.event, storm.household(0, 5), finding=WELL)[0]
    with pytest.raises(Unexplained):
        move("publicity", case)
    move("publicity", case, note="家中有重病人")
    clock.advance(timedelta(days=5))
    move("town_check", case)
    move("county_decide", case, note="同意")
    with pytest.raises(Uncategorised):
        move("notice", case, note="同意")
    move("notice", case, note="同意", category="hardship", reasons=("重病",))
    move("entered", case)
    assert Episode.objects.get().category == "hardship"
    assert Case.objects.get().reasons == ["重病"]


def test_another_category_than_the_proposed_one_needs_a_reason(one):
    with pytest.raises(Unexplained):
        move("publicity", one, category="hardship")
    move("publicity", one, category="hardship", note="突发大病")
    assert Case.objects.get().category == "hardship"


def test_following_the_proposal_takes_over_its_reasons(storm, one):
    well = found(storm.event, storm.household(1, 5), finding=WELL)[0]
    move("not_confirmed", well, reasons=("no_axis_broken",), note="评议未发现风险")
    walk(one)
    assert cases(storm.event, well.household)[0].reasons == ["no_axis_broken"]
    assert cases(storm.event, one.household)[0].reasons == [each["code"] for each in one.proposal["reasons"]]


@pytest.mark.clause("M2", "M3")
def test_a_refusal_says_on_what_evidence_even_where_it_was_proposed(storm):
    (well,) = found(storm.event, storm.household(1, 5), finding=WELL)
    with pytest.raises(Unexplained, match="证据"):
        move("not_confirmed", well)
    move("not_confirmed", well, note="入户照片和银行流水：无损失")
    case = cases(storm.event, well.household)[0]
    assert (case.reasons, case.steps.get().against) == (["no_axis_broken", "入户照片和银行流水：无损失"], False)


def test_the_fifteen_days_end_with_a_refusal_too(storm, one):
    about = f"lead:{storm.event.code}/{one.household.code}"
    assert Clock.objects.get(kind="total", about=about).stopped_at is None
    move("not_confirmed", one, note="核实有误")
    assert Clock.objects.get(kind="total", about=about).stopped_at == clock.now()
    assert not Episode.objects.exists()


def objected(storm, one):
    move("publicity", one)
    clock.advance(timedelta(days=1))
    with pytest.raises(Unexplained):
        move("objection", one)
    move("objection", one, note="村民反映有商铺")


def test_an_objection_is_answered_by_a_new_visit_and_a_new_proposal(storm, one):
    objected(storm, one)
    clock.advance(timedelta(days=1))
    with pytest.raises(NotVisitedAgain):
        move("review", one, note="复核")
    visit(storm.event, one.household, finding=WELL)
    with pytest.raises(NotVisitedAgain):
        move("review", one, note="复核")
    compare(storm.event, one.household)
    move("review", one, note="复核属实")
    case = cases(storm.event, one.household)[0]
    assert (case.state, case.proposal["at_risk"], case.reasons) == ("review", False, [])
    assert case.policy_day == clock.today()


@pytest.mark.clause("M3", "A2")
def test_whoever_visited_before_does_not_answer_the_objection(storm, one, people):
    cadre, other = people["village_cadre_a"], people["township_officer_a"]
    Visit.objects.update(by=cadre)
    objected(storm, one)
    for hand, days in ((cadre, 1), (other, 1)):
        clock.advance(timedelta(days=days))
        visit(storm.event, one.household, finding=WELL)
        Visit.objects.filter(at=clock.now()).update(by=hand)
        compare(storm.event, one.household)
        if hand == cadre:
            with pytest.raises(NotVisitedAgain, match="另一人"):
                move("review", one, note="复核")
    assert move("review", one, note="复核属实") == 1


@pytest.mark.clause("M2", "M3")
def test_an_objection_puts_the_household_at_the_head_of_the_list_of_visits(storm, one, people, as_):
    lead(storm.event, storm.household(0, 1))
    objected(storm, one)
    cadre = people["village_cadre_a"]
    assert to_visit(cadre).first().household == one.household
    errand = errands(list(to_visit(cadre)))[0]
    assert (errand.objected, errand.due_at) == (True, running("visit")[0].due_at)
    assert "由没去过的人入户" in as_("village_cadre_a").get(reverse("verify:home")).text
    tiles = {each.title: each.number for each in waiting(cadre)}
    assert tiles["待入户核实"] == 1
    assert tiles["待评议和公示"] == 1
    clock.advance(timedelta(hours=3))
    visit(storm.event, one.household, finding=WELL)
    assert one.household not in {each.household for each in to_visit(cadre)}


def test_a_publicity_that_an_objection_breaks_off_is_nobodys_breach(storm, one):
    objected(storm, one)
    assert not Clock.objects.filter(breached(clock.now()), kind="publicity").exists()
    assert running("visit")[0].about == f"case:{storm.event.code}/{one.household.code}"


def test_a_publicity_cut_short_by_hand_would_be_a_breach(storm, one):
    move("publicity", one)
    Case.objects.update(public_since=clock.now() - timedelta(days=6))
    clock.advance(timedelta(days=1))
    move("town_check", one)
    assert Clock.objects.filter(breached(clock.now()), kind="publicity", unit="village").exists()


def test_no_publicity_date_is_no_publicity(storm, one):
    move("publicity", one)
    Case.objects.update(public_since=None)
    with pytest.raises(PublishedTooBriefly):
        move("town_check", one)


def test_a_batch_costs_the_same_number_of_queries_whatever_its_size(storm):
    few = found(storm.event, storm.household(0, 5))
    many = found(storm.event, *[storm.household(1, serial) for serial in range(1, 6)])
    with CaptureQueriesContext(connection) as small:
        move("publicity", *few)
    with CaptureQueriesContext(connection) as large:
        move("publicity", *many)
    assert len(large) <= len(small)


def test_nothing_to_move_is_no_work(people, storm):
    assert advance(moves=[], by=people["anlan"]) == 0


def test_no_line_of_the_ledger_names_a_person(storm, one):
    walk(one)
    lines = "".join(f"{entry.about}{entry.payload}" for entry in Entry.objects.all())
    assert one.household.head_name not in lines
    assert one.household.phone not in lines
