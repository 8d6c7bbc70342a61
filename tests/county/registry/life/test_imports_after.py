"""Files that still name a household as it was: by the code it had before a move, or by the row that was merged."""

import pytest
from tests.county.registry.books import HOUSES, number
from tests.county.registry.conftest import A, B, household, person

from anlan.county import clock
from anlan.county.errors import Refused
from anlan.county.registry import actions
from anlan.county.registry.life import actions as life
from anlan.county.registry.models import Batch, Household, Person
from anlan.county.registry.sheets import workbook


@pytest.fixture
def family(people):
    record = household(A, 1, people=(person(id_number=number(1)),), labourers=1)
    actions.enrol(records=[record], by=people["anlan"], source="test")
    return Household.objects.get()


@pytest.fixture
def send(people, tmp_path):
    """Import one household of a village by a code."""

    def send(code, village, serial=1, address="新址"):
        rows = [(*HOUSES, "家庭住址"), (code, village, "示例甲", number(serial), address)]
        path = tmp_path / "list.xlsx"
        path.write_bytes(workbook(rows))
        return actions.import_workbook(path=path, by=people["township_officer_a"])

    return send


def test_a_file_with_the_code_of_a_merged_row_changes_the_kept_one(family, people, send):
    actions.enrol(records=[household(A, 2, people=(), size=1)], by=people["anlan"], source="test")
    drop = Household.objects.get(code=A + "00002")
    life.merge_households(keep=family, drop=drop, by=people["township_officer_a"])
    told = send(drop.code, A)
    assert (told.new, told.changed, told.refused) == (0, 1, 0)
    assert Household.objects.get().address == "新址"
    assert Household.every.get(pk=drop.pk).address == drop.address


def test_a_file_with_the_code_before_a_move_makes_no_second_household(family, people, send):
    life.move(household=family, village=B, by=people["township_officer_a"], on=clock.today())
    told = send(family.code, B)
    assert (told.new, told.changed, told.refused) == (0, 1, 0)
    assert Household.objects.get().address == "新址"


def test_a_file_that_still_has_it_in_the_old_village_is_refused(family, people, send):
    life.move(household=family, village=B, by=people["township_officer_a"], on=clock.today())
    with pytest.raises(actions.NotImported, match="另一个村"):
        send(family.code, A)
    assert Household.every.count() == 1


def test_an_import_that_a_merger_stands_on_is_not_taken_back(people, send):
    send(A + "00001", A)
    send(A + "00002", A, serial=2)
    one, two = Household.objects.order_by("code")
    first, second = Batch.objects.order_by("pk")
    deed = life.merge_households(keep=one, drop=two, by=people["township_officer_a"])
    for batch in (first, second):
        with pytest.raises(Refused, match="不能撤销"):
            actions.undo(batch=batch, by=people["township_officer_a"])
    assert Household.every.count() == 2
    life.unmerge(deed=deed, by=people["township_officer_a"])
    assert Household.objects.count() == Person.objects.count() == 2


def test_a_merger_is_not_parted_over_a_later_import(family, people, send):
    actions.enrol(records=[household(A, 2, people=(), size=1, address="老址")], by=people["anlan"], source="test")
    drop = Household.objects.get(code=A + "00002")
    deed = life.merge_households(keep=family, drop=drop, by=people["township_officer_a"])
    assert Household.objects.get().address == "老址"
    send(family.code, A)
    with pytest.raises(Refused, match="之后改过"):
        life.unmerge(deed=deed, by=people["township_officer_a"])
    assert Household.objects.get().address == "新址"
