"""A small county with its people in office: founded by the rooms' own actions, or put back row by row."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from django.apps import apps
from django.db import connection, transaction

T = TypeVar("T")
Rows = dict[str, tuple[list[str], list[tuple[object, ...]]]]


def found() -> None:
    """Two townships with two villages each, the reference data, one user per role."""
    from anlan.county.office.actions import appoint, enrol_divisions, found_county, load_reference

    load_reference()
    found_county(code="360123000000", name="安义县", synthetic=True, lon=115.55, lat=28.84)
    enrol_divisions(
        [
            ("360123101000", "万埠镇", 115.60, 28.90),
            ("360123102000", "石鼻镇", 115.53, 28.78),
            ("360123101201", "示例甲村", 115.61, 28.91),
            ("360123101202", "示例乙村", 115.58, 28.89),
            ("360123102201", "示例丙村", 115.54, 28.79),
            ("360123102202", "示例丁村", 115.52, 28.77),
        ],
        synthetic=True,
    )
    since = date(2026, 1, 1)
    for username, role, division in (
        ("duty_officer", "duty_officer", "360123000000"),
        ("duty_officer_2", "duty_officer", "360123000000"),
        ("county_director", "county_director", "360123000000"),
        ("department_clerk", "department_clerk", "360123000000"),
        ("township_officer_a", "township_officer", "360123101000"),
        ("township_officer_b", "township_officer", "360123102000"),
        ("village_cadre_a", "village_cadre", "360123101201"),
        ("village_cadre_b", "village_cadre", "360123102201"),
        ("auditor", "auditor", "360123000000"),
        ("administrator", "administrator", "360123000000"),
    ):
        appoint(username=username, name=username, role=role, division=division, since=since)


def kept(make: Callable[[], T]) -> tuple[T, Rows]:
    """What `make` gives, and the rows it made; the database is left as it was."""
    with transaction.atomic():
        before = _rows()
        made = make()
        after = _rows()
        transaction.set_rollback(True)
    return made, {table: rows for table, rows in after.items() if table not in before}


def put_back(taken: Rows, over: Rows | None = None) -> None:
    """Write rows where there are none, or over those put back before; in any order, for keys are checked at the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, (columns, rows) in taken.items():
            if over and table in over:
                if over[table] == (columns, rows):
                    continue
                cursor.execute(f'DELETE FROM "{table}"')
            names, marks = ", ".join(f'"{each}"' for each in columns), ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)


def _rows() -> Rows:
    taken: Rows = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            if rows := cursor.fetchall():
                taken[model._meta.db_table] = ([column[0] for column in cursor.description], rows)
    return taken
