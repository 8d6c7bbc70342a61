"""A user's own curves, from CSV files in a folder: for figures that may be used here but not be handed on.

One row a point, the rows of a curve together, its words in every row or in its first only:

    key,kind,asset,effect,hazard,region,intensity,mean,std,source,licence,trust,since,until

`std`, `hazard`, `until` may be empty throughout. Every curve begins at intensity 0 with 0.
"""

import csv
import math
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources.abc import Traversable
from itertools import groupby

import numpy as np

from anlan.engine.impact.library.curve import Curve, CurveInvalid
from anlan.engine.impact.library.entries import Entry, LibraryInvalid, check

COLUMNS: tuple[str, ...] = (
    "key", "kind", "asset", "effect", "hazard", "region", "intensity", "mean", "std", "source", "licence", "trust",
    "since", "until",
)  # fmt: skip
_WORDS = ("kind", "asset", "effect", "hazard", "region", "source", "licence", "trust")
Row = tuple[str, Mapping[str, str]]  # its place, in words, and its cells


def read_user(folder: Traversable) -> dict[str, Entry]:
    """The entries of every .csv file in a folder, by id; the whole folder or, by LibraryInvalid, nothing of it."""
    found: dict[str, Entry] = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".csv"):
            for key, rows in groupby(_rows(file), key=lambda row: row[1]["key"]):
                entry = _entry(key, list(rows))
                if entry.id in found:
                    raise LibraryInvalid(f"{file.name}: {key}: stands twice, or its rows are not together")
                found[entry.id] = entry
    return found


def _rows(file: Traversable) -> Iterator[Row]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LibraryInvalid(f"{file.name}: is not UTF-8 text") from error
    lines = csv.DictReader(text.splitlines())
    if tuple(lines.fieldnames or ()) != COLUMNS:
        raise LibraryInvalid(f"{file.name}: row 1: the columns must be {','.join(COLUMNS)}")
    for cells in lines:
        place = f"{file.name}: row {lines.line_num}"
        if None in cells or None in cells.values():
            raise LibraryInvalid(f"{place}: needs {len(COLUMNS)} cells")
        yield place, {name: cell.strip() for name, cell in cells.items()}


def _entry(key: str, rows: list[Row]) -> Entry:
    place, first = rows[0]
    if not key:
        raise LibraryInvalid(f"{place}: key is empty")
    for where, cells in rows[1:]:
        for name in (*_WORDS, "since", "until"):
            if cells[name] not in ("", first[name]):
                raise LibraryInvalid(f"{where}: {name} differs from the first row of {key}")
    since, until = _day(place, "since", first["since"]), _day(place, "until", first["until"])
    if since is None:
        raise LibraryInvalid(f"{place}: since is empty")
    entry = Entry(
        key=key, version=1, kind=first["kind"], asset=first["asset"], effect=first["effect"], hazard=first["hazard"],
        region=first["region"], curve=_curve(rows), source=first["source"], licence=first["licence"],
        trust=first["trust"], since=since, until=until, own=True,
    )  # fmt: skip
    return check(place, entry)


def _curve(rows: list[Row]) -> Curve:
    columns = [np.array([_number(place, name, cells[name]) for place, cells in rows]) for name in ("intensity", "mean")]
    if any(cells["std"] for _place, cells in rows):
        columns.append(np.array([_number(place, "std", cells["std"]) for place, cells in rows]))
    for (place, _cells), step in zip(rows[1:], np.diff(columns[0]), strict=True):
        if step <= 0:
            raise LibraryInvalid(f"{place}: intensity must be above that of the row before")
    try:
        return Curve(*columns)
    except CurveInvalid as error:
        raise LibraryInvalid(f"{rows[0][0]}: {error}") from error


def _number(place: str, name: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise LibraryInvalid(f"{place}: {name} {cell!r} is not a number")
    return value


def _day(place: str, name: str, cell: str) -> date | None:
    try:
        return date.fromisoformat(cell) if cell else None
    except ValueError:
        raise LibraryInvalid(f"{place}: {name} {cell!r} is not a day such as 2026-06-18") from None
