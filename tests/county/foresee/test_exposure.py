"""What stands where, as tables: whose they are cannot be told, and what has not changed is not written again."""

import json
from datetime import date, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.test import override_settings
from tests.county.foresee.conftest import A, B, C, D, family

from anlan.county import clock, seal
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.foresee import exposure, parquet
from anlan.county.foresee.actions import expose, foresee
from anlan.county.foresee.models import Exposure
from anlan.county.ledger.models import Entry
from anlan.county.registry.actions import enrol
from anlan.county.registry.models import Holding, Household
from anlan.county.registry.queries import columns
from anlan.county.registry.records import HoldingRecord, HomeRecord, PersonRecord
from anlan.engine.hazard import grid

COUNTY = ["360123000000"]
POINT = {"location": "point"}
TOWN_A, TOWN_B = "360123101000", "360123102000"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "exposure"


@pytest.fixture
def write(people, folder):
    return lambda: expose(by=people["anlan"], folder=folder)


def tables(folder, made, town):
    return parquet.read(folder, town, made.parts[town])


def test_every_household_and_all_it_owns_is_in_its_townships_tables(settle, write, folder):
    settle(
        family(A, 1, holdings=(HoldingRecord("rice", 8.0, 14_000.0), HoldingRecord("pigs", 3, 5_000.0))),
        family(A, 2, home=HomeRecord("adobe", storeys=2, value_yuan=20_000.0), holdings=(), insured=True),
        family(C, 1, holdings=(HoldingRecord("equipment", 1, 900.0),)),
    )  # fmt: skip
    made, written = write()
    assert (made.households, made.on, written) == (3, date(2026, 6, 18), [TOWN_A, TOWN_B])
    kept = tables(folder, made, TOWN_A)
    assert kept["households"].schema == exposure.HOUSEHOLD
    assert kept["assets"].schema == exposure.ASSET
    assert kept["households"]["members"].to_pylist() == [2, 2]
    assert kept["households"]["wage_yuan"].to_pylist() == [12_000.0] * 2
    insured = [each >> exposure.FLAGS.index("insured") & 1 for each in kept["households"]["flags"].to_pylist()]
    assert sorted(insured) == [0, 1]
    first = {each["class"]: each for each in kept["assets"].to_pylist() if each["hh_idx"] == insured.index(0)}
    assert set(first) == {
        "crop.rice.tillering", "house.brick_timber.1", "labour", "livestock.pigs", "water.central"
    }  # fmt: skip
    crop = first["crop.rice.tillering"]
    assert (crop["value_yuan"], crop["quantity"], crop["unit"]) == (14_000.0, 8.0, "mu")
    second = {each["class"] for each in kept["assets"].to_pylist() if each["hh_idx"] == insured.index(1)}
    assert second == {"house.adobe.2", "labour", "water.central"}
    assert made.assets == 5 + 3 + 4
    assert "stock" in tables(folder, made, TOWN_B)["assets"]["class"].to_pylist()


def test_a_household_stands_in_its_cell_and_its_goods_with_it(settle, write, folder):
    settle(family(A, 1, lon=115.6123, lat=28.9077, **POINT), family(A, 2))
    kept = tables(folder, write()[0], TOWN_A)
    cells = kept["households"]["cell"].to_numpy()
    assert (np.diff(cells) >= 0).all()
    assert set(cells) == set(grid.cells(np.array([115.6123, 115.61]), np.array([28.9077, 28.91])).tolist())
    owner = kept["assets"]["hh_idx"].to_numpy()
    assert (kept["assets"]["cell"].to_numpy() == cells[owner]).all()
    assert (np.diff(owner.astype(int)) >= 0).all()


@pytest.mark.clause("A2")
def test_nobody_can_be_told_from_the_files(settle, write, folder):
    head = PersonRecord("示例某", "99999919700101001X", "m", date(1970, 1, 1), "head")
    known = settle(family(A, 1, people=(head,), phone="10000000001"))
    write()
    raw = b"".join(path.read_bytes() for path in folder.rglob("*.parquet"))
    names = "".join(str(path) for path in folder.rglob("*"))
    text = "".join(str(pq.read_table(path).to_pylist()) for path in folder.rglob("*.parquet"))
    (household,) = known.values()
    for secret in ("示例", "99999919700101001X", "10000000001", household.code):
        assert secret.encode() not in raw
        assert secret not in names
        assert secret not in text


def test_a_household_goes_by_a_name_that_only_the_key_gives(settle, write, folder):
    known = settle(family(A, 1))
    (named,) = tables(folder, write()[0], TOWN_A)["households"]["hh_id"].to_pylist()
    (code,) = known
    assert named == seal.ring().blinder("foresee.exposure")(code) % 2**64
    with seal.held(seal.new_ring("aes")):
        assert named != seal.ring().blinder("foresee.exposure")(code) % 2**64


def test_what_has_not_changed_is_not_written_again(settle, write, folder):
    settle(family(A, 1), family(C, 1))
    first, written = write()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}
    assert len(before) == 4
    again, nothing = write()
    assert (again, nothing) == (first, [])
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")} == before
    Holding.objects.filter(household__division_id=C).update(value_yuan=1_234.0)
    changed, written = write()
    assert written == [TOWN_B]
    assert changed.digest != first.digest
    assert changed.parts[TOWN_A] == first.parts[TOWN_A]
    assert Exposure.objects.count() == 2
    assert set(before) < set(folder.rglob("*.parquet")), "an older run is explained from the older files"


def test_a_new_kind_of_asset_in_one_township_leaves_the_others_files_alone(settle, write):
    settle(family(A, 1), family(C, 1))
    write()
    settle(family(A, 2, holdings=(HoldingRecord("sweet_potato", 3, 700.0), HoldingRecord("bees", 3, 700.0))))
    assert write()[1] == [TOWN_A]


def test_another_key_names_households_anew_and_needs_files_of_its_own(settle, write):
    settle(family(A, 1))
    write()
    with seal.held(seal.new_ring("aes")):
        assert write()[1] == [TOWN_A]


def test_crops_grow_and_the_tables_with_them(settle, write):
    settle(family(A, 1), family(C, 1, holdings=(HoldingRecord("vegetables", 1.0, 900.0),)))
    write()
    clock.advance(timedelta(days=30))
    assert write()[1] == [TOWN_A], "rice boots in July; vegetables have no stages"


def test_the_same_registry_gives_the_same_digests_whatever_order_it_came_in(settle, write, people):
    records = [family(village, serial) for village in (A, B, C, D) for serial in (1, 2)]
    settle(*records)
    first, _written = write()
    Household.every.all().delete()
    enrol(records=list(reversed(records)), by=people["anlan"], source="test")
    assert write()[0].parts == first.parts


@pytest.mark.clause("A1")
def test_it_leaves_one_line_without_anyones_name(settle, write):
    settle(family(A, 1), family(C, 1))
    before = Entry.objects.count()
    made, _written = write()
    line = Entry.objects.get(seq__gt=before)
    assert (line.verb, line.about, line.by) == ("foresee.expose", f"exposure:{made.digest[:12]}", "anlan")
    assert "示例" not in line.payload
    assert A not in line.payload


def test_a_county_without_households_has_no_tables(county, write):
    made, written = write()
    assert (made.households, made.parts, written) == (0, {}, [])


def test_a_run_names_the_tables_it_was_made_from(settle, storm, people):
    settle(family(A, 1))
    made = foresee(event=storm(codes=[D]), by=people["anlan"])
    assert made.households == 0
    assert set(made.exposure.parts) == {TOWN_A}


def test_only_the_duty_desk_writes_tables(settle, people, folder):
    settle(family(A, 1))
    with pytest.raises(NotAllowed):
        expose(by=people["auditor"], folder=folder)
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_refused_and_nothing_is_left(settle, people, tmp_path):
    settle(family(A, 1))
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(BadInput, match="写不了文件"):
        expose(by=people["anlan"], folder=blocked)
    assert not Exposure.objects.exists()


def test_the_command_names_its_files(settle, folder, capsys):
    settle(family(A, 1))
    call_command("foresee_exposure", out=str(folder), json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["households"] == 1
    assert document["written"] == [TOWN_A]
    assert sorted(document["files"]) == sorted(map(str, folder.rglob("*.parquet")))
    call_command("foresee_exposure", out=str(folder))
    assert capsys.readouterr().out.split() == document["files"]


def test_the_command_writes_where_the_installation_keeps_them(settle, folder, capsys):
    settle(family(A, 1))
    with override_settings(EXPOSURE=folder):
        call_command("foresee_exposure", json=True)
    assert json.loads(capsys.readouterr().out)["folder"] == str(folder)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("rice", "crop.rice.tillering"), ("crops", "crop.crops.standing"), ("cattle", "livestock.cattle"),
     ("equipment", "stock"), ("tea", "crop.tea.standing")],
)  # fmt: skip
def test_each_holding_has_a_class(settle, kind, expected):
    settle(family(A, 1, holdings=(HoldingRecord(kind, 1.0, 500.0), HoldingRecord("pigs", 0, 0.0))))
    owned = exposure.assets(columns(COUNTY, clock.today()), clock.today())
    assert expected in owned.names
    assert "livestock.pigs" not in [owned.names[kind] for kind in owned.kind], "what is worth nothing stands nowhere"
