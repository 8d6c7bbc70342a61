"""The second contact of a household: imported, changed, taken back, merged, shown by role, sealed, and of nobody in a
scrubbed copy."""

import json

import pytest
from django.db import connection
from django.urls import reverse
from tests.county.registry.conftest import A, household
from tests.county.registry.test_import import PEOPLE, book, number

from anlan.county.ledger.models import Entry
from anlan.county.personal import Mask, scrub
from anlan.county.registry import actions, queries
from anlan.county.registry.actions import enrol, import_workbook
from anlan.county.registry.history import before
from anlan.county.registry.life.actions import merge_households
from anlan.county.registry.models import Batch, Household
from anlan.county.registry.shelters.actions import ShelterRecord, Way, assign, save_shelter

HEADS = (*PEOPLE, "联系电话", "第二联系人电话")
FIRST, SECOND, THIRD = "10000000001", "10077770001", "10077770002"


def rows(second):
    return [HEADS, ("1", A, "示例户主", number(1), "户主", FIRST, second)]


@pytest.fixture
def load(people, tmp_path, now):
    def load(second):
        path = book(tmp_path / "a.xlsx", rows(second))
        return import_workbook(path=path, by=people["administrator"])

    return load


def test_it_comes_in_with_the_list_and_is_sealed(load):
    load(f"{SECOND[:3]} {SECOND[3:]}")
    home = Household.objects.get()
    assert (home.phone, home.second_phone) == (FIRST, SECOND)
    assert Household.objects.get(second_phone=SECOND) == home
    with connection.cursor() as cursor:
        cursor.execute("SELECT second_phone FROM registry_household")
        assert SECOND.encode() not in bytes(cursor.fetchone()[0])


def test_a_later_list_changes_it_and_taking_that_back_brings_the_old_one(load, people):
    load(SECOND)
    assert load(THIRD).changed == 1
    home = Household.objects.get()
    assert home.second_phone == THIRD
    change = queries.history_of(home).filter(field="second_phone").first()
    assert (before(change), change.old, change.new) == (SECOND, "", "")
    assert load("").unchanged == 1  # an empty cell takes nothing out
    actions.undo(batch=Batch.objects.order_by("-id")[1], by=people["administrator"])
    assert Household.objects.get().second_phone == SECOND


def test_it_is_shown_whole_for_a_reason_on_record(load, people):
    load(SECOND)
    home, officer = Household.objects.get(), people["township_officer_a"]
    assert actions.unmask(household=home, field="second_phone", reason="contact", by=officer) == SECOND
    entry = Entry.objects.get(verb="registry.unmask")
    assert json.loads(entry.payload) == {"field": "second_phone", "reason": "contact"}


def test_on_the_household_s_page_callers_see_it_and_others_its_ends_and_where_they_go(load, people, as_):
    load(SECOND)
    hall = save_shelter(record_of=ShelterRecord(A, "示例甲村小学"), by=people["anlan"])
    assign(ways=[Way(A, 0, hall.code, "村东路")], by=people["anlan"])
    path = reverse("desk:household", args=[Household.objects.get().code])
    assert SECOND in as_("village_cadre_a").get(path).content.decode()
    hidden = as_("auditor").get(path).content.decode()
    assert SECOND not in hidden
    assert "100****0001" in hidden
    assert "示例甲村小学，村东路" in hidden


def test_of_two_rows_for_one_household_the_one_that_has_it_gives_it(people, now):
    records = [household(A, 1, phone=FIRST), household(A, 2, second_phone=SECOND)]
    enrol(records=records, by=people["anlan"], source="t")
    keep, drop = Household.objects.order_by("code")
    merge_households(keep=keep, drop=drop, by=people["administrator"])
    assert Household.objects.get().second_phone == SECOND


def test_a_scrubbed_copy_has_nobody_s(load):
    load(SECOND)
    home = Household.objects.get()
    row = {field.attname: getattr(home, field.attname) for field in Household._meta.concrete_fields}
    copy = scrub(Mask(b"secret"), Household, row)
    assert copy["second_phone"].startswith("100")
    assert copy["second_phone"] not in (SECOND, copy["phone"])
