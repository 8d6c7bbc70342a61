"""The `anlan` program: words to commands, errors to exit codes, one document on stdout."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, get_commands
from django.db import connections
from tests.county.storm import make_storm
from tests.installation import MAIN, Installation

from anlan import cli
from anlan.county.errors import NotAllowed
from anlan.county.ledger.management.commands import ledger_verify
from anlan.county.mission import NAMES
from anlan.county.office.models import County

ALERT = Path(__file__).parent / "county" / "sense" / "data" / "rainstorm_red.xml"

# Every command that only tells, and its words; EVENT stands for the storm's code.
READS = {
    "account_coverage": ["EVENT"],
    "account_late": [],
    "account_quality": [],
    "assist_catalogue": [],
    "decide_templates": [],
    "decide_waiting": [],
    "discover_calendar": [],
    "discover_inbox": ["--event", "EVENT", "--by", "township_officer_a"],
    "dispatch_status": [],
    "drill_list": [],
    "ledger_verify": [],
    "registry_check": [],
    "registry_duplicates": [],
    "policy_compare": ["--set", "monitoring_line_yuan=9500"],
    "policy_show": ["monitoring_line_yuan"],
    "registry_summary": [],
    "sense_cap": [str(ALERT), "missing.xml"],
    "verify_enquiries": [],
    "verify_waiting": ["--event", "EVENT"],
    "warn_report": ["EVENT"],
}
DEEDS = {
    "account_prove", "account_report", "account_verify", "clear_open", "clear_recheck", "decide_open", "decide_papers",
    "demo", "discover_compare", "discover_inspections", "discover_screen", "discover_share", "discover_sweep",
    "dispatch_open", "dispatch_run", "drill_run", "foresee_explain", "foresee_exposure", "foresee_run",
    "foresee_verify", "impact_aggregate", "impact_falling", "linkage_compare", "migrate", "office_appoint",
    "office_found", "office_unlock", "policy_explain", "registry_export",
    "registry_import", "registry_mapping",
    "registry_rotate_key", "registry_schools", "registry_shelters", "registry_snapshot", "registry_template",
    "registry_undo", "scrub", "sense_receive", "serve", "setup", "verify_learn", "warn_allclear", "warn_approve",
    "warn_bench", "warn_calls", "warn_cancel", "warn_draft", "warn_emit", "warn_green", "warn_publish",
    "warn_release", "work",
}  # fmt: skip


@pytest.fixture
def run(monkeypatch, capsys):
    """Run `anlan` in this process: exit code, stdout, stderr. The test's connection stays open."""
    monkeypatch.setattr(connections, "close_all", lambda: None)

    def run(*words):
        code = cli.run(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def storm(people, now):
    return make_storm(now)


def ours():
    return {name for name, app in get_commands().items() if isinstance(app, str) and app.startswith("anlan.")}


def words(name, event):
    given = [event.code if word == "EVENT" else word for word in READS[name]]
    return [*name.split("_", 1), *given]


# --- finding the command -------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [[], ["help"], ["--help"], ["-h"]])
def test_help_lists_every_command_of_every_room_with_its_purpose(db, run, asked):
    code, out, err = run(*asked)
    assert (code, err) == (0, "")
    lines = [line for line in out.splitlines() if line.startswith("  anlan ")]
    assert len(lines) == len(ours())
    for name in ours():
        shown = name if name in cli.PLAIN else name.replace("_", " ", 1)
        (line,) = (line for line in lines if line.startswith(f"  anlan {shown} "))
        assert len(line.removeprefix(f"  anlan {shown}").strip()) > 10, name
    rooms = {name.split("_")[0] for name in ours() - cli.PLAIN}
    assert rooms - {"policy", "linkage", "impact"} <= set(NAMES)


def test_every_command_is_known_to_tell_or_to_do():
    assert set(READS) | DEEDS == ours()
    assert not set(READS) & DEEDS


@pytest.mark.parametrize(
    ("asked", "hint"),
    [(["nonsense"], "anlan --help"), (["warn", "nonsense"], "allclear, approve, bench, calls"),
     (["warn"], "warn: allclear"), (["flush"], "anlan --help"), (["--version"], "anlan --help")],
)  # fmt: skip
def test_an_unknown_command_ends_in_2_with_a_hint(db, run, asked, hint):
    code, out, err = run(*asked)
    assert (code, out) == (2, "")
    assert hint in err
    assert "Traceback" not in err


def test_both_ways_of_writing_a_command_are_understood(db, run):
    assert run("drill", "list") == run("drill_list")


# --- exit codes ----------------------------------------------------------------------------------------


@pytest.fixture
def performing(monkeypatch):
    """Let `anlan ledger verify` do something else."""

    def performing(deed):
        monkeypatch.setattr(ledger_verify.Command, "perform", lambda self, **options: deed(self))

    return performing


def raising(error):
    def deed(_command):
        raise error

    return deed


def test_a_refusal_ends_in_2_with_its_sentence_alone(db, run, performing):
    performing(raising(NotAllowed("这不在您负责的区划内。")))
    assert run("ledger", "verify", "--json") == (2, "", "这不在您负责的区划内。\n")


def test_a_defect_ends_in_1_and_says_where(db, run, performing):
    performing(raising(RuntimeError("a defect")))
    code, out, err = run("ledger", "verify", "--json")
    assert (code, out) == (1, "")
    assert "RuntimeError: a defect" in err
    assert "Traceback" in err


def test_djangos_own_refusals_end_in_2(db, run, performing):
    performing(raising(CommandError("not like that")))
    assert run("ledger", "verify") == (2, "", "not like that\n")


@pytest.mark.parametrize(("left_with", "code"), [(0, 0), (7, 7), (None, 0), ("words", 1)])
def test_a_commands_own_exit_code_passes_through(db, run, performing, left_with, code):
    performing(raising(SystemExit(left_with)))
    assert run("ledger", "verify")[0] == code


def test_a_verdict_is_printed_and_then_told_by_the_exit_code(db, run, performing):
    def verdict(command):
        command.exit_code = 2
        return {"verified": False}

    performing(verdict)
    code, out, _err = run("ledger", "verify", "--json")
    assert (code, json.loads(out)) == (2, {"verified": False})


@pytest.mark.parametrize("asked", [["ledger", "verify", "--nonsense"], ["warn", "report"], ["sense", "cap"]])
def test_wrong_words_end_in_2(db, run, asked):
    code, out, err = run(*asked)
    assert (code, out) == (2, "")
    assert "usage: anlan" in err


def test_stopped_by_hand_it_leaves_without_a_complaint(db, run, performing):
    performing(raising(KeyboardInterrupt()))
    assert run("ledger", "verify") == (130, "", "")


def test_the_program_leaves_with_the_commands_code(monkeypatch):
    monkeypatch.setattr(cli, "run", lambda args: len(args))
    with pytest.raises(SystemExit) as leaving:
        cli.main(["a", "b", "c"])
    assert leaving.value.code == 3
    monkeypatch.setattr("sys.argv", ["anlan", "x"])
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    assert leaving.value.code == 1


# --- what it prints ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READS)
def test_every_command_that_tells_prints_exactly_one_document(storm, run, name):
    code, out, err = run(*words(name, storm.event), "--json")
    json.loads(out)
    assert out.endswith(("]\n", "}\n"))
    assert code == (2 if name == "account_coverage" else 0), err


@pytest.mark.parametrize("name", READS)
def test_every_command_that_tells_speaks_to_people_too(storm, run, name):
    code, out, err = run(*words(name, storm.event))
    assert code == (2 if name == "account_coverage" else 0), err
    assert not out.lstrip().startswith(("{", "["))


@pytest.mark.parametrize("name", [name for name in READS if "EVENT" in READS[name]])
def test_an_event_that_does_not_exist_is_refused_by_name(county, run, name):
    code, out, err = run(*(word if word != "EVENT" else "EV0" for word in [*name.split("_", 1), *READS[name]]))
    assert (code, out) == (2, "")
    assert "EV0" in err


def test_before_the_setup_it_says_how_to_begin(db, run):
    code, out, err = run("account", "late")
    assert (code, out) == (2, "")
    assert "anlan setup" in err


def test_a_command_runs_at_the_countys_time(county, run):
    County.objects.update(clock_at=datetime(2027, 3, 4, 5, 6, tzinfo=ZoneInfo("Asia/Shanghai")))
    _code, out, _err = run("policy", "show", "--json")
    assert json.loads(out)["on"] == "2027-03-04"


# --- in a process of its own ---------------------------------------------------------------------------


def test_a_reader_who_has_seen_enough_hears_no_complaint(tmp_path):
    process = Installation(tmp_path).start(MAIN, "policy", "show", "--json")
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_a_database_that_cannot_be_is_named_and_not_a_crash(tmp_path):
    answer = Installation(tmp_path).anlan("ledger", "verify", ANLAN_DATABASE="mysql://x/y")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == "ANLAN_DATABASE must begin with sqlite:/// or postgresql://\n"


def test_a_terminal_without_chinese_still_gets_one_document(tmp_path):
    answer = Installation(tmp_path).anlan("sense", "cap", str(ALERT), "--json", PYTHONIOENCODING="ascii")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)[0]["event"] == "暴雨"
