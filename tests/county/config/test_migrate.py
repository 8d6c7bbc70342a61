"""`anlan migrate`: an empty database gets at once what the migrations would have led to."""

import sqlite3

import pytest
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Walk
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from anlan.county.config.database import database
from anlan.county.config.management.commands.migrate import lay


@pytest.fixture
def empty(db, tmp_path, monkeypatch):
    """A function that gives a new empty database an alias."""
    made = []

    def empty(alias):
        into = database(f"sqlite:///{tmp_path / alias}.sqlite3")
        connections.settings[alias] = {**connections["default"].settings_dict, **into, "TIME_ZONE": None}
        monkeypatch.setattr("django.test.testcases.NO_DB_ALIAS", alias)  # tests may open this database, too
        made.append(alias)
        return connections[alias]

    yield empty
    for alias in made:
        connections[alias].close()
        del connections[alias], connections.settings[alias]


def schema(connection):
    """Everything a database is made of; of a table its columns and constraints in any order: SQLite's remade tables
    have theirs in another."""
    with sqlite3.connect(connection.settings_dict["NAME"]) as file:
        rows = file.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {
        (kind, name): sorted(sql[sql.index("(") + 1 : -1].split(", ")) if kind == "table" else sql
        for kind, name, sql in rows
    }


def migrate(alias, **options):
    call_command("migrate", database=alias, verbosity=0, interactive=False, **options)


@pytest.mark.long
def test_an_empty_database_gets_what_walking_through_the_migrations_leads_to(empty, monkeypatch):
    monkeypatch.setattr("anlan.county.config.management.commands.migrate.lay", lambda connection: False)
    walked = empty("walked")
    migrate("walked")
    monkeypatch.undo()
    laid = empty("laid")
    migrate("laid")
    assert schema(laid) == schema(walked)
    assert MigrationRecorder(laid).applied_migrations().keys() == MigrationRecorder(walked).applied_migrations().keys()


def test_nothing_is_left_to_be_applied_and_to_repeat_it_changes_nothing(empty):
    connection = empty("fresh")
    assert lay(connection)
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    before = schema(connection)
    assert not lay(connection)
    migrate("fresh")
    assert schema(connection) == before


def test_a_database_that_holds_anything_walks_through_its_migrations(empty, monkeypatch):
    asked = []
    monkeypatch.setattr(Walk, "handle", lambda self, **options: asked.append(options["database"]))
    connection = empty("other")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_somebody_else (id integer)")
    migrate("other")
    assert asked == ["other"]
    assert connection.introspection.table_names() == ["of_somebody_else"]


def test_who_asks_for_one_room_walks(empty, monkeypatch):
    monkeypatch.setattr(Walk, "handle", lambda self, **options: None)
    connection = empty("room")
    migrate("room", app_label="ledger")
    assert connection.introspection.table_names() == []


def test_killed_in_the_middle_nothing_is_there_and_it_begins_again(empty, monkeypatch):
    connection = empty("killed")
    done = MigrationRecorder.record_applied

    def killed(self, app, name):
        if app == "warn":
            raise KeyboardInterrupt
        done(self, app, name)

    monkeypatch.setattr(MigrationRecorder, "record_applied", killed)
    with pytest.raises(KeyboardInterrupt):
        lay(connection)
    assert connection.introspection.table_names() == ["django_migrations"]
    assert MigrationRecorder(connection).applied_migrations() == {}
    monkeypatch.setattr(MigrationRecorder, "record_applied", done)
    assert lay(connection)
