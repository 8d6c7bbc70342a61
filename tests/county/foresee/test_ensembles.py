"""An ensemble from a file, in either datum, and what is wrong with one said by row and column."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from tests.county.foresee.conftest import A, D, family

from anlan.county.errors import BadInput
from anlan.county.foresee.files import ensembles
from anlan.county.foresee.models import Impact, Run
from anlan.engine.hazard import grid

HEAD = "member,weight,hazard,kind,lon,lat,value"
ROWS = (
    "wet,0.25,rainstorm,rain24h_mm,115.605,28.905,320",
    "wet,0.25,rainstorm,rain24h_mm,115.607,28.907,300",
    "dry,0.75,rainstorm,rain24h_mm,115.605,28.905,20",
    "wet,0.25,gale,gust_ms,115.605,28.905,30",
)


@pytest.fixture
def file(tmp_path):
    def file(*rows, head=HEAD):
        path = tmp_path / "ensemble.csv"
        path.write_text("\n".join([head, *rows]) + "\n")
        return path

    return file


@pytest.mark.clause("H1")
def test_rows_become_members_over_cells_and_the_worst_in_a_cell_counts(file):
    found = ensembles.read(file(*ROWS))
    assert found.weights.tolist() == [0.75, 0.25]
    assert found.cells.tolist() == grid.cells(np.array([115.605]), np.array([28.905])).tolist()
    held = {hazard: (kind, values[:, 0].tolist()) for hazard, kind, values in found.hazards}
    assert held == {"rainstorm": ("rain24h_mm", [20.0, 320.0]), "gale": ("gust_ms", [0.0, 30.0])}


def test_parquet_reads_alike(file, tmp_path):
    plain = ensembles.read(file(*ROWS))
    path = tmp_path / "ensemble.parquet"
    pq.write_table(pa.csv.read_csv(file(*ROWS)), path)
    other = ensembles.read(path)
    assert (other.cells == plain.cells).all()
    assert [values.tolist() for _h, _k, values in other.hazards] == [v.tolist() for _h, _k, v in plain.hazards]


def test_the_coldest_in_a_cell_counts(file):
    rows = [f"m,1,cold_wave,tmin_c,115.605,28.905,{value}" for value in (-2, -7, 1)]
    ((_hazard, _kind, values),) = ensembles.read(file(*rows)).hazards
    assert values.tolist() == [[-7.0]]
    warm = ["m,1,cold_wave,tmin_c,115.605,28.905,6", "m,1,gale,gust_ms,115.705,28.905,9"]
    held = {hazard: values.tolist() for hazard, _kind, values in ensembles.read(file(*warm)).hazards}
    assert held == {"cold_wave": [[6.0, 10.0]], "gale": [[0.0, 9.0]]}, "what is not said of a cell is nothing"


@pytest.mark.clause("M2")
def test_a_chinese_maps_places_are_taken_back_to_where_they_are(file):
    east, north = grid.to_gcj02(np.array([115.6005]), np.array([28.9005]))
    row = f"m,1,rainstorm,rain24h_mm,{east[0]:.7f},{north[0]:.7f},90"
    true = grid.cells(np.array([115.6005]), np.array([28.9005])).tolist()
    assert ensembles.read(file(row), "gcj02").cells.tolist() == true
    moved = np.array([115.5955]), np.array([28.8985])  # half a kilometre off it may be the next cell, and here it is
    row = f"m,1,rainstorm,rain24h_mm,{grid.to_gcj02(*moved)[0][0]:.7f},{grid.to_gcj02(*moved)[1][0]:.7f},90"
    assert ensembles.read(file(row), "wgs84").cells.tolist() != grid.cells(*moved).tolist()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("m,1,rainstorm,rain24h_mm,28.9,115.6,90", "第 2 行的 lon"),
        ("m,1,meteorite,rain24h_mm,115.6,28.9,90", "第 2 行的 hazard"),
        ("m,1,rainstorm,moonlight,115.6,28.9,90", "第 2 行的 kind"),
        ("m,1,rainstorm,rain24h_mm,115.6,28.9,-1", "第 2 行的 value"),
        ("m,1,rainstorm,rain24h_mm,115.6,28.9,nan", "第 2 行的 value"),
        ("m,-1,rainstorm,rain24h_mm,115.6,28.9,9", "第 2 行的 weight"),
        ("m,0.6,rainstorm,rain24h_mm,115.6,28.9,9", "加起来应为 1，现在是 0.6"),
        ("m,1,rainstorm,rain24h_mm,115.6,28.9,wet", "value 列不是数字"),
    ],
)
def test_what_is_wrong_is_said_by_row_and_column(file, row, said):
    with pytest.raises(BadInput, match=said):
        ensembles.read(file(row))


def test_a_member_with_two_weights_is_refused(file):
    with pytest.raises(BadInput, match="第 2 行的 weight"):
        ensembles.read(file("m,0.5,rainstorm,rain24h_mm,115.6,28.9,9", "m,1,rainstorm,rain24h_mm,115.7,28.9,9"))


def test_files_that_are_no_tables_are_refused(file, tmp_path):
    with pytest.raises(BadInput, match="缺少这些列：value"):
        ensembles.read(file("m,1,rainstorm,rain24h_mm,115.6,28.9", head=HEAD.removesuffix(",value")))
    with pytest.raises(BadInput, match="是空的"):
        ensembles.read(file())
    with pytest.raises(BadInput, match="读不了文件"):
        ensembles.read(tmp_path / "nowhere.csv")
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"no parquet")
    with pytest.raises(BadInput, match=r"不是可以读的"):
        ensembles.read(broken)


def test_what_is_too_large_is_refused(file, monkeypatch):
    monkeypatch.setattr(ensembles, "MOST_PAIRS", 1)
    with pytest.raises(BadInput, match="预报太大"):
        ensembles.read(file(*ROWS))
    monkeypatch.setattr(ensembles, "MOST_BYTES", 1)
    with pytest.raises(BadInput, match="太大"):
        ensembles.read(file(*ROWS))


@pytest.mark.clause("H1", "W1", "G1")
def test_the_command_estimates_from_it(settle, storm, file, capsys):
    settle(family(A, 1, location="point", lon=115.6049, lat=28.9051), family(D, 1))
    event = storm()
    call_command("foresee_run", event.code, forecast=file(*ROWS), json=True)
    document = json.loads(capsys.readouterr().out)
    assert (document["basis"], document["members"], document["households"]) == ("forecast", 2, 2)
    wet, dry = Impact.objects.order_by("household__code")
    assert wet.loss_yuan > 100
    assert dry.loss_yuan == 0
    assert document["expected"] == pytest.approx(wet.score + dry.score, abs=0.01)
    assert document["villages"][0]["code"] == A
    call_command("foresee_run", event.code)
    assert "示例甲村" in capsys.readouterr().out


def test_a_forecast_that_cannot_be_read_leaves_no_run(settle, storm, file):
    settle(family(A, 1))
    with pytest.raises(BadInput):
        call_command("foresee_run", storm().code, forecast=file("m,1,meteorite,rain24h_mm,115.6,28.9,90"))
    assert not Run.objects.exists()
