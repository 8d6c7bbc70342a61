"""Running a drill: from the start, or on from where it was killed."""

import gc
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.translation import gettext as _

from anlan.county import clock, seal, sealed
from anlan.county.account import actions as account
from anlan.county.command import progress
from anlan.county.dispatch import actions as dispatch
from anlan.county.drill import outcome
from anlan.county.drill.models import Run
from anlan.county.drill.players.watch import transplanted
from anlan.county.drill.requests import Request
from anlan.county.drill.scenario import from_alert, read
from anlan.county.drill.script import Phase, script
from anlan.county.drill.stage import Stage
from anlan.county.drill.synthetic import enrol, eve, found
from anlan.county.errors import BadInput, Refused
from anlan.county.office import actions as office
from anlan.county.office.models import County
from anlan.county.office.queries import machine
from anlan.county.registry import actions as registry

LEAST, MOST = 200, 2_000_000


class HoldsARealCounty(Refused):
    """The database holds people who are not a drill's."""


def run_drill(*, request: Request, again: bool = True) -> dict[str, Any]:
    """Run a drill in this database and return its report.

    An unfinished drill of the same request goes on; a finished one is run anew, or (`again=False`) its report is
    given again. Another drill in the database makes room. A database that holds a real county is refused.
    """
    if not LEAST <= request.households <= MOST:
        raise BadInput(_("演练的农户数要在 %(least)d 到 %(most)d 之间。") % {"least": LEAST, "most": MOST})
    scenario = from_alert(request.alert) if request.alert else read(request.scenario)
    _refuse_a_real_county()
    call_command("migrate", verbosity=0, interactive=False)
    sealed.ready()
    stage = Stage(request, scenario)  # a workbook that cannot be enrolled is refused before anything is touched
    run = Run.objects.order_by("-id").first()
    if run is not None and run.request != request.as_dict():
        run = None
    if run is not None and run.finished_at and not again:
        return dict(run.report or {})
    if run is None or run.finished_at:
        run = _begin(request)
    return _play(run, stage)


def _refuse_a_real_county() -> None:
    tables = connection.introspection.table_names()
    if "office_county" not in tables:
        return
    if County.objects.filter(synthetic=False).exists():
        raise HoldsARealCounty(_("这个数据库里是真实的县，不能在其中演练。请用 ANLAN_DATABASE 指定另一个数据库。"))


def _begin(request: Request) -> Run:
    """Make room, and write down what was asked for."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            connection.check_constraints()  # checks still to come would bar the tables from being emptied
        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
        shutil.rmtree(settings.SPOOL, ignore_errors=True)
        office.load_reference()
        dispatch.load_reference()
        return Run.objects.create(
            scenario=request.scenario, seed=request.seed, households=request.households, request=request.as_dict()
        )


def _hurry() -> None:
    """A drill must survive a kill, not a power cut: SQLite need not wait for the disk."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA mmap_size=536870912")
            cursor.execute("PRAGMA analysis_limit=400")


def _learn() -> None:
    """Tables that were empty a day ago are full: let SQLite count again, or it walks along the wrong one."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


@contextmanager
def _hoarding() -> Iterator[None]:
    """Half a million records make no rings: looking for garbage among them would take a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _play(run: Run, stage: Stage) -> dict[str, Any]:
    _hurry()
    phases = [Phase(eve(stage.start), "found", _found, learn=True), *script(stage)]
    left = phases[run.step :]
    for phase in progress(left, total=len(left), what=stage.scenario.title):
        with clock.held(phase.at), seal.held(seal.ring()):
            _act(run, stage, phase)
    with clock.held(phases[-1].at), transaction.atomic():
        run.report = _report(stage)
        run.finished_at = clock.now()
        run.save()
    return dict(run.report)


def _act(run: Run, stage: Stage, phase: Phase) -> None:
    """A whole phase and the note that it is done commit together; sending commits batch by batch."""
    if not phase.whole:
        phase.act(stage)
    with transaction.atomic():
        if phase.whole:
            phase.act(stage)
        run.step += 1
        run.save(update_fields=["step"])
        office.hold_clock(at=clock.now())
    if phase.learn:
        _learn()


def _found(stage: Stage) -> None:
    request = stage.request
    found(seed=request.seed, villages=stage.villages, world=stage.world, element=stage.scenario.element)
    if request.registry:
        registry.import_workbook(path=Path(request.registry), by=machine(), whole=True)
    else:
        until = stage.start.date().replace(day=1) - timedelta(days=1)
        with _hoarding():
            enrol(seed=request.seed, villages=stage.villages, households=stage.households, until=until)


def _report(stage: Stage) -> dict[str, Any]:
    request = stage.request
    told = {
        "scenario": request.scenario, "title": stage.scenario.title, "seed": request.seed, "synthetic": True,
        "households": len(stage.households.size), "started_at": _text(stage.start), "ended_at": _text(clock.now()),
        "world": request.world.as_dict(), "truth": outcome.truth(stage), "reach": outcome.reach(stage),
    }  # fmt: skip
    if request.alert and stage.event.alert is not None:
        moved = {"place": transplanted(stage.event.alert), "time": stage.start != stage.event.alert.sent_at}
        told["alert"] = {"identifier": stage.event.alert.identifier, "file": request.alert_name, "moved": moved}
    return dict(account.report(event=stage.event, by=stage.officer("county_director"), extra=told).body)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
