"""Snapshots: nobody can be named from one, all of it is there or none, and it tells what the database tells."""

import json
import os
from datetime import date, timedelta

import duckdb
import pyarrow.parquet as pq
import pytest
from tests.county.registry.conftest import A, B, C, household, person

from anlan.cli import run
from anlan.county import clock, seal
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Division
from anlan.county.registry import jobs
from anlan.county.registry.actions import enrol
from anlan.county.registry.models import Household, Person
from anlan.county.registry.records import CategoryRecord, IncomeRecord
from anlan.county.registry.snapshots import files, tables
from anlan.county.registry.snapshots.actions import nightly, snapshot, tonight
from anlan.county.registry.snapshots.summary import of_database, of_snapshot

HERE, DAY = "county=360123", date(2026, 6, 18)
POOR = IncomeRecord(date(2026, 5, 31), wage_yuan=4_000.0, business_yuan=900.5, business_cost_yuan=100.25)
WORDS = ("示例甲", "示例乙", "990123", "10000000001", "某路", "chronic", "grave", "disabled", "360123101201000")


@pytest.fixture
def register(people):
    """Four households in three villages, of every kind that a summary tells apart."""
    members = (person(), person(name="示例乙", relation="child", born=date(2010, 2, 3), health="chronic"))
    categories = (CategoryRecord("disabled", date(2020, 1, 1)), CategoryRecord("marginal", date(2021, 3, 4)))
    enrol(
        records=[
            household(A, 1, people=(person(born=date(1960, 1, 1)),), address="某路1号"),
            household(A, 2, people=members, income=POOR, categories=categories),
            household(B, 1, home=None, income=None, holdings=(), people=(), size=2, registered=False, categories=()),
            household(C, 1, categories=(CategoryRecord("ex_poor", date(2020, 1, 1), until=date(2024, 1, 1)),)),
        ],
        by=people["anlan"], source="test",
    )  # fmt: skip
    return people


@pytest.fixture
def taken(register, tmp_path):
    (manifest,) = snapshot(out=tmp_path / "out", by=register["anlan"])
    return tmp_path / "out", manifest


def read(folder, table):
    return pq.read_table(folder / HERE / f"{table}.parquet", partitioning=None)


def test_every_table_is_there_with_its_rows(taken):
    folder, manifest = taken
    rows = {name: table["rows"] for name, table in manifest["tables"].items()}
    assert rows == {"households": 4, "people": 4, "homes": 3, "holdings": 6, "income": 3, "categories": 3}
    assert {path.name for path in (folder / HERE).iterdir()} == {*(f"{name}.parquet" for name in rows), "manifest.json"}
    for name, count in rows.items():
        assert read(folder, name).num_rows == count
    assert manifest == json.loads((folder / HERE / "manifest.json").read_text())
    assert manifest["synthetic"] is True
    assert manifest["at"].startswith("2026-06-18T20:00")


def test_nobody_can_be_named_from_it(taken):
    folder, _manifest = taken
    for path in (folder / HERE).iterdir():
        plain = (
            str(pq.read_table(path, partitioning=None).to_pylist()) if path.suffix == ".parquet" else path.read_text()
        )
        assert not [word for word in WORDS if word in plain], path
        content = path.read_bytes()
        assert not [word for word in WORDS if word.encode() in content], path
    assert (folder / HERE).stat().st_mode & 0o077 == 0


def test_a_column_tells_nothing_that_its_model_calls_personal():
    """Sex and the year of birth are what analysis needs; all else that is personal stays out."""
    allowed = {("people", "sex"), ("people", "birth_year")}
    for table in tables.TABLES:
        personal = getattr(table.model, "PERSONAL", {})
        for name, _kind, source in table.columns:
            assert source.split("__")[0] not in personal or (table.name, name) in allowed, f"{table.name}.{name}"
    assert {name for _, name in allowed} <= {name for name, _kind, _source in tables.TABLES[1].columns}


def test_what_analysis_needs_is_told(taken):
    folder, _manifest = taken
    people = read(folder, "people").to_pylist()
    assert sorted(each["birth_year"] for each in people) == [1960, 1972, 1972, 2010]
    assert {each["sex"] for each in people} == {"m"}
    houses = {each["household"]: each for each in read(folder, "households").to_pylist()}
    assert sorted(each["division"] for each in houses.values()) == [A, A, B, C]
    assert {each["household"] for each in people} <= set(houses)
    income = read(folder, "income").to_pylist()
    assert {each["until"] for each in income} == {date(2026, 5, 31)}
    assert sorted(each["kind"] for each in read(folder, "categories").to_pylist()) == ["ex_poor", "ex_poor", "marginal"]


def test_a_household_keeps_its_pseudonym_and_another_installation_gives_another(taken, register, tmp_path):
    folder, manifest = taken
    (again,) = snapshot(out=tmp_path / "again", by=register["anlan"])
    assert again["tables"] == manifest["tables"]  # the same bytes, too
    with seal.held(seal.new_ring("sm4")):
        snapshot(out=tmp_path / "other", by=register["anlan"])
    mine, other = (set(read(each, "people")["person"].to_pylist()) for each in (folder, tmp_path / "other"))
    assert len(mine) == len(other) == 4
    assert not mine & other
    stored = set(Household.objects.values_list("phone_index", flat=True)) | set(
        Person.objects.values_list("id_index", flat=True)
    )
    assert not stored & (mine | set(read(folder, "households")["household"].to_pylist()))


def test_the_database_and_its_snapshot_tell_the_same(taken, register):
    (said,) = of_database(register["anlan"], DAY)
    assert of_snapshot(taken[0], DAY) == [said] == of_snapshot(taken[0], DAY, "360123")
    assert (said.households, said.registered, said.people, said.old) == (4, 3, 4, 1)
    assert (said.labourers, said.income_yuan, said.below_line) == (8, 60_400, 1)
    assert said.categories == {"ex_poor": 1, "marginal": 1}


def test_who_is_gone_is_in_neither(register, tmp_path):
    one, other, *_rest = Household.objects.order_by("code")
    Household.every.filter(pk=other.pk).update(merged_into=one, registered=False)
    Person.every.filter(household=one).update(gone_on=DAY, gone="died")
    Household.every.filter(pk=one.pk).update(closed_on=DAY, registered=False)
    snapshot(out=tmp_path, by=register["anlan"])
    (said,) = of_database(register["anlan"], DAY)
    assert of_snapshot(tmp_path, DAY) == [said]
    assert (said.households, said.people, said.categories) == (2, 1, {})


@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_it_makes_no_difference_how_many_are_read_together(taken, register, tmp_path, monkeypatch, size):
    monkeypatch.setattr(tables, "CHUNK", size)
    snapshot(out=tmp_path / "other", by=register["anlan"])
    for table in tables.TABLES:
        assert read(taken[0], table.name).equals(read(tmp_path / "other", table.name))


def test_a_register_of_nobody_is_a_snapshot_of_nobody(people, tmp_path):
    (manifest,) = snapshot(out=tmp_path, by=people["anlan"])
    assert {table["rows"] for table in manifest["tables"].values()} == {0}
    assert read(tmp_path, "income").schema.names[:2] == ["household", "until"]
    assert [each.households for each in of_snapshot(tmp_path, DAY)] == [0]
    assert of_database(people["anlan"], DAY) == []


def test_a_second_one_takes_the_firsts_place_whole(taken, register):
    folder, _manifest = taken
    (folder / HERE / "left over").touch()
    Household.objects.filter(division_id=C).update(closed_on=DAY, registered=False)
    (again,) = snapshot(out=folder, by=register["anlan"])
    assert again["tables"]["households"]["rows"] == 3
    assert [path.name for path in folder.iterdir()] == [HERE]
    assert not (folder / HERE / "left over").exists()


def test_one_that_breaks_off_leaves_the_old_one_and_nothing_else(taken, register, monkeypatch):
    folder, manifest = taken

    def broken(_county):
        yield {table.name: table.schema.empty_table() for table in tables.TABLES}
        raise RuntimeError

    monkeypatch.setattr(files, "rows", broken)
    with pytest.raises(RuntimeError):
        snapshot(out=folder, by=register["anlan"])
    assert [path.name for path in folder.iterdir()] == [HERE]
    assert files.manifests(folder) == [manifest]
    assert Entry.objects.filter(verb="registry.snapshot").count() == 1


def test_where_the_new_one_cannot_take_its_place_the_old_one_has_it_again(taken, register, tmp_path):
    folder, manifest = taken
    with pytest.raises(OSError):  # noqa: PT011 (whatever the system says)
        files._put(tmp_path / "not there", folder / HERE)
    assert files.manifests(folder) == [manifest]
    assert [path.name for path in folder.iterdir()] == [HERE]


def test_it_is_written_down_without_anybody_in_it(taken, register):
    (line,) = Entry.objects.filter(verb="registry.snapshot")
    assert (line.about, line.by) == ("division:360123000000", "anlan")
    payload = json.loads(line.payload)
    assert payload["people"] == [4, taken[1]["tables"]["people"]["digest"][:16]]


def test_it_is_for_those_who_may_give_lists_out_and_of_their_counties(register, tmp_path):
    for name in ("village_cadre_a", "township_officer_a"):
        with pytest.raises((NotAllowed, NotFound)):
            snapshot(out=tmp_path / "out", by=register[name])
    with pytest.raises(NotAllowed):
        snapshot(out=tmp_path / "out", by=register["auditor"], county="360123")
    with pytest.raises(NotFound, match="360124"):
        snapshot(out=tmp_path / "out", by=register["anlan"], county="360124")
    with pytest.raises(NotFound):
        snapshot(out=tmp_path / "out", by=register["anlan"], county="x")
    assert not (tmp_path / "out").exists()
    assert snapshot(out=tmp_path / "out", by=register["administrator"], county="360123")


def test_a_province_is_its_counties_folders_side_by_side(taken, register):
    """Two counties of one database here; of a database each where it matters (test_province.py)."""
    folder, _manifest = taken
    Division.objects.create(code="360124000000", name="示例县", level="county", synthetic=True)
    Division.objects.create(code="360124100000", name="示例镇", level="township", parent_id="360124000000")
    Division.objects.create(code="360124100200", name="示例村", level="village", parent_id="360124100000")
    enrol(records=[household("360124100200", 1)], by=register["anlan"], source="test")
    with pytest.raises(NotFound):
        snapshot(out=folder, by=register["anlan"], county="360124")  # the installation is the other county's
    files.write(folder, "360124000000", clock.now(), synthetic=True)
    found = of_snapshot(folder, DAY)
    assert [(each.county, each.households) for each in found] == [("360123", 4), ("360124", 1)]
    assert [each.county for each in of_snapshot(folder, DAY, "360124")] == ["360124"]


def test_a_folder_with_a_quote_in_its_name_can_be_read(register, tmp_path):
    folder = tmp_path / "o'clock {a,b} [x]"
    snapshot(out=folder, by=register["anlan"])
    assert of_snapshot(folder, DAY) == of_database(register["anlan"], DAY)


def test_anybody_can_read_it_with_duckdb_alone(taken):
    asked = (
        f"SELECT county, count(*) FROM read_parquet('{taken[0]}/*/people.parquet', hive_partitioning = true) GROUP BY 1"
    )
    with duckdb.connect() as database:
        assert database.execute(asked).fetchall() == [(360123, 4)]


def test_what_is_not_as_it_was_written_is_refused(taken):
    folder, _manifest = taken
    with pytest.raises(NotFound, match="anlan registry snapshot"):
        of_snapshot(folder, DAY, "360124")
    with pytest.raises(NotFound):
        of_snapshot(folder, DAY, "x*")
    path = folder / HERE / "people.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    with pytest.raises(BadInput, match=r"people\.parquet"):
        of_snapshot(folder, DAY)
    path.unlink()
    with pytest.raises(BadInput, match=r"people\.parquet"):
        of_snapshot(folder, DAY)


# --- every night ------------------------------------------------------------------------------------


@pytest.fixture
def nights(settings, tmp_path):
    settings.SNAPSHOTS, settings.SNAPSHOT_DAYS, settings.SNAPSHOT_HOUR = tmp_path / "nights", 3, 2
    return settings.SNAPSHOTS


def test_it_is_taken_once_a_night_from_its_hour_on(register, nights, now):
    midnight = now.replace(hour=0) + timedelta(days=1)
    taken = []
    for hours in range(49):
        with clock.held(midnight + timedelta(hours=hours)):
            taken += [hours] * jobs.snapshot_nightly()
    assert taken == [0, 2, 26]  # the first at once: that night's had not been taken
    assert [day for day, _path in files.days(nights)] == [date(2026, 6, each) for each in (18, 19, 20)]
    assert jobs.snapshot_nightly in jobs.JOBS


def test_old_ones_go_and_what_a_broken_night_left(register, nights, now):
    for night in (
        "2026-06-15",
        "2026-06-16",
        "not a date",
        "9999-99-99",
        ".2026-06-17",
        ".2026-06-18/.county=360123.x",
    ):
        (nights / night).mkdir(parents=True)
    assert nightly(by=register["anlan"]) == 1
    left = {path.name for path in nights.iterdir()}
    assert left == {"2026-06-16", "2026-06-18", "not a date", "9999-99-99", "lock"}
    assert [path.name for path in (nights / "2026-06-18").iterdir()] == [HERE]


def test_it_is_taken_by_one_worker_only(register, nights):
    from anlan.county.registry.lock import alone

    with alone(nights) as mine:
        assert mine
        assert nightly(by=register["anlan"]) == 0
    assert nightly(by=register["anlan"]) == 1


def test_the_second_of_two_workers_sees_that_it_is_there(register, nights, monkeypatch):
    from anlan.county.registry.snapshots import actions

    whole = actions.alone

    def late(folder):
        (folder / tonight().isoformat()).mkdir(parents=True)
        return whole(folder)

    monkeypatch.setattr(actions, "alone", late)
    assert nightly(by=register["anlan"]) == 0


def test_none_is_taken_where_none_is_wanted_or_there_is_no_county(register, nights, settings):
    settings.SNAPSHOT_DAYS = 0
    assert nightly(by=register["anlan"]) == 0
    assert not nights.exists()


def test_without_a_county_the_worker_takes_none(db, nights):
    assert jobs.snapshot_nightly() == 0


# --- commands ---------------------------------------------------------------------------------------


@pytest.fixture
def anlan(capsys, monkeypatch):
    from django.db import connections

    monkeypatch.setattr(connections, "close_all", lambda: None)  # the test's connection stays open

    def anlan(*words):
        code = run(["registry", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return anlan


def test_by_command_both_summaries_are_the_same(register, nights, anlan, tmp_path):
    code, out, _err = anlan("snapshot", "--json")
    assert code == 0
    folder = json.loads(out)["folder"]
    assert folder == str(nights / "2026-06-18")
    code, told, _err = anlan("summary", "--snapshot", folder, "--json")
    assert (code, told) == (0, anlan("summary", "--json")[1])
    assert json.loads(told)["counties"][0]["categories"] == {"ex_poor": 1, "marginal": 1}
    assert "below_line 1" in anlan("summary")[1]
    assert "people 4" in anlan("snapshot", "--out", str(tmp_path / "x"), "--county", "360123")[1]


def test_by_command_what_cannot_be_is_refused_with_a_sentence(register, anlan, tmp_path):
    code, out, err = anlan("summary", "--snapshot", str(tmp_path), "--json")
    assert (code, out) == (2, "")
    assert "anlan registry snapshot" in err
    assert anlan("snapshot", "--out", str(tmp_path), "--county", "999999")[0] == 2
    assert anlan("summary", "--by", "nobody")[0] == 2
    assert not os.listdir(tmp_path)
