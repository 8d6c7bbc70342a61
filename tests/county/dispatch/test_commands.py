"""The dispatcher as a program and as a job."""

import io
import json
import os
import signal
import threading

import pytest
from django.core.management import call_command
from tests.county.dispatch.conftest import draft, queue, spooled

from anlan.county.dispatch import handover, jobs
from anlan.county.dispatch.management.commands import dispatch_run
from anlan.county.dispatch.models import Message


def run(*words):
    """What the command prints. Not through `anlan.cli`, which closes the test's connection behind itself."""
    out = io.StringIO()
    call_command("_".join(words[:2]), *words[2:], stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def signals_as_they_were():
    """The command takes SIGTERM and SIGINT for itself; give them back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_run_once_sends_everything_due_and_says_what_is_left(outbox, spool):
    queue(*(draft(f"m{number}") for number in range(1200)), draft("unrouted", kind="tam-tam"))
    assert json.loads(run("dispatch", "run", "--once", "--json")) == {"taken": 1201, "waiting": 1}
    assert len(spooled(spool)) == 1200


def test_run_goes_on_until_it_is_told_to_stop(outbox, monkeypatch):
    turns = []

    def turn(worker):
        turns.append(worker)
        if len(turns) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return len(turns) == 1

    monkeypatch.setattr(dispatch_run, "run_once", turn)
    monkeypatch.setattr(dispatch_run, "PAUSE_S", 0.01)
    assert "taken\t1" in run("dispatch", "run")
    assert len(set(turns)) == 1


def test_one_turn_has_an_end_however_long_the_queue(outbox, monkeypatch):
    monkeypatch.setattr(handover, "BATCHES", 2)
    queue(*(draft(f"m{number}") for number in range(10)))
    assert handover.run_once("w", limit=3) == 6
    assert Message.objects.filter(handed_at__isnull=True).count() == 4


def test_the_worker_loop_finds_the_dispatcher_among_the_jobs(outbox):
    queue(draft())
    assert [job() for job in jobs.JOBS] == [1, 0, 0, 0]


def test_no_two_processes_dispatch_under_one_name():
    assert str(os.getpid()) in handover.worker_name()
    assert len(handover.worker_name()) <= Message._meta.get_field("claimed_by").max_length
    assert threading.current_thread() is threading.main_thread()


def test_status_is_a_line_per_kind(outbox, now):
    queue(draft("a"))
    rows = {row["kind"]: row for row in json.loads(run("dispatch", "status", "--json"))}
    assert rows["sms"]["waiting"] == 1
    assert rows["sms"]["oldest_at"] == now.isoformat()
    lines = run("dispatch", "status").splitlines()
    assert lines[0].split("\t")[:3] == ["kind", "channel", "waiting"]
    assert len(lines) == 6


def test_status_of_an_empty_outbox_without_routes_is_empty(db):
    assert run("dispatch", "status") == ""
