"""A dispatcher killed between a carrier's answer and its own record: no message and no receipt is lost."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter

import pytest

from anlan.county.dispatch.channels.smpp.codec import ANSWER, BIND, DELIVER, SUBMIT, unframe
from anlan.county.dispatch.channels.smpp.sink import Sink, receipt

MESSAGES, BATCH = 400, 50

# Its words: the minute it starts at, how many batches to send before it dies (-1: none), and where: after the carrier
# has answered ("sent"), or with receipts in hand that are not stored ("hearing").
CHILD = """
import os, signal, sys
from datetime import datetime, timedelta, timezone
import django
django.setup()
from anlan.county import clock, sealed
from anlan.county.dispatch import actions, handover
from anlan.county.dispatch.channels.shape import ARRIVED
from anlan.county.dispatch.models import Message, Route
from django.core.management import call_command

messages, size, minute, fatal = map(int, sys.argv[1:5])
moment = sys.argv[5]
if moment == "fill":
    call_command("migrate", verbosity=0)
    sealed.ready()
    Route.objects.create(kind="sms", channel="smpp")
    actions.enqueue(drafts=[
        actions.Draft(key=f"m{n}", kind="sms", address=f"138{n:08}", division_id="360123101201", subject="",
                      body="立即转移。" * 20)
        for n in range(messages)
    ])
    sys.exit()

send, receive, batch, heard = handover._send, handover.receive, [0], [0]

def die(at):
    if moment == at:
        os.kill(os.getpid(), signal.SIGKILL)

def sending(*arguments):
    batch[0] += 1
    outcomes = send(*arguments)
    if batch[0] == fatal:
        die("sent")
    return outcomes

def receiving(*, receipts):
    heard[0] += 1
    if heard[0] >= fatal > 0:
        die("hearing")
    return receive(receipts=receipts)

handover._send, handover.receive = sending, receiving
start = datetime(2026, 6, 18, 12, 0, tzinfo=timezone.utc)
with clock.held(start + timedelta(minutes=minute)):
    while Message.objects.filter(delivered_at=None).exists():
        ARRIVED.clear()
        if not handover.run_once(f"child-{minute}", limit=size) and not handover.collect():
            ARRIVED.wait(0.05)
"""


def child(home, minute, fatal, moment):
    environment = {
        **os.environ,
        "ANLAN_HOME": str(home),
        "ANLAN_DATABASE": f"sqlite:///{home / 'outbox.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "anlan.county.config.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    environment.pop("ANLAN_CHANNELS", None)
    words = [sys.executable, "-W", "ignore", "-c", CHILD, *map(str, (MESSAGES, BATCH, minute, fatal, moment))]
    return subprocess.run(words, env=environment, timeout=120, check=False).returncode


class Repeating(Sink):
    """A carrier that, like a real one, gives a receipt again to whoever comes next until it is acknowledged."""

    def __init__(self):
        super().__init__(keep=True)
        self.owed, self.acknowledged = {}, set()

    def answer(self, given):

        command, _status, sequence, _body = unframe(given)
        said = super().answer(given)
        if command == SUBMIT:
            self.owed[self.count] = receipt(self.count, b"%08x" % (self.count - 1), "DELIVRD")
        elif command == DELIVER | ANSWER:
            self.owed.pop(sequence, None)
            self.acknowledged.add(sequence)
        elif command == BIND:
            said += b"".join(self.owed.values())
        return said


@pytest.mark.long
@pytest.mark.clause("W2")
def test_two_kills_on_the_line_lose_no_message_and_no_receipt(tmp_path, running):
    sink = Repeating()
    port = running.serve(sink)
    (tmp_path / "channels.toml").write_text(
        f'[[smpp]]\nname = "a"\nhost = "127.0.0.1"\nport = {port}\nuser = "u"\npassword = "sink"\n'
    )
    assert child(tmp_path, 0, -1, "fill") == 0
    assert child(tmp_path, 0, 3, "sent") == -signal.SIGKILL
    assert child(tmp_path, 5, 2, "hearing") == -signal.SIGKILL
    assert child(tmp_path, 20, -1, "") == 0
    taken = Counter(address for address, _class, _text in sink.kept)
    assert set(taken) == {f"138{number:08}" for number in range(MESSAGES)}
    twice = sum(count > 2 for count in taken.values())  # two segments each
    assert twice == BATCH, "one batch for the kill between answer and record, none for the other"
    with sqlite3.connect(tmp_path / "outbox.sqlite3") as database:
        (delivered, failed) = database.execute(
            "SELECT COUNT(delivered_at), COUNT(failed_at) FROM dispatch_message"
        ).fetchone()
        (segments, orphans) = database.execute(
            "SELECT COUNT(reported_at), SUM(message_id IS NULL) FROM dispatch_segment"
        ).fetchone()
    database.close()
    assert (delivered, failed) == (MESSAGES, 0)
    assert segments == 2 * (MESSAGES + BATCH), "what the killed one had sent was reported, too, and is kept"
    assert orphans == 2 * BATCH
