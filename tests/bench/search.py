"""Measures the register's list and search at a million households, through the whole site, on both databases.

One client asks one page after another: place, category, monitored, without a point, names of one to three characters,
initials, codes, and numbers by POST. PostgreSQL is measured where ANLAN_TEST_POSTGRESQL names one.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
HOUSEHOLDS, TOWNSHIPS, VILLAGES = 1_000_000, 10, 20
REQUESTS = 400
TOWNS = [f"360123{100 + number}000" for number in range(TOWNSHIPS)]
CODES = [f"{town[:9]}{200 + number}" for town in TOWNS for number in range(VILLAGES)]
SURNAMES = "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕单解仇查盖翟"
RARE = range(0x5300, 0x5300 + 1500)  # given names are common characters, and now and then one of these
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志文斌海波春花生根水金木火土荣福贵"
SHARES = {
    "ex_poor": 0.12,
    "subsistence": 0.04,
    "disabled": 0.05,
    "unstable": 0.004,
    "marginal": 0.006,
    "hardship": 0.001,
}
SINCE, AT = date(2021, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)


def measure(households: int = HOUSEHOLDS) -> dict[str, Any]:
    """Milliseconds per page by the clock and of the client's CPU, by database and question; and what founding took."""
    urls = {}
    with tempfile.TemporaryDirectory() as folder:
        urls["sqlite"] = f"sqlite:///{folder}/search.sqlite3"
        if server := os.environ.get("ANLAN_TEST_POSTGRESQL"):
            urls["postgresql"] = server
        return {name: _apart(url, folder, households) for name, url in urls.items()}


def _apart(url: str, folder: str, households: int) -> dict[str, Any]:
    """The measurement in a process of its own; on PostgreSQL in a database of its own."""
    own = url
    if not url.startswith("sqlite"):
        import psycopg

        own = urlsplit(url)._replace(path="/anlan_search").geturl()
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("DROP DATABASE IF EXISTS anlan_search")
            server.execute("CREATE DATABASE anlan_search")
    environment = {**os.environ, "ANLAN_DATABASE": own, "ANLAN_HOME": folder, "PYTHONPATH": f"{ROOT}/src:{ROOT}"}
    command = [sys.executable, "-W", "ignore", __file__, str(households)]
    return json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def _found(households: int) -> None:
    _offices()
    _households(households)


def _offices() -> None:
    from django.core.management import call_command

    from anlan.county import sealed
    from anlan.county.office import actions as office

    call_command("migrate", verbosity=0)
    sealed.ready()
    office.load_reference()
    office.found_county(code="360123000000", name="安义县", synthetic=True, lon=115.5, lat=28.8)
    office.enrol_divisions([(code, f"示例{code[6:9]}", 115.5, 28.8) for code in TOWNS], synthetic=True)
    office.enrol_divisions([(code, f"示例{code[6:]}", 115.5, 28.8) for code in CODES], synthetic=True)
    for name, role, division in (("whole", "auditor", "360123000000"), ("town", "township_officer", TOWNS[3])):
        office.appoint(username=name, name=name, role=role, division=division, since=SINCE)


def _households(households: int) -> None:
    from django.db import connection, transaction

    from anlan.county import bulk
    from anlan.county.registry.enrolment import CATEGORY, HOUSEHOLD, PERSON
    from anlan.county.registry.members import marker, words
    from anlan.county.registry.models import Category, Household, Person

    luck = np.random.default_rng(7)
    each = households // len(CODES)
    mark = marker()
    with transaction.atomic():
        for block, village in enumerate(CODES):
            names = _names(luck, 3 * each)
            kinds = {kind: luck.random(each) < share for kind, share in SHARES.items()}
            placed = luck.random(each) < 0.9
            first = block * each + 1
            codes = [f"{village}{serial:05d}" for serial in range(1, each + 1)]
            members = [names[3 * index : 3 * index + 3] for index in range(each)]
            bulk.insert(Household, HOUSEHOLD, (
                (first + i, codes[i], village, 1, members[i][0], 3, "", f"100{first + i:08d}", "", 115.5, 28.8,
                 "point" if placed[i] else "village", None, True, 1, True, AT, "", words(members[i]),
                 mark(codes[i], False))
                for i in range(each)))  # fmt: skip
            bulk.insert(Person, PERSON, (
                (first + i, name, f"990123{1950 + place}0101{(first + i) % 10000:04d}"[:18], "m", SINCE, "head",
                 "healthy", "ordinary", False, True)
                for i in range(each) for place, name in enumerate(members[i])))  # fmt: skip
            bulk.insert(Category, CATEGORY, (
                (first + int(i), kind, SINCE, None, "", codes[i])
                for kind, flags in kinds.items() for i in np.flatnonzero(flags)))  # fmt: skip
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _names(luck: np.random.Generator, count: int) -> list[str]:
    surname = luck.integers(0, len(SURNAMES), count)
    first, second = luck.integers(0, len(GIVEN), (2, count))
    rare, which, single = luck.random(count) < 0.05, luck.integers(0, len(RARE), count), luck.random(count) < 0.15
    rows = zip(
        surname.tolist(), first.tolist(), second.tolist(), rare.tolist(), which.tolist(), single.tolist(), strict=True
    )
    return [
        SURNAMES[s] + GIVEN[a] + ("" if one else chr(RARE[w]) if odd else GIVEN[b]) for s, a, b, odd, w, one in rows
    ]


def _asked(luck: np.random.Generator) -> Iterator[tuple[str, dict[str, str]]]:
    """What people ask for, by its kind."""
    kinds = (
        "list",
        "list",
        "list",
        "one character",
        "two characters",
        "three characters",
        "initials",
        "code",
        "number",
    )
    while True:
        kind = str(luck.choice(kinds))
        name = _names(luck, 1)[0]
        asked = {"township": f"360123{100 + luck.integers(TOWNSHIPS)}000"} if luck.random() < 0.4 else {}
        if luck.random() < 0.4:
            asked["category"] = str(luck.choice(["monitored", *SHARES]))
        if luck.random() < 0.2:
            asked["unplaced"] = "on"
        if kind == "list" and luck.random() < 0.3:
            asked["past"] = (
                f"360123{100 + luck.integers(TOWNSHIPS)}2{luck.integers(VILLAGES):02d}{luck.integers(1, 5000):05d}"
            )
        starts = {
            "one character": name[-1],
            "two characters": name[-2:],
            "three characters": name,
            "initials": "zgw"[: luck.integers(2, 4)],
        }
        if kind in starts:
            asked["q"] = starts[kind]
        elif kind == "code":
            asked = {"q": f"360123{100 + luck.integers(TOWNSHIPS)}2{luck.integers(VILLAGES):02d}"}
        elif kind == "number":
            asked = {"q": f"100{luck.integers(1, 10**6):08d}" if luck.random() < 0.5 else f"{luck.integers(10**4):04d}"}
        yield kind, asked


def _timed(send: Callable[..., Any], path: str, asked: dict[str, str]) -> tuple[float, float]:
    """Milliseconds by the clock, and of this process's own computing: on a busy machine the second is the truer one."""
    begun, cpu = time.perf_counter(), time.process_time()
    response = send(path, asked)
    assert response.status_code == 200, response.status_code
    return 1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - cpu)


def main(households: int) -> None:
    """Found the register, ask, print the figures."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.county.config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    import anlan.county.config.urls  # noqa: F401 (loaded before the clock runs)
    from anlan.county.office.models import User

    begun = time.process_time()
    _found(households)
    founding_s = time.process_time() - begun
    luck, times = np.random.default_rng(11), {}
    settings.ALLOWED_HOSTS = ["testserver"]
    clients = []
    for name in ("whole", "town"):
        clients.append(Client())
        clients[-1].force_login(User.objects.get(username=name), backend="anlan.county.office.authentication.Passwords")
    slowest: list[tuple[float, str]] = []
    for number, (kind, asked) in zip(range(REQUESTS + 20), _asked(luck), strict=False):
        client = clients[number % 3 == 0]
        path, send = ("/registry/find/", client.post) if kind == "number" else ("/registry/", client.get)
        took = _timed(send, path, asked)
        if number >= 20:  # the first ones warm up
            times.setdefault("list" if kind in {"list", "code"} else "search", []).append(took)
            slowest.append((round(took[0]), f"{kind} {sorted(asked)} {number % 3 == 0}"))
    told = {what: _figures(all_) for what, all_ in sorted(times.items())}
    told |= {"households": households, "founding_cpu_s": round(founding_s, 1), "slowest": sorted(slowest)[-8:]}
    print(json.dumps(told))


def _figures(times: list[tuple[float, float]]) -> dict[str, float]:
    wall, cpu = zip(*times, strict=True)
    p50, p95, most = np.percentile(wall, [50, 95, 100])
    cpu_p50, cpu_p95 = np.percentile(cpu, [50, 95])
    told = {"p50_ms": p50, "p95_ms": p95, "most_ms": most, "cpu_p50_ms": cpu_p50, "cpu_p95_ms": cpu_p95}
    return {name: round(value, 1) for name, value in told.items()} | {"pages": len(times)}


if __name__ == "__main__":
    main(int(sys.argv[1]))
