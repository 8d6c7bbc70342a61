"""Sealed fields in the database: plain to the program, sealed on the disk, found by their index and nothing else."""

from datetime import date

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from django.test.utils import override_settings
from tests.county.registry.conftest import A, household

from anlan.county import bulk, seal, sealed
from anlan.county.office.models import User
from anlan.county.registry import actions
from anlan.county.registry.models import Household, Person

PHONE, NUMBER = "13800001234", "990123197211110033"


@pytest.fixture
def home(people, now) -> Household:
    actions.enrol(
        records=[household(A, phone=PHONE), household(A, 2, phone="", people=())], by=people["anlan"], source="t"
    )
    return Household.objects.get(code=f"{A}00001")


def lying(column: str, table: str) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")
        return [bytes(value) for (value,) in cursor.fetchall()]


def test_what_lies_in_the_database_is_sealed_and_what_is_read_is_plain(home):
    assert home.phone == PHONE
    assert list(Person.objects.values_list("id_number", "health")) == [(NUMBER, "healthy")]
    phone, none = lying("phone", "registry_household")
    assert none == b""
    assert PHONE.encode() not in phone
    assert len(phone) == 4 + 12 + 16 + 16
    assert b"healthy" not in lying("health", "registry_person")[0]


def test_a_sealed_value_is_looked_up_by_its_blind_index(home):
    assert Person.objects.get(id_number=NUMBER.lower()).household == home
    assert list(Person.objects.filter(id_number__in=["990123197211110034", NUMBER, ""])) == list(Person.objects.all())
    assert Household.objects.get(phone=PHONE) == home
    assert Household.objects.filter(people__id_number=NUMBER).get() == home
    assert Household.objects.exclude(phone="").get() == home
    assert Household.objects.get(phone="").code == f"{A}00002"
    assert not Household.objects.filter(phone__isnull=True).exists()


@pytest.mark.parametrize("asked", [{"phone__contains": "1234"}, {"phone__gt": "1"}, {"phone": 13800001234},
                                   {"people__health": "disabled"}, {"people__health__in": ["disabled"]}])  # fmt: skip
def test_nothing_else_can_be_asked_of_it(db, asked):
    with pytest.raises(FieldError, match="sealed"):
        Household.objects.filter(**asked).exists()


@pytest.mark.parametrize("how", ["save", "queryset", "bulk"])
def test_the_index_follows_the_value(home, how):
    if how == "save":
        home.phone = "13900005678"
        home.save()
    elif how == "queryset":
        Household.objects.filter(pk=home.pk).update(phone="13900005678")
    else:
        bulk.update(Household, ("phone",), [("13900005678", home.pk)])
    assert Household.objects.get(phone="13900005678") == home
    assert not Household.objects.filter(phone=PHONE).exists()
    tail = seal.blinder("registry.household.phone", tail=True)
    assert Household.objects.get(phone_tail=tail("5678")).phone == "13900005678"


def test_bulk_and_orm_write_the_same_index(home):
    Person.objects.create(household=home, name="示例", id_number=NUMBER, sex="f", born=date(1972, 11, 11), relation="x")
    assert len(set(Person.objects.values_list("id_index", flat=True))) == 1
    assert Person.objects.filter(id_number=NUMBER).count() == 2


def test_with_another_key_nothing_is_read(home):
    with seal.held(seal.new_ring("aes")), pytest.raises(seal.KeyMissing):
        Household.objects.get(pk=home.pk)


def test_setting_up_makes_keys_once(db, tmp_path):
    with override_settings(KEYS=tmp_path / "keys.toml", CIPHER="sm4"):
        sealed.ready()
        made = (tmp_path / "keys.toml").read_text()
        sealed.ready()
        assert (tmp_path / "keys.toml").read_text() == made
        assert "sm4:" in made
        user = User.objects.create(username="x", name="x", phone=PHONE)
        assert User.objects.get(pk=user.pk).phone == PHONE


def test_setting_up_refuses_new_keys_where_old_values_would_be_lost(home, tmp_path):
    with override_settings(KEYS=tmp_path / "keys.toml"), pytest.raises(seal.KeyMissing):
        sealed.ready()
    assert not (tmp_path / "keys.toml").exists()


def test_a_cipher_nobody_knows_is_refused(db, tmp_path):
    with override_settings(KEYS=tmp_path / "keys.toml", CIPHER="rot13"), pytest.raises(seal.KeyMissing, match="sm4"):
        sealed.ready()
