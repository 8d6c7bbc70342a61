"""`anlan work`: the one process that acts when nobody does: due jobs and claim loops of every room."""

import signal
import threading
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.management.base import CommandParser
from django.db import close_old_connections

from anlan.county.command import AnlanCommand
from anlan.county.mission import NAMES

PAUSE_S = 2.0


def jobs() -> list[Any]:
    """Every room's jobs, in the order of the mission. A job does what is due and says how much it did."""
    rooms = [name for name in NAMES if find_spec(f"anlan.county.{name}.jobs")]
    return [job for name in rooms for job in import_module(f"anlan.county.{name}.jobs").JOBS]


class Command(AnlanCommand):
    """Runs until SIGTERM, finishing the job in hand."""

    help = "run the jobs of all rooms until stopped (--once: one round)"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true")

    def perform(self, **options: Any) -> Any:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        done = 0
        while not stopping.is_set():
            close_old_connections()
            did = sum(job() for job in jobs())
            done += did
            if options["once"]:
                break
            if not did:
                stopping.wait(PAUSE_S)
        return {"done": done}
