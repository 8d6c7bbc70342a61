"""A file that waits: every deed on it happens once, in its order, by those who may."""

import pytest
from tests.county.registry.books import house, rows_of
from tests.county.registry.conftest import A, household

from anlan.county.errors import NotAllowed, Refused
from anlan.county.registry import waiting
from anlan.county.registry.actions import confirm, discard, enrol, merge_confirmed, preview, receive, relocate, undo
from anlan.county.registry.models import Change, Household
from anlan.county.registry.sheets import workbook


@pytest.fixture
def received(people):
    """A file of two households, sent in and not yet looked at."""
    content = workbook(rows_of(house(1), house(2)))
    return receive(pieces=[content[:100], content[100:]], name="名册.xlsx", by=people["administrator"])


def test_a_file_is_kept_as_it_was_sent_and_readable_to_nobody_else(received):
    assert received.state == "received"
    assert len(received.digest) == 64
    assert waiting.folder(received.pk).stat().st_mode & 0o077 == 0
    assert not Household.objects.exists()


def test_it_is_looked_at_confirmed_and_merged_once(received, people):
    seen = preview(batch=received)
    asked = confirm(batch=seen, by=people["administrator"], seen=seen.seen)
    assert merge_confirmed(batch=asked).state == "merged"
    assert merge_confirmed(batch=asked).state == "merged"
    assert Household.objects.count() == 2
    with pytest.raises(Refused):
        confirm(batch=seen, by=people["administrator"], seen=seen.seen)
    with pytest.raises(Refused):
        discard(batch=seen, by=people["administrator"])


def test_what_was_never_merged_cannot_be_taken_back(received, people):
    with pytest.raises(Refused, match="没有合并"):
        undo(batch=received, by=people["administrator"])


def test_who_may_not_import_does_none_of_it(received, people):
    for deed in (discard, undo):
        with pytest.raises(NotAllowed):
            deed(batch=received, by=people["auditor"])
    with pytest.raises(NotAllowed):
        confirm(batch=received, by=people["auditor"], seen="")
    with pytest.raises(NotAllowed):
        receive(pieces=[b"x"], name="x", by=people["auditor"])


def test_a_point_that_stays_is_no_change(people):
    enrol(records=[household(A, 1, people=())], by=people["anlan"], source="test")
    found = Household.objects.get()
    relocate(changes=[(found.pk, found.lon, found.lat)], by=people["administrator"])
    assert not Change.objects.exists()
