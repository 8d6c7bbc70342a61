"""`anlan work`: the one process that acts when nobody does: due jobs and claim loops of every room."""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.management.base import CommandParser
from django.db import close_old_connections, connection

from anlan.county import clock
from anlan.county.command import AnlanCommand
from anlan.county.config.clocks import the_countys_time
from anlan.county.dispatch.handover import worker_name
from anlan.county.dispatch.holding import release
from anlan.county.mission import NAMES

PAUSE_S = 2.0

Job = Callable[[], int]
logger = logging.getLogger(__name__)


def jobs() -> list[Job]:
    """Every room's jobs, in the order of the mission. A job does what is due and says how much it did."""
    rooms = [name for name in NAMES if find_spec(f"anlan.county.{name}.jobs")]
    return [job for name in rooms for job in import_module(f"anlan.county.{name}.jobs").JOBS]


def tend() -> int:
    """Let SQLite see, once a day, what its tables have become, so that it plans well. PostgreSQL does so by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit=400")  # rows of an index: seconds however large the register
            cursor.execute("PRAGMA optimize=0x10002")  # all tables; an SQLite before 3.46, those it was asked for
    return 0


class Command(AnlanCommand):
    """Runs until SIGTERM, finishing the job in hand. A job that fails is logged, and the others go on."""

    help = "run the jobs of all rooms until stopped (--once: one round)"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true")

    def perform(self, **options: Any) -> Any:
        self.stopping = threading.Event()
        self.failed = 0
        self.tended: date | None = None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            done = self.rounds(once=options["once"])
        finally:
            release(worker_name())
        return {"done": done, "failed": self.failed}

    def rounds(self, *, once: bool) -> int:
        """Round by round until stopped. Returns how much was done."""
        done = 0
        while not self.stopping.is_set():
            if not connection.in_atomic_block:  # a caller's transaction keeps its connection
                close_old_connections()
            did = self.round()
            done += did
            if once:
                self.exit_code = 1 if self.failed else 0
                break
            if not did:
                self.stopping.wait(PAUSE_S)
        return done

    def round(self) -> int:
        """Every job once, at the county's time; between two jobs it may be stopped."""
        with the_countys_time():
            did = sum(self.turn(job) for job in jobs() if not self.stopping.is_set())
            if self.tended != clock.today():
                self.tended = clock.today()
                self.turn(tend)  # after the jobs: it looks at what this connection was asked
        return did

    def turn(self, job: Job) -> int:
        """One job, whose defects are its own."""
        try:
            return job()
        except Exception:
            logger.exception("a job failed: %s.%s", job.__module__, job.__qualname__)
            self.failed += 1
            return 0
