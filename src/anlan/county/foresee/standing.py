"""From the registry's columns, or a run's kept tables, to what the engine's outlook is reckoned from."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anlan.county.foresee.exposure import FLAGS, Assets
from anlan.county.registry.columns import Columns
from anlan.engine.outlook.hits import People, Things

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def people(everyone: Columns, listed: NDArray[np.intp], there: Floats, place: Ints, village: Ints) -> People:
    """The households of a list, in its order."""
    earned = everyone.wage_yuan + everyone.business_yuan - everyone.business_cost_yuan
    income = earned + everyone.property_yuan + everyone.transfer_yuan
    return People(
        size=everyone.size[listed], income_yuan=income[listed], wage_yuan=everyone.wage_yuan[listed],
        rigid_yuan=everyone.rigid_yuan[listed], insured=everyone.insured[listed], there=there, place=place,
        village=village.astype(np.int64),
    )  # fmt: skip


def things(owned: Assets, listed: NDArray[np.intp], households: int) -> Things:
    """What the households of a list own."""
    kept = owned.within(listed, households)
    return Things(kept.of, kept.kind, kept.names, kept.value_yuan)


def one(table: pa.Table, row: int) -> dict[str, Any]:
    """One household of a kept table."""
    return {name: column[row].as_py() for name, column in zip(table.column_names, table.columns, strict=True)}


def people_of(household: dict[str, Any], there: float, place: int) -> People:
    """That household alone."""
    earned = household["wage_yuan"] + household["business_in_yuan"] - household["business_out_yuan"]
    income = earned + household["property_yuan"] + household["transfer_yuan"]
    insured = bool(household["flags"] >> FLAGS.index("insured") & 1)
    return People(
        size=np.array([household["members"]], dtype=np.int64), income_yuan=np.array([income]),
        wage_yuan=np.array([household["wage_yuan"]]), rigid_yuan=np.array([household["rigid_yuan"]]),
        insured=np.array([insured]), there=np.array([there]), place=np.array([place], dtype=np.int64),
        village=np.zeros(1, dtype=np.int64),
    )  # fmt: skip


def things_of(assets: pa.Table, row: int) -> tuple[Things, tuple[float, ...]]:
    """What it owns, and how much of each."""
    mine = assets.filter(pc.equal(assets["hh_idx"], pa.scalar(row, pa.uint32())))
    names, kind = np.unique(np.array(mine["class"].to_pylist(), dtype=np.str_), return_inverse=True)
    value = np.asarray(mine["value_yuan"].to_numpy(), dtype=np.float64)
    things = Things(np.zeros(len(kind), dtype=np.int64), kind.astype(np.int64), tuple(names.tolist()), value)
    return things, tuple(mine["quantity"].to_pylist())
