"""A whole file staged on its way into the register: every row validated, households put together, memory flat.

Rows go to a private temporary database, which sorts what no memory could, and come back household by household.
"""

import pickle
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.registry.assembly import Claims, claims_of
from anlan.county.registry.headings import NOTHING_KNOWN
from anlan.county.registry.places import Places
from anlan.county.registry.roll import apart, group_of, identify, key_of
from anlan.county.registry.workbook import Found, Refusal, Row, each_row

BATCH = 5000
OURS = range(13, 21)  # how long a number of ours can be


@dataclass(slots=True)
class Intake:
    """A file as read. `refused` are the rows of refused households, whole; `codes` the numbers of ours it names."""

    found: Found
    store: sqlite3.Connection
    refused: set[int] = field(default_factory=set)
    spoiled: set[int] = field(default_factory=set)  # rows with something wrong in themselves
    unreadable: set[int] = field(default_factory=set)  # of these, rows with a cell that says nothing
    wrong: dict[int, list[Refusal]] = field(default_factory=dict)  # what identity numbers of these rows are refused for
    codes: set[int] = field(default_factory=set)
    clears: frozenset[str] = frozenset()

    def close(self) -> None:
        """Let the rows go."""
        self.store.close()

    @property
    def refusals(self) -> list[Refusal]:
        """Why rows are refused, so far: complete once all households have been walked."""
        return self.found.refusals

    def turn_away(self, claims: Claims, refusals: Collection[Refusal]) -> None:
        """Refuse a household whole."""
        self.found.refusals.extend(refusals)
        self.refused.update(_spot(row) for row in claims.group.rows)

    def households(self, places: Places, sources: Collection[str]) -> Iterator[Claims]:
        """The households whose rows can be read, in an order that does not depend on the rows'."""
        sheets = self.found.sheets
        names = {sheet.index: _names(sheet.places) for sheet in sheets}
        rows = self.store.execute("SELECT key, sheet, number, said FROM line ORDER BY key, sheet, number")
        for _key, several in groupby(rows, itemgetter(0)):
            together = [
                Row(sheets[sheet], number, dict(zip(names[sheet], pickle.loads(said), strict=True)))  # noqa: S301 (ours)
                for _key, sheet, number, said in several
            ]
            if any(_spot(row) in self.spoiled for row in together):
                self._look_on(together, places, sources)
                continue
            group = group_of(together, self.found.refusals)
            if group is None:
                self.refused.update(map(_spot, together))
                continue
            claims, wrong = claims_of(group, places, sources, self.clears)
            if wrong:
                self.turn_away(claims, wrong)
            else:
                yield claims

    def _look_on(self, rows: list[Row], places: Places, sources: Collection[str]) -> None:
        """Refuse a household that is spoiled already; name what else is wrong with it, so that one round will do."""
        self.refused.update(map(_spot, rows))
        if any(_spot(row) in self.unreadable for row in rows):
            return
        more: list[Refusal] = []
        group = group_of(rows, more)
        if group is not None:
            more.extend(claims_of(group, places, sources)[1])
        named = {(each.sheet, each.row, each.column) for row in rows for each in self.wrong.get(_spot(row), ())}
        self.found.refusals.extend(each for each in more if (each.sheet, each.row, each.column) not in named)


def stage(
    path: Path, today: date, learned: Mapping[str, str] = NOTHING_KNOWN, clears: frozenset[str] = frozenset()
) -> Intake:
    """Read and validate every row of a file; where `found.unusable` says why, none of it can be used."""
    store = sqlite3.connect("", isolation_level=None)
    store.executescript(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536; PRAGMA temp_store=FILE;"
        "CREATE TABLE line (key TEXT, sheet INT, number INT, said BLOB);"
        "CREATE TABLE person (id INT, sheet INT, number INT)"
    )
    intake = Intake(Found(), store, clears=clears)
    store.execute("BEGIN")
    lines: list[tuple[Any, ...]] = []
    people: list[tuple[int, int, int]] = []
    own: set[int] | None = None
    names: dict[int, tuple[str, ...]] = {}
    for row in each_row(path, today, intake.found, learned):
        if own is None:
            own = apart(intake.found.sheets)
            names = {sheet.index: _names(sheet.places) for sheet in intake.found.sheets}
        _take(intake, row, people)
        said = row.said
        blob = pickle.dumps(tuple(said.get(name) for name in names[row.sheet.index]), 5)
        lines.append((key_of(row, own), row.sheet.index, row.number, blob))
        if len(lines) >= BATCH:
            _keep(store, lines, people)
    _keep(store, lines, people)
    _refuse_doubles(intake)
    store.execute("COMMIT")
    return intake


def _take(intake: Intake, row: Row, people: list[tuple[int, int, int]]) -> None:
    refusals = intake.found.refusals
    before = len(refusals)
    unreadable = row.unreadable
    identify(row, refusals)
    if len(refusals) > before:
        intake.wrong[_spot(row)] = refusals[before:]
    if unreadable:
        intake.unreadable.add(_spot(row))
    if len(refusals) > before or _spot(row) in intake.unreadable:
        intake.spoiled.add(_spot(row))
    if number := row.said.get("id_number"):
        people.append((int(number[:17]), row.sheet.index, row.number))
    code = row.said.get("household")
    if code and len(code) in OURS and code.isascii() and code.isdigit():
        intake.codes.add(int(code))


def _keep(store: sqlite3.Connection, lines: list[tuple[Any, ...]], people: list[tuple[int, int, int]]) -> None:
    store.executemany("INSERT INTO line VALUES (?,?,?,?)", lines)
    store.executemany("INSERT INTO person VALUES (?,?,?)", people)
    lines.clear()
    people.clear()


def _refuse_doubles(intake: Intake) -> None:
    """Refuse people who stand in several rows, all of them: nobody can know which is right."""
    sheets = intake.found.sheets
    doubled = intake.store.execute(
        "SELECT id, sheet, number FROM person WHERE id IN (SELECT id FROM person GROUP BY id HAVING COUNT(*) > 1) "
        "ORDER BY id, sheet, number"
    )
    for _id, several in groupby(doubled, itemgetter(0)):
        rows = [Row(sheets[sheet], number) for _id, sheet, number in several]
        for row in rows:
            other = rows[0] if row is not rows[0] else rows[1]
            where = {"sheet": other.sheet.name, "row": other.number}
            intake.found.refusals.append(row.refuse("id_number", _("与“%(sheet)s”第 %(row)d 行重复") % where))
            intake.spoiled.add(_spot(row))


def _names(places: Mapping[str, int]) -> tuple[str, ...]:
    """The fields of a sheet's rows: its columns, and what an identity number says beside them."""
    return (*places, *(name for name in ("sex", "born") if name not in places))


def _spot(row: Row) -> int:
    return row.sheet.index << 32 | row.number
