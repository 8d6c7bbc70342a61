"""The dispatcher against sinks on loopback: short messages, loudspeakers, receipts, red among yellow, a carrier's rate.

Wall seconds, and CPU microseconds a message of the dispatcher's process, which are the steadier figure: carriers run in
processes of their own. Each row in a fresh database; on PostgreSQL, too, where ANLAN_TEST_POSTGRESQL names a server.
"""

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "anlan.county.config.settings"
PEOPLE, SPEAKERS, RED, RATE = 100_000, 5_000, 2_000, 2_000


def measure() -> dict[str, Any]:
    """Every row, on every database there is."""
    tables = {"SQLite": _table(None)}
    if given := os.environ.get("ANLAN_TEST_POSTGRESQL"):
        tables["PostgreSQL"] = _table(given)
    return tables


def _table(server: str | None) -> dict[str, Any]:
    return {
        f"{PEOPLE:,} two-segment SMS by SMPP, every receipt stored": _run(server, "bench", PEOPLE, "smpp"),
        f"{SPEAKERS:,} loudspeakers by MQTT, every playback stored": _run(server, "bench", SPEAKERS, "mqtt"),
        f"{RED:,} red households while {PEOPLE:,} yellow go out": _run(server, "red"),
        "receipts by themselves": _run(server, "receipts"),
        f"a carrier that takes {RATE:,} segments a second and throttles": _run(server, "rate"),
    }


def _run(server: str | None, *words: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, _database(server, folder) as url:
        environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS, "ANLAN_DATABASE": url, "ANLAN_HOME": folder,
            "PYTHONPATH": f"{ROOT}/src:{ROOT}",
        }  # fmt: skip
        command = [sys.executable, "-W", "ignore", __file__, *map(str, words)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def _database(server: str | None, folder: str) -> Iterator[str]:
    if server is None:
        yield f"sqlite:///{folder}/bench.sqlite3"
        return
    import psycopg

    name = f"bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield server.rpartition("/")[0] + f"/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


# --- in a process of its own -----------------------------------------------------------------------


def bench(recipients: str, channel: str) -> dict[str, Any]:
    """As `anlan warn bench` does."""
    from anlan.county.dispatch.bench import measure as measured

    found = measured(int(recipients), channel)
    return {
        "planned s": found["plan_s"], "first handed over s": found["first_handover_s"],
        "all receipts stored s": found["all_receipts_s"], "CPU µs a message": found["cpu_us_per_msg"],
    }  # fmt: skip


def red() -> dict[str, Any]:
    """A second process queues red messages while the first sends yellow ones."""
    from anlan.county.dispatch import bench as running
    from anlan.county.dispatch.models import Message

    with running._serving(running.RIGS["smpp"]) as port:
        _ready(running.RIGS["smpp"].account.format(port))
        _queue(PEOPLE, "yellow", priority=5)
        queueing = subprocess.Popen([sys.executable, "-W", "ignore", __file__, "queue", str(RED)])
        running._dispatch_all(500)  # as a dispatcher does
        queueing.wait()
        rows = Message.objects.filter(priority=0).values_list("created_at", "handed_at")
        waited = sorted((handed - created).total_seconds() for created, handed in rows)
        last = max(handed for _created, handed in rows)
        after = Message.objects.filter(priority=5, handed_at__gt=last).count()
        _closed()
    return {
        "red p50 s": waited[len(waited) // 2], "red p99 s": waited[len(waited) * 99 // 100],
        "yellow still to go when the last red one went": after,
    }  # fmt: skip


def queue(count: str) -> dict[str, Any]:
    """Queue so many red messages, as an alert does in the middle of everything."""
    _queue(int(count), "red", priority=0)
    return {}


def receipts() -> dict[str, Any]:
    """Two receipts of each of fifty thousand messages that were handed over before."""
    from django.db import transaction

    from anlan.county import clock
    from anlan.county.dispatch.actions import receive
    from anlan.county.dispatch.channels.shape import Outcome, Receipt
    from anlan.county.dispatch.receipts import carried

    _ready("")
    numbers = list(_queue(PEOPLE // 2, "m", priority=5).values())
    with transaction.atomic():
        outcomes = [Outcome(number, account="a", references=(f"{number}.0", f"{number}.1")) for number in numbers]
        carried(outcomes, [], clock.now())
    said = [Receipt("a", name) for outcome in outcomes for name in outcome.references]
    wall, cpu = time.monotonic(), time.process_time()
    for start in range(0, len(said), 1000):
        receive(receipts=said[start : start + 1000])
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    return {"receipts a second": round(len(said) / wall), "CPU µs a receipt": round(cpu / len(said) * 1e6, 1)}


def rate() -> dict[str, Any]:
    """Ten seconds' worth of segments to a carrier that counts them in any second and refuses what is too many."""
    from django.db.models import Max, Min

    from anlan.county.dispatch import bench as running
    from anlan.county.dispatch.models import Message

    people = 5 * RATE
    throttled = multiprocessing.Value("i", 0)
    rig = running.Rig("sms", "smpp", running.RIGS["smpp"].account + f"rate = {RATE}\n", _throttling(throttled))
    with running._serving(rig) as port:
        _ready(rig.account.format(port))
        _queue(people, "m", priority=5)
        running._dispatch_all(500)  # as a dispatcher does
        ends = Message.objects.aggregate(first=Min("handed_at"), last=Max("handed_at"))
        _closed()
    took, ideal = (ends["last"] - ends["first"]).total_seconds(), 2 * people / RATE
    return {"times segments / rate": took / ideal, "throttled %": 100 * throttled.value / (2 * people)}


def _throttling(counted: Any) -> Any:
    def serve(pipe: Any) -> None:
        from anlan.county.dispatch.channels.smpp.codec import OK, THROTTLED
        from anlan.county.dispatch.channels.smpp.sink import Sink

        taken: deque[float] = deque(maxlen=RATE)

        def status(_number: int) -> int:
            now = time.monotonic()
            if len(taken) == RATE and now - taken[0] < 1.0:
                counted.value += 1
                return THROTTLED
            taken.append(now)
            return OK

        async def forever() -> None:
            server, port = await Sink(status=status).start()
            pipe.send(port)
            await server.serve_forever()

        asyncio.run(forever())

    return serve


def _ready(account: str) -> None:
    from django.conf import settings

    from anlan.county.dispatch import bench as running
    from anlan.county.dispatch.models import Route

    running.set_up()
    settings.CHANNELS.write_text(f'[[smpp]]\nname = "bench"\n{account}' if account else "")
    Route.objects.create(kind="sms", channel="smpp")


def _queue(count: int, name: str, *, priority: int) -> dict[str, int]:
    from dataclasses import replace

    from django.db import transaction

    from anlan.county.dispatch import bench as running
    from anlan.county.dispatch.actions import enqueue

    drafts = (replace(each, key=f"{name}/{each.key}", priority=priority) for each in running._drafts(count, "sms"))
    with transaction.atomic():
        return enqueue(drafts=drafts)


def _closed() -> None:
    from anlan.county.dispatch.channels import channels

    channels()["smpp"].close()


if __name__ == "__main__":
    import django

    django.setup()
    verb, *rest = sys.argv[1:]
    print(json.dumps({"bench": bench, "red": red, "queue": queue, "receipts": receipts, "rate": rate}[verb](*rest)))
