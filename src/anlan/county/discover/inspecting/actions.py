"""What a check found becomes a record, and a lead where a household is harmed or in danger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.county import clock, seal
from anlan.county.discover import rules
from anlan.county.discover.actions import Report, report
from anlan.county.discover.inspecting import queries
from anlan.county.discover.models import Inspection
from anlan.county.errors import BadInput, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.actions import start_clocks, stop_clocks
from anlan.county.office.models import Division, User
from anlan.county.office.permissions import check
from anlan.county.registry.models import Household
from anlan.county.sense.actions import open_screening
from anlan.county.sense.models import Event
from anlan.engine import policy


class AlreadyRemedied(Refused):
    """A measure somebody has reported as done."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, at a household or at a place of a village."""

    kind: str
    division: Division
    found: str
    office: str
    on: date
    household: Household | None = None
    place: str = ""
    point: tuple[float, float] | None = None  # lon, lat: whoever lives near is in danger with it
    danger: bool = False
    harm: tuple[str, ...] = ()
    measure: str = ""
    due_on: date | None = None

    @property
    def key(self) -> str:
        """The same finding of the same check is one, however often it is handed in."""
        whose = self.household.code if self.household else self.division.code
        text = "|".join((self.kind, whose, self.place, self.found, self.on.isoformat()))
        return seal.ring().digest(text, "discover.inspection.key")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of findings: how many are new, how many were known, and how many leads they touch."""

    new: int
    known: int
    leads: int


@transaction.atomic
def inspect(*, findings: Sequence[Finding], by: User, event: Event | None = None) -> Outcome:
    """Record findings; those that mean harm or danger to households are reported as their leads, too.

    Without an event the leads belong to the month's screening. Whoever checks for a village reports as a cadre, a
    department as a department. The same finding again adds nothing.
    """
    for each in findings:
        if each.kind not in rules.INSPECTIONS:
            raise BadInput(_("没有“%(kind)s”这种检查。") % {"kind": each.kind})
        if each.on > clock.today():
            raise BadInput(_("检查日期不能晚于今天。"))
        check(by, rules.PERMISSIONS[_door(by, each)], each.division.code)
    first: dict[str, Finding] = {}
    for each in findings:
        first.setdefault(each.key, each)
    known = queries.known(first)
    fresh = [each for key, each in first.items() if key not in known]
    leads = sum(_write(each, event, by) for each in fresh)
    return Outcome(len(fresh), len(findings) - len(fresh), leads)


def _door(by: User, finding: Finding) -> str:
    return "cadre" if by.may("discover.report", finding.division.code) else "dept"


def _write(finding: Finding, event: Event | None, by: User) -> int:
    at = clock.now()
    homes = _endangered(finding, by)
    if homes and event is None:
        event = open_screening(month=clock.today().replace(day=1), by=by)
    made = Inspection.objects.create(
        kind=finding.kind, division=finding.division, household=finding.household, event=event if homes else None,
        place=finding.place, found=finding.found, danger=finding.danger, leads=len(homes), measure=finding.measure,
        office=finding.office, on=finding.on, due_at=_due(finding, at), key=finding.key, at=at, by=by,
    )  # fmt: skip
    if made.due_at is not None:
        things = [(str(made), finding.division.code)]
        start_clocks(
            kind="inspection", things=things, unit="village", at=at, due_at=made.due_at,
            event_code=event.code if event and homes else "",
        )  # fmt: skip
    record("discover.inspect", about=str(made), by=by.username, kind=finding.kind, danger=finding.danger,
           households=len(homes))  # fmt: skip
    if homes and event is not None:
        text = "；".join(
            part for part in (str(rules.INSPECTIONS[finding.kind]), finding.found, finding.measure) if part
        )
        claim = {"kinds": list(finding.harm or ("other",)), "text": text}
        key, door = finding.key, _door(by, finding)
        report(
            event=event, reports=[Report(f"inspect-{key}-{each.pk}", door, each.pk, at, claim) for each in homes], by=by
        )
    return len(homes)


def _endangered(finding: Finding, by: User) -> list[Household]:
    if not finding.danger:
        return []
    if finding.household is not None:
        return [finding.household]
    if finding.point is None:
        return []
    return queries.near(by, *finding.point, policy.on(clock.today()).number("inspection_radius_m"))


def _due(finding: Finding, at: datetime) -> datetime | None:
    """The end of the day that the check names; where it demands something and names none, the policy's days."""
    if not finding.measure:
        return None
    if finding.due_on is not None:
        return timezone.make_aware(datetime.combine(finding.due_on, time(23, 59)))
    return at + timedelta(days=policy.on(clock.today()).number("inspection_days"))


@transaction.atomic
def remedy(*, inspection: Inspection, by: User) -> Inspection:
    """Say that what an inspection demanded is done: its clock stops."""
    check(by, "discover.report", inspection.division_id)
    inspection = Inspection.objects.select_for_update(of=("self",)).get(pk=inspection.pk)
    if inspection.due_at is None or inspection.done_at is not None:
        raise AlreadyRemedied(_("这条排查没有待落实的整改，或者已经完成。"))
    inspection.done_at, inspection.done_by = clock.now(), by
    inspection.save(update_fields=["done_at", "done_by"])
    stop_clocks(kind="inspection", abouts=[str(inspection)], at=inspection.done_at)
    record("discover.remedy", about=str(inspection), by=by.username)
    return inspection
