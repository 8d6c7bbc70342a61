"""Monthly checks, and the chain that clears a household."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.county.cases import CLEARING, UNSAFE, entered, follow, found, lead

from anlan.county import clock
from anlan.county.assist.actions import Plan, deliver, plan
from anlan.county.assist.models import Measure
from anlan.county.clear.actions import (
    CheckReport,
    ClearedBefore,
    Move,
    NotCleared,
    SignedBefore,
    advance,
    check,
    open_clearances,
)
from anlan.county.clear.models import Check, Clearance
from anlan.county.decide.chain import AlreadyMoved, OutOfOrder, PublishedTooBriefly, Unexplained
from anlan.county.decide.models import Episode
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import appoint
from anlan.county.office.models import Clock, User
from anlan.county.office.queries import breached, machine
from anlan.county.registry.models import Category, Household
from anlan.county.sense.models import Event


@pytest.fixture
def episode(storm):
    """A household of village A under monitoring."""
    return entered(storm.event, storm.household(0, 5))[0]


@pytest.fixture
def clearance(episode):
    """Its clearance, opened after seven good months."""
    follow([episode], 7)
    assert open_clearances(by=machine(), on=clock.today()) == 1
    return Clearance.objects.get()


def running(kind: str) -> list[Clock]:
    return list(Clock.objects.filter(kind=kind, stopped_at__isnull=True))


def move(to, by=None, **words):
    fresh = Clearance.objects.latest("id")
    return advance(moves=[Move(fresh.pk, fresh.version, to, **words)], by=by or machine())


def walk(until="cleared"):
    for state in CLEARING:
        move(state)
        if state == until:
            return
        clock.advance(timedelta(days=5) if state == "publicity" else timedelta(hours=4))


@pytest.mark.clause("P2", "M6")
def test_a_check_says_which_axes_hold_and_starts_the_next_months_clock(storm, episode, people):
    clock.advance(timedelta(days=30))
    report = CheckReport(episode.pk, clock.now(), 5000.0, ("water",))
    assert check(checks=[report], by=people["village_cadre_a"]) == 1
    written = Check.objects.get()
    assert (written.broken, written.holds, written.by) == (["income", "water"], False, people["village_cadre_a"])
    (following,) = running("check")
    assert following.about == f"check:{storm.event.code}/{episode.household.code}/{clock.now():%Y%m%d}"
    assert following.due_at == clock.now() + timedelta(days=31)
    assert not Clock.objects.filter(breached(clock.now()), kind="check").exists()


def test_a_check_sent_twice_is_stored_once(episode):
    clock.advance(timedelta(days=30))
    report = CheckReport(episode.pk, clock.now(), 12000.0)
    assert check(checks=[report, report], by=machine()) == 1
    assert check(checks=[report], by=machine()) == 0


@pytest.mark.clause("D6", "A2")
def test_a_late_check_stays_late_after_the_next(episode):
    clock.advance(timedelta(days=40))
    follow([episode], 2)
    late = Clock.objects.filter(breached(clock.now()), kind="check", unit="village")
    assert late.count() == 1
    assert len(running("check")) == 1


def test_checks_may_arrive_in_any_order(episode):
    moments = []
    for _month in range(3):
        clock.advance(timedelta(days=30))
        moments.append(clock.now())
    for place in (2, 0, 1):
        check(checks=[CheckReport(episode.pk, moments[place], 12000.0)], by=machine())
    (following,) = running("check")
    assert following.started_at == moments[2]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"episode_id": 0}, NotFound),
        ({"broken": ("luck",)}, BadInput),
        ({"later": True}, BadInput),
    ],
)
def test_a_check_that_cannot_be_is_refused(episode, change, error):
    at = clock.now() + timedelta(hours=1) if change.pop("later", False) else clock.now()
    report = CheckReport(**{"episode_id": episode.pk, "at": at, "income_per_head_yuan": 1.0, **change})
    with pytest.raises(error):
        check(checks=[report], by=machine())
    assert not Check.objects.exists()


def test_the_village_and_its_township_check_and_nobody_else(episode, people):
    report = CheckReport(episode.pk, clock.now(), 12000.0)
    for hand in ("village_cadre_b", "township_officer_b", "county_director"):
        with pytest.raises(NotAllowed):
            check(checks=[report], by=people[hand])
    assert check(checks=[report], by=people["township_officer_a"]) == 1


@pytest.mark.clause("M6")
def test_a_clearance_opens_after_half_a_year_of_good_checks_and_not_before(episode):
    follow([episode], 5)
    assert open_clearances(by=machine(), on=clock.today()) == 0
    follow([episode], 2)
    assert open_clearances(by=machine(), on=clock.today()) == 1
    assert open_clearances(by=machine(), on=clock.today()) == 0
    assert [each.unit for each in running("clear_visit")] == ["village"]
    assert Entry.objects.filter(verb="clear.open").count() == 1


def test_a_broken_axis_begins_the_half_year_anew(episode):
    follow([episode], 6)
    follow([episode], 1, broken=("home",))
    follow([episode], 2)
    assert open_clearances(by=machine(), on=clock.today()) == 0


@pytest.mark.clause("M6")
def test_a_household_without_labour_is_never_cleared_by_itself(episode):
    Household.objects.filter(pk=episode.household_id).update(labourers=0)
    follow([episode], 8)
    assert open_clearances(by=machine(), on=clock.today()) == 0


def test_a_cadre_opens_clearances_of_the_own_village_only(storm, people, episode):
    other = entered(storm.event, storm.household(2, 5))[0]
    follow([episode, other], 7)
    assert open_clearances(by=people["village_cadre_b"], on=clock.today()) == 1
    assert Clearance.objects.get().episode == other
    with pytest.raises(NotAllowed):
        open_clearances(by=people["auditor"], on=clock.today())


@pytest.mark.clause("M6", "L1")
def test_the_chain_clears_the_household(storm, clearance, people):
    hands = {"review": "village_cadre_a", "publicity": "village_cadre_a", "town_check": "village_cadre_a",
             "county_decide": "township_officer_a", "cleared": "county_director"}  # fmt: skip
    for state, hand in hands.items():
        clock.advance(timedelta(days=5) if state == "town_check" else timedelta(hours=1))
        assert move(state, by=people[hand]) == 1
    clearance.refresh_from_db()
    assert (clearance.state, clearance.how, clearance.closed_at) == ("cleared", "natural", clock.now())
    assert Episode.objects.get().cleared_at == clock.now()
    assert Category.objects.get(household=storm.household(0, 5)).until == clock.today()
    left = Clock.objects.filter(stopped_at__isnull=True)
    assert {each.kind for each in left} == {"measures"}
    assert [step.after for step in clearance.steps.all()] == list(hands)


def test_one_who_was_helped_is_cleared_by_help(storm, clearance):
    plan(plans=[Plan(storm.event.pk, storm.household(0, 5).pk, "temporary_aid")], by=machine())
    deliver(deliveries=[(Measure.objects.get().pk, 2000.0, clock.now())], by=machine())
    walk()
    assert Clearance.objects.get().how == "assisted"


def test_a_cleared_household_is_not_checked_and_may_fall_again(storm, clearance, episode):
    walk()
    with pytest.raises(ClearedBefore):
        check(checks=[CheckReport(episode.pk, clock.now(), 1.0)], by=machine())
    again = Event.objects.create(
        code="EV20270601-drought-1", title="干旱", hazard="drought", opened_at=clock.now(), issued_at=clock.now(),
        codes=["360123000000"],
    )  # fmt: skip
    entered(again, episode.household, finding=UNSAFE)
    assert Episode.objects.filter(household=episode.household).count() == 2


@pytest.mark.clause("M6")
def test_nobody_signs_a_clearance_before_the_half_year(episode):
    Clearance.objects.create(episode=episode, opened_at=clock.now())
    walk("county_decide")
    with pytest.raises(NotCleared, match=episode.household.code):
        move("cleared")
    assert Episode.objects.get().cleared_at is None


def test_a_bad_month_on_the_way_stops_the_clearance(clearance, episode):
    walk("county_decide")
    follow([episode], 1, broken=("medical",))
    with pytest.raises(NotCleared):
        move("cleared")


def test_a_new_risk_stops_the_clearance_until_it_is_looked_into(storm, clearance, episode):
    walk("county_decide")
    again = Event.objects.create(
        code="EV20270101-freeze-1", title="冰冻", hazard="freezing", opened_at=clock.now(), issued_at=clock.now(),
        codes=["360123000000"],
    )  # fmt: skip
    lead(again, episode.household)
    with pytest.raises(NotCleared, match="新的风险"):
        move("cleared")


def test_a_refused_household_stays_monitored_until_a_later_check(clearance, episode):
    with pytest.raises(Unexplained):
        move("refused")
    move("refused", note="收入不稳")
    clearance.refresh_from_db()
    assert (clearance.state, clearance.reasons) == ("refused", ["收入不稳"])
    assert open_clearances(by=machine(), on=clock.today()) == 0
    follow([episode], 1)
    assert open_clearances(by=machine(), on=clock.today()) == 1


def test_a_refusal_may_give_its_reasons_as_a_list(clearance):
    move("refused", reasons=("大额支出未解决",))
    clearance.refresh_from_db()
    assert clearance.reasons == ["大额支出未解决"]


def test_an_objection_leads_back_to_the_door(clearance):
    walk("publicity")
    with pytest.raises(Unexplained):
        move("visit")
    move("visit", note="邻居说仍住危房")
    clearance.refresh_from_db()
    assert clearance.state == "visit"
    assert not Clock.objects.filter(breached(clock.now()), kind="clear_publicity").exists()


@pytest.mark.parametrize("days", [None, 4])
def test_the_publicity_hangs_at_least_five_days(clearance, days):
    walk("publicity")
    Clearance.objects.update(public_since=None if days is None else clock.now() - timedelta(days=days))
    with pytest.raises(PublishedTooBriefly):
        move("town_check")


def test_what_is_stale_missing_foreign_or_out_of_order_is_refused(clearance, people):
    with pytest.raises(AlreadyMoved):
        advance(moves=[Move(clearance.pk, 7, "review")], by=machine())
    with pytest.raises(AlreadyMoved):
        advance(moves=[Move(clearance.pk, 0, "review")] * 2, by=machine())
    with pytest.raises(NotFound):
        advance(moves=[Move(0, 0, "review")], by=machine())
    with pytest.raises(OutOfOrder):
        move("cleared")
    for hand in ("village_cadre_b", "township_officer_a"):
        with pytest.raises(NotAllowed):
            move("review", by=people[hand])
    clearance.refresh_from_db()
    assert (clearance.state, clearance.version) == ("visit", 0)


def test_whoever_checked_in_the_township_does_not_approve_in_the_county(clearance, people):
    appoint(
        username="township_officer_a", name="x", role="county_director", division="360123000000",
        since=clock.today(),
    )  # fmt: skip
    walk("town_check")
    both = User.objects.get(username="township_officer_a")
    move("county_decide", by=both)
    with pytest.raises(SignedBefore):
        move("cleared", by=both)
    assert move("cleared", by=people["county_director"]) == 1


def test_a_batch_costs_the_same_number_of_queries_whatever_its_size(storm):
    few = entered(storm.event, storm.household(0, 5))
    many = entered(storm.event, *[storm.household(1, serial) for serial in range(1, 6)])
    clock.advance(timedelta(days=30))

    def cost(episodes):
        with CaptureQueriesContext(connection) as queries:
            check(checks=[CheckReport(each.pk, clock.now(), 12000.0) for each in episodes], by=machine())
        return len(queries)

    assert cost(many) <= cost(few)


def test_a_case_from_the_same_storm_is_no_new_risk(storm, clearance):
    found(storm.event, storm.household(0, 4))
    walk()
    assert Episode.objects.filter(cleared_at__isnull=False).count() == 1
