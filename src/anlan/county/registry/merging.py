"""Writing what an import found: new households, and differences field by field with their history."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from anlan.county import bulk
from anlan.county.registry.assembly import Claims, record_of, wanting
from anlan.county.registry.comparing import differences, strangers
from anlan.county.registry.current import Current, current
from anlan.county.registry.enrolment import refresh, write
from anlan.county.registry.history import TABLES, Difference, reading, remember
from anlan.county.registry.intake import Intake
from anlan.county.registry.matching import Matcher, NotMatched, Register
from anlan.county.registry.models import Address, Household
from anlan.county.registry.places import Places
from anlan.county.registry.records import HouseholdRecord
from anlan.county.registry.rules import household_code

CHUNK = 2000


@dataclass(slots=True)
class Outcome:
    """What is to become of one household of a file: a new record, or differences; none of either: unchanged."""

    code: str
    name: str
    record: HouseholdRecord | None = None
    household: int = 0
    differences: list[Difference] = field(default_factory=list)


@dataclass(slots=True)
class Codes:
    """The next free codes of villages; those that the file itself names are not free."""

    given: set[int]
    next_serial: Callable[[str], int]
    serials: dict[str, int] = field(default_factory=dict)

    def take(self, village: str) -> str:
        """A code nobody has."""
        while True:
            serial = self.serials.get(village) or self.next_serial(village)
            self.serials[village] = serial + 1
            code = household_code(village, serial)
            if int(code) not in self.given:
                return code


@dataclass(slots=True)
class Walk:
    """A staged file on its way along the register: who may touch what, which codes are free, which day it is."""

    intake: Intake
    places: Places
    sources: set[str]
    matcher: Matcher
    codes: Codes
    today: date

    def outcomes(self) -> Iterator[list[Outcome]]:
        """What is to become of the file's households, some thousand at a time. Refusals are added to the intake's."""
        each = self.intake.households(self.places, self.sources)
        while chunk := list(islice(each, CHUNK)):
            yield list(self._chunk(chunk))

    def _chunk(self, chunk: Sequence[Claims]) -> Iterator[Outcome]:
        register = Register.of(chunk)
        found: list[tuple[Claims, int | None]] = []
        for claims in chunk:
            try:
                found.append((claims, self.matcher.find(claims, register)))
            except NotMatched as refused:
                self.intake.turn_away(claims, [refused.refusal])
        held = current([household for _claims, household in found if household is not None])
        for claims, household in found:
            outcome = self._new(claims) if household is None else self._known(claims, held[household])
            if outcome is not None:
                yield outcome

    def _new(self, claims: Claims) -> Outcome | None:
        if lacking := wanting(claims):
            self.intake.turn_away(claims, lacking)
            return None
        code = claims.ours or self.codes.take(claims.village)
        return Outcome(code, claims.household["head_name"], record_of(claims, code, self.today))

    def _known(self, claims: Claims, now: Current) -> Outcome | None:
        fresh = strangers(claims, now)
        if _another(claims, now, len(fresh)):
            self.intake.turn_away(
                claims, [claims.group.refuse("household", _("与名册中同编号的一户对不上：户主和成员都不同"))]
            )
            return None
        nameless = [row.refuse("name", _("没有填写")) for row, who in fresh if not who.get("name")]
        if nameless:
            self.intake.turn_away(claims, nameless)
            return None
        held = now.household
        return Outcome(
            held["code"], held["head_name"], household=held["id"], differences=differences(claims, now, self.today)
        )


def _another(claims: Claims, now: Current, fresh: int) -> bool:
    """Whether this is plainly not the register's household: another head, and nobody in common."""
    name = claims.household.get("head_name")
    if not name or name == now.household["head_name"] or not claims.group.headed:
        return False
    return bool(claims.people) and fresh == len(claims.people) and bool(now.people)


def merge(outcomes: Iterable[Outcome], *, by: str, at: datetime, batch: int) -> None:
    """Write some outcomes and their history. Call it inside the transaction of the whole file."""
    every = list(outcomes)
    new = [(each.code, each.record) for each in every if each.record is not None]
    keys = write([record for _code, record in new], at) if new else []
    born = [
        (code, Difference("household", key, "", None, None)) for (code, _record), key in zip(new, keys, strict=True)
    ]
    changed = [each for each in every if each.differences]
    stamped = current_stamps([each.household for each in changed])
    changes = [
        (each.code, difference)
        for each in changed
        for difference in (
            *each.differences,
            Difference("household", each.household, "updated_at", stamped[each.household], at),
        )
    ]
    for code, difference in changes:
        if difference.table == "category" and not difference.field:
            difference.new["code"] = code
    _insert([difference for _code, difference in changes if not difference.field])
    assign(
        (difference.table, difference.row, difference.field, difference.new)
        for _code, difference in changes
        if difference.field
    )
    refresh(each.household for each in changed if any(map(_of_members, each.differences)))
    remember([*born, *changes], by=by, at=at, batch=batch)


def _of_members(difference: Difference) -> bool:
    """Whether it changes what a household's own row tells of its members."""
    return difference.table == "person" or difference.field == "head_name"


def current_stamps(ids: Sequence[int]) -> dict[int, datetime]:
    """When these households were last changed."""
    return dict(Household.objects.filter(pk__among=ids).values_list("id", "updated_at"))


def _insert(rows: Iterable[Difference]) -> None:
    """Insert new rows of known households, and note their keys."""
    tables: dict[str, list[Difference]] = defaultdict(list)
    for each in rows:
        tables[each.table].append(each)
    _since(tables["address"])
    for table, fresh in tables.items():
        if not fresh:
            continue
        model = TABLES[table]
        names = tuple(fresh[0].new)
        for key, each in zip(bulk.reserve(model, len(fresh)), fresh, strict=True):
            each.row = key
        read = [reading(table, name) for name in names]
        bulk.insert(
            model,
            ("id", *names),
            ((each.row, *(to(each.new[name]) for to, name in zip(read, names, strict=True))) for each in fresh),
        )


def _since(addresses: Sequence[Difference]) -> None:
    """An address held from the day the one before it ended, where there was one."""
    households = [each.new["household_id"] for each in addresses]
    ended = Address.objects.filter(household_id__in=households).values_list("household_id").annotate(Max("until"))
    last = dict(ended) if households else {}
    for each in addresses:
        each.new["since"] = last.get(each.new["household_id"])


def assign(values: Iterable[tuple[str, int | None, str, Any]]) -> None:
    """Set single fields of rows: as few statements as there are kinds of row with the same fields."""
    rows: dict[tuple[str, int | None], dict[str, Any]] = defaultdict(dict)
    for table, row, name, value in values:
        rows[table, row][name] = value
    kinds: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = defaultdict(list)
    for (table, row), fields in rows.items():
        names = tuple(sorted(fields))
        kinds[table, names].append((*(fields[name] for name in names), row))
    for (table, names), given in kinds.items():
        bulk.update(TABLES[table], names, given)
