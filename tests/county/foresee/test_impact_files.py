"""The impact commands on whole portfolios against the plain reckoning, and on files as other programs write them."""

import zipfile

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.utils import translation
from tests.county.foresee.test_impact_commands import EXPOSURE, column, grid, laid_out, run, sparse

from anlan.county.errors import BadInput

pytestmark = pytest.mark.clause("W1")
EVENTS, CELLS, ROWS = 20, 30, 400
KNOTS = np.array([[0, 1, 2, 4], [0, 0.25, 0.5, 1.0]])


@pytest.fixture
def files(tmp_path):
    return laid_out(tmp_path)


def portfolio(folder, seed, kind=np.float64):
    """A forecast and a portfolio of round figures, so that many stand exactly on the line; both as they are written."""
    rng = np.random.default_rng(seed)
    table = np.where(rng.random((EVENTS, CELLS)) < 0.3, np.round(rng.uniform(0, 5, (EVENTS, CELLS)), 1), 0).astype(kind)
    np.savez(folder / "H.npz", **sparse(table, np.full(EVENTS, 1 / EVENTS)))
    rows = {
        "id": rng.permutation(ROWS),
        "cell": rng.integers(0, CELLS, ROWS),
        "members": rng.integers(1, 6, ROWS),
        "income_yuan": np.round(rng.uniform(0, 40000, ROWS), -2),
        "loss_per_unit_ratio_yuan": np.round(rng.uniform(0, 30000, ROWS), -3),
        "line_yuan": np.full(ROWS, 5000.0),
    }
    pq.write_table(pa.table(rows), folder / "HH.parquet", row_group_size=150)
    pq.write_table(
        pa.table({**{name: rows[name] for name in ("id", "cell")}, "value": rows["income_yuan"]}), folder / "E.parquet"
    )
    return table, rows


def below(table, rows):
    """Households × members, one comparison each."""
    ratio = np.interp(table[:, rows["cell"]], *KNOTS).T
    left = rows["income_yuan"][:, None] - rows["loss_per_unit_ratio_yuan"][:, None] * ratio
    return left / rows["members"][:, None] < rows["line_yuan"][:, None]


@pytest.mark.clause("P2")
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(3))
def test_falling_is_the_plain_reckoning(files, seed, kind):
    table, rows = portfolio(files, seed, kind)
    found, expected = run(files, "falling", "--out", str(files / "P.parquet")), below(table, rows)
    assert found["falling_per_member"] == expected.sum(axis=0).tolist()
    assert found["people_falling_per_member"] == (expected * rows["members"][:, None]).sum(axis=0).tolist()
    assert np.allclose(column(files / "P.parquet", "p_below"), expected.mean(axis=1), rtol=1e-14)
    assert found["expected_falling"] == pytest.approx(expected.mean(axis=1).sum(), rel=1e-13)
    assert column(files / "P.parquet", "id") == rows["id"].tolist()
    assert 0 < expected.mean() < 1


@pytest.mark.parametrize("seed", range(3))
def test_aggregates_are_the_plain_reckoning(files, seed):
    table, rows = portfolio(files, seed)
    found = run(files, "aggregate", "--out", str(files / "EAI.parquet"))
    lost = np.interp(table[:, rows["cell"]], *KNOTS) * rows["income_yuan"]
    assert np.allclose(found["at_event"], lost.sum(axis=1), rtol=1e-13)
    assert np.allclose(column(files / "EAI.parquet", "eai"), lost.mean(axis=0), rtol=1e-13)
    assert found["eai_sum"] == pytest.approx(lost.mean(axis=0).sum(), rel=1e-13)


def test_the_order_and_the_division_of_the_rows_change_no_figure(files):
    _table, rows = portfolio(files, 5)
    first = [run(files, verb) for verb in ("aggregate", "falling")]
    order = np.random.default_rng(6).permutation(ROWS)
    for verb, name in (("aggregate", "E"), ("falling", "HH")):
        whole = pq.read_table(files / f"{name}.parquet").take(order)
        (files / name).mkdir()
        for place, start in enumerate(range(0, ROWS, 130)):
            pq.write_table(whole.slice(start, 130), files / name / f"{place}.parquet")
        again = run(files, verb, table=name)
        assert {**again, "seconds": 0} == {**first[verb == "falling"], "seconds": 0}
    assert len(rows["id"]) == again["households"]


@pytest.mark.parametrize(
    "kind",
    [pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.string()],
    ids=["large", "dictionary", "plain"],
)
def test_ids_may_be_texts_of_any_kind(files, kind):
    ids = pa.array(["甲", "乙", "丙"]).cast(kind)
    pq.write_table(pa.table({**EXPOSURE, "id": ids}), files / "E.parquet")
    run(files, "aggregate", "--out", str(files / "EAI.parquet"))
    assert column(files / "EAI.parquet", "id") == ["甲", "乙", "丙"]


def test_a_curve_as_a_spreadsheet_saves_it(files):
    expected = run(files)["at_event"]
    (files / "C.csv").write_bytes("﻿Intensity;Ratio\r\n0;0\r\n1;0.25\r\n2;0.5\r\n4;1\r\n".encode())
    assert run(files)["at_event"] == expected


def test_arrays_packed_otherwise(files):
    expected = run(files)["at_event"]
    held = {name: np.asfortranarray(values).astype(values.dtype.newbyteorder(">")) for name, values in sparse().items()}
    np.savez(files / "plain.npz", **held)
    with zipfile.ZipFile(files / "plain.npz") as old, zipfile.ZipFile(files / "H.npz", "w", zipfile.ZIP_BZIP2) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert run(files)["at_event"] == expected


def test_what_looks_like_an_array_in_netcdf_and_is_none(files):
    for trap, words in {
        "group": "data 的|data 不是数字",
        "elsewhere": "缺少数组 data",
    }.items():
        arrays = sparse()
        data = arrays.pop("data")
        grid(files / "H.nc", arrays)
        with h5py.File(files / "H.nc", "a") as file:
            if trap == "group":
                file.create_group("data")
            else:
                file["data"] = h5py.ExternalLink("other.nc", "data")
        grid(files / "other.nc", {"data": data})
        with pytest.raises(BadInput, match=words):
            run(files, hazard="H.nc")


def test_the_sentences_are_there_in_english(files):
    pq.write_table(pa.table({**EXPOSURE, "value": [1.0, -2.0, 3.0]}), files / "E.parquet")
    with translation.override("en"), pytest.raises(BadInput) as refused:
        run(files)
    assert str(refused.value) == "E.parquet: value, row 2, is negative."
