"""A red warning to 100,000 households: releasing it, each rung of the ladder, what they write back, the report of it.

CPU seconds (user and system) of our one process and of the database's server, and the wall clock beside them, on SQLite
and on a PostgreSQL of the bench's own. Every household is due on the ladder at the same moment, so the longest wait of
a timer is what the whole turn takes. Where our CPU is nearly the wall clock, one Python process is the limit; where the
server's is large, its work row by row is; what is left of the wall clock is waiting for the disk or for other work.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from tests.bench.servers import cpu_of, postgresql

ROOT = Path(__file__).resolve().parents[2]
HOUSEHOLDS, SETTINGS = 100_000, "anlan.county.config.settings"


def measure(households: int = HOUSEHOLDS) -> dict[str, Any]:
    """What each step takes, in a process and a database of its own."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        found["SQLite"] = _measured(folder, households, f"sqlite:///{folder}/warn.sqlite3", "")
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        if server is None:
            return found | {"PostgreSQL": {"not on this machine": {}}}
        found["PostgreSQL"] = _measured(folder, households, server.url, str(server.postmaster))
    return found


def _measured(folder: str, households: int, url: str, postmaster: str) -> dict[str, Any]:
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS, "ANLAN_DATABASE": url, "ANLAN_HOME": folder,
        "PYTHONPATH": f"{ROOT}/src:{ROOT}", "ANLAN_BENCH_POSTMASTER": postmaster,
    }  # fmt: skip
    command = [sys.executable, "-W", "ignore", __file__, str(households)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _timed(deed: Callable[[], Any], target: str = "") -> dict[str, Any]:
    postmaster = int(os.environ.get("ANLAN_BENCH_POSTMASTER") or 0)
    wall, cpu, server = time.monotonic(), time.process_time(), cpu_of(postmaster) if postmaster else 0.0
    deed()
    used, passed = time.process_time() - cpu, time.monotonic() - wall
    served = cpu_of(postmaster) - server if postmaster else 0.0
    row = {"our CPU s": round(used, 2)} | ({"server CPU s": round(served, 2)} if postmaster else {})
    return row | {"wall s": round(passed, 2), "limited by": _limit(used, served, passed), "target": target}


def _limit(used: float, served: float, passed: float) -> str:
    """What took most of the time. On a machine that others use, waiting is mostly for them."""
    parts = {"our one process": used, "the server": served, "waiting for disk or others": passed - used - served}
    most = max(parts, key=lambda name: parts[name])
    if most.startswith("waiting"):
        return f"{most}; of the work, {max(list(parts)[:2], key=lambda name: parts[name])}"
    return most


def main(households: int) -> None:
    """Found a county, warn it, climb, report."""
    import django

    django.setup()
    from tests.bench import search

    from anlan.county import clock
    from anlan.county.dispatch.models import Message
    from anlan.county.warn import climbing, reports, sending
    from anlan.county.warn.models import Target
    from anlan.county.warn.models import Warning as TheWarning

    search._offices()
    _households(households, search.CODES)
    _counted()
    begun = datetime.now(tz=UTC)
    found: dict[str, Any] = {}
    with clock.held(begun):
        _event(begun)
        for name in ("key", "general"):
            warning = _warning(begun, name)
            found[f"release, {name}"] = _timed(lambda warning=warning: sending.send(warning, "anlan"))
        warning = TheWarning.objects.get(audience="general")
        found["targets"] = {"count": Target.objects.count()}
        Message.objects.update(handed_at=begun, delivered_at=begun)
        for minutes in (3, 5, 10, 15, 25):
            clock.advance(begun + timedelta(minutes=minutes) - clock.now())
            found[f"ladder, all due at {minutes} min"] = _timed(climbing.climb, "≤ 2 s late")
        found["nothing due"] = _timed(climbing.climb)
        found |= _answers(households)
        found["report"] = _timed(lambda: reports.report(warning), "≤ 5 s")
    print(json.dumps(found))


def _answers(count: int) -> dict[str, dict[str, float]]:
    """Every household writes back: 1, 收到, 2, or something that nobody can act on."""
    from anlan.county import clock
    from anlan.county.dispatch.channels.wire import Reply
    from anlan.county.dispatch.replies import keep
    from anlan.county.warn.answers import take_up

    texts = ("1", "收到", "2", "水进屋了")
    numbers = np.random.default_rng(2).permutation(count) + 1
    said = [Reply(f"100{key:08d}", texts[key % 4], "mobile", f"{key}", at=clock.now()) for key in numbers.tolist()]
    batches = [said[start : start + 5000] for start in range(0, len(said), 5000)]
    stored = _timed(lambda: [keep(replies=batch) for batch in batches])
    taken = _timed(lambda: [take_up() for _batch in batches])
    if take_up():
        raise RuntimeError("a turn left some")
    for each in (stored, taken):
        each["a CPU second"] = round(count / each["CPU s"])
    return {"replies stored": stored, "replies taken up": taken}


def _households(count: int, villages: list[str]) -> None:
    from anlan.county import bulk
    from anlan.county.registry.enrolment import HOUSEHOLD
    from anlan.county.registry.models import Household

    each = count // len(villages)
    base = dict.fromkeys(HOUSEHOLD, None) | {
        "group_no": 1, "head_name": "示例", "size": 3, "address": "", "location": "village", "registered": True,
        "labourers": 1, "insured": True, "number": "", "names": "", "updated_at": datetime.now(tz=UTC),
        "disabled_mark": 0, "second_phone": "",
    }  # fmt: skip
    rows = (
        base | {"id": key, "code": f"{village}{serial:05d}", "division_id": village, "phone": f"100{key:08d}"}
        for place, village in enumerate(villages)
        for serial, key in enumerate(range(place * each + 1, (place + 1) * each + 1), start=1)
    )
    bulk.insert(Household, HOUSEHOLD, (tuple(row[name] for name in HOUSEHOLD) for row in rows))


def _counted() -> None:
    """A server that was filled a moment ago would else plan for empty tables; in a county it has counted long since."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _event(at: datetime) -> None:
    from anlan.county import bulk
    from anlan.county.foresee.models import Impact, Run
    from anlan.county.registry.models import Household
    from anlan.county.sense.models import Event

    event = Event.objects.create(code="EV", title="示例", hazard="flood", level=4, opened_at=at, issued_at=at)
    run = Run.objects.create(event=event, made_at=at, method="t", policy_day=at.date(), basis="alert",
                             households=1, digest="0" * 64)  # fmt: skip
    columns = ("run_id", "household_id", "reach", "confidence", "severity", "loss_yuan", "income_per_head_yuan",
               "p_below", "p_home", "p_water", "score", "group", "rank")  # fmt: skip
    general = np.random.default_rng(1).random(Household.objects.count()) < 0.99
    rows = ((run.pk, key, "division", 1.0, 3.0, 1.0, 1.0, 0.1, 0.0, 0.0, 1.0, "general" if yes else "remote", rank)
            for rank, (key, yes) in enumerate(zip(Household.objects.values_list("id", flat=True), general.tolist(),
                                                  strict=True), start=1))  # fmt: skip
    bulk.insert(Impact, columns, rows)


def _warning(at: datetime, audience: str) -> Any:
    from anlan.county.office.queries import machine
    from anlan.county.sense.models import Event
    from anlan.county.warn.models import Warning as TheWarning

    return TheWarning.objects.create(
        event=Event.objects.get(), code=f"EV.{audience}.1", audience=audience, level=4, sms="示例", voice="示例",
        drafted_by=machine(), drafted_at=at, green_at=at, expires_at=at + timedelta(days=1),
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
