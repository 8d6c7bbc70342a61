"""The scrubbed copy: everything is there, nobody is."""

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.db import connections
from tests.county.registry.conftest import A, C, household, person

from anlan.cli import run
from anlan.county import seal
from anlan.county.config.database import database
from anlan.county.dispatch.actions import Draft, enqueue
from anlan.county.ledger.models import Entry
from anlan.county.ledger.rules import GENESIS, digest
from anlan.county.office.models import User
from anlan.county.registry import actions, scrubbing
from anlan.county.registry.models import Household, Person

PHONE, OTHER = "13987651234", "13812345678"
NAMES = ("钱多多", "孙小美", "阿土伯")
NUMBERS = ("360123197211110033", "360123201006061040", "360123194802292015")


@pytest.fixture
def town(people, now):
    """Real-looking people of a town."""
    members = tuple(
        person(name=name, id_number=number, born=date(int(number[6:10]), int(number[10:12]), int(number[12:14])),
               health="disabled" if number is NUMBERS[2] else "grave")
        for name, number in zip(NAMES, NUMBERS, strict=True)
    )  # fmt: skip
    home = household(A, 1, head_name=NAMES[0], phone=PHONE, address="上岗路八号", people=members)
    other = replace(household(C, 1, head_name=NAMES[1], phone=""), people=(replace(members[1], relation="head"),))
    actions.enrol(records=[home, other], by=people["anlan"], source="t")
    User.objects.filter(username="auditor").update(phone=OTHER, email="auditor@anyi.example", name="周审计")
    enqueue(
        drafts=[Draft("k1", "sms", PHONE, A, "演练", f"请{NAMES[0]}转移"), Draft("k2", "list", A, A, "演练", NAMES[1])]
    )
    actions.unmask(
        household=Household.objects.get(phone=PHONE), field="phone", reason="contact", by=people["department_clerk"]
    )
    actions.relocate(changes=[(Household.objects.get(phone=PHONE).pk, 115.6543217, 28.7654321)], by=people["anlan"])


@pytest.fixture
def scrubbed(town, tmp_path, monkeypatch):
    monkeypatch.setattr("django.test.testcases.NO_DB_ALIAS", scrubbing.ALIAS)  # tests may open this database, too
    out = tmp_path / "copy.sqlite3"
    told = scrubbing.copy(into=database(f"sqlite:///{out}"), keys=tmp_path / "keys.toml", by="administrator")
    return out, tmp_path / "keys.toml", told


def originals():
    values = {
        *NAMES,
        *NUMBERS,
        PHONE,
        OTHER,
        "上岗路八号",
        "auditor@anyi.example",
        "周审计",
        "115.6543217",
        "28.7654321",
    }
    values |= {" ".join(name) for name in NAMES}
    values |= set(User.objects.filter(username__contains="_officer_").values_list("username", flat=True))
    return values


def test_no_original_value_is_anywhere_in_the_copys_bytes(scrubbed):
    out, keys, _told = scrubbed
    whole = b"".join(path.read_bytes() for path in out.parent.glob("copy.sqlite3*"))
    assert [value for value in originals() if value.encode() in whole or value.encode("utf-16-le") in whole] == []
    assert settings.KEYS.read_bytes() != keys.read_bytes()


def rows(out, table, *columns):
    with sqlite3.connect(out) as copy:
        return copy.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1").fetchall()


def test_the_same_person_is_the_same_everywhere_and_every_key_leads_where_it_led(scrubbed):
    out, keys, told = scrubbed
    ring = seal.read(keys)
    heads = [head for _id, head in rows(out, "registry_household", "id", "head_name")]
    people = rows(out, "registry_person", "id", "household_id", "name", "id_number", "born", "id_index", "health")
    assert [row[:2] for row in people] == list(Person.objects.order_by("id").values_list("id", "household_id"))
    names = [row[2] for row in people]
    numbers = [ring.open(row[3], b"registry.person.id_number") for row in people]
    assert heads == [names[0], names[1]]
    assert names[1] == names[3]
    assert numbers[1] == numbers[3]
    assert [number[6:14] for number in numbers] == [row[4].replace("-", "") for row in people]
    assert [row[5] for row in people] == [ring.blinder("registry.person.id_number")(number) for number in numbers]
    ((_id, phone),) = [row for row in rows(out, "registry_household", "id", "phone") if row[1]]
    ((_key, address),) = [row for row in rows(out, "dispatch_message", "key", "address") if row[0] == "k1"]
    assert ring.open(phone, b"registry.household.phone") == ring.open(address, b"dispatch.message.address")
    assert told["registry.Person"] == 4
    with sqlite3.connect(out) as copy:
        assert copy.execute("PRAGMA foreign_key_check").fetchall() == []


def test_the_ledger_is_whole_and_says_that_it_was_chained_anew(scrubbed):
    out, _keys, _told = scrubbed
    lines = rows(out, "ledger_entry", "seq", "at", "by", "verb", "about", "payload", "previous", "hash")
    assert len(lines) == Entry.objects.count() + 1
    previous = GENESIS
    for seq, at, by, verb, about, payload, before, hash_ in lines:
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        assert before == previous
        assert hash_ == digest(before, seq, moment, by, verb, about, payload)
        previous = hash_
    assert lines[-1][3] == "registry.scrub"
    assert Entry.objects.order_by("-seq").first().hash in lines[-1][5]
    assert rows(out, "ledger_head", "id", "seq", "hash") == [(1, lines[-1][0], previous)]


def test_names_are_searched_by_their_replacements(scrubbed):
    out, _keys, _told = scrubbed
    (_id, head, words) = rows(out, "registry_household", "id", "head_name", "names")[0]
    assert words.startswith(" ".join(head))
    with sqlite3.connect(out) as copy:
        found = copy.execute("SELECT rowid FROM registry_words WHERE registry_words MATCH ?", [f'"{" ".join(head)}"'])
        assert len(found.fetchall()) == 1


def test_the_original_is_as_it_was_and_the_other_database_is_let_go(scrubbed):
    assert Household.objects.get(phone=PHONE).head_name == NAMES[0]
    assert not Entry.objects.filter(verb="registry.scrub").exists()
    assert scrubbing.ALIAS not in connections.settings


def test_a_place_that_is_taken_is_refused(scrubbed, tmp_path):
    out, keys, _told = scrubbed
    with pytest.raises(scrubbing.NotEmpty, match=r"keys\.toml"):
        scrubbing.copy(into=database(f"sqlite:///{tmp_path / 'new.sqlite3'}"), keys=keys, by="administrator")
    with pytest.raises(scrubbing.NotEmpty, match="空的数据库"):
        scrubbing.copy(into=database(f"sqlite:///{out}"), keys=tmp_path / "other.toml", by="administrator")
    assert not (tmp_path / "other.toml").exists()


def test_by_command(town, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("django.test.testcases.NO_DB_ALIAS", scrubbing.ALIAS)
    monkeypatch.setattr(connections, "close_all", lambda: None)
    out = tmp_path / "by_command.sqlite3"
    assert run(["scrub", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"]["registry.Person"] == 4
    assert seal.read(tmp_path / "by_command.sqlite3.keys.toml")
    assert run(["scrub", "--out", "mysql://x/y"]) == 2
    assert "sqlite:///" in capsys.readouterr().err
    assert run(["scrub", "--out", str(out)]) == 2
    assert "Traceback" not in capsys.readouterr().err
