"""Founds a county of so many synthetic households, in a database of its own, for what is measured on a whole register.

`python -m tests.bench.register 70000` fills the database that ANLAN_DATABASE names: 140 villages, four members each
with numbers of nobody, income, a home, a crop, categories.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
VILLAGES, TOGETHER = 140, 2000
MEMBERS = ("head", "spouse", "child", "child")


@contextmanager
def environment(database: str = "") -> Iterator[dict[str, str]]:
    """The variables of an installation of its own, gone afterwards; with an SQLite file, unless a database is named."""
    with TemporaryDirectory() as folder:
        yield {
            **os.environ,
            "ANLAN_DATABASE": database or f"sqlite:///{Path(folder) / 'anlan.sqlite3'}",
            "ANLAN_HOME": folder,
            "DJANGO_SETTINGS_MODULE": "anlan.county.config.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }


def found(count: int) -> None:
    """Found the county. Django must be set up."""
    from django.db import transaction

    from anlan.county.config.management.commands.setup import set_up
    from anlan.county.office.actions import enrol_divisions, found_county
    from anlan.county.registry.enrolment import write

    set_up()
    found_county(code="360123000000", name="安义县", synthetic=True, lon=115.55, lat=28.84)
    towns = [f"360123{100 + each}000" for each in range(10)]
    villages = [f"{town[:9]}{201 + each}" for town in towns for each in range(VILLAGES // len(towns))]
    enrol_divisions([(code, f"示例{code[6:]}", None, None) for code in (*towns, *villages)], synthetic=True)
    per, at = -(-count // VILLAGES), datetime(2026, 6, 1, tzinfo=UTC)
    with transaction.atomic():
        for which, village in enumerate(villages):
            for start in range(1, per + 1, TOGETHER):
                serials = range(start, min(start + TOGETHER, per + 1))
                write([_home(village, each, (which * per + each) * len(MEMBERS)) for each in serials], at)


def _home(village, serial, first):  # type: ignore[no-untyped-def]
    from anlan.county.registry import records

    people = tuple(_member(first + place, place) for place in range(len(MEMBERS)))
    kinds = ["ex_poor"] * (serial % 5 == 0) + ["marginal"] * (serial % 50 == 0)
    return records.HouseholdRecord(
        f"{village}{serial:05d}", village, head_name=people[0].name, people=people, labourers=4,
        phone=f"138{first % 10**8:08d}", home=records.HomeRecord("brick_timber", area_m2=90.0, built=1998),
        holdings=(records.HoldingRecord("rice", 4.0, 4_800.0),),
        income=records.IncomeRecord(date(2026, 5, 31), wage_yuan=10_000.0 + serial % 9000, business_yuan=4_800.0),
        categories=tuple(records.CategoryRecord(kind, date(2021, 1, 1)) for kind in kinds),
    )  # fmt: skip


def _member(serial, place):  # type: ignore[no-untyped-def]
    from anlan.county.registry.identity import check_digit
    from anlan.county.registry.records import PersonRecord

    born = date(1950 + serial % 60, 1 + serial % 12, 1 + serial % 28)
    body = f"99{serial // 50_000:04d}{born:%Y%m%d}{serial // 60 % 1000:03d}"
    sex = "m" if int(body[16]) % 2 else "f"
    return PersonRecord(f"示例{serial}", body + check_digit(body), sex, born, MEMBERS[place])


if __name__ == "__main__":
    import django

    django.setup()
    found(int(sys.argv[1]))
