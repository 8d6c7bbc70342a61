"""`anlan setup`: from nothing, and again."""

import json
import sqlite3

from django.core.management import call_command

from anlan.county.config.management.commands.setup import set_up
from anlan.county.dispatch.models import Route
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Department, Duty, User


def test_from_an_empty_folder_to_a_database_with_its_reference_data(installed):
    installation, printed = installed
    assert printed.returncode == 0, printed.stderr
    assert json.loads(printed.stdout) == {"reference": ["office", "dispatch"]}
    with sqlite3.connect(installation.home / "county.sqlite3") as database:
        counts = [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in (
            "office_department", "office_duty", "dispatch_route", "office_county")]  # fmt: skip
    assert all(counts[:3])
    assert counts[3] == 0


def test_to_repeat_it_changes_nothing(db, monkeypatch):
    monkeypatch.setattr("anlan.county.config.management.commands.setup.compile_messages", list)
    tables = (Department, Duty, User, Route, Entry)
    assert set_up() == ["office", "dispatch"]
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    assert set_up() == ["office", "dispatch"]
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before


def test_a_county_that_is_running_keeps_what_it_has(people, monkeypatch, capsys):
    monkeypatch.setattr("anlan.county.config.management.commands.setup.compile_messages", list)
    before = User.objects.count(), Entry.objects.count()
    call_command("setup", "--json")
    assert json.loads(capsys.readouterr().out)["reference"]
    assert (User.objects.count(), Entry.objects.count()) == before
