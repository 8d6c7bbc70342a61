"""The same balance from the ledger alone: what every line says, in their order, with no table but the ledger asked.

A table can be changed by whoever has the database's password; the ledger cannot, or its chain breaks. Where the two say
otherwise of a household, somebody changed a table past the program, or the program has a defect. A run is told by the
digest that its line holds.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from anlan.county import clock
from anlan.county.account.balance import ENDS, positions
from anlan.county.account.rules import UNACCOUNTED
from anlan.county.discover.rules import OVER
from anlan.county.foresee.models import Impact, Run
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock
from anlan.county.sense.models import Event
from anlan.county.verify.rules import LEAD_AFTER
from anlan.county.warn.models import Target, Warning  # noqa: A004 (the field's own word)

LIFE = ("move", "merge", "death", "leave")


@dataclass(slots=True)
class Told:
    """What the ledger's lines have said of one household so far."""

    lead: str = ""
    outcome: str = ""
    found: bool = False
    reported: datetime | None = None
    met: tuple[datetime, str, str, str] | None = None  # the last visit: when, outcome, reason, next date
    case: str = ""
    monitored: bool = False
    release: str = ""
    hidden: str = ""
    came: bool = False


@dataclass(slots=True)
class Recount:
    """Every household the ledger's lines name, by its code of today, and the villages being gone through."""

    event: str
    households: dict[str, Told] = field(default_factory=dict)
    sweeps: set[str] = field(default_factory=set)
    moves: list[tuple[int, str, str]] = field(default_factory=list)  # line, former code, new code
    deeds: dict[int, tuple[str, str, str]] = field(default_factory=dict)  # registry's deeds that can be taken back
    runs: dict[str, int] = field(default_factory=dict)  # digest: line
    targets: dict[str, int] = field(default_factory=dict)  # warning: households it went to

    def of(self, code: str) -> Told:
        """What was said of a household."""
        return self.households.setdefault(code, Told())

    def where(self, code: str, division: str) -> str:
        """Where a household stands, before its clock is asked for."""
        told = self.households.get(code, Told())
        if told.case:
            entered = "entered" if told.monitored else "cleared"
            return told.case if told.case == "not_confirmed" else entered if told.case in ENDS else "case"
        led = self._led(code, told) if told.lead else ""
        left = "sweep" if division in self.sweeps else UNACCOUNTED
        return led or told.release or told.hidden or left

    def _led(self, code: str, told: Told) -> str:
        if told.lead in OVER:
            visited = told.outcome in {"unharmed", "moved"} and told.lead == "closed"
            return told.outcome if visited else "dismissed"
        if told.found:
            return "finding"
        if told.lead != "taken_in" or told.met is None or told.met[1] != "absent":
            return "lead"
        at, _outcome, why, again_on = told.met
        if told.reported is not None and told.reported > at:
            return "lead"
        stands = why and date.fromisoformat(again_on) >= clock.today() and not _all_days_over(self.event, code)
        return "unreachable" if stands else "visit"


def _all_days_over(event: str, code: str) -> bool:
    """Whether the lead's days in all are over: a clock's, which the ledger does not know."""
    late = Clock.objects.filter(kind="total", about=f"lead:{event}/{code}", stopped_at__isnull=True)
    return late.filter(due_at__lt=clock.now()).exists()


def recount(event: Event) -> Recount:
    """Read the ledger's lines that bear on an event, the first one first."""
    count = Recount(event.code)
    mine = Q(about=f"event:{event.code}", verb="foresee.run")
    for noun in ("lead", "sweep"):
        mine |= Q(about__startswith=f"{noun}:{event.code}/")
    others = Q(about__startswith="case:") | Q(about__startswith="clearance:")  # an episode may be another event's
    life = Q(verb__in=[f"registry.{undo}{kind}" for kind in LIFE for undo in ("", "un")])
    released = Q(verb="warn.release")
    lines = Entry.objects.filter(mine | others | life | released).order_by("seq")
    for line in lines.values_list("seq", "at", "verb", "about", "payload").iterator(chunk_size=5000):
        _take(count, *line)
    return count


def _take(count: Recount, seq: int, at: datetime, verb: str, about: str, payload: str) -> None:
    said = json.loads(payload)
    noun, _colon, name = about.partition(":")
    if noun == "lead":
        _lead(count.of(name.split("/")[1]), verb, said, at)
    elif noun == "case":
        _case(count, name, verb, said)
    elif noun == "clearance":
        _clearance(count.of(name.split("/")[1]), verb, said)
    elif noun == "sweep":
        _sweep(count, name.split("/")[1], verb, said)
    elif noun == "household":
        _life(count, seq, verb.removeprefix("registry."), name, said)
    elif verb == "foresee.run":
        count.runs[said["digest"]] = seq
    elif verb == "warn.release":
        count.targets[name] = said["targets"]


def _lead(told: Told, verb: str, said: Mapping[str, Any], at: datetime) -> None:
    if verb == "discover.report":
        told.lead, told.release = told.lead or "open", ""
        reported = datetime.fromisoformat(said["at"]) if "at" in said else at
        told.reported = max(reported, told.reported or reported)
    elif verb == "discover.reopen":
        told.lead, told.outcome = "open", ""
    elif verb == "discover.take_in":
        told.lead = "taken_in"
    elif verb == "discover.dismiss":
        told.lead, told.outcome = "dismissed", said["reason"]
    elif verb == "verify.visit":
        told.lead = LEAD_AFTER[said["outcome"]]
        told.outcome = said["outcome"]
        told.found = told.found or "finding" in said
        when = datetime.fromisoformat(said["at"])
        if told.met is None or when >= told.met[0]:
            told.met = (when, said["outcome"], said.get("why", ""), said.get("again_on", ""))


def _case(count: Recount, name: str, verb: str, said: Mapping[str, Any]) -> None:
    event, code = name.split("/")
    told = count.of(code)
    after = {"decide.open": "review", "decide.advance": said.get("after", "")}.get(verb, "")
    if event == count.event:
        told.case = after or told.case
    told.monitored = told.monitored or after == "entered"


def _clearance(told: Told, verb: str, said: Mapping[str, Any]) -> None:
    if verb == "clear.reverse":
        told.monitored = True
    elif verb == "clear.advance" and said["after"] == "cleared":
        told.monitored = False


def _sweep(count: Recount, village: str, verb: str, said: Mapping[str, Any]) -> None:
    if verb in {"discover.open_sweep", "discover.reopen_sweep"}:
        count.sweeps.add(village)
    elif verb == "discover.close_sweep":
        count.sweeps.discard(village)
    elif verb == "discover.release":
        for code in said["households"]:
            told = count.of(code)
            told.release = told.release or said["reason"]
    elif verb == "discover.admit":
        for code in said["households"]:
            count.of(code).came = True


def _life(count: Recount, seq: int, kind: str, code: str, said: Mapping[str, Any]) -> None:
    """What became of the household's row: another code, another row that stands for it, nobody left."""
    if kind == "move":
        count.deeds[said["deed"]] = (kind, said["former"], code)
        _rename(count, seq, said["former"], code)
    elif kind == "merge":
        count.deeds[said["deed"]] = (kind, said["other"], code)
        count.of(said["other"]).hidden = "merged"
    elif kind in {"death", "leave"}:
        count.deeds[said["deed"]] = (kind, code, code)
        count.of(code).hidden = "gone" if said["size"] == 0 else ""
    elif kind == "unmove":
        _kind, former, new = count.deeds[said["deed"]]
        _rename(count, seq, new, former)
    else:
        count.of(count.deeds[said["deed"]][1]).hidden = ""


def _rename(count: Recount, seq: int, former: str, code: str) -> None:
    count.moves.append((seq, former, code))
    if former in count.households:
        count.households[code] = count.households.pop(former)


@dataclass(frozen=True, slots=True)
class Difference:
    """What the tables say of a household (or of a run, a warning), and what the ledger says."""

    about: str
    table: str
    ledger: str


def differences(event: Event) -> list[Difference]:
    """Where tables and ledger do not agree on an event, household by household."""
    count, found = recount(event), {each.code: (each, raw) for each, raw in positions(event).values()}
    wrong = [*_runs(event, count), *_warnings(event, count)]
    for code, (each, raw) in sorted(found.items()):
        told = count.where(code, each.division)
        if told != raw:
            wrong.append(Difference(f"household:{code}", raw, told))
    named = {code for code, told in count.households.items() if told.lead or told.release or told.case or told.came}
    wrong += [Difference(f"household:{code}", "", count.where(code, "")) for code in sorted(named - set(found))]
    return wrong


def _runs(event: Event, count: Recount) -> Iterator[Difference]:
    """A run's list must be the one whose digest its line holds, under the codes that households had then."""
    for run in Run.objects.filter(event=event).order_by("pk"):
        seq = count.runs.get(run.digest)
        then = _former(count, seq or 0)
        rows = (
            Impact.objects.filter(run=run).order_by("rank", "household__code").values_list("household__code", flat=True)
        )
        codes = [then.get(code, code) for code in rows]
        digest = hashlib.sha256("\n".join(codes).encode()).hexdigest()
        if seq is None or digest != run.digest:
            yield Difference(f"run:{run.pk}", digest[:12], run.digest[:12] if seq else "")


def _former(count: Recount, seq: int) -> dict[str, str]:
    """Today's codes of households that moved since a line, and the codes they had at it."""
    then: dict[str, str] = {}
    for moved, former, code in reversed(count.moves):
        if moved > seq:
            now = next((now for now, old in then.items() if old == code), code)
            then[now] = former
    return then


def _warnings(event: Event, count: Recount) -> Iterator[Difference]:
    for warning in Warning.objects.filter(event=event, released_at__isnull=False).order_by("pk"):
        targets, told = Target.objects.filter(warning=warning).count(), count.targets.get(warning.code)
        if targets != told:
            yield Difference(f"warning:{warning.code}", str(targets), "" if told is None else str(told))
