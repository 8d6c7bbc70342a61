"""Taking an import back: exactly as it was before, or not at all and with the reason."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from tests.county.registry.books import PEOPLE, book, house, number, rows_of
from tests.county.registry.conftest import A, C
from tests.county.registry.test_merging import FULL

from anlan.county import clock
from anlan.county.errors import NotAllowed, Refused
from anlan.county.ledger.models import Entry
from anlan.county.registry import quality, queries
from anlan.county.registry.actions import categorise, import_workbook, relocate, undo
from anlan.county.registry.members import marker
from anlan.county.registry.mending.actions import judge
from anlan.county.registry.models import Batch, Household, Mending
from anlan.county.sense.models import Event

TABLES = ("Household", "Person", "Home", "Income", "Holding", "Category", "Address")


@pytest.fixture
def load(people, tmp_path):
    """Import households, and give the batch."""

    def load(*houses):
        done = import_workbook(path=book(tmp_path / "a.xlsx", rows_of(*houses)), by=people["administrator"])
        return Batch.objects.get(pk=done.batch)

    return load


@pytest.fixture
def take_back(people):
    def take_back(batch, by="administrator"):
        return undo(batch=batch, by=people[by])

    return take_back


def everything():
    """Every column of every row of the register; a household's mark as what it tells who has the key."""
    found = {name: list(apps.get_model("registry", name).objects.order_by("pk").values()) for name in TABLES}
    for row in found["Household"]:
        row["disabled_mark"] = row["disabled_mark"] == marker()(row["code"], True)
    return found


def test_new_households_are_gone_with_all_that_was_theirs(load, take_back):
    before = everything()
    batch = load(house(1, **FULL), house(2, **FULL, 是否脱贫户="是"))
    undone = take_back(batch)
    assert everything() == before
    assert (undone.state, undone.undone_by.username, undone.undone_at) == ("undone", "administrator", clock.now())


def test_what_the_rules_said_of_new_households_goes_with_them(load, take_back, people):
    batch = load(house(1, 联系电话="12"))
    judge(by=people["anlan"], rules=quality.rules_of())
    assert Mending.objects.exists()
    take_back(batch)
    assert not Mending.objects.exists()


CHANGED = {
    "村民小组": 9, "家庭住址": "九组", "联系电话": "13900000000", "经度": 115.7, "房屋结构": "土坯", "危房等级": "D",
    "工资性收入": 1, "合规自付支出": 2, "耕地面积": 9, "养殖业收入": 1, "健康状况": "残疾", "是否脱贫户": "否",
    "监测对象类别": "突发严重困难户", "首次识别时间": "2026-01-02",
}  # fmt: skip


def test_every_field_person_and_category_is_as_it_was(load, take_back, now):
    load(house(1, **FULL, 是否脱贫户="是", 监测对象类别="边缘易致贫户"), house(2))
    before = everything()
    with clock.held(now + timedelta(days=40)):
        batch = load(house(1, **{**FULL, **CHANGED}), house(2, **FULL), house(3, **FULL))
        assert (batch.changed, batch.new) == (2, 1)
        assert everything() != before
        take_back(batch)
    assert everything() == before


@pytest.mark.parametrize("heading", CHANGED)
def test_each_single_field_is_as_it_was(load, take_back, now, heading):
    load(house(1, **FULL, 是否脱贫户="是"))
    before = everything()
    with clock.held(now + timedelta(days=40)):
        take_back(load(house(1, **{**FULL, "是否脱贫户": "是", heading: CHANGED[heading]})))
    assert everything() == before


def test_people_who_joined_are_gone_and_the_others_stay(people, tmp_path, take_back):
    def sheet(*rows):
        return import_workbook(path=book(tmp_path / "a.xlsx", [PEOPLE, *rows]), by=people["administrator"]).batch

    head = ("1", A, "示例甲", number(1), "户主")
    sheet(head)
    before = everything()
    batch = sheet(head, ("1", A, "示例乙", number(2), "配偶"))
    take_back(Batch.objects.get(pk=batch))
    assert everything() == before


def test_imports_are_taken_back_one_after_the_other(load, take_back):
    empty = everything()
    first = load(house(1, **FULL))
    after_first = everything()
    second = load(house(1, **{**FULL, "村民小组": 9}), house(2))
    take_back(second)
    assert everything() == after_first
    take_back(first)
    assert everything() == empty


def test_what_was_taken_back_can_come_in_again(load, take_back):
    batch = load(house(1, **FULL))
    held = Household.objects.get().code
    take_back(batch)
    assert load(house(1, **FULL)).new == 1
    assert Household.objects.get().code == held


def test_a_batch_that_changed_nothing_can_be_taken_back(load, take_back):
    load(house(1, **FULL))
    before = everything()
    take_back(load(house(1, **FULL)))
    assert everything() == before


# --- what stands on it -------------------------------------------------------------------------------


def refused(take_back, batch, said):
    before = everything()
    with pytest.raises(Refused, match=said) as caught:
        take_back(batch)
    assert everything() == before
    assert Batch.objects.get(pk=batch.pk).state == "merged"
    return str(caught.value)


def test_a_later_import_of_the_same_field_stands_on_it(load, take_back):
    load(house(1, **FULL))
    first = load(house(1, **{**FULL, "村民小组": 5}))
    second = load(house(1, **{**FULL, "村民小组": 6}))
    assert A + "00001" in refused(take_back, first, f"导入 {second.pk}")
    take_back(second)
    take_back(first)
    assert Household.objects.get().group_no == 3


def test_a_later_import_of_another_field_does_not(load, take_back):
    load(house(1, **FULL))
    first = load(house(1, **{**FULL, "村民小组": 5}))
    load(house(1, **{**FULL, "村民小组": 5, "联系电话": "13900000000"}))
    take_back(first)
    found = Household.objects.get()
    assert (found.group_no, found.phone) == (3, "13900000000")


def test_any_later_change_stands_on_a_household_that_it_made(load, take_back):
    first = load(house(1, **FULL))
    load(house(1, **{**FULL, "村民小组": 5}))
    refused(take_back, first, A + "00001")


def test_deeds_of_people_stand_on_it(load, take_back, people):
    batch = load(house(1, **FULL))
    key = Household.objects.get().pk
    relocate(changes=[(key, 115.7, 28.8)], by=people["township_officer_a"])
    refused(take_back, batch, "township_officer_a")


def test_a_decision_on_a_household_that_it_made_stands_on_it(load, take_back, people):
    batch = load(house(1, **FULL))
    categorise(changes=[(Household.objects.get().pk, "unstable", date(2026, 6, 1))], by=people["anlan"], source="x")
    refused(take_back, batch, "anlan")


def test_what_another_room_keeps_of_a_new_household_stands_on_it(load, take_back, now):
    from anlan.county.discover.models import Lead

    batch = load(house(1, **FULL))
    event = Event.objects.create(
        code="EV1", title="x", hazard="rainstorm", level=3, opened_at=now, issued_at=now, codes=[]
    )
    fields = {field.name for field in Lead._meta.concrete_fields}
    words = {"event": event, "household": Household.objects.get(), "opened_at": now, "at": now, "due_at": now}
    Lead.objects.create(**{name: value for name, value in words.items() if name in fields})
    refused(take_back, batch, "后续记录")


def test_a_change_that_nobody_wrote_down_is_noticed(load, take_back):
    load(house(1, **FULL))
    batch = load(house(1, **{**FULL, "村民小组": 5}))
    Household.objects.update(group_no=7)
    refused(take_back, batch, "之后改过")


def test_only_a_few_of_many_reasons_are_named(load, take_back):
    batch = load(*(house(at, **FULL) for at in range(1, 12)))
    load(*(house(at, **{**FULL, "村民小组": 9}) for at in range(1, 12)))
    assert refused(take_back, batch, "之后").count("\n") == 5


# --- who, and how often ------------------------------------------------------------------------------


def test_once_is_enough(load, take_back):
    batch = load(house(1))
    take_back(batch)
    with pytest.raises(Refused, match="已经撤销"):
        take_back(batch)


def test_who_may_not_import_there_cannot_take_back(load, take_back):
    batch = load(house(1, village=C))
    for username in ("township_officer_a", "village_cadre_a", "auditor"):
        with pytest.raises(NotAllowed):
            take_back(batch, username)
    assert Household.objects.count() == 1


def test_one_line_says_so_and_history_keeps_both(load, take_back):
    batch = load(house(1))
    take_back(batch)
    (line,) = Entry.objects.filter(verb="registry.undo")
    assert line.about == f"batch:{batch.pk}"
    assert batch.changes.count() == 1


def test_a_batch_is_seen_by_those_whose_division_it_is(load, people):
    batch = load(house(1))
    seen = {name for name, user in people.items() if queries.batches(user).filter(pk=batch.pk).exists()}
    assert "administrator" in seen
    assert not seen & {"township_officer_a", "village_cadre_a"}
