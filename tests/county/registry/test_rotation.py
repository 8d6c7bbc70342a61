"""A new key: every value stays readable at every moment, and the old key can go at the end."""

import pytest
from django.db import connection
from tests.county.registry.conftest import A, household

from anlan.county import seal
from anlan.county.ledger.models import Entry
from anlan.county.office.models import User
from anlan.county.registry import actions, rotation
from anlan.county.registry.models import Household, Person

NUMBER, PHONE = "990123197211110033", "10000000001"


@pytest.fixture
def register(keys, people):
    actions.enrol(records=[household(A, serial) for serial in range(1, 8)], by=people["anlan"], source="t")
    User.objects.filter(username="auditor").update(phone=PHONE)


def heads(table="registry_person", column="id_number"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        return {bytes(value)[:4].hex() for (value,) in cursor.fetchall() if value}


def everything_reads():
    assert set(Person.objects.values_list("id_number", "health")) == {(NUMBER, "healthy")}
    assert Person.objects.filter(id_number=NUMBER).count() == 7
    assert Household.objects.filter(phone=PHONE).count() == 7
    assert User.objects.get(username="auditor").phone == PHONE


@pytest.mark.parametrize("suite", ["aes", "sm4"])
def test_every_value_is_sealed_anew_and_found_as_before(register, suite):
    before = heads()
    key = rotation.new_key(suite)
    everything_reads()
    assert heads() == before
    assert rotation.seal_anew(by="administrator") == 7 + 7 + 7 + 1
    assert heads() == heads(column="health") == heads("registry_household", "phone") == {key}
    everything_reads()
    assert Entry.objects.filter(verb="registry.seal_anew").count() == 1


def test_broken_off_it_goes_on(register, monkeypatch):
    monkeypatch.setattr(rotation, "CHUNK", 3)
    key = rotation.new_key("aes")
    whole = rotation.bulk.update
    calls = []

    def breaks(*words):
        calls.append(words)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return whole(*words)

    monkeypatch.setattr(rotation.bulk, "update", breaks)
    with pytest.raises(KeyboardInterrupt):
        rotation.seal_anew(by="administrator")
    everything_reads()
    monkeypatch.setattr(rotation.bulk, "update", whole)
    rest = rotation.seal_anew(by="administrator")
    assert 0 < rest < 22
    assert heads() == {key}
    assert rotation.seal_anew(by="administrator") == 0
    everything_reads()


def test_an_old_key_goes_only_when_nothing_needs_it(register, keys):
    rotation.new_key("aes")
    assert rotation.forget_old(by="administrator") == 0
    rotation.seal_anew(by="administrator")
    assert rotation.forget_old(by="administrator") == 1
    assert len(seal.read(keys).keys) == 1
    everything_reads()


def test_by_command(register, capsys, monkeypatch):
    from django.db import connections

    from anlan.cli import run

    monkeypatch.setattr(connections, "close_all", lambda: None)  # the test's connection stays open
    assert run(["registry", "rotate_key", "--forget", "--json"]) == 0
    import json

    said = json.loads(capsys.readouterr().out)
    assert said["sealed"] == 22
    assert said["forgotten"] == 1
    assert heads() == {said["key"]}
    assert run(["registry", "rotate_key", "--resume", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"key": "", "sealed": 0, "forgotten": 0}
