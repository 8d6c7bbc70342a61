"""The rules of two policy days side by side: every row and every figure that is not the same on both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from anlan.county.decide.tables.telling import value
from anlan.county.decide.tables.wordings import county_book
from anlan.engine import policy
from anlan.engine.policy import Parameter, Policy
from anlan.engine.policy.tables import Rulebook, Version


@dataclass(frozen=True, slots=True)
class Reading:
    """How a row or a figure reads on a day: its words, since when, from which level and source."""

    text: str
    level: str
    since: str
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """A row of a table (or, without a table, a figure of policy) that two days read differently; None: not at all."""

    table: str
    key: str
    title: str
    before: Reading | None
    after: Reading | None


def changed(on: date, against: date) -> list[Changed]:
    """What differs between two days: the rows of the tables in their order, then the figures they speak of."""
    book = county_book()
    return [*_rows(book, on, against), *_figures(book, policy.on(on), policy.on(against))]


def _rows(book: Rulebook, on: date, against: date) -> Iterator[Changed]:
    for table in book.tables.values():
        for row in table.rows:
            before, after = row.on(on), row.on(against)
            if before is not after:
                title = (after or before or row.versions[-1]).title
                yield Changed(table.key, row.key, title, _row(before, table.results), _row(after, table.results))


def _row(version: Version | None, results: Mapping[str, str]) -> Reading | None:
    if version is None:
        return None
    text = f"{version.when} → {results.get(version.then, version.then)}"
    return Reading(text, version.level, str(version.since), version.source, version.verified)


def _figures(book: Rulebook, on: Policy, against: Policy) -> Iterator[Changed]:
    spoken = {meaning.name for cells in book.cells.values() for meaning in cells.meanings if meaning.parameter}
    for key in sorted(spoken):
        before, after = (each.parameter(key) if key in each else None for each in (on, against))
        if (before and (before.value, before.since)) != (after and (after.value, after.since)):
            title = (after or before).title if after or before else key  # type: ignore[union-attr]
            yield Changed("", key, title, _figure(before), _figure(after))


def _figure(found: Parameter | None) -> Reading | None:
    if found is None:
        return None
    return Reading(f"{value(found.value)} {found.unit}", found.level, str(found.since), found.source, found.verified)
