"""ANLAN_DATABASE in all its forms."""

import pytest

from anlan.county.config.database import database


def test_a_relative_and_an_absolute_sqlite_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert database("sqlite:///var/x.sqlite3")["NAME"] == "var/x.sqlite3"
    assert (tmp_path / "var").is_dir()
    assert database(f"sqlite:///{tmp_path}/y%20z.sqlite3")["NAME"] == f"{tmp_path}/y z.sqlite3"
    assert database("sqlite:///:memory:")["NAME"] == ":memory:"


def test_sqlite_waits_for_its_turn_and_survives_a_crash():
    options = database("sqlite:///:memory:")["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]


def test_postgresql_with_everything_and_with_little():
    full = database("postgresql://anlan:p%40ss@db.local:5433/county?sslmode=require")
    assert (full["USER"], full["PASSWORD"], full["HOST"], full["PORT"]) == ("anlan", "p@ss", "db.local", "5433")
    assert full["NAME"] == "county"
    assert full["OPTIONS"] == {"sslmode": "require"}
    assert database("postgres:///county")["HOST"] == ""


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://x/y", "must begin with"),
        ("county.sqlite3", "must begin with"),
        ("sqlite:///", "names no file"),
        ("postgresql://host", "names no database"),
    ],
)
def test_anything_else_is_refused_with_what_is_wrong(url, words):
    with pytest.raises(ValueError, match=words):
        database(url)
