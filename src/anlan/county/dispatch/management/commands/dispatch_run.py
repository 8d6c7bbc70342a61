"""`anlan dispatch run`: a dispatcher by itself, beside or instead of `anlan work`."""

import signal
import threading
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.dispatch.channels.shape import ARRIVED
from anlan.county.dispatch.handover import collect, run_once, worker_name
from anlan.county.dispatch.holding import beat, release
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
        try:
            taken = self.hand_over(stopping, once=options["once"])
        finally:
            release(worker_name())
        return {"taken": taken, "waiting": sum(backlog().values())}

    def hand_over(self, stopping: threading.Event, *, once: bool) -> int:
        """Turn by turn, until told to stop. Returns how many messages were taken in hand."""
        taken = 0
        while not stopping.is_set():
            ARRIVED.clear()  # before we look, so that nothing that comes later is slept over
            did = run_once(worker_name())
            taken += did
            beat(worker_name())
            if not did and once:
                break
            if not did and not collect() and not stopping.is_set():
                ARRIVED.wait(PAUSE_S)
        return taken
