"""`anlan impact aggregate` and `anlan impact falling` on the command line."""

import contextlib
import io
import json
import sys
import zipfile

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan import cli
from anlan.county.errors import BadInput
from anlan.county.foresee.files import hazards

pytestmark = pytest.mark.clause("W1")
CURVE = "intensity,ratio\n0,0\n1,0.25\n2,0.5\n4,1\n"
TABLE = np.array([[0.0, 1.0, 8.0], [2.0, 0.5, 0.0], [0.0, 0.0, 0.0]])
EXPOSURE = {"id": [7, 8, 9], "cell": [2, 0, 1], "value": [100.0, 200.0, 50.0]}
HOUSEHOLDS = {
    "id": ["a", "b", "c", "d"],
    "cell": [0, 1, 2, 2],
    "members": [1, 2, 4, 1],
    "income_yuan": [9000.0, 18000.0, 40000.0, 100.0],
    "loss_per_unit_ratio_yuan": [2000.0, 4000.0, 7000.0, 0.0],
    "line_yuan": [8000.0, 8500.0, 8500.0, 8500.0],
}


def sparse(table=TABLE, frequency=(0.5, 0.25, 0.25)):
    rows, cells = np.nonzero(table)
    return {
        "indptr": np.concatenate([[0], np.cumsum(np.count_nonzero(table, axis=1))]),
        "indices": cells,
        "data": table[rows, cells],
        "shape": np.array(table.shape),
        "frequency": np.array(frequency),
    }


def grid(path, arrays):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values


def laid_out(folder):
    """A hazard, a curve and both tables, as files."""
    np.savez_compressed(folder / "H.npz", **sparse())
    (folder / "C.csv").write_text(CURVE)
    pq.write_table(pa.table(EXPOSURE), folder / "E.parquet")
    pq.write_table(pa.table(HOUSEHOLDS), folder / "HH.parquet")
    return folder


@pytest.fixture
def files(tmp_path):
    return laid_out(tmp_path)


def run(folder, verb="aggregate", *words, hazard="H.npz", curve="C.csv", table=None):
    out = io.StringIO()
    named = {"aggregate": ("--exposure", "E.parquet"), "falling": ("--households", "HH.parquet")}[verb]
    call_command(
        f"impact_{verb}", named[0], str(folder / (table or named[1])), "--hazard", str(folder / hazard),
        "--curve", str(folder / curve), "--json", *words, stdout=out,
    )  # fmt: skip
    return json.loads(out.getvalue())


def column(path, name):
    return pq.read_table(path)[name].to_pylist()


def test_what_a_hazard_costs(files):
    found = run(files, "aggregate", "--out", str(files / "EAI.parquet"))
    # Events: 100 × f(8) + 50 × f(1); 200 × f(2) + 50 × f(.5); nothing.
    assert found["at_event"] == [100 + 12.5, 100 + 6.25, 0]
    assert column(files / "EAI.parquet", "id") == [7, 8, 9]
    assert column(files / "EAI.parquet", "eai") == [50, 25, 12.5 * 0.5 + 6.25 * 0.25]
    assert found["eai_sum"] == pytest.approx(sum(column(files / "EAI.parquet", "eai")))
    assert (found["rows"], found["events"], found["cells"], found["engine"]) == (3, 3, 3, "local")


@pytest.mark.clause("P2")
def test_whom_a_hazard_makes_fall(files):
    found = run(files, "falling", "--out", str(files / "P.parquet"))
    # a: 9000 − 2000 × f(2) = 8000 is at the line, not below; b: 17000 at f(1), per head 8500, at the line;
    # c: 33000 / 4 at f(8); d is below without any hazard.
    assert column(files / "P.parquet", "p_below") == [0, 0, 0.5, 1]
    assert found["falling_per_member"] == [2, 1, 1]
    assert found["people_falling_per_member"] == [5, 1, 1]
    assert found["expected_falling"] == 1.5
    assert found["expected_people_falling"] == 3
    assert found["probability"] == 1


def test_a_cent_less_and_they_are_below(files):
    poorer = {**HOUSEHOLDS, "income_yuan": [8999.99, 17999.99, 40000.0, 100.0]}
    pq.write_table(pa.table(poorer), files / "HH.parquet")
    run(files, "falling", "--out", str(files / "P.parquet"))
    assert column(files / "P.parquet", "p_below") == [0.25, 0.5, 0.5, 1]


def test_probabilities_that_do_not_make_one_are_taken_as_they_are(files):
    np.savez(files / "H.npz", **sparse(frequency=(0.25, 0.125, 0.125)))
    found = run(files, "falling", "--out", str(files / "P.parquet"))
    assert column(files / "P.parquet", "p_below") == [0, 0, 0.25, 0.5]
    assert found["probability"] == 0.5
    np.savez(files / "H.npz", **sparse(frequency=(0.5, 0.5, 0.5)))
    with pytest.raises(BadInput, match=r"H\.npz：frequency 加起来大于 1"):
        run(files, "falling")
    assert run(files)["at_event"][0] == 112.5


def test_without_out_nothing_is_written(files):
    before = sorted(files.iterdir())
    assert run(files)["out"] is None
    assert run(files, "falling")["out"] is None
    assert sorted(files.iterdir()) == before


def test_a_folder_of_files_is_one_table_in_their_order(files):
    (files / "E").mkdir()
    for place in range(3):
        part = {name: pa.array(values[place : place + 1]) for name, values in EXPOSURE.items()}
        part["id"] = part["id"].cast(pa.int32() if place else pa.int64())
        pq.write_table(pa.table(part), files / "E" / f"{place}.parquet")
    found = run(files, "aggregate", "--out", str(files / "EAI.parquet"), table="E")
    assert found["at_event"] == run(files)["at_event"]
    assert column(files / "EAI.parquet", "id") == [7, 8, 9]
    pq.write_table(pa.table({**EXPOSURE, "id": ["7", "x", "y"]}), files / "E" / "9.parquet")
    with pytest.raises(BadInput, match=r"9\.parquet：id 第 1 行重复出现"):
        run(files, table="E")
    (files / "none").mkdir()
    with pytest.raises(BadInput, match="none"):
        run(files, table="none")


def test_any_number_type_will_do(files):
    kinds = {"id": pa.uint16(), "cell": pa.uint8(), "value": pa.decimal128(9, 2)}
    table = pa.table({name: pa.array(values).cast(kinds[name]) for name, values in EXPOSURE.items()})
    pq.write_table(table, files / "E.parquet")
    assert run(files)["at_event"] == [112.5, 106.25, 0]
    pq.write_table(pa.table({**EXPOSURE, "cell": [2.0, 0.0, 1.0], "value": [100, 200, 50]}), files / "E.parquet")
    assert run(files)["at_event"] == [112.5, 106.25, 0]


def test_cells_may_stand_in_any_order_within_an_event(files):
    arrays = sparse()
    arrays["indices"][:2], arrays["data"][:2] = arrays["indices"][1::-1].copy(), arrays["data"][1::-1].copy()
    np.savez(files / "H.npz", **arrays)
    assert run(files)["at_event"] == [112.5, 106.25, 0]


@pytest.mark.parametrize(
    "arrays",
    [sparse(), {"intensity": TABLE, "frequency": np.array([0.5, 0.25, 0.25])}],
    ids=["sparse", "grid"],
)
def test_netcdf(files, arrays):
    grid(files / "H.nc", arrays)
    for verb in ("aggregate", "falling"):
        ours, other = run(files, verb, hazard="H.nc"), run(files, verb)
        assert {**ours, "seconds": 0} == {**other, "seconds": 0}


def test_netcdf_with_its_shape_as_an_attribute(files):
    arrays = sparse()
    shape = arrays.pop("shape")
    grid(files / "H.nc", arrays)
    with pytest.raises(BadInput, match=r"H\.nc：缺少数组 shape"):
        run(files, hazard="H.nc")
    with h5py.File(files / "H.nc", "a") as file:
        file.attrs["shape"] = shape
    assert run(files, hazard="H.nc")["at_event"] == [112.5, 106.25, 0]


def bad_hazards():
    """What is changed in the arrays, and what is said of it."""
    yield {"data": [1.0, np.nan, 2, 1]}, "data 第 2 行不是有限的数"
    yield {"data": [1.0, 8, 2, -0.5]}, "data 第 4 行是负数"
    yield {"data": ["1", "2", "3", "4"]}, "data 不是数字"
    yield {"data": [1.0, 2]}, "indptr 与其他数组对不上"
    yield {"indices": [1, 3, 0, 1]}, "indices 第 2 行不在已知范围内"
    yield {"indices": [1, -1, 0, 1]}, "indices 第 2 行不在已知范围内"
    yield {"indices": [1, 1, 0, 1]}, "indices 第 2 行重复出现"
    yield {"indices": [1, 1, 0]}, "indices 与其他列长度不同"
    yield {"indices": [1.5, 2, 0, 1]}, "indices 第 1 行不是整数"
    yield {"indptr": [0, 2, 4, 3]}, "indptr 与其他数组对不上"
    yield {"indptr": [0, 4, 2, 4]}, "indptr 第 3 行比前一个小"
    yield {"indptr": [0, 2, 4]}, "indptr 与其他数组对不上"
    yield {"indptr": [0, 2, 10**15, 4]}, "indptr 第 4 行比前一个小"
    yield {"indptr": []}, "indptr 与其他数组对不上"
    yield {"frequency": [0.5, 0.5]}, "shape 与其他数组对不上"
    yield {"frequency": [0.5, -0.5, 0]}, "frequency 第 2 行是负数"
    yield {"frequency": [], "shape": [0, 3], "indptr": [0], "indices": [], "data": []}, "frequency 没有数据"
    yield {"shape": [3]}, "shape 与其他数组对不上"
    yield {"shape": [3, 0]}, "shape 没有数据"
    yield {"shape": [3, 3.5]}, "shape 第 2 行不是整数"


@pytest.mark.parametrize(("change", "words"), list(bad_hazards()), ids=lambda each: str(each)[:40])
@pytest.mark.parametrize("name", ["H.npz", "H.nc"])
def test_a_hazard_that_is_none_is_refused_by_array_and_row(files, change, words, name):
    arrays = {**sparse(), **{key: np.array(values) for key, values in change.items()}}
    if name == "H.npz":
        np.savez(files / name, **arrays)
    else:
        text = {key: values.astype("S") if values.dtype.kind == "U" else values for key, values in arrays.items()}
        grid(files / name, text)
    with pytest.raises(BadInput, match=f"{name}：{words}"):
        run(files, hazard=name)


def test_a_grid_must_be_one_of_finite_numbers(files):
    for intensity, words in ((np.full((1, 2), np.nan), "data 第 1 行"), (np.ones(3), "intensity 不是数字")):
        grid(files / "H.nc", {"intensity": intensity, "frequency": np.array([1.0])})
        with pytest.raises(BadInput, match=words):
            run(files, hazard="H.nc")


def test_pickles_are_never_opened(files):
    class Trap:
        def __reduce__(self):
            return (sys.exit, ("opened",))

    np.savez(files / "H.npz", **{**sparse(), "data": np.array([Trap()], dtype=object)}, allow_pickle=True)
    with pytest.raises(BadInput, match="data 不是数字"):
        run(files)


def test_what_would_fill_the_memory_is_refused_unread(files, monkeypatch):
    monkeypatch.setattr(hazards, "MOST_BYTES", 64)
    with pytest.raises(BadInput, match=r"H\.npz：展开后"):
        run(files)
    grid(files / "H.nc", sparse())
    with pytest.raises(BadInput, match=r"H\.nc：展开后"):
        run(files, hazard="H.nc")


def test_a_header_that_promises_more_than_there_is_is_refused(files):
    with zipfile.ZipFile(files / "H.npz") as old:
        held = {name: old.read(name) for name in old.namelist()}
    held["data.npy"] = held["data.npy"].replace(b"(4,)", b"(4000000000000,)".ljust(0))
    with zipfile.ZipFile(files / "H.npz", "w") as new:
        for name, data in held.items():
            new.writestr(name, data)
    with pytest.raises(BadInput, match=r"H\.npz：文件损坏"):
        run(files)


def test_files_of_other_kinds_are_refused(files):
    (files / "old.nc").write_bytes(b"CDF\x01rest")
    (files / "H.tif").write_bytes(b"II*")
    (files / "broken.nc").write_bytes(b"\x89HDF")
    (files / "broken.npz").write_bytes(b"PK\x03\x04")
    np.savez(files / "short.npz", data=np.ones(3))
    for name, words in {
        "old.nc": "NetCDF 3", "H.tif": "npz", "broken.nc": "文件损坏", "broken.npz": "文件损坏",
        "short.npz": "缺少数组 indptr、indices、shape、frequency", "nowhere.npz": "文件打不开",
        "nowhere.nc": "文件打不开",
    }.items():  # fmt: skip
        with pytest.raises(BadInput, match=words):
            run(files, hazard=name)
    with pytest.raises(BadInput, match=r"C\.csv：文件损坏"):
        run(files, table="C.csv")
    with pytest.raises(BadInput, match=r"nowhere\.parquet：文件打不开"):
        run(files, table="nowhere.parquet")


def bad_tables():
    yield "aggregate", {"cell": [2, 3, 1]}, "cell 第 2 行不在已知范围内"
    yield "aggregate", {"cell": [2, -1, 1]}, "cell 第 2 行不在已知范围内"
    yield "aggregate", {"cell": [2, 0.5, 1]}, "cell 第 2 行不是整数"
    yield "aggregate", {"value": [1.0, np.nan, 2]}, "value 第 2 行不是有限的数"
    yield "aggregate", {"value": [1.0, 2, np.inf]}, "value 第 3 行不是有限的数"
    yield "aggregate", {"value": [1.0, 2, -1]}, "value 第 3 行是负数"
    yield "aggregate", {"value": [1.0, None, 1]}, "value 第 2 行没有填"
    yield "aggregate", {"value": ["1", "2", "3"]}, "value 不是数字"
    yield "aggregate", {"id": [7, 8, 7]}, "id 第 3 行重复出现"
    yield "aggregate", {"id": [7, None, 8]}, "id 第 2 行没有填"
    yield "aggregate", {"id": [7.5, 8, 9]}, "id 的类型不对"
    yield "aggregate", {name: pa.array([], pa.int64()) for name in EXPOSURE}, "id 没有数据"
    yield "falling", {"members": [1, 0, 1, 1]}, "members 第 2 行小于 1"
    yield "falling", {"members": [1, 1.5, 1, 1]}, "members 第 2 行不是整数"
    yield "falling", {"line_yuan": [1.0, 1, 1, -1]}, "line_yuan 第 4 行是负数"
    yield "falling", {"loss_per_unit_ratio_yuan": [1.0, -2, 1, 1]}, "loss_per_unit_ratio_yuan 第 2 行是负数"
    yield "falling", {"income_yuan": [np.inf, 1, 1, 1]}, "income_yuan 第 1 行不是有限的数"
    yield "falling", {"cell": [0, 1, 2, 9]}, "cell 第 4 行不在已知范围内"
    yield "falling", {"id": ["a", "b", "a", "c"]}, "id 第 3 行重复出现"


@pytest.mark.parametrize(("verb", "change", "words"), list(bad_tables()), ids=lambda each: str(each)[:40])
def test_a_table_is_refused_by_column_and_row_and_nothing_is_written(files, verb, change, words):
    name, columns = {"aggregate": ("E.parquet", EXPOSURE), "falling": ("HH.parquet", HOUSEHOLDS)}[verb]
    pq.write_table(pa.table({**columns, **change}), files / name)
    before = sorted(files.iterdir())
    with pytest.raises(BadInput, match=f"{name}：{words}"):
        run(files, verb, "--out", str(files / "out.parquet"))
    assert sorted(files.iterdir()) == before


def test_columns_that_lack_or_stand_twice(files):
    pq.write_table(pa.table({name: EXPOSURE[name] for name in ("id", "value")}), files / "E.parquet")
    with pytest.raises(BadInput, match="缺少列 cell"):
        run(files)
    pq.write_table(pa.table([pa.array([1])] * 4, names=["id", "cell", "value", "value"]), files / "E.parquet")
    with pytest.raises(BadInput, match="列 value 不止一个"):
        run(files)


@pytest.mark.parametrize(
    ("text", "verb", "words"),
    [
        ("intensity,ratio\n", "aggregate", "intensity 没有数据"),
        ("intensity,ratio\n0,0\n2,1\n1,1\n", "aggregate", "intensity 第 3 行比前一个小"),
        ("intensity,ratio\n0,0.1\n2,1\n", "aggregate", "ratio 第 1 行不对：强度为 0 时"),
        ("intensity,ratio\n0,0\n2,1.5\n", "aggregate", "ratio 第 2 行大于 1"),
        ("intensity,ratio\n0,0\n2,\n", "aggregate", "ratio 第 2 行没有填"),
        ("intensity,ratio\n0,0\n2,x\n", "aggregate", "ratio 第 2 行不是数字"),
        ("intensity,ratio\n0,0\n2,nan\n", "aggregate", "ratio 第 2 行不是有限的数"),
        ("intensity,ratio\n0,0\n1,1\n2,0.5\n", "falling", "ratio 第 3 行比前一个小"),
        ("intensity,damage\n0,0\n", "aggregate", "缺少列 ratio"),
    ],
)
def test_a_curve_is_refused_by_column_and_row(files, text, verb, words):
    (files / "C.csv").write_text(text)
    with pytest.raises(BadInput, match=words):
        run(files, verb)


def test_a_curve_that_falls_may_still_be_aggregated(files):
    (files / "C.csv").write_text("intensity,ratio\n0,0\n1,1\n2,0.5\n")
    assert run(files)["at_event"] == [100 * 0.5 + 50, 200 * 0.5 + 25, 0]


def test_a_place_that_cannot_be_written_is_refused(files):
    before = sorted(files.iterdir())
    with pytest.raises(BadInput, match="写不进去"):
        run(files, "aggregate", "--out", str(files / "no" / "EAI.parquet"))
    (files / "taken").mkdir()
    with pytest.raises(BadInput, match="写不进去"):
        run(files, "aggregate", "--out", str(files / "taken"))
    assert sorted(files.iterdir()) == sorted([*before, files / "taken"])


def test_exit_codes_and_one_document(files, capsys, db):
    words = ["impact", "aggregate", "--exposure", str(files / "E.parquet"), "--hazard", str(files / "H.npz")]
    assert cli.run([*words, "--curve", str(files / "C.csv"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 3
    assert cli.run([*words, "--curve", str(files / "nowhere.csv"), "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "nowhere.csv" in printed.err


def test_without_spark_it_says_what_to_do(files, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    for verb in ("aggregate", "falling"):
        with pytest.raises(BadInput, match="Spark"):
            run(files, verb, "--engine", "spark")


def reckoned(folder, hazard):
    """The document; None where the file was refused. Anything else is a defect."""
    with contextlib.suppress(BadInput):
        return run(folder, hazard=hazard)
    return None


cells_of = st.lists(st.integers(-1, 4) | st.floats(-2, 5) | st.none(), min_size=1, max_size=4)
figures = st.lists(
    st.floats(-1, 1e6) | st.sampled_from([float("nan"), float("inf")]) | st.none(), min_size=1, max_size=4
)
odd = st.sampled_from(
    [np.array([1]), np.array([]), np.array(["x"]), np.array([[1.0]]), np.array([-1, 9]), np.float64(3)]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cell=cells_of, value=figures, arrays=st.dictionaries(st.sampled_from(sorted(sparse())), odd, max_size=2))
def test_whatever_comes_is_reckoned_or_refused(files, cell, value, arrays):
    count = min(len(cell), len(value))
    try:
        table = pa.table({"id": list(range(count)), "cell": cell[:count], "value": value[:count]})
    except pa.ArrowInvalid:
        return
    pq.write_table(table, files / "E.parquet")
    np.savez(files / "H.npz", **{**sparse(), **arrays})
    found = reckoned(files, "H.npz")
    assert found is None or (np.isfinite(found["at_event"]).all() and found["rows"] == count)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.floats(0, 1), noise=st.binary(min_size=1, max_size=8), name=st.sampled_from(["H.npz", "E.parquet", "H.nc"])
)
def test_a_damaged_file_is_reckoned_or_refused(files, at, noise, name):
    np.savez(files / "H.npz", **sparse())
    grid(files / "H.nc", sparse())
    pq.write_table(pa.table(EXPOSURE), files / "E.parquet")
    data = bytearray((files / name).read_bytes())
    start = int(at * (len(data) - 1))
    data[start : start + len(noise)] = noise
    (files / name).write_bytes(bytes(data))
    found = reckoned(files, "H.nc" if name == "H.nc" else "H.npz")
    assert found is None or len(found["at_event"]) == found["events"]
