"""Who is to be called at, on paper, when nothing else works: one village's households, the most urgent first.

A household's number on the paper is its place in this order, which a released warning keeps; the check letters are
made from it, so that ticks are never entered for another list than the one that was printed.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from anlan.county import clock
from anlan.county.office.models import Appointment, Division, Scoped, User
from anlan.county.personal import masked_phone
from anlan.county.registry.shelters import queries as shelters
from anlan.county.warn import rules
from anlan.county.warn.models import Target, Warning  # noqa: A004 (the field's own word)
from anlan.engine.audience.closer import Refuge

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Line:
    """A household to be called at."""

    number: int
    targets: tuple[int, ...]  # of every warning that the list is about
    group_no: int
    head_name: str
    size: int
    tier: int
    phone: str  # masked, unless the whole list was asked for in full
    second_phone: str
    refuge: Refuge | None
    answered_at: datetime | None
    how: str
    safe_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallList:
    """One village's list. `parts`: who goes to whom, by name; house groups stay together."""

    warning: Warning
    village: Division
    check: str
    full: bool
    lines: list[Line]
    parts: list[tuple[str, list[Line]]] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """How many have answered."""
        return sum(line.answered_at is not None for line in self.lines)


def targets(warning: Warning, user: User | None) -> Scoped[Target]:
    """Whom a warning's lists are about: its own households; of one to people at work all of its event's."""
    every: Scoped[Target] = Target.objects.all() if user is None else Target.objects.visible_to(user)
    if warning.audience in rules.OFFICES:
        mine: Scoped[Target] = every.filter(warning__event=warning.event_id)
        return mine
    own: Scoped[Target] = every.filter(warning=warning)
    return own


def villages(warning: Warning, user: User | None) -> list[tuple[Division, int, int]]:
    """The villages with a list, how many households stand on it, and how many of them have answered."""
    counted: dict[str, dict[int, bool]] = defaultdict(dict)
    rows = targets(warning, user).values_list("household__division_id", "household_id", "acknowledged_at")
    for village, household, at in rows:
        counted[village][household] = counted[village].get(household, False) or at is not None
    places = Division.objects.filter(pk__among=list(counted)).select_related("parent").order_by("code")
    return [(each, len(counted[each.code]), sum(counted[each.code].values())) for each in places]


def call_list(warning: Warning, village: Division, user: User | None = None, *, full: bool = False) -> CallList:
    """A village's list as it stands now; telephones whole only where somebody has said why (`ticks.show`)."""
    mine = targets(warning, user).filter(household__division_id=village.code).select_related("household")
    grouped = [list(found) for _key, found in groupby(mine.order_by("household_id", "tier", "id"), _household)]
    grouped.sort(key=lambda found: (found[0].tier, found[0].household.group_no, found[0].household.code))
    known = shelters.refuges([village.code])
    lines = [_line(number, found, known, full=full) for number, found in enumerate(grouped, start=1)]
    whole = ",".join(str(found[0].household_id) for found in grouped)
    return CallList(warning, village, _letters(whole), full, lines, _parts(lines, _cadres(village)))


def _household(target: Target) -> int:
    return target.household_id


def _line(number: int, found: list[Target], known: dict[shelters.Group, Refuge], *, full: bool) -> Line:
    household, first = found[0].household, min(found, key=_answered)
    phones = (household.phone, household.second_phone)
    phone, second = phones if full else map(masked_phone, phones)
    return Line(
        number, tuple(each.pk for each in found), household.group_no, household.head_name, household.size,
        found[0].tier, phone, second,
        shelters.refuge(known, household.division_id, household.group_no) if found[0].tier == 0 else None,
        first.acknowledged_at, first.acknowledged_how,
        min((each.safe_at for each in found if each.safe_at is not None), default=None),
    )  # fmt: skip


def _answered(target: Target) -> tuple[bool, Any]:
    return target.acknowledged_at is None, target.acknowledged_at


def _cadres(village: Division) -> list[str]:
    held = Appointment.objects.on(clock.today()).filter(role="village_cadre", division=village)
    return list(held.order_by("user__username").values_list("user__name", flat=True))


def _parts(lines: Iterable[Line], cadres: list[str]) -> list[tuple[str, list[Line]]]:
    """Whole house groups in turn to each cadre; all to nobody where the village has none."""
    names = cadres or [""]
    place = {group_no: at % len(names) for at, group_no in enumerate(sorted({line.group_no for line in lines}))}
    parts: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        parts[place[line.group_no]].append(line)
    return [(names[at], parts[at]) for at in sorted(parts)]


def _letters(whole: str) -> str:
    """Four letters that another list hardly shares."""
    digest = sha256(whole.encode()).digest()
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:4])
