"""Sending messages: CPU a message beside what others use, the same messages to the same sinks on loopback (medians).

ANLAN_BENCH_RIVALS names the Python of an environment with apprise, smpplib, paho-mqtt and celery; what is missing
there, or on this machine (mosquitto, rabbitmq-server), is left out by name. Ours is everything from the outbox to the
stored receipt, in a database; theirs is sending alone, or for Celery queueing and taking a task that does nothing, with
the broker's own CPU. A message is a Chinese short message of two segments, or an order to a loudspeaker.
"""

import json
import multiprocessing
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import django
from tests.bench.messages_rival import of_group

ROOT = Path(__file__).resolve().parents[2]
RIVAL = ROOT / "tests" / "bench" / "messages_rival.py"
OURS, RUNS = 6_000, 3
PATIENCE_S = 60.0
TRANSMITTER, ANSWER = 0x00000002, 0x80000000
Row = dict[str, Any]
SMPP = (("smpplib, synchronous", "smpplib", 2000),
        ("Apprise smpp://, its pause taken out; it reads no answer", "apprise_smpp", 1000),
        ("Apprise smpp:// as it comes", "apprise_smpp_as_it_is", 3))  # fmt: skip
HTTP = (("Apprise json://", "apprise_json", 1500),)
MQTT = (("paho client, 1,000 under way", "paho_client", 6000), ("paho publish.single", "paho_single", 1500),
        ("Apprise mqtt://, its pause taken out", "apprise_mqtt", 60),
        ("Apprise mqtt:// as it comes", "apprise_mqtt_as_it_is", 4))  # fmt: skip
QUEUE = (("Celery on RabbitMQ, a task that does nothing", "celery", 3000),)


def measure() -> dict[str, Any]:
    """A table for each way of sending."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.county.config.settings")
    django.setup()  # the sinks are the product's own
    found: dict[str, Any] = {}
    for title, channel, rivals, sink in (
        ("Short messages by SMPP", "smpp", SMPP, "smpp"), ("Short messages by HTTP", "http", HTTP, "http"),
        ("Loudspeakers by MQTT", "mqtt", MQTT, "mqtt"), ("Queueing", "smpp", QUEUE, "rabbitmq"),
    ):  # fmt: skip
        found[title] = _table(channel, rivals, sink)
    return found


def _table(channel: str, rivals: tuple[tuple[str, str, int], ...], sink: str) -> dict[str, Row]:
    if channel == "mqtt" and shutil.which("mosquitto") is None:
        return {"mosquitto": {"CPU µs a message": "not on this machine"}}
    ours = _ours(channel)
    rows = {"Anlan, outbox to stored receipt": ours}
    python = os.environ.get("ANLAN_BENCH_RIVALS")
    missing = "no ANLAN_BENCH_RIVALS" if not python else ""
    if sink == "rabbitmq" and _rabbitmq() is None:
        missing = "no rabbitmq-server on this machine"
    if not python or missing:
        return rows | {name: {"CPU µs a message": missing} for name, _way, _count in rivals}
    for name, way, count in rivals:
        rows[name] = _theirs(python, way, count, sink, ours["CPU µs a message"])
    return rows


@cache
def _ours(channel: str) -> Row:
    """The product's own bench, which has a database and a sink of its own."""
    words = [sys.executable, "-W", "ignore", "-m", "anlan", "warn", "bench", "--recipients", str(OURS), "--channel",
             channel, "--json"]  # fmt: skip
    path = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    told = [
        json.loads(subprocess.run(words, env=path, capture_output=True, text=True, check=True).stdout)
        for _run in range(RUNS)
    ]
    us, wall = (statistics.median(each[name] for each in told) for name in ("cpu_us_per_msg", "all_receipts_s"))
    return {"messages": OURS, "CPU µs a message": round(us, 1), "a second of CPU": round(1e6 / us),
            "a second of the clock": round(OURS / wall), "times ours": 1.0}  # fmt: skip


def _theirs(python: str, way: str, count: int, sink: str, ours: float) -> Row:
    runs = 1 if way.endswith("as_it_is") else RUNS
    told = [_once(python, way, count, sink) for _run in range(runs)]
    cpu, wall = (statistics.median(each[name] for each in told) for name in ("cpu_s", "wall_s"))
    us = cpu / count * 1e6
    row = {"messages": count, "CPU µs a message": round(us, 1), "a second of CPU": round(1e6 / us),
           "a second of the clock": round(count / wall, 1), "times ours": round(us / ours, 1)}  # fmt: skip
    if way.endswith("as_it_is"):  # the pause is the figure
        row |= {"CPU µs a message": "–", "a second of CPU": "–", "times ours": "–"}
    return row


def _once(python: str, way: str, count: int, sink: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, SINKS[sink](Path(folder)) as (port, used):
        own = {**os.environ, "ANLAN_BENCH_FOLDER": folder, "PYTHONPATH": "", "HOME": folder}
        words = [python, "-W", "ignore", str(RIVAL), way, str(port), str(count)]
        before = used()
        done = subprocess.run(words, env=own, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{way}: {done.stderr[-2000:]}")
        told = json.loads(done.stdout.splitlines()[-1])
        return told | {"cpu_s": told["cpu_s"] + used() - before}


# --- the sinks -------------------------------------------------------------------------------------------------------
Serving = Iterator[tuple[int, Callable[[], float]]]


def _nothing() -> float:
    return 0.0


@contextmanager
def _served(serve: Callable[[Any], None]) -> Serving:
    """One of the product's own sinks in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=serve, args=(theirs,))
    process.start()
    try:
        yield ours.recv(), _nothing
    finally:
        process.terminate()
        process.join()


def _carrier(pipe: Any) -> None:
    """The product's own SMPP sink; whoever binds to send alone is told what it took, and gets no receipts."""
    import asyncio

    from anlan.county.dispatch.channels.smpp.codec import frame, unframe
    from anlan.county.dispatch.channels.smpp.sink import Sink

    class Carrier(Sink):
        def answer(self, given: bytes) -> bytes:
            command, _status, sequence, _body = unframe(given)
            if command == TRANSMITTER:
                self.stat = lambda number: ""
                return frame(TRANSMITTER | ANSWER, sequence, b"sink\x00")
            return super().answer(given)

    async def forever() -> None:
        server, port = await Carrier().start()
        pipe.send(port)
        await server.serve_forever()

    asyncio.run(forever())


@contextmanager
def _smpp(_folder: Path) -> Serving:
    with _served(_carrier) as served:
        yield served


@contextmanager
def _http(_folder: Path) -> Serving:
    from anlan.county.dispatch import bench

    with _served(bench.http) as served:
        yield served


@contextmanager
def _mqtt(folder: Path) -> Serving:
    from django.conf import settings

    from anlan.county.dispatch import bench

    settings.CHANNELS = folder / "channels.toml"  # beside which the broker's own file is written
    with _served(bench.mqtt) as served:
        yield served


def _rabbitmq() -> str | None:
    """The broker's own program; Debian's in the path changes the user first."""
    plain = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    return str(plain) if plain.exists() else shutil.which("rabbitmq-server")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _broker(folder: Path) -> Serving:
    """RabbitMQ with all its files in a folder, on ports of its own; what it used of the CPU counts as Celery's."""
    port, epmd = _free_port(), _free_port()
    own = {
        **os.environ, "HOME": str(folder), "RABBITMQ_NODENAME": f"bench{port}@localhost",
        "RABBITMQ_NODE_PORT": str(port), "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(_free_port()), "ERL_EPMD_PORT": str(epmd),
        "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"), "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_PID_FILE": str(folder / "pid"), "RABBITMQ_CONFIG_FILE": str(folder / "none"),
    }  # fmt: skip
    (folder / "plugins").write_text("[].")
    program = _rabbitmq()
    assert program
    with subprocess.Popen(
        [program], env=own, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as server:
        try:
            _wait_for(port)
            yield port, lambda: of_group(server.pid)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(PATIENCE_S)
            subprocess.run(["epmd", "-port", str(epmd), "-kill"], env=own, capture_output=True, check=False)


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    sys.exit("rabbitmq-server does not start")


SINKS = {"smpp": _smpp, "http": _http, "mqtt": _mqtt, "rabbitmq": _broker}


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1, ensure_ascii=False))
