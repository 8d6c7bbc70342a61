"""`anlan work`: the jobs of all rooms, at the county's time, until it is stopped."""

import json
import signal
import time
import typing
from contextlib import nullcontext
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.county import cases
from tests.county.storm import make_storm

from anlan.county import clock
from anlan.county.config.management.commands import work
from anlan.county.decide.models import Case
from anlan.county.discover.models import ListRequest
from anlan.county.mission import NAMES
from anlan.county.office.models import County
from anlan.county.registry.mendings import Mending

WITH_JOBS = [name for name in NAMES if find_spec(f"anlan.county.{name}.jobs")]

# Its own process, for a signal ends it. One job, that takes a while and leaves marks.
SLOW = """
import sys, time
from pathlib import Path
import django
django.setup()
from anlan.county.config.management.commands import work
from anlan.cli import main

def slow():
    Path("started").touch()
    time.sleep(0.7)
    Path("finished").touch()
    return 1

def never():
    Path("another").touch()
    return 1

work.jobs = lambda: [slow, never]
main(["work", "--json"])
"""


@pytest.fixture
def quiet():
    """Leave this process's signals as they were."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def once(quiet, capsys):
    """One round: the exit code, and what it printed."""

    def once():
        try:
            call_command("work", "--once", "--json")
            code = 0
        except SystemExit as leaving:
            code = leaving.code
        return code, json.loads(capsys.readouterr().out)

    return once


@pytest.mark.parametrize("name", WITH_JOBS)
def test_every_rooms_jobs_are_a_tuple_of_deeds_that_count(name):
    room = import_module(f"anlan.county.{name}.jobs")
    assert isinstance(room.JOBS, tuple)
    assert str(room.__annotations__["JOBS"]) == "tuple[collections.abc.Callable[[], int], ...]"
    for job in room.JOBS:
        assert typing.get_type_hints(job) == {"return": int}, job
        assert job.__doc__


def test_the_jobs_stand_in_the_missions_order():
    rooms = [job.__module__.split(".")[2] for job in work.jobs()]
    assert rooms == sorted(rooms, key=NAMES.index)
    assert set(rooms) == set(WITH_JOBS) >= {"dispatch", "warn", "decide", "clear"}


@pytest.mark.clause("D6")
def test_one_round_does_what_is_due_in_every_room(people, now, once, settings, tmp_path):
    settings.SPOOL = tmp_path
    storm = make_storm(now)
    household = storm.household(0, 2)
    cases.lead(storm.event, household)
    cases.visit(storm.event, household)
    cases.compare(storm.event, household)
    assert not Case.objects.exists()
    code, told = once()
    assert (code, told["failed"]) == (0, 0)
    asked = ListRequest.objects.count()  # of departments, because of the event
    assert asked > 0
    assert told["done"] == 2 + asked + Mending.objects.count() > 2 + asked  # a case, a lesson, the register's tasks
    assert Case.objects.get().household == household
    assert once() == (0, {"done": 0, "failed": 0})


def test_every_job_runs_at_the_countys_time(county, once, monkeypatch):
    storm = datetime(2027, 1, 2, 3, 4, tzinfo=ZoneInfo("Asia/Shanghai"))
    County.objects.update(clock_at=storm)
    seen = []
    monkeypatch.setattr(work, "jobs", lambda: [lambda: seen.append(clock.now()) or 1])
    assert once() == (0, {"done": 1, "failed": 0})
    assert seen == [storm]


def test_one_rooms_defect_does_not_stop_the_others(db, once, monkeypatch, caplog):
    def broken():
        raise RuntimeError("a defect")

    monkeypatch.setattr(work, "jobs", lambda: [broken, lambda: 2])
    assert once() == (1, {"done": 2, "failed": 1})
    assert "broken" in caplog.text
    assert "a defect" in caplog.text


def test_it_goes_on_until_it_is_stopped(db, quiet, monkeypatch, capsys):
    rounds = []

    def job():
        rounds.append(1)
        if len(rounds) == 3:
            signal.raise_signal(signal.SIGTERM)
        return len(rounds) % 2  # a round that does nothing is followed by a pause

    monkeypatch.setattr(work, "jobs", lambda: [job])
    monkeypatch.setattr(work, "PAUSE_S", 0.01)
    call_command("work", "--json")
    assert json.loads(capsys.readouterr().out) == {"done": 2, "failed": 0}
    assert len(rounds) == 3


def test_the_database_is_tended_once_a_day_after_the_jobs(db, quiet, monkeypatch, now):
    done, hours = [], [1, 1, 3, 1, 24]  # it is eight in the evening

    def job():
        done.append("job")
        clock.advance(timedelta(hours=hours.pop(0)))
        if not hours:
            signal.raise_signal(signal.SIGTERM)
        return 1

    monkeypatch.setattr(work, "jobs", lambda: [job])
    monkeypatch.setattr(work, "tend", lambda: done.append("tend") or 0)
    monkeypatch.setattr(work, "the_countys_time", nullcontext)
    call_command("work", "--json")
    assert done == ["job", "tend", "job", "job", "tend", "job", "job", "tend"]


def test_sqlite_is_asked_to_look_at_its_tables_and_postgresql_does_so_by_itself(db):
    with CaptureQueriesContext(connection) as asked:
        assert work.tend() == 0
    said = [each["sql"] for each in asked.captured_queries]
    expected = ["PRAGMA analysis_limit=400", "PRAGMA optimize=0x10002"]
    assert said == (expected if connection.vendor == "sqlite" else [])


@pytest.mark.long
def test_told_to_stop_it_finishes_the_job_in_hand_and_begins_no_other(installed):
    installation, _printed = installed
    worker = installation.start(SLOW)
    deadline = time.monotonic() + 60
    while not (installation.home / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    worker.send_signal(signal.SIGTERM)
    out, err = worker.communicate(timeout=30)
    assert worker.returncode == 0, err
    assert json.loads(out) == {"done": 1, "failed": 0}
    assert (installation.home / "finished").exists()
    assert not (installation.home / "another").exists()
