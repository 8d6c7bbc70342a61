"""What stands where, as two tables: households and their assets. Nobody's name, code or number is in them.

The tables follow one schema wherever they are used: in memory for a run, as Parquet files for other programs. A
household goes by a keyed hash of its code, so that who has the key finds it again and nobody else does.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anlan.county.registry.columns import Columns
from anlan.county.registry.rules import EQUIPMENT, LIVESTOCK
from anlan.engine.exposure import calendar
from anlan.engine.hazard import grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.str_]

VERSION = "exposure-1"  # of the schema: it is part of every digest
TOWNSHIP = 9  # digits of a code that name the township
UNKNOWN_HOUSE, UNKNOWN_WATER = "brick_concrete", "central"  # the commonest stand in where none is on record
FLAGS = ("elderly", "alone", "disabled", "insured", "remote")
MONEY = {
    "wage_yuan": "wage_yuan", "business_in_yuan": "business_yuan", "business_out_yuan": "business_cost_yuan",
    "property_yuan": "property_yuan", "transfer_yuan": "transfer_yuan", "rigid_yuan": "rigid_yuan",
    "savings_yuan": "savings_yuan",
}  # fmt: skip
HOUSEHOLD = pa.schema(
    [
        ("hh_id", pa.uint64()), ("village", pa.uint64()), ("cell", pa.int64()), ("location_m", pa.float64()),
        ("members", pa.uint8()), *((name, pa.float64()) for name in MONEY), ("debt_due_yuan", pa.float64()),
        ("monitored", pa.bool_()), ("ex_poor", pa.bool_()), ("flags", pa.uint32()),
    ]
)  # fmt: skip
ASSET = pa.schema(
    [
        ("hh_idx", pa.uint32()), ("cell", pa.int64()), ("class", pa.dictionary(pa.int16(), pa.string())),
        ("value_yuan", pa.float64()), ("quantity", pa.float64()), ("unit", pa.dictionary(pa.int8(), pa.string())),
    ]
)  # fmt: skip
UNITS = {"house": "house", "crop": "mu", "livestock": "head", "stock": "set", "labour": "worker", "water": "source"}


@dataclass(frozen=True, slots=True)
class Assets:
    """What households own, one place an asset: whose (a place in the columns), of which class, worth what."""

    of: Ints
    kind: Ints  # place in `names`
    names: tuple[str, ...]  # classes: house.adobe.1, crop.rice.tillering, livestock.pigs, stock, labour, water.well
    value_yuan: Floats
    quantity: Floats

    def __len__(self) -> int:
        return len(self.of)

    def within(self, rows: NDArray[np.intp], households: int) -> "Assets":
        """Only those of some households, which are counted anew in the order given."""
        place = np.full(households, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        kept = place[self.of] >= 0
        return Assets(
            place[self.of[kept]], self.kind[kept], self.names, self.value_yuan[kept], self.quantity[kept]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One township's households and assets: the digest of all that is known of them, and how to lay out its tables."""

    township: str
    digest: str
    tables: Callable[[], dict[str, pa.Table]]


def assets(everyone: Columns, on: date) -> Assets:
    """Every household's assets as they stand on a day: its house, what it lives from, its work, its water."""
    count = np.arange(len(everyone))
    structure = np.where(everyone.structure == "", UNKNOWN_HOUSE, everyone.structure)
    storeys = np.maximum(everyone.storeys, 1).astype(np.str_)
    water = np.where(everyone.water == "", UNKNOWN_WATER, everyone.water)
    ones = np.ones(len(everyone))
    held = everyone.held
    worth = held.value_yuan > 0
    columns = [
        (count, _joined("house", structure, storeys), everyone.home_yuan, ones),
        (held.of[worth], _classes(held.kind, on)[worth], held.value_yuan[worth], held.quantity[worth]),
        (count, np.full(len(everyone), "labour"), everyone.wage_yuan, everyone.labourers.astype(np.float64)),
        (count, _joined("water", water), np.zeros(len(everyone)), ones),
    ]
    owner, name, value, quantity = (np.concatenate(column) for column in zip(*columns, strict=True))
    names, kind = np.unique(name, return_inverse=True)
    return Assets(owner, kind.astype(np.int64), tuple(names.tolist()), value, quantity)


def cells(everyone: Columns) -> Ints:
    """The cell each household stands in, or its village, or its township."""
    return grid.cells(everyone.lon_or_village, everyone.lat_or_village)


def parts(everyone: Columns, owned: Assets, name: Callable[[str], int]) -> list[Part]:
    """The tables, township by township. `name` hashes a household's code to a signed number of 64 bits."""
    cell, whole = cells(everyone), _whole(everyone)
    towns = everyone.division.astype(f"U{TOWNSHIP}")
    begins = np.flatnonzero(towns != np.roll(towns, 1)).tolist() or [0] * (len(towns) > 0)
    order = np.argsort(owned.of, kind="stable")
    spans = np.searchsorted(owned.of[order], [*begins, len(towns)])
    found = []
    for first, last, span in zip(begins, [*begins[1:], len(towns)], pairwise(spans.tolist()), strict=False):
        rows, mine = slice(first, last), order[span[0] : span[1]]
        columns = {key: column[rows] for key, column in whole.items()} | {"cell": cell[rows]}
        things = _things(owned, mine, first)
        codes = everyone.code[rows]
        digest = _digest({"code": codes, **columns, **things}, name(VERSION))
        found.append(Part(f"{towns[first]}000", digest, partial(_tables, codes, columns, things, name)))
    return found


def _whole(everyone: Columns) -> dict[str, NDArray[Any]]:
    flags = sum(getattr(everyone, name).astype(np.uint32) << bit for bit, name in enumerate(FLAGS))
    return {
        "village": everyone.division.astype(np.uint64), "location_m": everyone.location_m,
        "members": np.minimum(everyone.size, 255).astype(np.uint8),
        **{name: getattr(everyone, source) for name, source in MONEY.items()},
        "debt_due_yuan": np.zeros(len(everyone)), "monitored": everyone.monitored, "ex_poor": everyone.ex_poor,
        "flags": np.asarray(flags, dtype=np.uint32),
    }  # fmt: skip


def _things(owned: Assets, mine: NDArray[np.intp], first: int) -> dict[str, NDArray[Any]]:
    # The classes are the part's own, so that a new one in another township changes nothing here.
    known, kind = np.unique(owned.kind[mine], return_inverse=True)
    return {
        "owner": owned.of[mine] - first, "kind": kind.astype(np.int16), "names": np.array(owned.names)[known],
        "value_yuan": owned.value_yuan[mine], "quantity": owned.quantity[mine],
    }  # fmt: skip


def _digest(columns: Mapping[str, NDArray[Any]], key: int) -> str:
    """Of every value and of the key that names households, whatever writes them to a file."""
    said = hashlib.sha256(f"{VERSION} {key}".encode())
    for name, column in columns.items():
        # Texts as they are: how wide their column is depends on the longest one of the whole county.
        words = column.dtype.kind == "U"
        said.update(f"\0{name}\0{len(column)}\0".encode())
        said.update("\0".join(column.tolist()).encode() if words else np.ascontiguousarray(column).tobytes())
    return said.hexdigest()


def _tables(
    codes: Words, columns: Mapping[str, NDArray[Any]], things: Mapping[str, NDArray[Any]], name: Callable[[str], int]
) -> dict[str, pa.Table]:
    """The two tables: sorted by cell and by the hash, so that their order tells nothing of the codes'."""
    key = np.array([name(code) for code in codes.tolist()], dtype=np.int64).view(np.uint64)
    order = np.lexsort((key, columns["cell"]))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    households = {"hh_id": key, **columns}
    owner = place[things["owner"]]
    by_owner = np.argsort(owner, kind="stable")
    names = things["names"].tolist()
    units, unit = np.unique([UNITS[each.split(".")[0]] for each in names] or [""], return_inverse=True)
    kind = things["kind"][by_owner]
    words = pa.DictionaryArray.from_arrays
    listed = [
        pa.array(owner[by_owner].astype(np.uint32)),
        pa.array(columns["cell"][order][owner[by_owner]]),
        words(pa.array(kind), pa.array(names, pa.string())),
        pa.array(things["value_yuan"][by_owner]),
        pa.array(things["quantity"][by_owner]),
        words(pa.array(unit.astype(np.int8)[kind]), pa.array(units.tolist(), pa.string())),
    ]
    return {
        "households": pa.table({each.name: households[each.name][order] for each in HOUSEHOLD}, schema=HOUSEHOLD),
        "assets": pa.Table.from_arrays(listed, schema=ASSET),
    }


def _classes(kinds: Words, on: date) -> Words:
    """The class of each holding: crops with the stage they are in on the day."""
    known, which = np.unique(kinds, return_inverse=True)
    return np.array([_class(kind, on) for kind in known.tolist()], dtype=np.str_)[which] if len(known) else kinds


def _class(kind: str, on: date) -> str:
    if kind in LIVESTOCK:
        return f"livestock.{kind}"
    return "stock" if kind in EQUIPMENT else f"crop.{kind}.{calendar.stage(kind, on)}"


def _joined(head: str, *tails: Words) -> Words:
    """`head.tail.tail` for every place, without building 70,000 texts one by one."""
    codes = np.zeros(len(tails[0]), dtype=np.int64)
    words = [head]
    for tail in tails:
        known, which = np.unique(tail, return_inverse=True)
        codes = codes * max(len(known), 1) + which
        words = [f"{word}.{each}" for word in words for each in known.tolist()]
    return np.array(words or [head], dtype=np.str_)[codes]
