"""Households on their way through the later rooms: found, decided, entered, followed."""

from collections.abc import Iterable
from datetime import timedelta

from anlan.county import clock
from anlan.county.clear import actions as clear
from anlan.county.decide import actions as decide
from anlan.county.decide.actions import Move
from anlan.county.decide.models import Case, Episode
from anlan.county.discover.actions import Report, report
from anlan.county.discover.models import Lead
from anlan.county.office.models import User
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household
from anlan.county.verify.actions import FindingReport, VisitReport, match, record_visits
from anlan.county.verify.models import Finding
from anlan.county.verify.queries import second_looks

CHAIN = ("publicity", "town_check", "county_decide", "notice", "entered")
CLEARING = ("review", "publicity", "town_check", "county_decide", "cleared")
POOR = FindingReport(income_per_head_yuan=5000.0)  # below any line of 2026
WELL = FindingReport(income_per_head_yuan=30000.0)
UNSAFE = FindingReport(income_per_head_yuan=5000.0, home_safe=False, water_safe=False)


def lead(event, *households: Household, door: str = "cadre") -> list[Lead]:
    """A report about each household, and its lead."""
    now = clock.now()
    told = [
        Report(f"{door}-{event.code}-{each.code}-{now:%H%M}", door, each.pk, now, {"kinds": ["crop"]})
        for each in households
    ]
    return report(event=event, reports=told, by=machine())


def visit(
    event, *households: Household, finding: FindingReport | None = POOR, outcome: str = "harmed", by=None,
    why: str = "", days: int = 2,
) -> None:  # fmt: skip
    """Someone stands at each door and writes down what is found."""
    visitor = by or machine()
    now = clock.now()
    leads = dict(Lead.objects.filter(event=event).values_list("household_id", "id"))
    again_on = (now + timedelta(days=days)).date() if outcome == "absent" else None
    visits = [
        VisitReport(
            uuid=f"{event.pk}-{each.pk}-{now:%d%H%M}-{visitor.pk}", lead_id=leads[each.pk], visitor_id=visitor.pk,
            at=now, outcome=outcome, consent=True, again_on=again_on, finding=finding if outcome == "harmed" else None,
            why=why,
        )
        for each in households
    ]  # fmt: skip
    record_visits(visits=visits, by=machine())


def compare(event, *households: Household) -> None:
    """The departments compare the findings."""
    found = Finding.objects.filter(lead__event=event, lead__household__in=households, matched_at__isnull=True)
    match(findings=list(found.values_list("id", flat=True)), by=machine())


def found(event, *households: Household, finding: FindingReport = POOR) -> list[Case]:
    """Cases of these households, fresh from the door."""
    lead(event, *households)
    visit(event, *households, finding=finding)
    compare(event, *households)
    if second_looks(machine(), event).exists():  # near the line: somebody else finds the same
        visit(event, *households, finding=finding, by=User.objects.exclude(pk=machine().pk).order_by("pk").first())
        compare(event, *households)
    decide.open_cases(by=machine())
    return cases(event, *households)


def cases(event, *households: Household) -> list[Case]:
    """The cases of these households as they stand."""
    return list(
        Case.objects.filter(event=event, household__in=households)
        .select_related("household")
        .order_by("household__code")
    )


def move(to: str, *which: Case, by=None, **words) -> int:
    """Move cases as they stand now to a state."""
    fresh = Case.objects.filter(pk__in=[each.pk for each in which])
    moves = [Move(each.pk, each.version, to, **words) for each in fresh.order_by("pk")]
    return decide.advance(moves=moves, by=by or machine())


def walk(*which: Case, until: str = "entered") -> None:
    """Walk cases along the chain, waiting out the publicity."""
    for state in CHAIN:
        move(state, *which)
        if state == until:
            return
        clock.advance(timedelta(days=5, hours=1) if state == "publicity" else timedelta(hours=4))


def entered(event, *households: Household, finding: FindingReport = POOR) -> list[Episode]:
    """Households under monitoring after an event."""
    walk(*found(event, *households, finding=finding))
    return episodes(*households)


def episodes(*households: Household) -> list[Episode]:
    """The episodes of these households, in their order."""
    return list(
        Episode.objects.filter(household__in=households)
        .select_related("household", "case__event")
        .order_by("household__code", "entered_at")
    )


def follow(which: Iterable[Episode], months: int, income: float = 12000.0, broken: tuple[str, ...] = ()) -> None:
    """So many monthly checks with the same outcome."""
    for _month in range(months):
        clock.advance(timedelta(days=30))
        checks = [clear.CheckReport(each.pk, clock.now(), income, broken) for each in which]
        clear.check(checks=checks, by=machine())
