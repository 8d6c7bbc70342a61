"""A province as it is run: a database for each county, a folder of snapshots for all of them."""

import json
import os

import pytest
from tests.county.registry.books import HOUSES, number
from tests.county.registry.test_two_at_once import drop_database, fresh_database
from tests.installation import Installation

from anlan.county.registry.sheets import workbook

pytestmark = pytest.mark.long
COUNTY = """
import sys
import django; django.setup()
from anlan.county.office.actions import enrol_divisions, found_county, load_reference
code = sys.argv[1]
found_county(code=f"{code}000000", name=f"示例{code}县", synthetic=True, lon=115.55, lat=28.84)
enrol_divisions([(f"{code}101000", "示例镇", None, None), (f"{code}101201", "示例村", None, None)], synthetic=True)
"""
# Somebody else takes every income away while the snapshot is between two tables.
MEANWHILE = """
import sys, threading
from pathlib import Path
import django; django.setup()
from django.db import connection
from anlan.county.office.queries import machine
from anlan.county.registry.models import Income
from anlan.county.registry.snapshots import actions, tables
whole = tables._table

def take_away():
    Income.objects.all().delete()
    connection.close()

def table(this, *words):
    if this.name == "income":
        other = threading.Thread(target=take_away)
        other.start()
        other.join(60)
    return whole(this, *words)

tables._table = table
(manifest,) = actions.snapshot(out=Path(sys.argv[1]), by=machine())
print(manifest["tables"]["income"]["rows"], Income.objects.count())
"""
HEADINGS = (*HOUSES, "家庭人口数", "工资性收入", "是否脱贫户")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def counties(request, tmp_path):
    """Makes counties, each in a database of its own with so many households, and runs `anlan` in them."""
    named = []

    class County:
        def __init__(self, code, households):
            self.code, self.home = code, tmp_path / code
            self.home.mkdir()
            self.installation, self.changes = Installation(self.home), {}
            if request.param == "postgresql":
                named.append(f"county_{code}_{os.getpid()}")
                self.changes = {"ANLAN_DATABASE": fresh_database(named[-1])}
            self.run("setup")
            made = self.python(COUNTY, code)
            assert made.returncode == 0, made.stderr
            village = f"{code}101201"
            rows = [
                (f"{village}{at:05d}", village, f"示例{at}", number(at), 2, 5_000 * at, "是" if at % 2 else "否")
                for at in range(1, households + 1)
            ]
            path = self.home / "list.xlsx"
            path.write_bytes(workbook([HEADINGS, *[[str(cell) for cell in row] for row in rows]]))
            assert self.run("registry", "import", str(path))["new"] == households

        def python(self, code, *words):
            return self.installation.python(code, *words, **self.changes)

        def run(self, *words):
            done = self.installation.anlan(*words, "--json", **self.changes)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)

    yield County
    for name in named:
        drop_database(name)


def test_the_whole_of_a_province_is_the_sum_of_its_counties_and_each_can_go_and_come_again(counties, tmp_path):
    province = tmp_path / "province"
    first, second = counties("360123", 8), counties("360124", 5)
    told = []
    for county in (first, second):
        county.run("registry", "snapshot", "--out", str(province))
        told += county.run("registry", "summary")["counties"]
    assert [(each["county"], each["households"], each["people"]) for each in told] == [
        ("360123", 8, 8),
        ("360124", 5, 5),
    ]
    asked = ("registry", "summary", "--snapshot", str(province))
    assert first.run(*asked)["counties"] == second.run(*asked)["counties"] == told
    assert told[1]["categories"] == {"ex_poor": 3}
    assert told[0]["below_line"] == told[1]["below_line"] > 0
    batch = second.run("registry", "import", str(second.home / "list.xlsx"))
    assert batch["unchanged"] == 5
    second.run("registry", "undo", "1")
    second.run("registry", "snapshot", "--out", str(province), "--county", "360124")
    again = first.run(*asked)["counties"]
    assert again[0] == told[0]
    assert again[1]["households"] == 0


def test_a_snapshot_is_of_one_moment_and_holds_nobody_up(counties, tmp_path):
    county = counties("360123", 6)
    done = county.python(MEANWHILE, str(tmp_path / "out"))
    assert done.stdout == "6 0\n", done.stderr
    assert (
        json.loads((tmp_path / "out" / "county=360123" / "manifest.json").read_text())["tables"]["income"]["rows"] == 6
    )
