"""A dispatcher killed at its worst moments: nothing is lost, and one batch at most goes twice per kill."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

MESSAGES, BATCH = 5000, 100

# Its own process, for SIGKILL cannot be caught. Its words: how many messages, how many in a batch, the minute it
# starts at, the batch to die in (-1: none), and the moment: before the channel sends, after it, after the outcome
# was recorded.
CHILD = """
import os, signal, sys
from datetime import datetime, timedelta, timezone
import django
django.setup()
from anlan.county import clock, sealed
from anlan.county.dispatch import actions, handover
from django.core.management import call_command

messages, size, minute, fatal = map(int, sys.argv[1:5])
moment = sys.argv[5]
if moment == "fill":
    call_command("migrate", verbosity=0)
    sealed.ready()
    actions.load_reference()
    actions.enqueue(drafts=[
        actions.Draft(key=f"m{n}", kind="sms", address="138", division_id="360123101201", subject="", body="走")
        for n in range(messages)
    ])
    sys.exit()

send, record, batch = handover._send, handover._record, [0]

def die(at):
    if batch[0] == fatal and moment == at:
        os.kill(os.getpid(), signal.SIGKILL)

def sending(*arguments, **named):
    batch[0] += 1
    die("before")
    outcomes = send(*arguments, **named)
    die("sent")
    return outcomes

def recording(*arguments, **named):
    kept = record(*arguments, **named)
    die("recorded")
    return kept

handover._send, handover._record = sending, recording
start = datetime(2026, 6, 18, 12, 0, tzinfo=timezone.utc)
with clock.held(start + timedelta(minutes=minute)):
    while handover.run_once(f"child-{minute}", limit=size):
        pass
"""


def child(home: Path, minute: int, fatal: int, moment: str) -> int:
    environment = {
        **os.environ,
        "ANLAN_HOME": str(home),
        "ANLAN_DATABASE": f"sqlite:///{home / 'outbox.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "anlan.county.config.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    words = [sys.executable, "-W", "ignore", "-c", CHILD, *map(str, (MESSAGES, BATCH, minute, fatal, moment))]
    return subprocess.run(words, env=environment, timeout=120, check=False).returncode


@pytest.mark.long
@pytest.mark.clause("W2")
@pytest.mark.parametrize("seed", [1, 2])
def test_two_kills_lose_nothing_and_repeat_at_most_a_batch_each(tmp_path, seed):
    chance = np.random.default_rng(seed)
    assert child(tmp_path, 0, -1, "fill") == 0
    repeated = 0
    for life in range(2):
        fatal, moment = int(chance.integers(1, 20)), str(chance.choice(["before", "sent", "recorded"]))
        repeated += moment == "sent"
        assert child(tmp_path, 5 * life, fatal, moment) == -signal.SIGKILL
    assert child(tmp_path, 20, -1, "") == 0
    (spool,) = (tmp_path / "spool").rglob("sms/*.jsonl")
    sent = Counter(json.loads(line)["key"] for line in spool.read_text().splitlines())
    assert set(sent) == {f"m{number}" for number in range(MESSAGES)}
    assert sent.total() - MESSAGES == repeated * BATCH
