"""The coverage balance of one event: where every exposed household stands, in a handful of set queries.

A household is exposed as `discover/exposed.py` has it. It is disposed of by a recorded decision, visit, dismissal or
release; it is open while something waits for it **and a clock runs on that**; whatever is left over is unaccounted for,
and nobody has to look for it: it is there by subtraction.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Max
from django.utils import timezone

from anlan.county import clock
from anlan.county.account.rules import ADDED, DISPOSED, OPEN, UNACCOUNTED, WORDS
from anlan.county.decide.models import Case, Episode, Step
from anlan.county.decide.rules import MACHINE as DECISION
from anlan.county.discover import exposed
from anlan.county.discover.models import Lead, Release, Source, Sweep
from anlan.county.discover.rules import OVER, about, case_about, sweep_about
from anlan.county.ledger.rules import moment
from anlan.county.office.models import Clock
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
from anlan.county.verify.models import Finding, Visit
from anlan.engine import policy

ENDS = DECISION.ends()


@dataclass(frozen=True, slots=True)
class Coverage:
    """The balance: exposed = disposed + open + unaccounted, and the hash of who stands where."""

    exposed: int
    disposed: Mapping[str, int]
    open: Mapping[str, int]
    unaccounted: int
    sha: str

    @property
    def disposed_total(self) -> int:
        """Households with a recorded disposition."""
        return sum(self.disposed.values())

    @property
    def open_total(self) -> int:
        """Households still open, each with a running clock."""
        return sum(self.open.values())

    @property
    def closes(self) -> bool:
        """Whether nobody was missed."""
        return self.unaccounted == 0


class Standing(NamedTuple):
    """Which household, in which village, and where it stands: a key of DISPOSED, of OPEN, or `unaccounted`.

    Since when, by which unit (or whose turn it is), why (a code), and the day by which something must happen.
    """

    code: str
    division: str
    where: str
    since: datetime | None = None
    unit: str = ""
    why: str = ""
    due: datetime | None = None

    @property
    def title(self) -> str:
        """Where it stands, in words."""
        return str(WORDS[self.where])

    @property
    def codes(self) -> tuple[str, ...]:
        """Where it stands, since when, by which unit, why and until when, as texts."""
        since, due = (moment(at) if at else "" for at in (self.since, self.due))
        return self.where, since, self.unit, self.why, due

    @property
    def line(self) -> str:
        """The household's line of the list, as it is hashed."""
        return "\t".join((self.code, *self.codes))


class Place(NamedTuple):
    """Where a household stands before anybody asks whether a clock runs."""

    where: str
    since: datetime | None = None
    unit: str = ""
    why: str = ""
    due: datetime | None = None


Places = dict[int, Place]


def standing(event: Event) -> list[Standing]:
    """Where every exposed household of an event stands."""
    return [each for each, _raw in positions(event).values()]


def positions(event: Event) -> dict[int, tuple[Standing, str]]:
    """Every exposed household's standing, and where it stood before its clock was asked for."""
    since = exposed.since(event)
    found = _gone(since) | _released(event) | _led(event) | _decided(event)
    sweeps = set(Sweep.objects.filter(event=event, closed_at__isnull=True).values_list("division_id", flat=True))
    begun = min(Sweep.objects.filter(event=event).order_by().values_list("opened_at", flat=True), default=None)
    running = _running(event)
    grace = timedelta(days=policy.on(clock.today()).number("clock_sweep_days"))
    told = {}
    rows = Household.every.filter(pk__among=list(since)).order_by().values_list("id", "code", "division_id")
    for key, code, division in rows:
        place = found.get(key) or Place("sweep" if division in sweeps else UNACCOUNTED)
        raw = place.where
        if raw not in DISPOSED:
            place = _timed(place, event.code, code, division, running)
        if place.where == UNACCOUNTED and begun is not None and key not in found:
            place = _added(since[key], begun, grace)
        told[key] = (Standing(code, division, *place), raw)
    return told


def _added(since: datetime, begun: datetime, grace: timedelta) -> Place:
    """Who came in after the villages were sent out has the villages' days, from the moment of coming in."""
    if since > begun and clock.now() <= since + grace:
        return Place(ADDED, since, "village", "", since + grace)
    return Place(UNACCOUNTED)


def _timed(place: Place, event: str, code: str, division: str, running: Mapping[str, list[Clock]]) -> Place:
    """An open household with the clock that presses on it: what waits without one is not waiting, it is forgotten."""
    if place.where == "sweep":
        clocks = running.get(sweep_about(event, division), [])
    else:
        clocks = running.get(case_about(event, code), []) + running.get(about(event, code), [])
    if not clocks or place.where not in OPEN:
        return Place(UNACCOUNTED)
    next_ = min(clocks, key=lambda each: (each.kind == "total", each.due_at, each.kind))
    return Place(place.where, next_.started_at, next_.unit, place.why, next_.due_at)


def _running(event: Event) -> dict[str, list[Clock]]:
    clocks: dict[str, list[Clock]] = defaultdict(list)
    for each in Clock.objects.filter(event_code=event.code, stopped_at__isnull=True):
        clocks[each.about].append(each)
    return clocks


def _decided(event: Event) -> Places:
    """Where the chain of decision has brought each household."""
    held = set(Episode.objects.filter(cleared_at__isnull=True).order_by().values_list("household_id", flat=True))
    cleared = dict(
        Episode.objects.filter(cleared_at__isnull=False).order_by().values_list("household_id")
        .annotate(Max("cleared_at"))
    )  # fmt: skip
    refused = dict(Step.objects.filter(case__event=event, after="not_confirmed").values_list("case_id", "before"))
    found = {}
    rows = Case.objects.filter(event=event).order_by()
    for case, household, state, category, closed_at in rows.values_list(
        "id", "household_id", "state", "category", "closed_at"
    ):
        if state not in ENDS:
            found[household] = Place("case", why=state)
        elif state == "not_confirmed":
            found[household] = Place(state, closed_at, DECISION.states[refused.get(case, state)].owner)
        elif household in cleared and household not in held:
            found[household] = Place("cleared", cleared[household], "county", category)
        else:
            found[household] = Place(state, closed_at, "county", category)
    return found


def _led(event: Event) -> Places:
    """Where each household with a lead stands, as far as discovery and verification go."""
    found = set(Finding.objects.filter(lead__event=event).values_list("lead_id", flat=True))
    late = set(
        Clock.objects.filter(
            event_code=event.code, kind="total", stopped_at__isnull=True, due_at__lt=clock.now()
        ).values_list("about", flat=True)
    )
    visits = Visit.objects.filter(lead__event=event, lead__state="taken_in").order_by("at", "id")
    last = {each.lead_id: each for each in visits}
    absent = {lead: each for lead, each in last.items() if each.outcome == "absent"}
    told = dict(
        Source.objects.filter(lead_id__among=list(absent)).order_by().values_list("lead_id").annotate(Max("at"))
    )
    places = {}
    rows = Lead.objects.filter(event=event).order_by()
    for lead, household, code, state, outcome, closed_at in rows.values_list(
        "id", "household_id", "household__code", "state", "outcome", "closed_at"
    ):
        if state in OVER:
            visited = outcome in {"unharmed", "moved"} and state == "closed"
            unit = "village" if visited else "township"
            places[household] = Place(outcome if visited else "dismissed", closed_at, unit, "" if visited else outcome)
        elif lead in found:
            places[household] = Place("finding")
        elif state == "taken_in" and lead in absent and told[lead] <= absent[lead].at:
            places[household] = _unmet(absent[lead], about(event.code, code) in late)
        else:
            places[household] = Place("lead", why=state)
    return places


def _unmet(visit: Visit, late: bool) -> Place:
    """Nobody was met. With a reason that stands until the next date, but never beyond the days there are in all."""
    again = visit.again_on
    if not visit.why or again is None or late or again < clock.today():
        return Place("visit", why=visit.why)
    due = timezone.make_aware(datetime.combine(again, time(23, 59, 59)))
    return Place("unreachable", visit.at, "village", visit.why, due)


def _released(event: Event) -> Places:
    rows = Release.objects.filter(event=event).values_list("household_id", "reason", "at")
    return {household: Place(reason, at, "county") for household, reason, at in rows}


def _gone(since: Iterable[int]) -> Places:
    """Households whose row stands for another one now, or that nobody belongs to any more."""
    hidden = Household.every.filter(registered=False).exclude(merged_into=None, closed_on=None).order_by()
    known = set(since)
    return {
        household: Place("merged" if kept else "gone", at, "township")
        for household, kept, at in hidden.values_list("id", "merged_into_id", "updated_at")
        if household in known
    }


def villages(found: Iterable[Standing]) -> dict[str, str]:
    """The hash of every village's lines, by its code: what a village's list can be held against on its own."""
    lines: dict[str, list[str]] = defaultdict(list)
    for each in found:
        lines[each.division].append(f"{each.line}\n")
    return {code: hashlib.sha256("".join(sorted(held)).encode()).hexdigest() for code, held in sorted(lines.items())}


def whole(hashes: Mapping[str, str]) -> str:
    """The hash over the villages' hashes: what is signed."""
    return hashlib.sha256("".join(f"{code}\t{sha}\n" for code, sha in sorted(hashes.items())).encode()).hexdigest()


def coverage(found: Iterable[Standing]) -> Coverage:
    """Add up where households stand. The hash is over the villages' hashes, each over its sorted lines."""
    held = list(found)
    counts = Counter(each.where for each in held)
    return Coverage(
        exposed=len(held),
        disposed={key: counts[key] for key in DISPOSED if counts[key]},
        open={key: counts[key] for key in OPEN if counts[key]},
        unaccounted=counts[UNACCOUNTED],
        sha=whole(villages(held)),
    )
