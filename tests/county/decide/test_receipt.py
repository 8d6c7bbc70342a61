"""Whoever reported reads by the receipt what became of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.county.cases import compare, visit, walk

from anlan.county import clock
from anlan.county.decide.actions import Move, advance, open_cases
from anlan.county.decide.models import Case
from anlan.county.discover.actions import Report, report
from anlan.county.office.queries import machine

KEY = "RABCDEFGH23"


@pytest.fixture
def reported(storm) -> Case:
    """A household that reported by itself, as far as the review."""
    home = storm.household(0, 5)
    report(event=storm.event, reports=[Report(KEY, "self", home.pk, clock.now(), {"kinds": ["crop"]})], by=machine())
    clock.advance(timedelta(hours=1))
    visit(storm.event, home)
    compare(storm.event, home)
    open_cases(by=machine())
    return Case.objects.get()


def told(client) -> str:
    return client.get(reverse("discover:receipt", args=[KEY])).text


@pytest.mark.clause("D1", "M2")
def test_a_report_that_was_not_confirmed_says_so_by_its_receipt(reported, client):
    assert "不予纳入" not in told(client)
    advance(moves=[Move(reported.pk, 0, "not_confirmed", note="有其他收入")], by=machine())
    page = told(client)
    assert "不予纳入告知书" in page
    assert "可以重新申报" in page
    for secret in ("有其他收入", reported.household.head_name, reported.household.code):
        assert secret not in page


@pytest.mark.clause("D1")
def test_a_report_that_led_to_monitoring_says_that_it_was_approved(reported, client):
    walk(reported)
    page = told(client)
    assert "审批同意" in page
    assert "不予纳入" not in page
    assert reported.household.head_name not in page
