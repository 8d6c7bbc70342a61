"""Real dispatchers, in processes of their own, killed whenever it pleases: one account's rate is not exceeded, nothing
is lost, and a kill repeats one claimed batch at most. On SQLite, and on PostgreSQL where there is one."""

import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections import Counter
from contextlib import contextmanager

import numpy as np
import pytest
from tests.county.dispatch.channels.test_killed_on_the_line import Repeating

from anlan.county.dispatch.channels.smpp.codec import BIND, SUBMIT, unframe

BATCH, PATIENCE_S = 500, 90

# Its leases are short, so that a test need not wait long for those of the dead.
CHILD = """
import json, sys
from datetime import timedelta
import django
django.setup()
from anlan.county import sealed
from anlan.county.dispatch import actions, holding, rules
from anlan.county.dispatch.models import Account, Message, Route
from django.core.management import call_command

holding.LEASE, rules.LEASE = timedelta(seconds=2), timedelta(seconds=3)
if sys.argv[1] == "fill":
    call_command("migrate", verbosity=0)
    sealed.ready()
    Route.objects.create(kind="sms", channel="smpp")
    actions.enqueue(drafts=[
        actions.Draft(key=f"m{n}", kind="sms", address=f"138{n:08}", division_id="360123101201", subject="", body="走")
        for n in range(int(sys.argv[2]))
    ])
elif sys.argv[1] == "look":
    handed, delivered = (Message.objects.exclude(**{name: None}).count() for name in ("handed_at", "delivered_at"))
    print(json.dumps({"handed": handed, "delivered": delivered, "held_by": Account.objects.get().held_by}))
else:
    call_command("dispatch_run", "--json")
"""


class Watched(Repeating):
    """A carrier that says when so many submissions have come, when each came, and who is logged in."""

    def __init__(self):
        super().__init__()
        self.times, self.users, self.marks = [], [], []
        self.clock = None

    def answer(self, given):
        import time

        command, _status, _sequence, body = unframe(given)
        if command == SUBMIT:
            self.times.append(time.monotonic())
        if command == BIND:
            self.users.append(body.split(b"\x00")[0].decode())
        said = super().answer(given)
        addresses = len({address for address, _class, _text in self.kept}) if self.marks else 0
        for count, event in self.marks:
            if addresses >= count:
                event.set()
        return said

    def wait(self, count):
        """Until so many different people have it."""
        event = threading.Event()
        self.marks.append((count, event))
        assert event.wait(PATIENCE_S), f"{len({address for address, *_rest in self.kept})} of {count}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def county(request, tmp_path):
    """The environment of a county with a database of its own."""
    url = f"sqlite:///{tmp_path / 'outbox.sqlite3'}"
    environment = {
        **os.environ, "ANLAN_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "anlan.county.config.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    if request.param == "sqlite":
        yield {**environment, "ANLAN_DATABASE": url}
        return
    import psycopg

    given = os.environ["ANLAN_TEST_POSTGRESQL"]
    name = f"dispatch_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield {**environment, "ANLAN_DATABASE": given.rpartition("/")[0] + f"/{name}"}
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def words(*given):
    return [sys.executable, "-W", "ignore", "-c", CHILD, *map(str, given)]


def run(environment, *given):
    done = subprocess.run(words(*given), env=environment, capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout) if done.stdout else None


@contextmanager
def dispatcher(environment, folder, user, port, rate=0):
    """One that runs until it is told to stop, or killed."""
    folder.mkdir(exist_ok=True)
    channels = folder / f"{user}.toml"
    channels.write_text(
        f'[[smpp]]\nname = "mobile"\nhost = "127.0.0.1"\nport = {port}\nuser = "{user}"\npassword = "sink"\n'
        f"rate = {rate}\nwindow = 64\n"
    )
    process = subprocess.Popen(
        words("run"), env={**environment, "ANLAN_CHANNELS": str(channels)}, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(30)


def most_within_a_second(times):
    ends = np.searchsorted(times, np.asarray(times) + 1.0)
    return int((ends - np.arange(len(times))).max())


@pytest.mark.long
@pytest.mark.clause("W2")
def test_two_dispatchers_share_one_accounts_rate_and_one_follows_the_other(county, tmp_path, running):
    sink, rate, people = Watched(), 100, 700
    port = running.serve(sink)
    run(county, "fill", people)
    with (
        dispatcher(county, tmp_path / "a", "one", port, rate) as one,
        dispatcher(county, tmp_path / "b", "two", port, rate) as two,
    ):
        sink.wait(250)
        assert len(sink.users) == 1, "the other has no line"
        holder = one if sink.users[0] == "one" else two
        holder.kill()
        sink.wait(people)
    assert len(set(sink.users)) == 2
    # It would be twice as many without the lease; a busy machine bunches some.
    assert most_within_a_second(sink.times) <= 1.3 * rate
    counts = Counter(address for address, _class, _text in sink.kept)
    assert set(counts) == {f"138{number:08}" for number in range(people)}
    assert counts.total() - people <= BATCH
    seen = run(county, "look")
    assert (seen["handed"], seen["held_by"]) == (people, ""), "whoever ends by itself leaves its accounts"


@pytest.mark.long
@pytest.mark.clause("W2")
@pytest.mark.parametrize("seed", [1, 2])
def test_kills_at_any_moment_lose_nothing_and_repeat_a_batch_each_at_most(county, tmp_path, running, seed):
    chance, kills, people = np.random.default_rng(seed), 3, 6000
    sink = Watched()
    port = running.serve(sink)
    run(county, "fill", people)
    for moment in np.sort(chance.integers(1, people - 1, kills)):
        with dispatcher(county, tmp_path, "one", port) as process:
            sink.wait(int(moment))
            process.kill()
    with dispatcher(county, tmp_path, "one", port):
        sink.wait(people)
    counts = Counter(address for address, _class, _text in sink.kept)
    assert set(counts) == {f"138{number:08}" for number in range(people)}
    assert counts.total() - people <= kills * BATCH
    assert run(county, "look")["handed"] == people
