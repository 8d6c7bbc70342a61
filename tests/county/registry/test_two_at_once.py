"""Two imports at once, and one that is killed: each is all or nothing, and the second sees the first's result."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.county.registry.books import HOUSES, number
from tests.county.registry.conftest import A
from tests.installation import MAIN, Installation

from anlan.county.registry.sheets import workbook

pytestmark = pytest.mark.long
COUNTY = """
import django; django.setup()
from anlan.county.office.actions import enrol_divisions, found_county, load_reference
load_reference()
found_county(code="360123000000", name="安义县", synthetic=True, lon=115.55, lat=28.84)
enrol_divisions([("360123101000", "万埠镇", 115.6, 28.9), ("360123101201", "示例甲村", 115.6, 28.9)], synthetic=True)
"""
# Stops at a chosen point of the merge and says so; whoever started it then kills it.
STALLED = """
import sys
import django; django.setup()
from anlan.county.registry import importing, merging
whole = merging.remember
def stop(*words, **more):
    whole(*words, **more)
    print("half way", flush=True)
    sys.stdin.read()
merging.remember = stop
from anlan.cli import main; main()
"""


def households(path: Path, first: int, last: int, **changes: str) -> Path:
    rows = [(f"{A}{at:05d}", A, f"示例{at}", number(at), changes.get("组", "1")) for at in range(first, last)]
    path.write_bytes(workbook([(*HOUSES, "村民小组"), *rows]))
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def place(request, tmp_path):
    """An installation with a county of one village, on either database."""
    changes = {}
    if request.param == "postgresql":
        changes["ANLAN_DATABASE"] = fresh_database(f"two_{os.getpid()}")
    home = Installation(tmp_path)
    assert home.anlan("setup", **changes).returncode == 0
    made = home.python(COUNTY, **changes)
    assert made.returncode == 0, made.stderr
    home_changes = changes

    class Place:
        path = tmp_path

        def run(self, *words):
            found = home.anlan("registry", *words, "--json", **home_changes)
            return json.loads(found.stdout or "{}"), found

        def start(self, code, *words):
            command = [sys.executable, "-W", "ignore", "-c", code, "registry", *words, "--json"]
            return subprocess.Popen(
                command, env=home.environment(**home_changes), cwd=tmp_path, text=True, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip

    yield Place()
    if changes:
        drop_database(f"two_{os.getpid()}")


def admin(sql: str) -> str:
    import psycopg

    url = os.environ["ANLAN_TEST_POSTGRESQL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql)
    return url


def fresh_database(name: str) -> str:
    drop_database(name)
    url = admin(f"CREATE DATABASE {name}")
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def drop_database(name: str) -> None:
    admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_killed_in_the_middle_leaves_nothing_and_does_not_stand_in_the_way(place):
    path = households(place.path / "a.xlsx", 1, 40)
    stalled = place.start(STALLED, "import", str(path))
    assert stalled.stdout.readline() == "half way\n"
    stalled.send_signal(signal.SIGKILL)
    stalled.communicate()
    out, _found = place.run("export", "--out", str(place.path / "x.xlsx"))
    assert out["households"] == 0
    done, found = place.run("import", str(path))
    assert found.returncode == 0, found.stderr
    assert (done["new"], done["batch"]) in {(39, 1), (39, 2)}


def test_the_second_of_two_waits_and_sees_the_firsts_result(place):
    path = households(place.path / "a.xlsx", 1, 30)
    first = place.start(STALLED, "import", str(path))
    assert first.stdout.readline() == "half way\n"
    second = place.start(MAIN, "import", str(path))
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(3)
    out, _err = first.communicate("")
    assert json.loads(out)["new"] == 29
    out, err = second.communicate()
    assert second.returncode == 0, err
    found = json.loads(out)
    assert (found["new"], found["unchanged"]) == (0, 29)


def test_many_at_once_give_every_household_once(place):
    paths = [households(place.path / f"{at}.xlsx", 1 + at * 5, 21 + at * 5) for at in range(3)]
    running = [place.start(MAIN, "import", str(path)) for path in paths]
    found = [json.loads(each.communicate()[0]) for each in running]
    assert sum(each["new"] for each in found) == 30
    assert sum(each["new"] + each["unchanged"] for each in found) == 60


def test_killed_while_taking_back_leaves_everything(place):
    path = households(place.path / "a.xlsx", 1, 20)
    batch = place.run("import", str(path))[0]["batch"]
    code = """
import sys
from anlan.county.registry import undoing
whole = undoing.put_back
def stop(batch):
    whole(batch)
    print("half way", flush=True)
    sys.stdin.read()
import anlan.county.registry.actions as actions
"""
    stalled = place.start(
        "import django; django.setup()\n" + code + "actions.put_back = stop\nfrom anlan.cli import main; main()",
        "undo", str(batch),
    )  # fmt: skip
    assert stalled.stdout.readline() == "half way\n"
    stalled.send_signal(signal.SIGKILL)
    stalled.communicate()
    assert place.run("export", "--out", str(place.path / "x.xlsx"))[0]["households"] == 19
    assert place.run("undo", str(batch))[0]["state"] == "undone"


def test_nothing_of_a_file_stays_beside_the_database(place):
    path = households(place.path / "a.xlsx", 1, 5)
    place.run("import", str(path))
    left = [each.name for each in (place.path / "imports").rglob("*") if each.is_file()]
    assert set(left) <= {"lock"}
    assert sqlite3.sqlite_version_info >= (3, 35)
