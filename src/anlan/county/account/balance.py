"""The coverage balance of one event: where every exposed household stands, in a handful of set queries.

A household is exposed when the latest impact run lists it or a lead names it. It is disposed of by a recorded decision,
visit, dismissal or release; it is open while something waits for it **and a clock runs on that**; whatever is left
over is unaccounted for, and nobody has to look for it: it is there by subtraction.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from anlan.county.account.rules import DISPOSED, OPEN, UNACCOUNTED, WORDS
from anlan.county.decide.models import Case
from anlan.county.decide.rules import MACHINE as DECISION
from anlan.county.discover.models import Lead, Release, Sweep
from anlan.county.discover.rules import OVER, about, case_about, sweep_about
from anlan.county.foresee.models import Impact
from anlan.county.foresee.queries import latest
from anlan.county.office.models import Clock
from anlan.county.sense.models import Event
from anlan.county.verify.models import Finding, Visit

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
    """Which household, in which village, and where it stands: a key of DISPOSED, of OPEN, or `unaccounted`."""

    code: str
    division: str
    where: str

    @property
    def title(self) -> str:
        """Where it stands, in words."""
        return str(WORDS[self.where])


def standing(event: Event) -> list[Standing]:
    """Where every exposed household of an event stands."""
    places = _exposed(event)
    cases = dict(Case.objects.filter(event=event).values_list("household_id", "state"))
    leads = _leads(event)
    releases = dict(Release.objects.filter(event=event).values_list("household_id", "reason"))
    sweeps = set(Sweep.objects.filter(event=event, closed_at__isnull=True).values_list("division_id", flat=True))
    clocks = Clock.objects.filter(event_code=event.code, stopped_at__isnull=True)
    running = set(clocks.values_list("about", flat=True))
    found = []
    for household, code, division in places.values():
        where = _decided(cases.get(household)) or leads.get(household) or releases.get(household)
        where = where or ("sweep" if division in sweeps else UNACCOUNTED)
        if where not in DISPOSED and not _has_clock(event.code, code, division, where, running):
            where = UNACCOUNTED
        found.append(Standing(code, division, where))
    return found


def _exposed(event: Event) -> dict[int, tuple[int, str, str]]:
    run = latest(event)
    listed = Impact.objects.filter(run=run).order_by() if run else Impact.objects.none()
    columns = ("household_id", "household__code", "household__division_id")
    places = {row[0]: row for row in listed.values_list(*columns)}
    places.update((row[0], row) for row in Lead.objects.filter(event=event).order_by().values_list(*columns))
    return places


def _decided(case: str | None) -> str | None:
    return case if case is None or case in ENDS else "case"


def _leads(event: Event) -> dict[int, str]:
    """Where each household with a lead stands, as far as discovery and verification go."""
    leads = {}
    found = set(Finding.objects.filter(lead__event=event).values_list("lead_id", flat=True))
    absent = set(Visit.objects.filter(lead__event=event, outcome="absent").values_list("lead_id", flat=True))
    rows = Lead.objects.filter(event=event).order_by().values_list("id", "household_id", "state", "outcome")
    for lead, household, state, outcome in rows:
        if state in OVER:
            leads[household] = outcome if outcome in {"unharmed", "moved"} and state == "closed" else "dismissed"
        else:
            leads[household] = "finding" if lead in found else "visit" if lead in absent else "lead"
    return leads


def _has_clock(event: str, code: str, division: str, where: str, running: set[str]) -> bool:
    """Whether something presses on an open household: waiting without a clock is not waiting, it is forgotten."""
    if where == "sweep":
        return sweep_about(event, division) in running
    return where in OPEN and (about(event, code) in running or case_about(event, code) in running)


def coverage(found: Iterable[Standing]) -> Coverage:
    """Add up where households stand. The hash is over the sorted lines of household code and standing."""
    counts: Counter[str] = Counter()
    lines = []
    for each in found:
        counts[each.where] += 1
        lines.append(f"{each.code}\t{each.where}\n")
    return Coverage(
        exposed=len(lines),
        disposed={key: counts[key] for key in DISPOSED if counts[key]},
        open={key: counts[key] for key in OPEN if counts[key]},
        unaccounted=counts[UNACCOUNTED],
        sha=hashlib.sha256("".join(sorted(lines)).encode()).hexdigest(),
    )
