"""Long lists by key: walked from end to end nothing is missing, and nothing comes twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from anlan.county.ledger.actions import Line, record, record_many
from anlan.county.ledger.models import Entry
from anlan.county.paging import PAGE, stretch


def write(number: int) -> None:
    record_many([Line("test.write", f"thing:{each}") for each in range(number)], by="anlan")


def walk(key: str, size: int = PAGE) -> list[list[int]]:
    """The list page by page, as somebody does who presses “next” to the end."""
    pages, past = [], ""
    while True:
        page = stretch(Entry.objects.all(), key, past, size)
        pages.append([each.seq for each in page.rows])
        if not page.following:
            return pages
        past = page.following


class EveryWalk(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(number=st.integers(0, 40), size=st.integers(1, 12), key=st.sampled_from(["seq", "-seq"]))
    def test_a_walk_meets_every_row_once_in_order_and_offers_no_empty_page(self, number, size, key):
        write(number)
        pages = walk(key, size)
        rows = [row for page in pages for row in page]
        assert rows == sorted(range(1, number + 1), reverse=key == "-seq")
        assert all(len(page) == size for page in pages[:-1])
        assert number == 0 or pages[-1]


def test_a_page_holds_fifty_and_knows_where_it_began(db, now):
    write(PAGE + 1)
    first = stretch(Entry.objects.all(), "-seq")
    assert (len(first.rows), first.past, first.following) == (50, "", "2")
    last = stretch(Entry.objects.all(), "-seq", first.following)
    assert ([each.seq for each in last.rows], last.past, last.following) == ([1], "2", "")


def test_what_is_written_while_somebody_reads_moves_no_row_to_another_page(db, now):
    write(6)
    first = stretch(Entry.objects.all(), "-seq", size=3)
    record("test.write", about="thing:new", by="anlan")
    second = stretch(Entry.objects.all(), "-seq", first.following, size=3)
    assert [each.seq for each in (*first.rows, *second.rows)] == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("past", ["", "x", "-1", "1.5", "٣", "'; drop", "9" * 5000])
def test_a_place_that_is_no_number_is_the_start(db, now, past):
    write(3)
    page = stretch(Entry.objects.all(), "seq", past)
    assert ([each.seq for each in page.rows], page.past) == ([1, 2, 3], "")


@pytest.mark.parametrize(("key", "found"), [("seq", 0), ("-seq", 3)])
def test_a_place_beyond_any_number_is_an_end_and_no_crash(db, now, key, found):
    write(3)
    assert len(stretch(Entry.objects.all(), key, "9" * 30).rows) == found


def test_a_late_page_costs_no_more_questions_than_the_first(db, now, django_assert_num_queries):
    write(120)
    for past in ("", "70", "2"):
        with django_assert_num_queries(1):
            stretch(Entry.objects.all(), "-seq", past)
