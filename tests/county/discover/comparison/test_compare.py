"""A department's list against the register."""

from datetime import date

import pytest
from tests.county.storm import id_number

from anlan.county.discover.comparison.actions import compare
from anlan.county.discover.comparison.sources import source
from anlan.county.discover.models import Lead, Source


def counted(outcome, *names):
    return tuple(outcome.counts[name] for name in names)


@pytest.mark.clause("D3", "M1")
def test_who_paid_more_than_the_threshold_becomes_a_lead(storm, people, medical):
    path = medical((0, 5, 30000), (1, 5, 15000), (1, 4, 15000))  # serial 4 was in poverty: half the threshold
    outcome = compare(source=source("medical_insurance"), path=path, by=people["department_clerk"])
    assert counted(outcome, "rows", "linked", "leads", "below_threshold", "review", "not_found") == (3, 3, 2, 1, 0, 0)
    assert outcome.counts["by_rule"] == {"id_name": 3}
    leads = set(Lead.objects.values_list("household__code", flat=True))
    assert leads == {storm.household(0, 5).code, storm.household(1, 4).code}
    claim = Source.objects.get(lead__household=storm.household(0, 5)).claim
    print(claim, outcome)
