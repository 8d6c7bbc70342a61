"""A queue worked through by keys alone: thirty cases decided, and thirty findings compared."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from tests.browser.conftest import DESKTOP
from tests.county import cases as steps

from anlan.county.decide.actions import open_cases
from anlan.county.decide.models import Case
from anlan.county.office.queries import machine
from anlan.county.registry.actions import enrol
from anlan.county.registry.models import Household
from anlan.county.registry.records import HouseholdRecord, PersonRecord
from anlan.county.verify.models import Finding

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]
VILLAGE = "360123101201"
MANY = 30


@pytest.fixture
def many(storm: Any) -> list[Household]:
    """Thirty households of one village, visited, their findings waiting to be compared."""
    codes = [f"{VILLAGE}{n:05d}" for n in range(70001, 70001 + MANY)]
    records = [
        HouseholdRecord(code=code, division=VILLAGE, head_name=f"示例{code[-2:]}", labourers=1,
                        people=(PersonRecord(f"示例{code[-2:]}", "", "m", date(1970, 1, 1), "head"),))
        for code in codes
    ]  # fmt: skip
    enrol(records=records, by=machine(), source="tests")
    households = list(Household.objects.filter(code__in=codes))
    steps.lead(storm.event, *households)
    steps.visit(storm.event, *households)
    return households


@pytest.mark.clause("M1", "D6")
def test_thirty_findings_are_compared_by_two_keys(visit: Any, many: list[Household]) -> None:
    visitor = visit(DESKTOP)
    visitor.enter("department_clerk")
    page = visitor.open(reverse("verify:matching"))
    page.keyboard.press("a")
    page.keyboard.press("y")
    page.get_by_text("没有待比对的核实结果").wait_for()
    assert Finding.objects.filter(lead__household__in=many, matched_at__isnull=False).count() == MANY


@pytest.mark.clause("M3", "D6")
def test_thirty_cases_are_decided_by_one_key_each(visit: Any, storm: Any, many: list[Household]) -> None:
    steps.compare(storm.event, *many)
    open_cases(by=machine())
    Case.objects.exclude(household__in=many).update(state="entered", category="marginal", reasons=["x"])
    visitor = visit(DESKTOP)
    visitor.enter("village_cadre_a")
    first = Case.objects.filter(household__in=many).order_by("lead_at", "household__code").first()
    assert first is not None
    page = visitor.open(reverse("decide:case", args=[storm.event.code, first.household.code]))
    page.keyboard.press("j")
    page.wait_for_url(lambda url: first.household.code not in url)
    for done in range(1, MANY + 1):
        here = page.url
        page.keyboard.press("y")
        page.wait_for_url(lambda url, here=here: url != here)
        assert Case.objects.filter(household__in=many, state="publicity").count() >= min(done, MANY)
        if "等您办理的认定" in page.content() and done < MANY:
            pytest.fail("the queue ended early")
    assert Case.objects.filter(household__in=many, state="publicity").count() == MANY
