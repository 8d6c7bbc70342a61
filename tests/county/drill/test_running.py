"""A drill begins, goes on, is told again and is refused; its players are stood in for, to be quick."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management import call_command
from tests.county.drill.conftest import SEED
from tests.county.drill.test_scenario import RED, SAMPLES

from anlan.county.drill import actions
from anlan.county.drill.actions import LEAST, MOST, HoldsARealCounty, run_drill
from anlan.county.drill.management.commands import drill_run
from anlan.county.drill.models import Run
from anlan.county.drill.players import watch
from anlan.county.drill.requests import Request
from anlan.county.drill.scenario import read
from anlan.county.drill.script import Phase
from anlan.county.errors import BadInput, NotFound, Refused
from anlan.county.office.models import County, Division
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event

ASKED = Request(scenario="june_rainstorm", seed=SEED, households=LEAST)


@pytest.fixture
def acted(monkeypatch):
    """Three phases that only note that they were played; `fail` names one that dies."""
    notes = SimpleNamespace(names=[], fail="")

    def phase(stage, name):
        def act(_stage):
            if notes.fail == name:
                raise KeyboardInterrupt
            notes.names.append(name)

        return Phase(stage.start + timedelta(hours=len(name)), name, act, whole=name != "bb")

    monkeypatch.setattr(actions, "script", lambda stage: [phase(stage, name) for name in ("a", "bb", "ccc")])
    monkeypatch.setattr(actions, "_report", lambda stage: {"seed": stage.request.seed, "played": list(notes.names)})
    return notes


def test_a_drill_founds_its_county_plays_every_phase_and_keeps_its_report(db, acted):
    report = run_drill(request=ASKED)
    assert report == {"seed": SEED, "played": ["a", "bb", "ccc"]}
    run = Run.objects.get()
    assert (run.step, run.report, run.request) == (4, report, ASKED.as_dict())
    assert str(run) == f"june_rainstorm {SEED}"
    assert Household.objects.count() > 0.9 * LEAST
    county = County.objects.get()
    assert county.clock_at == run.finished_at
    assert county.synthetic


def test_a_drill_that_died_goes_on_from_its_last_phase(db, acted):
    acted.fail = "bb"
    with pytest.raises(KeyboardInterrupt):
        run_drill(request=ASKED)
    run = Run.objects.get()
    households = set(Household.objects.values_list("pk", "code"))
    assert (run.step, run.finished_at, acted.names) == (2, None, ["a"])
    acted.fail = ""
    run_drill(request=ASKED)
    assert acted.names == ["a", "bb", "ccc"]
    assert set(Household.objects.values_list("pk", "code")) == households
    assert Run.objects.get().pk == run.pk


def test_a_finished_drill_is_told_again_or_run_anew(db, acted):
    first = run_drill(request=ASKED)
    assert run_drill(request=ASKED, again=False) == first
    assert len(acted.names) == 3
    assert run_drill(request=ASKED)["played"] == ["a", "bb", "ccc"] * 2
    assert Run.objects.count() == 1


def test_another_drill_makes_room(db, acted):
    run_drill(request=ASKED)
    left = settings.SPOOL / "sms"
    left.mkdir(parents=True, exist_ok=True)
    run_drill(request=Request(scenario="autumn_drought", seed=SEED + 1, households=LEAST + 1), again=False)
    assert Run.objects.get().scenario == "autumn_drought"
    assert County.objects.count() == 1
    assert not left.exists()


def test_an_unfinished_drill_of_another_kind_makes_room_too(db, acted):
    acted.fail = "ccc"
    with pytest.raises(KeyboardInterrupt):
        run_drill(request=ASKED)
    acted.fail = ""
    acted.names.clear()
    run_drill(request=Request(scenario="june_rainstorm", seed=SEED + 1, households=LEAST))
    assert acted.names == ["a", "bb", "ccc"]
    assert Run.objects.get().seed == SEED + 1


def test_a_real_alert_opens_the_drills_event_and_the_report_says_what_was_moved(db, monkeypatch):
    monkeypatch.setattr(actions, "script", lambda stage: [
        Phase(stage.at(minutes=4), "alert 1", lambda stage: watch.receive(stage, 0))])  # fmt: skip
    request = Request(scenario="from_alert", seed=SEED, households=LEAST, alert=RED, alert_name="red.xml")
    report = run_drill(request=request)
    assert Event.objects.get().hazard == "rainstorm"
    assert Event.objects.get().exercise
    assert report["alert"]["file"] == "red.xml"
    assert report["alert"]["moved"] == {"place": False, "time": False}
    assert (report["synthetic"], report["seed"], report["households"]) == (True, SEED, LEAST)


def test_a_registry_of_ones_own_is_imported_and_not_drawn(people, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(actions.registry, "import_workbook", lambda **words: seen.append(words["path"]))
    monkeypatch.setattr(actions, "found", lambda **words: None)
    request = Request(scenario="june_rainstorm", registry=str(tmp_path / "own.xlsx"))
    stage = SimpleNamespace(request=request, villages=[], world=request.world, scenario=read("june_rainstorm"))
    actions._found(stage)
    assert seen == [tmp_path / "own.xlsx"]
    assert not Household.objects.exists()


@pytest.mark.parametrize(
    ("vendor", "in_atomic_block", "synchronous"), [("sqlite", False, 0), ("sqlite", True, 2), ("postgresql", False, 2)]
)
def test_a_drill_on_sqlite_does_not_wait_for_the_disk(monkeypatch, vendor, in_atomic_block, synchronous):
    with closing(sqlite3.connect(":memory:")) as database:
        stand_in = SimpleNamespace(
            vendor=vendor, in_atomic_block=in_atomic_block, cursor=lambda: closing(database.cursor())
        )
        monkeypatch.setattr(actions, "connection", stand_in)
        actions._hurry()
        assert database.execute("PRAGMA synchronous").fetchone() == (synchronous,)


@pytest.mark.parametrize(("vendor", "in_atomic_block", "counted"), [
    ("sqlite", False, True), ("sqlite", True, False), ("postgresql", False, False),
])  # fmt: skip
def test_sqlite_counts_tables_anew_when_they_have_filled(monkeypatch, vendor, in_atomic_block, counted):
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript("CREATE TABLE a (b); CREATE INDEX c ON a (b); INSERT INTO a VALUES (1), (2)")
        stand_in = SimpleNamespace(
            vendor=vendor, in_atomic_block=in_atomic_block, cursor=lambda: closing(database.cursor())
        )
        monkeypatch.setattr(actions, "connection", stand_in)
        actions._learn()
        known = database.execute("SELECT name FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone()
        assert (known is not None) == counted


# --- refusals ------------------------------------------------------------------------------------------


@pytest.mark.clause("A2")
def test_a_database_with_a_real_county_is_left_alone(county, acted):
    County.objects.update(synthetic=False, clock_at=None)
    divisions = Division.objects.count()
    with pytest.raises(HoldsARealCounty, match="真实的县"):
        run_drill(request=ASKED)
    assert Division.objects.count() == divisions
    assert acted.names == []
    assert not Run.objects.exists()


def test_a_database_without_tables_holds_no_county(db, acted, monkeypatch):
    monkeypatch.setattr(actions.connection.introspection, "table_names", list)
    actions._refuse_a_real_county()


@pytest.mark.parametrize("households", [-1, 0, LEAST - 1, MOST + 1])
def test_a_county_too_small_or_too_large_is_refused(db, households):
    with pytest.raises(BadInput, match=f"{LEAST}.*{MOST}"):
        run_drill(request=Request(scenario="june_rainstorm", households=households))


def test_an_unknown_scenario_is_refused_before_anything_is_touched(county):
    with pytest.raises(NotFound, match="june_rainstorm"):
        run_drill(request=Request(scenario="nonsense", households=LEAST))
    assert County.objects.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "两者之一"),
        (["june_rainstorm", "--alert", str(SAMPLES / "rainstorm_red.xml")], "两者之一"),
        (["from_alert"], "没有演练场景“from_alert”"),
        (["june_rainstorm", "--households", "199"], "200"),
        (["june_rainstorm", "--seed", "9" * 30], "种子"),
        (["june_rainstorm", "--out", "no/such/folder/x.docx"], "没有文件夹"),
        (["--alert", "missing.xml"], r"missing\.xml"),
        (["--alert", str(SAMPLES)], "读不了文件"),
        (["--alert", str(SAMPLES / "rainstorm_cancel.xml")], "Cancel"),
        (["june_rainstorm", "--world", "missing.toml"], r"missing\.toml"),
    ],
)
def test_what_cannot_be_run_is_refused_with_a_sentence(db, words, sentence):
    with pytest.raises(Refused, match=sentence):
        call_command("drill_run", *words)
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"", "是空的"), (b"x" * (drill_run.MOST_BYTES + 1), "太大"), (b"nonsense", "预警文件不能用"),
     (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert>&x;</alert>', "预警文件不能用")],
)  # fmt: skip
def test_an_alert_file_that_is_none_is_refused(db, tmp_path, data, sentence):
    path = tmp_path / "alert.xml"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=sentence):
        call_command("drill_run", "--alert", str(path))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("[weather]\nrain = 1\n", r"\[weather\]"), ("[people]\nreads_sms = 2\n", r"people\.reads_sms"), ("[", "不是 TOML"),
     ("\udcff", "不是 TOML")],
)  # fmt: skip
def test_a_world_that_cannot_be_is_refused_by_name(db, tmp_path, text, sentence):
    path = tmp_path / "world.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(BadInput, match=sentence) as refusal:
        call_command("drill_run", "june_rainstorm", "--world", str(path))
    assert str(path) in str(refusal.value)


def test_the_command_writes_the_report_as_a_word_file_where_asked(db, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(actions, "script", lambda stage: [
        Phase(stage.at(minutes=4), "alert 1", lambda stage: watch.receive(stage, 0))])  # fmt: skip
    out = tmp_path / "report.docx"
    call_command("drill_run", "june_rainstorm", "--households", str(LEAST), "--json", "--out", str(out))
    assert out.read_bytes().startswith(b"PK")
    assert '"scenario": "june_rainstorm"' in capsys.readouterr().out


def test_the_list_names_every_scenario(capsys):
    call_command("drill_list")
    assert "june_rainstorm\t六月暴雨" in capsys.readouterr().out


def test_on_postgresql_what_is_still_to_be_checked_is_checked_before_the_tables_are_emptied(db, acted, monkeypatch):
    run_drill(request=ASKED)
    done, call = [], actions.call_command

    def noted(name, **words):
        done.append(name)
        return call(name, **words)

    own = actions.connection

    def check_constraints():
        done.append("check")
        own.check_constraints()

    other = SimpleNamespace(
        vendor="postgresql", introspection=own.introspection, check_constraints=check_constraints
    )  # fmt: skip
    monkeypatch.setattr(actions, "connection", other)
    monkeypatch.setattr(actions, "call_command", noted)
    run_drill(request=ASKED)
    assert done == ["migrate", "check", "flush"]
