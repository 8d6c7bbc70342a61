"""A whole drill counted twice: by its tables, and by its ledger."""

import pytest

from anlan.county.account.balance import positions
from anlan.county.account.recount import differences, recount
from anlan.county.sense.models import Event


@pytest.mark.long
@pytest.mark.xdist_group("small_drill")
@pytest.mark.clause("A1", "A2")
def test_a_whole_drill_is_the_same_by_the_ledger_household_by_household(small_drill):
    event = Event.objects.get(code=small_drill["event"]["code"])
    found, count = positions(event), recount(event)
    assert len(found) > 500
    assert differences(event) == []
    assert {each.code: raw for each, raw in found.values()} == {
        each.code: count.where(each.code, each.division) for each, _raw in found.values()
    }
    assert len({raw for _each, raw in found.values()}) >= 5
