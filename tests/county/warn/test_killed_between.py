"""A worker killed between storing what people wrote and answering the carrier, and between answers and marks:
nothing is lost, and nobody counts twice."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from tests.county.dispatch.channels.conftest import Running

from anlan.county.dispatch.channels.smpp.codec import ANSWER, BIND, DELIVER, unframe
from anlan.county.dispatch.channels.smpp.sink import Sink, written

HOUSEHOLDS = 300

# Its words: how many households, the minute it starts at, and where it dies: with the rows stored and the carrier not
# yet answered ("stored"), or with the answers written and the rows not yet marked ("answered"); "": nowhere.
CHILD = """
import os, signal, sys
from datetime import datetime, timedelta, timezone
import django
django.setup()
from anlan.county import clock
from anlan.county.dispatch import handover
from anlan.county.dispatch.channels import channels
from anlan.county.dispatch.models import Heard
from anlan.county.warn import answers

households, minute, moment = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
start = datetime(2026, 6, 18, 12, 0, tzinfo=timezone.utc)
if moment == "fill":
    from tests.bench import search, warning
    from anlan.county.warn import sending
    search._offices()
    warning._households(households, search.CODES[:1])
    warning._event(start)
    with clock.held(start):
        for audience in ("key", "general"):
            sending.send(warning._warning(start, audience), "anlan")
    sys.exit()

def die(at):
    if moment == at:
        os.kill(os.getpid(), signal.SIGKILL)

keep, take = handover.keep, answers.take

def keeping(*, replies):
    keep(replies=replies)
    if replies:
        die("stored")

def taking(*words):
    news = take(*words)
    if news:
        die("answered")
    return news

handover.keep, answers.take = keeping, taking
with clock.held(start + timedelta(minutes=minute)):
    heard = 0
    while heard < households or Heard.objects.filter(taken_at__isnull=False).count() < households:
        heard += handover.collect()
        answers.take_up()
    channels()["smpp"].close()  # what it owes the carrier is said before it leaves
"""


def child(home, minute, moment):
    environment = {
        **os.environ,
        "ANLAN_HOME": str(home),
        "ANLAN_DATABASE": f"sqlite:///{home / 'answers.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "anlan.county.config.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    environment.pop("ANLAN_CHANNELS", None)
    words = [sys.executable, "-W", "ignore", "-c", CHILD, str(HOUSEHOLDS), str(minute), moment]
    return subprocess.run(words, env=environment, timeout=120, check=False).returncode


class Villagers(Sink):
    """A carrier that gives whoever comes what each villager wrote, again and again until it is acknowledged."""

    def __init__(self):
        super().__init__()
        one = "１".encode("utf-16-be")
        self.owed = {n: written(n, f"100{n:08d}", one) for n in range(1, HOUSEHOLDS + 1)}

    def answer(self, given):
        command, _status, sequence, _body = unframe(given)
        said = super().answer(given)
        if command == DELIVER | ANSWER:
            self.owed.pop(sequence, None)
        elif command == BIND:
            said += b"".join(self.owed.values())
        return said


@pytest.mark.long
@pytest.mark.clause("W4")
def test_two_kills_lose_nobodys_answer(tmp_path):
    sink, running = Villagers(), Running()
    try:
        port = running.serve(sink)
        (tmp_path / "channels.toml").write_text(
            f'[[smpp]]\nname = "a"\nhost = "127.0.0.1"\nport = {port}\nuser = "u"\npassword = "sink"\n'
        )
        assert child(tmp_path, 0, "fill") == 0
        assert child(tmp_path, 1, "stored") == -signal.SIGKILL
        assert len(sink.owed) == HOUSEHOLDS, "nothing was acknowledged, so all of it comes again"
        assert child(tmp_path, 2, "answered") == -signal.SIGKILL
        assert child(tmp_path, 3, "") == 0
    finally:
        running.stop()
    assert sink.owed == {}
    with closing(sqlite3.connect(tmp_path / "answers.sqlite3")) as database:
        (kept, taken) = database.execute("SELECT COUNT(*), COUNT(taken_at) FROM dispatch_heard").fetchone()
        (targets, told) = database.execute("SELECT COUNT(*), COUNT(acknowledged_at) FROM warn_target").fetchone()
    assert (kept, taken, targets, told) == (HOUSEHOLDS,) * 4
