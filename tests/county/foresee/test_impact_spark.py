"""Spark and this machine give the same to the last bit, however the rows are divided; and refuse the same."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anlan.county.errors import BadInput
from anlan.county.foresee import impacts, impacts_spark
from anlan.engine.impact.curves import Curve
from anlan.engine.impact.members import Members

pytestmark = [pytest.mark.long, pytest.mark.needs("spark"), pytest.mark.filterwarnings("ignore")]
CURVE = Curve(np.array([0, 1, 2, 4.0]), np.array([0, 0.3, 0.5, 1.0]))
CELLS, EVENTS, ROWS = 60, 12, 3000


@pytest.fixture(scope="module")
def spark():
    session = impacts_spark.session()
    yield impacts_spark.Spark(session)
    session.stop()


@pytest.fixture
def hazard():
    rng = np.random.default_rng(1)
    table = np.where(rng.random((EVENTS, CELLS)) < 0.3, rng.uniform(0, 5, (EVENTS, CELLS)), 0)
    rows, cells = np.nonzero(table)
    indptr = np.concatenate([[0], np.cumsum(np.count_nonzero(table, axis=1))])
    return Members(indptr, cells, table[rows, cells], CELLS, rng.dirichlet(np.ones(EVENTS)))


@pytest.fixture
def rows():
    rng = np.random.default_rng(2)
    return {
        "id": np.array([f"户 {number}" for number in rng.permutation(ROWS)]),
        "cell": rng.integers(0, CELLS, ROWS),
        "value": rng.lognormal(11, 3, ROWS),
        "members": rng.integers(1, 7, ROWS),
        "income_yuan": rng.lognormal(10.2, 0.6, ROWS),
        "loss_per_unit_ratio_yuan": rng.lognormal(9.5, 1, ROWS),
        "line_yuan": np.full(ROWS, 8500.0),
    }


def write(folder, rows, cuts):
    """The rows in several files, one of them empty, the names not in need of being plain."""
    for place, part in enumerate(np.split(np.arange(ROWS), cuts)):
        pq.write_table(
            pa.table({name: values[part] for name, values in rows.items()}),
            folder / f"部分 {place}.parquet",
            row_group_size=400,
        )


@pytest.mark.parametrize("cuts", [[], [700, 700, 2500]])
def test_the_same_to_the_last_bit(spark, hazard, rows, tmp_path, cuts):
    write(tmp_path, rows, cuts)
    local = impacts.Local()
    here, there = (each.aggregate(tmp_path, hazard, CURVE) for each in (local, spark))
    assert np.array_equal(there.at_event, here.at_event)
    assert np.array_equal(there.eai, here.eai)
    assert there.eai_sum == here.eai_sum
    assert there.ids.to_pylist() == here.ids.to_pylist() == rows["id"].tolist()
    here, there = (each.falling(tmp_path, hazard, CURVE) for each in (local, spark))
    assert np.array_equal(there.p, here.p)
    assert np.array_equal(there.households, here.households)
    assert np.array_equal(there.people, here.people)
    assert there.ids.equals(here.ids)
    assert 0 < here.p.mean() < 1


@pytest.mark.parametrize(
    ("column", "place", "value"),
    [("value", 2600, -1.0), ("cell", 2600, CELLS), ("id", 2600, "户 0"), ("value", 5, np.nan)],
)
def test_it_refuses_the_same(spark, hazard, rows, tmp_path, column, place, value):
    rows["id"] = np.array([f"户 {number}" for number in range(ROWS)])
    rows[column][place] = value
    write(tmp_path, rows, [])
    words = set()
    for engine in (impacts.Local(), spark):
        with pytest.raises(BadInput) as refused:
            engine.aggregate(tmp_path / "部分 0.parquet", hazard, CURVE)
        words.add(str(refused.value))
    assert len(words) == 1
    assert f"第 {place + 1} 行" in words.pop()


def test_nothing_is_refused_there_as_here(spark, hazard, rows, tmp_path):
    pq.write_table(pa.table({name: values[:0] for name, values in rows.items()}), tmp_path / "E.parquet")
    for engine in (impacts.Local(), spark):
        with pytest.raises(BadInput, match="id 没有数据"):
            engine.falling(tmp_path, hazard, CURVE)
