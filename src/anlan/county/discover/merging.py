"""How reports become leads: one per event and household, every source kept, whatever the order they come in.

Everything here runs inside `actions.report`'s transaction, in a handful of statements per five thousand households.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from anlan.county import bulk, clock
from anlan.county.discover import queries, rules
from anlan.county.discover.models import Lead, Release, Source
from anlan.county.discover.queries import Place
from anlan.county.ledger.actions import Line
from anlan.county.office.actions import start_clocks_each
from anlan.county.sense.models import Event
from anlan.engine import policy

LEAD = ("id", "event_id", "household_id", "state", "priority", "green", "opened_at", "taken_in_at", "taken_in_by_id",
        "closed_at", "outcome", "news_at")  # fmt: skip
SOURCE = ("lead_id", "door", "key", "at", "by", "claim")


@dataclass(frozen=True, slots=True)
class Report:
    """One sign that an event hit a household. A repeated `key` is the same report."""

    key: str
    door: str  # self, cadre, dept
    household_id: int
    at: datetime
    claim: dict[str, Any] = field(default_factory=dict)  # {"kinds": ["home", "crop"…], "loss_yuan": …, "text": …}


@dataclass(slots=True)
class Draft:
    """A lead while its sources are gathered."""

    id: int
    household_id: int
    opened_at: datetime
    fresh: bool  # no row yet
    started: bool  # its clocks begin now: it is new, or open again
    doors: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    found: bool = False  # somebody has been at the door: what is reported now may come too late for the decision
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    news: bool = False

    def add(self, door: str, claim: dict[str, Any]) -> None:
        """Count a source in."""
        self.doors.add(door)
        self.kinds.update(claim.get("kinds", ()))
        self.told.append((door, claim))


def merge(event: Event, reports: Sequence[Report], by: str) -> list[Draft]:
    """Write leads and sources of reports not seen before. Returns the leads they touched, by household."""
    households = sorted({report.household_id for report in reports})
    drafts = _standing(event, households)
    _found(drafts, reports)
    for report in reports:
        draft = drafts[report.household_id]
        draft.news = draft.news or (draft.found and rules.is_news(report.door, report.claim, draft.told))
        draft.add(report.door, report.claim)
    _write(event, list(drafts.values()))
    rows = ((drafts[each.household_id].id, each.door, each.key, each.at, by, each.claim) for each in reports)
    bulk.insert(Source, SOURCE, rows)
    Release.objects.filter(event=event, household_id__among=households).delete()  # it asks again: back on the list
    return [drafts[household] for household in households]


def _standing(event: Event, households: Sequence[int]) -> dict[int, Draft]:
    """The leads these households have already, with what their sources said."""
    drafts: dict[int, Draft] = {}
    leads = Lead.objects.filter(event=event, household_id__among=households)
    for lead, household, state, opened_at in leads.values_list("id", "household_id", "state", "opened_at"):
        drafts[household] = Draft(
            lead, household, opened_at, fresh=False, started=state in rules.OVER, found=state == "found"
        )
    by_lead = {draft.id: draft for draft in drafts.values()}
    for lead, door, claim in Source.objects.filter(lead_id__among=list(by_lead)).values_list(
        "lead_id", "door", "claim"
    ):
        by_lead[lead].add(door, claim)
    return drafts


def _found(drafts: dict[int, Draft], reports: Sequence[Report]) -> None:
    """Add leads for households that have none; their t0, as that of a lead open again, is the earliest report's."""
    begins: dict[int, datetime] = {}
    for report in reports:
        begins[report.household_id] = min(report.at, begins.get(report.household_id, report.at))
    new = [household for household in begins if household not in drafts]
    for household, key in zip(new, bulk.reserve(Lead, len(new)), strict=True):
        drafts[household] = Draft(key, household, begins[household], fresh=True, started=True)
    for draft in drafts.values():
        if draft.started:
            draft.opened_at = begins[draft.household_id]


def _write(event: Event, drafts: Sequence[Draft]) -> None:
    households = [draft.household_id for draft in drafts]
    scores = queries.scores(event, households)
    key_groups, key_places = queries.in_key_groups(households), queries.in_key_places(households)

    def values(draft: Draft) -> tuple[float, bool]:
        green = rules.is_green(draft.kinds)
        score = scores.get(draft.household_id, 0.0)
        key_group = draft.household_id in key_groups
        key_place = draft.household_id in key_places
        given = rules.priority(score=score, key_group=key_group, doors=draft.doors, green=green, key_place=key_place)
        return given, green

    bulk.insert(Lead, LEAD, (_row(event, draft, *values(draft)) for draft in drafts if draft.fresh))
    again = [draft.id for draft in drafts if draft.started and not draft.fresh]
    Lead.objects.filter(pk__among=again).update(
        state=rules.MACHINE.start, taken_in_at=None, taken_in_by=None, closed_at=None, outcome=""
    )
    standing = ((*values(draft), draft.opened_at, draft.id) for draft in drafts if not draft.fresh)
    bulk.update(Lead, ("priority", "green", "opened_at"), standing)
    Lead.objects.filter(pk__among=[draft.id for draft in drafts if draft.news]).update(news_at=clock.now())


def _row(event: Event, draft: Draft, priority: float, green: bool) -> Sequence[Any]:
    start = rules.MACHINE.start
    return (draft.id, event.pk, draft.household_id, start, priority, green, draft.opened_at, None, None, None, "",
            None)  # fmt: skip


def unseen(reports: Iterable[Report]) -> list[Report]:
    """The reports whose key no source has; of two with one key the first."""
    first: dict[str, Report] = {}
    for report in reports:
        first.setdefault(report.key, report)
    known = queries.known_keys(first)
    return [report for key, report in first.items() if key not in known]


def start(event: Event, drafts: Sequence[Draft], places: dict[int, Place]) -> None:
    """Start the clocks of leads that begin now, each at its own t0."""
    today = policy.on(clock.today())
    for kind, unit in (("intake", "township"), ("total", "county")):
        days = timedelta(days=today.number(f"clock_{kind}_days"))
        things = (
            (rules.about(event.code, place.code), place.division, draft.opened_at, draft.opened_at + days)
            for draft in drafts
            for place in (places[draft.household_id],)
        )
        start_clocks_each(kind=kind, things=things, unit=unit, event_code=event.code)


def told(event: Event, each: Report, place: Place) -> Line:
    """A report's line in the ledger: the door and what was hit, never who or in which words."""
    said: dict[str, Any] = {name: each.claim[name] for name in ("kinds", "loss_yuan") if name in each.claim}
    return Line(
        "discover.report", rules.about(event.code, place.code), {**said, "door": each.door, "at": each.at.isoformat()}
    )
