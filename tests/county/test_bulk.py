"""Many rows at once: nothing is lost, turned or doubled on the way."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from anlan.county import bulk
from anlan.county.dispatch.models import Message
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Department, Division

ENTRY = ("seq", "at", "by", "verb", "about", "payload", "previous", "hash")
DEPARTMENT = ("key", "name", "since", "until", "successor_id")
SINCE = date(2026, 1, 1)
AT = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)


def entries(count, at):
    return ((number, at, "anlan", "test", "thing:1", "{}", "", "") for number in range(1, count + 1))


def test_more_rows_than_one_chunk_all_arrive(db, now):
    assert bulk.insert(Entry, ENTRY, entries(2 * bulk.CHUNK + 1, now)) == 2 * bulk.CHUNK + 1
    assert Entry.objects.count() == 2 * bulk.CHUNK + 1


def test_no_rows_are_no_work(db, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        assert bulk.insert(Entry, ENTRY, []) == 0
    assert not Entry.objects.exists()


def test_moments_days_and_gaps_come_back_as_they_were(db, now):
    bulk.insert(Entry, ENTRY, entries(1, now))
    bulk.insert(Department, DEPARTMENT, [("a", "水利局", SINCE, None, None), ("b", "民政局", SINCE, now.date(), "a")])
    assert Entry.objects.get().at == now
    assert Department.objects.get(key="a").until is None
    assert Department.objects.get(key="b").until == now.date()
    assert Department.objects.get(key="b").successor.name == "水利局"


def test_json_comes_back_as_it_was_with_its_chinese(county):
    outline = {"type": "Point", "coordinates": [115.5, 28.8], "名": "甲"}
    fields = ("code", "name", "level", "parent_id", "lon", "lat", "outline", "synthetic", "remote", "key_village")
    bulk.insert(
        Division,
        fields,
        [("360123101299", "示例戊村", "village", "360123101000", None, None, outline, True, False, False)],
    )
    assert Division.objects.get(code="360123101299").outline == outline


def test_a_column_the_model_does_not_have_is_a_mistake(db):
    with pytest.raises(KeyError, match="colour"):
        bulk.insert(Department, ("key", "colour"), [("a", "red")])


def test_a_row_the_database_refuses_takes_all_of_them_with_it(db):
    rows = [("a", "水利局", SINCE, None, None), ("b", "民政局", SINCE, SINCE, None)]
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(Department, DEPARTMENT, rows)
    assert not Department.objects.exists()


def test_update_changes_the_named_columns_of_the_named_rows_only(db):
    bulk.insert(Department, DEPARTMENT, [(key, key, SINCE, None, None) for key in "abc"])
    until = SINCE + timedelta(days=90)
    assert bulk.update(Department, ("name", "until"), [("甲", until, "a"), ("乙", None, "b")]) == 2
    rows = list(Department.objects.order_by("key").values_list("key", "name", "since", "until"))
    assert rows == [("a", "甲", SINCE, until), ("b", "乙", SINCE, None), ("c", "c", SINCE, None)]


def test_updating_moments_keeps_their_zone(db, now):
    later = now + timedelta(hours=3)
    bulk.insert(Entry, ENTRY, entries(2, now))
    bulk.update(Entry, ("at",), [(later, 2)])
    moments: list[datetime] = list(Entry.objects.order_by("seq").values_list("at", flat=True))
    assert moments == [now, later]


def test_reserved_keys_are_rising_and_belong_to_nobody(db):
    def names(count):
        return [
            (key, f"m{key}", "sms", "", "", "", "", 5, False, AT, "", 0, "") for key in bulk.reserve(Message, count)
        ]

    columns = ("id", "key", "kind", "address", "division_id", "subject", "body", "priority", "exercise", "created_at",
               "claimed_by", "attempts", "failure")  # fmt: skip
    first, second = names(3), names(0)
    bulk.insert(Message, columns, first)
    third = names(2)
    bulk.insert(Message, columns, third)
    keys = [row[0] for row in (*first, *third)]
    assert second == []
    assert keys == sorted(set(keys))
    assert Message.objects.count() == 5


@pytest.mark.parametrize(("count", "size", "lengths"), [(0, 3, []), (3, 3, [3]), (7, 3, [3, 3, 1])])
def test_slices_hold_everything_once_and_in_order(count, size, lengths):
    slices = list(bulk.chunks(list(range(count)), size))
    assert [len(each) for each in slices] == lengths
    assert [thing for each in slices for thing in each] == list(range(count))


def test_an_upsert_changes_only_the_named_columns_of_what_is_there(db):
    bulk.insert(Department, DEPARTMENT, [("a", "水利局", SINCE, None, None)])
    later = SINCE + timedelta(days=1)
    until = later + timedelta(days=1)
    rows = [("a", "水利站", later, until, None), ("b", "民政局", later, None, None), ("b", "民政所", later, None, None)]
    bulk.upsert(Department, DEPARTMENT, rows, unique=("key",), changed=("name", "until"))
    found = list(Department.objects.order_by("key").values_list("key", "name", "since", "until"))
    assert found == [("a", "水利站", SINCE, until), ("b", "民政所", later, None)]


def test_an_update_by_other_columns_leaves_what_is_set_alone(db):
    until = SINCE + timedelta(days=90)
    bulk.insert(Department, DEPARTMENT, [("a", "甲", SINCE, until, None), ("b", "乙", SINCE, None, None)])
    rows = [(AT.date(), "甲", SINCE), (AT.date(), "乙", SINCE), (AT.date(), "丙", SINCE)]
    assert bulk.update(Department, ("until",), rows, by=("name", "since"), unset="until") == 1
    assert dict(Department.objects.values_list("key", "until")) == {"a": until, "b": AT.date()}


def test_a_row_that_is_too_short_writes_nothing(db):
    with pytest.raises(ValueError, match="shorter"), transaction.atomic():
        bulk.insert(Department, DEPARTMENT, [("a", "水利局", SINCE, None, None), ("b", "民政局", SINCE)])
    assert not Department.objects.exists()


@pytest.mark.parametrize("keys", [["a", "c", "nobody"], {"a", "c"}, ("c", "a", "a")])
def test_among_finds_what_in_would(db, keys):
    bulk.insert(Department, DEPARTMENT, [(key, key, SINCE, None, None) for key in "abc"])
    assert set(Department.objects.filter(key__among=keys).values_list("key", flat=True)) == {"a", "c"}
    assert set(Department.objects.exclude(key__among=keys).values_list("key", flat=True)) == {"b"}


def test_among_follows_keys_and_knows_whole_numbers(county):
    parents = ["360123101000", "360123102000"]
    there = Division.objects.filter(parent_id__among=parents)
    assert set(there) == set(Division.objects.filter(parent_id__in=parents))
    assert there.exists()
    assert list(Entry.objects.filter(pk__among=[2, 1, 0]).values_list("seq", flat=True)) == [1, 2]


def test_among_has_no_limit_and_nothing_among_nothing(db, django_assert_num_queries):
    bulk.insert(Entry, ENTRY, entries(2, AT))
    with django_assert_num_queries(1):
        assert Entry.objects.filter(pk__among=range(2, 300_000)).count() == 1
    with django_assert_num_queries(0):
        assert list(Entry.objects.filter(pk__among=[])) == []


def test_what_among_is_asked_for_is_text_and_never_a_statement(db):
    bulk.insert(
        Department, DEPARTMENT, [("a", "'; DROP TABLE x --", SINCE, None, None), ("b", '"乙\\"', SINCE, None, None)]
    )
    assert Department.objects.filter(name__among=["'; DROP TABLE x --", '"乙\\"', "]"]).count() == 2


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_pages_give_every_row_once_in_order_however_large_they_are(db, size):
    bulk.insert(Department, DEPARTMENT, [(key, key.upper(), SINCE, None, None) for key in "dacb"])
    pages = list(bulk.pages(Department.objects.exclude(key="c"), "key", ("name", "key"), size))
    assert [row for page in pages for row in page] == [("A", "a"), ("B", "b"), ("D", "d")]
    assert all(len(page) == size for page in pages[:-1])


def test_pages_of_nothing_are_none(db):
    assert list(bulk.pages(Department.objects.all(), "key", ("key",))) == []
