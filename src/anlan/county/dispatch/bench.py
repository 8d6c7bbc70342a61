"""How fast the outbox hands over and stores receipts, with a sink on loopback in the place of a carrier.

Runs in a process and a database of its own (`anlan warn bench` starts it), so the county's are never touched.
"""

import asyncio
import json
import multiprocessing
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import Max, Min

from anlan.county import clock, seal
from anlan.county.dispatch.actions import Draft, enqueue
from anlan.county.dispatch.channels import channels
from anlan.county.dispatch.channels.shape import ARRIVED
from anlan.county.dispatch.handover import collect, run_once
from anlan.county.dispatch.models import Message, Route

TEXT = "示例县发布暴雨红色预警：未来三小时降雨一百毫米以上，请沿河和山边住户立即转移到村委会安置点，不要返回取物。"
TEXT += "沿途避开河道、陡坡和电线，互相照应老人孩子。收到请回复数字一。示例演练用语，请勿转发，谢谢配合。"
LIMIT = 2000  # messages in one batch


@dataclass(frozen=True, slots=True)
class Rig:
    """What a channel is measured with: what runs in the place of its carrier, and the account that leads there."""

    kind: str
    name: str
    account: str
    serve: Callable[[Connection], None]


def smpp(pipe: Connection) -> None:
    """A carrier by SMPP."""
    from anlan.county.dispatch.channels.smpp.sink import Sink

    async def forever() -> None:
        server, port = await Sink().start()
        pipe.send(port)
        await server.serve_forever()

    asyncio.run(forever())


def http(pipe: Connection) -> None:
    """A cloud service."""
    from anlan.county.dispatch.channels.tencent.sink import Sink

    with Sink() as sink:
        pipe.send(sink.server_port)
        sink.serve_forever()


def mqtt(pipe: Connection) -> None:
    """A broker, and one device that plays every loudspeaker's part."""
    from anlan.county.dispatch.channels.mqtt.sink import answer_everything, free_port

    port = free_port()
    configuration = Path(settings.CHANNELS).with_name("mosquitto.conf")
    configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")
    command = ["mosquitto", "-c", str(configuration)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that the broker is ended, too
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as broker:  # noqa: S603 (our own words)
        try:
            answer_everything(port, lambda: pipe.send(port))
        finally:
            broker.terminate()


RIGS = {
    "smpp": Rig("sms", "smpp", 'host = "127.0.0.1"\nport = {}\nuser = "b"\npassword = "sink"\nwindow = 512\n', smpp),
    "http": Rig("sms", "tencent", 'secret_id = "b"\nsecret_key = "b"\napp = "1"\nsign = "b"\ntemplate = "1"\n'
                                  'url = "http://127.0.0.1:{}"\n', http),
    "mqtt": Rig("loudspeaker", "mqtt", 'host = "127.0.0.1"\nport = {}\n', mqtt),
}  # fmt: skip


def measure(recipients: int, channel: str) -> dict[str, Any]:
    """Plan, hand over, store every receipt; the figures."""
    rig = RIGS[channel]
    with _serving(rig) as port:
        settings.CHANNELS.write_text(f'[[{rig.name}]]\nname = "bench"\n{rig.account.format(port)}')
        set_up()
        Route.objects.create(kind=rig.kind, channel=rig.name)
        began, cpu = clock.now(), time.process_time()
        with transaction.atomic():
            enqueue(drafts=_drafts(recipients, rig.kind))
        planned = clock.now()
        _dispatch_all()
        used = time.process_time() - cpu
        figures = _figures(began, planned)
        if close := getattr(channels()[rig.name], "close", None):
            close()
    sink = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "channel": channel, "recipients": recipients, **figures,
        "cpu_us_per_msg": round(used / recipients * 1e6, 1),
        "sink_cpu_us_per_msg": round((sink.ru_utime + sink.ru_stime) / recipients * 1e6, 1),
    }  # fmt: skip


def _drafts(count: int, kind: str) -> Iterator[Draft]:
    for number in range(count):
        yield Draft(
            key=f"bench/{number}", kind=kind, address=f"139{number:08}", division_id="000000000000", subject="",
            body=TEXT,
        )  # fmt: skip


def set_up() -> None:
    """The tables that are needed, and keys."""
    for room in ("ledger", "dispatch"):  # all other rooms' tables take longer than the rest
        call_command("migrate", room, verbosity=0)
    seal.write(seal.new_ring(settings.CIPHER), settings.KEYS, new=True)


def _dispatch_all(limit: int = LIMIT) -> None:
    """Until everything has arrived."""
    while True:
        ARRIVED.clear()
        if run_once("bench", limit=limit) or collect():
            continue
        if not Message.objects.filter(delivered_at__isnull=True).exists():
            return
        ARRIVED.wait(0.2)


def _figures(began: datetime, planned: datetime) -> dict[str, float]:
    ends = Message.objects.aggregate(first=Min("handed_at"), last=Max("handed_at"), received=Max("delivered_at"))
    handed = Message.objects.order_by("handed_at").values_list("handed_at", flat=True)
    count = handed.count()
    moments = {
        "plan_s": planned, "first_handover_s": ends["first"], "all_handed_s": ends["last"],
        "all_receipts_s": ends["received"], "p50": handed[count // 2], "p99": handed[count * 99 // 100],
    }  # fmt: skip
    return {name: round((at - began).total_seconds(), 3) for name, at in moments.items() if at}


@contextmanager
def _serving(rig: Rig) -> Iterator[int]:
    """The sink in a process of its own, and its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=rig.serve, args=(theirs,), daemon=rig.name != "mqtt")
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def main(words: list[str]) -> None:
    """`recipients channel`: measure in this process, whose settings must name a database that may be filled."""
    figures: dict[str, Any] = measure(int(words[0]), words[1])
    sys.stdout.write(json.dumps(figures))
