"""Whole drills by the command line, each in a database of its own: the same seed, a kill, other worlds, real alerts."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from openpyxl import Workbook

from anlan.county.drill.identities import CHECKS, WEIGHTS

ANLAN = [sys.executable, "-m", "anlan"]
STORM = ["drill", "run", "june_rainstorm", "--households", "700", "--json"]
pytestmark = pytest.mark.long

WORLDS = {
    "calm": "[hazard]\namplitude_sd = 0.0\nnoise_sd = 0.0\n[people]\nreports_if_not = 0.0\n",
    "deaf": "[people]\nphone_invalid = 1.0\nhears_loudspeaker = 0.0\n",
    "wrong": "[exposure]\nlocation_wrong = 0.4\n",
    "lying": "[people]\nreports_if_not = 0.1\n",
    "missed": "[hazard]\ndisplacement_km = 15.0\n",
}


def environment(folder: Path) -> dict[str, str]:
    own = {"ANLAN_DATABASE": f"sqlite:///{folder}/drill.sqlite3", "ANLAN_HOME": str(folder)}
    return {**os.environ, **own, "PYTHONWARNINGS": "ignore"}


def anlan(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ANLAN, *arguments], env=environment(folder), capture_output=True, text=True, timeout=300, check=False
    )


def sent(folder: Path) -> Counter[str]:
    """How often each message went through the file channel."""
    lines = [line for path in folder.glob("spool/**/*.jsonl") for line in path.read_text().splitlines()]
    return Counter(json.loads(line)["key"] for line in lines)


def drill(folder: Path, *arguments: str) -> dict:
    done = anlan(folder, *arguments)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def storm(tmp_path_factory) -> tuple[Path, str]:
    """A finished drill: its folder, and its report as printed."""
    folder = tmp_path_factory.mktemp("storm")
    done = anlan(folder, *STORM)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder, done.stdout


@pytest.mark.xdist_group("storm")
def test_the_same_seed_gives_the_same_report_byte_for_byte(storm, tmp_path):
    assert anlan(tmp_path, *STORM).stdout == storm[1]


@pytest.mark.xdist_group("storm")
def test_a_finished_drill_is_run_anew_to_the_same_report(storm):
    assert anlan(storm[0], *STORM).stdout == storm[1]


@pytest.mark.xdist_group("storm")
def test_the_command_line_verifies_the_drills_ledger_and_balance(storm):
    folder, printed = storm
    report = json.loads(printed)
    verdict = json.loads(anlan(folder, "ledger", "verify", "--json").stdout)
    assert verdict["verified"] is True
    assert verdict["entries"] >= report["ledger"]["entries"]
    connection = sqlite3.connect(folder / "drill.sqlite3")
    (event,) = connection.execute("SELECT code FROM sense_event").fetchone()
    balance = json.loads(anlan(folder, "account", "coverage", event, "--json").stdout)
    assert balance["sha"] == report["coverage"]["sha"]
    assert balance["unaccounted"] == 0


@pytest.mark.xdist_group("kill")
def test_a_killed_drill_goes_on_loses_nothing_and_sends_at_most_one_batch_twice(storm, tmp_path):
    kills = 0
    for pause in (2.5, 4.0, 5.5):
        child = subprocess.Popen(
            [*ANLAN, *STORM], env=environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            child.wait(pause)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
            kills += 1
    done = anlan(tmp_path, *STORM)
    assert done.returncode == 0, done.stderr[-2000:]
    assert kills
    assert json.loads(done.stdout) == json.loads(storm[1])
    keys = sent(tmp_path)
    doubled = sum(count - 1 for count in keys.values())
    assert doubled <= 500 * kills
    connection = sqlite3.connect(tmp_path / "drill.sqlite3")
    handed = {key for (key,) in connection.execute("SELECT key FROM dispatch_message WHERE handed_at IS NOT NULL")}
    assert handed <= set(keys)


@pytest.mark.xdist_group("kill")
def test_a_drill_killed_in_the_middle_of_sending_resends_its_batch_and_no_more(storm, tmp_path):
    child = subprocess.Popen(
        [*ANLAN, *STORM], env=environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while child.poll() is None and not list(tmp_path.glob("spool/**/*.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.005)  # waiting for the first batch on the disk, not for a time to pass
    child.send_signal(signal.SIGKILL)
    child.wait()
    done = anlan(tmp_path, *STORM)
    assert json.loads(done.stdout) == json.loads(storm[1])
    keys = sent(tmp_path)
    assert sum(count - 1 for count in keys.values()) <= 500


@pytest.mark.clause("M2", "P3")
@pytest.mark.parametrize("name", WORLDS)
def test_in_every_world_the_balance_closes_and_the_report_says_who_was_missed(name, tmp_path):
    (tmp_path / "world.toml").write_text(WORLDS[name])
    report = drill(tmp_path, *STORM, "--world", str(tmp_path / "world.toml"))
    coverage, truth = report["coverage"], report["truth"]
    assert coverage["unaccounted"] == 0
    assert coverage["exposed"] == sum(coverage["disposed"].values()) + sum(coverage["open"].values())
    assert truth["at_risk"] == truth["found"] + truth["missed"]
    assert sum(truth["missed_why"].values()) == truth["missed"]
    if name == "deaf":
        assert report["warning"]["delivered"] <= report["warning"]["targeted"] * 0.2
        assert report["warning"]["t90_min"] is None


DEAD = "[carriers]\nrefused = 0.5\nswallowed = 1.0\n[warning]\nladder = 1\n"


@pytest.mark.clause("W2", "W3", "W4", "H3", "L1", "D6")
def test_where_the_carrier_is_dead_loudspeakers_and_cadres_carry_the_warning(tmp_path):
    (tmp_path / "world.toml").write_text(DEAD)
    report = drill(tmp_path, *STORM, "--world", str(tmp_path / "world.toml"))
    reach, warned = report["reach"], report["truth"]["warned"]
    assert (reach["by_channel"]["sms"], reach["by_channel"]["voice"], reach["by_channel"]["reply"]) == (0, 0, 0)
    assert reach["loudspeaker"]["played"] == reach["loudspeaker"]["villages"] > 0
    # Nobody is counted as reached but by whom a cadre told; the others are named with what became of their message.
    told, why = reach["by_channel"]["cadre"], reach["unreached_by_reason"]
    assert 0.5 * reach["targeted"] < told < reach["targeted"]
    assert sum(why.values()) == reach["targeted"] - told == report["warning"]["unreached"]
    assert set(why) == {"no_phone", "refused", "not_delivered"}
    # Whoever has not answered climbs: cadre, village, township, county.
    ladder = reach["ladder"]
    assert list(ladder) == ["cadre", "village", "town", "county"]
    assert ladder["cadre"]["households"] >= reach["targeted"]
    assert all(rung["unheld"] == 0 for rung in ladder.values())
    # And the truth, which is not made of receipts: the loudspeakers were heard though they answer for nobody.
    assert (warned["by_way"]["sms"], warned["by_way"]["voice"]) == (0, 0)
    assert warned["by_way"]["loudspeaker"] > 0.4 * report["households"]
    assert 0 < warned["only_by"]["loudspeaker"] == warned["heard_not_shown"]
    assert warned["heard"] + warned["not_heard"] == report["households"]
    assert warned["shown_not_heard"] == 0
    assert report["coverage"]["unaccounted"] == 0
    assert drill(tmp_path, *STORM, "--world", str(tmp_path / "world.toml")) == report


@pytest.mark.clause("W4", "M2")
def test_where_receipts_get_lost_the_county_shows_less_than_is_true_and_says_no_more(tmp_path):
    (tmp_path / "world.toml").write_text("[carriers]\nunreceipted = 1.0\n[people]\nacknowledges = 0.0\n")
    report = drill(tmp_path, *STORM, "--world", str(tmp_path / "world.toml"))
    reach, warned = report["reach"], report["truth"]["warned"]
    assert reach["by_channel"]["sms"] == 0 < warned["by_way"]["sms"]
    assert reach["unreached_by_reason"]["not_delivered"] > 0.8 * reach["targeted"]
    assert warned["heard_not_shown"] > 0.5 * report["households"]


@pytest.mark.clause("S3", "H5", "H1")
def test_an_autumn_drought_takes_water_and_crops_and_water_is_brought(tmp_path):
    report = drill(tmp_path, "drill", "run", "autumn_drought", "--households", "1200", "--seed", "2", "--json")
    assert report["truth"]["at_risk_by_axis"]["water"] > 0
    assert report["truth"]["at_risk_by_axis"]["income"] > 0
    assert report["coverage"]["unaccounted"] == 0
    assert any(kind.startswith("water") for kind in report["assistance"]["by_kind"])


@pytest.mark.clause("W2", "S1")
def test_a_real_alert_from_elsewhere_is_rehearsed_here_and_says_so(real_data, tmp_path):
    alert = real_data / "cap" / "cma" / "cma_penglai_heat_red_20260801.xml"
    report = drill(tmp_path, "drill", "run", "--alert", str(alert), "--households", "400", "--json")
    assert report["alert"]["identifier"] == "37061441600000_20260801133303"
    assert report["alert"]["moved"] == {"place": True, "time": False}
    assert report["exposed"] > 350
    assert report["coverage"]["unaccounted"] == 0


def test_an_alert_older_than_the_rules_is_rehearsed_in_their_first_year(real_data, tmp_path):
    alert = real_data / "cap" / "sahana" / "Flood.xml"
    report = drill(tmp_path, "drill", "run", "--alert", str(alert), "--households", "300", "--json")
    assert report["alert"]["moved"]["time"] is True
    assert report["started_at"].startswith("2023-")


def id_number(serial: int) -> str:
    body = f"99012319700101{serial:03d}"
    return body + CHECKS[sum(int(weight) * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True)) % 11]


def workbook(path: Path, rows: int, *, spoil: bool = False) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.append(["联系电话", "姓名", "身份证号", "户编号", "与户主关系", "行政区划代码", "经度", "纬度",
                  "家庭人口数", "工资性收入", "生产经营性收入", "种植业收入", "房屋结构"])  # fmt: skip
    for n in range(rows):
        number = id_number(n) if not (spoil and n == 3) else id_number(n)[:-1] + "Q"
        sheet.append([f"1390000{n:04d}", f"示例{n}", number, f"H{n}", "户主", f"36012310{n % 3}201",
                      115.6 + n * 0.0003, 28.85, 3, 9000, 21000, 20000, "砖混"])  # fmt: skip
    book.save(path)
    return path


def test_a_drill_runs_over_a_workbook_of_households(tmp_path):
    path = workbook(tmp_path / "households.xlsx", 120)
    report = drill(tmp_path, "drill", "run", "june_rainstorm", "--registry", str(path), "--json")
    assert report["households"] == 120
    assert report["exposed"] == 120
    assert report["coverage"]["unaccounted"] == 0


@pytest.mark.xdist_group("storm")
def test_a_workbook_with_a_bad_number_is_refused_by_place_and_the_old_drill_stays(storm, tmp_path):
    folder, printed = storm
    path = workbook(tmp_path / "spoilt.xlsx", 10, spoil=True)
    refused = anlan(folder, "drill", "run", "june_rainstorm", "--registry", str(path), "--json")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert re.search(r"第 5 行.身份证号", refused.stderr), refused.stderr
    kept = sqlite3.connect(folder / "drill.sqlite3").execute("SELECT count(*) FROM registry_household").fetchone()
    assert kept[0] > 600
    assert json.loads(printed)["households"] == 700


def test_a_drill_refuses_a_database_that_holds_a_real_county(tmp_path):
    found = "import django; django.setup(); from anlan.county.office.actions import found_county as f; f(%s)"
    words = "code='360123', name='安义县', synthetic=False, lon=115.5, lat=28.8"
    assert anlan(tmp_path, "setup", "--json").returncode == 0
    own = {**environment(tmp_path), "DJANGO_SETTINGS_MODULE": "anlan.county.config.settings"}
    subprocess.run([sys.executable, "-c", found % words], env=own, check=True, timeout=60)
    connection = sqlite3.connect(tmp_path / "drill.sqlite3")
    refused = anlan(tmp_path, *STORM)
    assert refused.returncode == 2
    assert "真实的县" in refused.stderr
    assert connection.execute("SELECT count(*) FROM office_division").fetchone() == (1,)


@pytest.mark.needs("postgresql")
def test_the_report_is_the_same_on_postgresql(storm, tmp_path):
    import psycopg

    url = os.environ["ANLAN_TEST_POSTGRESQL"]
    name = f"drill_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            own = {**environment(tmp_path), "ANLAN_DATABASE": f"{url.rpartition('/')[0]}/{name}"}
            done = subprocess.run([*ANLAN, *STORM], env=own, capture_output=True, text=True, timeout=300, check=False)
            assert done.returncode == 0, done.stderr[-2000:]
            assert done.stdout == storm[1]
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
