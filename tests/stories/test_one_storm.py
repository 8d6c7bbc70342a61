"""One storm carried through the whole plan, told by what each room has to say of it afterwards."""

import pytest

from anlan.county.account.models import Report
from anlan.county.assist.models import Measure
from anlan.county.clear.models import Check
from anlan.county.decide.models import Case, Episode
from anlan.county.discover.models import Lead, Source
from anlan.county.dispatch.models import Message
from anlan.county.foresee.queries import latest, ranked
from anlan.county.ledger.queries import verify
from anlan.county.office.models import Clock
from anlan.county.registry.models import Category
from anlan.county.sense.models import Alert, Event, Observation
from anlan.county.verify.models import Finding, Visit
from anlan.county.warn.models import Target, Warning

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("small_drill")]


@pytest.mark.clause("P1", "S1", "H1", "G1")
def test_the_alert_opened_one_event_and_the_red_one_raised_it(small_drill):
    event = Event.objects.get()
    assert event.hazard == "rainstorm"
    assert event.level == 4
    assert event.exercise
    assert Alert.objects.count() == 2
    assert Observation.objects.exists()


@pytest.mark.clause("W1", "D5", "M2")
def test_every_household_of_the_county_is_on_the_list_with_or_without_a_point(small_drill):
    event = Event.objects.get()
    assert latest(event).basis == "gauges"
    listed = ranked(event)
    assert listed.count() >= 0.95 * small_drill["households"]
    assert listed.filter(household__location="village").exists()
    assert listed.filter(confidence=0).count() == 0
    scores = list(listed.values_list("score", flat=True))
    assert scores == sorted(scores, reverse=True)


@pytest.mark.clause("W2", "W3", "W4", "H3")
def test_warnings_were_approved_by_another_person_and_reached_people(small_drill):
    released = Warning.objects.filter(released_at__isnull=False)
    assert released.exists()
    assert all(warning.approved_by_id != warning.drafted_by_id for warning in released)
    told = small_drill["warning"]
    assert told["targeted"] >= told["handed"] >= told["delivered"] >= told["acknowledged"] > 0
    assert told["unreached"] == told["targeted"] - told["delivered"]
    assert 0 < told["t50_min"] <= told["t90_min"] if told["t90_min"] is not None else told["t50_min"] > 0
    assert Message.objects.filter(exercise=False).count() == 0
    assert Target.objects.filter(message__isnull=True).exists(), "households without a phone stay in the denominator"


@pytest.mark.clause("D1", "D2", "D3", "D6")
def test_three_doors_led_to_one_lead_per_household(small_drill):
    households = list(Lead.objects.values_list("household_id", flat=True))
    assert len(households) == len(set(households))
    assert set(Source.objects.values_list("door", flat=True)) == {"self", "cadre", "dept"}
    found = small_drill["discovery"]
    assert found["leads"] == len(households)
    assert sum(found["by_door"].values()) == Source.objects.count()
    assert found["merged"] == Source.objects.count() - len(households)


@pytest.mark.clause("P2", "M1", "M3")
def test_every_decision_came_from_a_matched_finding_of_a_visit(small_drill):
    assert Visit.objects.filter(outcome="harmed").count() >= Finding.objects.count() > 0
    assert not Case.objects.filter(finding__matched_at__isnull=True).exists()
    for case in Case.objects.filter(state="entered").select_related("finding"):
        steps = [step.after for step in case.steps.order_by("at", "id")]
        assert steps == ["publicity", "town_check", "county_decide", "notice", "entered"]
        public, checked = case.steps.get(after="publicity").at, case.steps.get(after="town_check").at
        assert (checked - public).days >= 5
    entered = set(Case.objects.filter(state="entered").values_list("household_id", flat=True))
    assert entered == set(Episode.objects.values_list("household_id", flat=True))
    monitored = Category.objects.filter(kind__in=("unstable", "marginal", "hardship"), household_id__in=entered)
    assert entered <= set(monitored.values_list("household_id", flat=True))


@pytest.mark.clause("M4", "M6", "O2", "O3", "W6")
def test_help_matched_the_broken_axes_and_was_receipted(small_drill):
    assert small_drill["assistance"]["planned"] >= small_drill["assistance"]["delivered"] > 0
    assert small_drill["assistance"]["delivered"] >= small_drill["assistance"]["receipted"] > 0
    for episode in Episode.objects.prefetch_related("measures"):
        assert set(episode.axes) <= {measure.axis for measure in episode.measures.all()}
    assert not Measure.objects.filter(receipted_at__isnull=False, delivered_at__isnull=True).exists()


@pytest.mark.clause("M6")
def test_risks_were_checked_monthly_and_cleared_only_after_half_a_year(small_drill):
    assert Check.objects.exists()
    for episode in Episode.objects.filter(cleared_at__isnull=False):
        assert (episode.cleared_at - episode.entered_at).days >= 180
        last = episode.checks.filter(at__lte=episode.cleared_at).last()
        assert last.holds
        assert last.broken == []


@pytest.mark.clause("M2", "A1")
def test_the_balance_closes(small_drill):
    coverage = small_drill["coverage"]
    assert coverage["unaccounted"] == 0
    disposed, open_ = coverage["disposed"], coverage["open"]
    total = sum(disposed.values()) if isinstance(disposed, dict) else disposed
    total += sum(open_.values()) if isinstance(open_, dict) else open_
    assert coverage["exposed"] == total
    assert len(coverage["sha"]) == 64


@pytest.mark.clause("L1", "D6", "A2")
def test_every_clock_has_an_owner_and_lateness_is_charged_to_a_unit(small_drill):
    assert Clock.objects.exists()
    assert not Clock.objects.filter(unit="").exists()
    clocks = small_drill["clocks"]
    assert clocks["breaches"] == sum(clocks["by_unit"].values())


@pytest.mark.clause("A2")
def test_the_ledger_holds_and_says_so_in_the_report(small_drill):
    assert verify().verified
    assert small_drill["ledger"]["verified"] is True
    assert 0 < small_drill["ledger"]["entries"] <= verify().entries


def test_the_report_has_everything_that_was_promised(small_drill):
    promised = {
        "scenario": (), "seed": (), "households": (), "exposed": (),
        "warning": ("issued_at", "released_at", "targeted", "handed", "delivered", "acknowledged", "unreached",
                    "t50_min", "t90_min", "by_group"),
        "discovery": ("leads", "by_door", "merged"), "decisions": ("monitored", "rejected", "open"),
        "assistance": (), "clearance": (), "coverage": ("exposed", "disposed", "open", "unaccounted", "sha"),
        "truth": ("at_risk", "found", "missed", "recall", "precision", "visits"),
        "clocks": ("breaches", "by_unit"), "ledger": ("entries", "verified"),
    }  # fmt: skip
    for block, keys in promised.items():
        assert block in small_drill
        for key in keys:
            assert key in small_drill[block], f"{block}.{key}"
    assert Report.objects.latest("id").body == small_drill


def test_the_truth_adds_up(small_drill):
    truth = small_drill["truth"]
    assert truth["at_risk"] == truth["found"] + truth["missed"]
    assert truth["missed"] == sum(truth["missed_why"].values())
    assert truth["visits"] == Visit.objects.count()
