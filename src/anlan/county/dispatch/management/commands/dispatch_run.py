"""`anlan dispatch run`: a dispatcher by itself, beside or instead of `anlan work`."""

import signal
import threading
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.dispatch.channels.shape import ARRIVED
from anlan.county.dispatch.handover import collect, run_once, worker_name
from anlan.county.dispatch.queries import backlog

PAUSE_S = 1.0


class Command(AnlanCommand):
    """Runs until SIGTERM, finishing the batch in hand; with `--once` until nothing is due."""

    help = "hand over waiting messages until stopped (--once: until none is due)"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true")

    def perform(self, **options: Any) -> Any:
        stopping = threading.Event()

        def stop(*_: Any) -> None:
            stopping.set()
            ARRIVED.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        taken = 0
        while not stopping.is_set():
            ARRIVED.clear()  # before we look, so that nothing that comes later is slept over
            did = run_once(worker_name())
            taken += did
            if not did and options["once"]:
                break
            if not did and not collect() and not stopping.is_set():
                ARRIVED.wait(PAUSE_S)
        return {"taken": taken, "waiting": sum(backlog().values())}
