"""Moments out of SQLite: the same as Django reads, once each."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection

from anlan.county import moments
from anlan.county.ledger.actions import record
from anlan.county.ledger.models import Entry


@pytest.mark.parametrize("text", ["2026-06-20 08:00:00", "2026-06-20 08:00:00.000125", "2026-06-20 08:00:00+00:00"])
def test_a_moment_is_read_as_django_wrote_it(text):
    found = moments.moment(text.encode())
    assert found.utcoffset() == timedelta(0)
    assert found.replace(microsecond=0) == datetime(2026, 6, 20, 8, tzinfo=UTC)
    assert moments.moment(text.encode()) is found


def test_what_was_written_comes_back(db, now):
    record("test.deed", about="thing:1", by="somebody")
    assert Entry.objects.values_list("at", flat=True).get() == now
    assert Entry.objects.get().at == now


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own")
def test_a_row_read_past_django_knows_its_zone_too(db, now):
    record("test.deed", about="thing:1", by="somebody")
    with connection.cursor() as cursor:
        cursor.execute("SELECT at FROM ledger_entry")
        assert cursor.fetchone() == (now,)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own")
@pytest.mark.parametrize("at", [datetime(2026, 6, 20, 8, 0, 1, 125, UTC), datetime(2026, 6, 20, 8), None])  # noqa: DTZ001
def test_what_is_written_past_django_is_what_django_writes(db, now, at):
    record("test.deed", about="thing:1", by="somebody")
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(at AS text) FROM ledger_entry")
        (written,) = cursor.fetchone()
        cursor.execute("SELECT CAST(%s AS text)", [now.astimezone(timezone(timedelta(hours=8)))])
        assert cursor.fetchone() == (written,)
        cursor.execute("SELECT %s", [at])
        (kept,) = cursor.fetchone()
        assert kept == (at and at.replace(tzinfo=None).isoformat(" "))


def test_what_is_no_moment_is_not_taken_for_one():
    with sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES) as file:
        file.execute("CREATE TABLE t (at datetime)")
        file.execute("INSERT INTO t VALUES ('tomorrow')")
        with pytest.raises(ValueError, match="tomorrow"):
            file.execute("SELECT at FROM t").fetchone()
