"""An empty database is built at one go, and is then what the migrations would have made of it, step by step."""

import os
import re
import sqlite3

import psycopg
import pytest
from tests.county.registry.test_two_at_once import drop_database, fresh_database
from tests.installation import Installation

MIGRATE = (
    "import sys\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)"
)
STOPPED = """
import django; django.setup()
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder
noted = MigrationRecorder.record_applied

def note(self, app, name):
    noted(self, app, name)
    if app == "clear":
        raise SystemExit(9)

MigrationRecorder.record_applied = note
call_command("migrate", verbosity=0)
"""
POSTGRESQL = (
    (
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity "
        "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    ),
    (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
    ),
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
    "SELECT app, name FROM django_migrations ORDER BY 1, 2",
    (
        "SELECT app_label, codename FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id "
        "ORDER BY 1, 2"
    ),
)


def parts(sql):
    """A statement, and what stands in its outer brackets in any order: a step puts its column at the end."""
    head, bracket, body = sql.partition("(")
    depth, found = 0, [""]
    for sign in body.rpartition(")")[0]:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            found.append("")
        else:
            found[-1] += sign
    return head.strip(), bracket, sorted(re.sub(r"\s+", " ", each).strip() for each in found)


def sqlite_schema(path):
    with sqlite3.connect(path) as database:
        schema = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql > '' ORDER BY 1, 2")
        return [
            [(kind, name, table, parts(sql) if kind == "table" else sql) for kind, name, table, sql in schema],
            *(database.execute(each).fetchall() for each in POSTGRESQL[3:]),
        ]


def migrate(installation, *words, **changes):
    done = installation.python(MIGRATE, "migrate", "--verbosity=0", *words, **changes)
    assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_both_roads_lead_to_one_schema(tmp_path):
    made = []
    for name, words in (("whole", ()), ("steps", ("--stepwise",))):
        (tmp_path / name).mkdir()
        installation = Installation(tmp_path / name)
        migrate(installation, *words)
        made.append(sqlite_schema(installation.home / "county.sqlite3"))
    whole, steps = made
    assert len(whole[0]) > 200
    assert whole == steps


@pytest.mark.long
@pytest.mark.needs("postgresql")
def test_on_postgresql_too(tmp_path):
    made = []
    name = f"migrate_{os.getpid()}"
    for words in ((), ("--stepwise",)):
        url = fresh_database(name)
        try:
            migrate(Installation(tmp_path), *words, ANLAN_DATABASE=url)
            with psycopg.connect(url) as database:
                made.append([database.execute(each).fetchall() for each in POSTGRESQL])
        finally:
            drop_database(name)
    whole, steps = made
    assert all(whole)
    assert whole == steps


@pytest.mark.long
def test_a_database_whose_making_was_stopped_is_made_again_from_nothing(tmp_path):
    installation = Installation(tmp_path)
    stopped = installation.python(STOPPED)
    assert stopped.returncode == 9, stopped.stderr
    with sqlite3.connect(installation.home / "county.sqlite3") as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'").fetchall()
        assert tables == [("django_migrations",)]
        assert database.execute("SELECT count(*) FROM django_migrations").fetchone() == (0,)
    migrate(installation)
    assert sqlite_schema(installation.home / "county.sqlite3")[1]


@pytest.mark.long
def test_one_that_stands_goes_step_by_step(tmp_path):
    installation = Installation(tmp_path)
    migrate(installation)
    whole = sqlite_schema(installation.home / "county.sqlite3")
    migrate(installation, "drill", "zero")
    less = sqlite_schema(installation.home / "county.sqlite3")
    assert len(less[1]) == len(whole[1]) - 1
    migrate(installation)
    assert sqlite_schema(installation.home / "county.sqlite3") == whole
