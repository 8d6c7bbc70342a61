"""Households to stand in a storm's way, and events of any shape."""

from datetime import date, timedelta

import pytest

from anlan.county import clock
from anlan.county.registry.actions import enrol
from anlan.county.registry.models import Household
from anlan.county.registry.records import (
    CategoryRecord,
    HoldingRecord,
    HomeRecord,
    HouseholdRecord,
    IncomeRecord,
    PersonRecord,
)
from anlan.county.sense.models import Event

A, B, C, D = "360123101201", "360123101202", "360123102201", "360123102202"
COUNTY = "360123000000"


def box(west, south, east, north):
    """A ring around a box."""
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def family(village=A, serial=1, *, categories=(), born=date(1975, 5, 5), **changes):
    """Two people a little above the line, half of it from rice; a point at the village's middle unless a test says."""
    people = tuple(PersonRecord(f"示例{n}", "", "m", born, "head" if n == 0 else "spouse") for n in range(2))
    words = {
        "code": f"{village}{serial:05d}", "division": village, "head_name": f"示例户{serial}", "labourers": 1,
        "people": people, "home": HomeRecord("brick_timber", value_yuan=60_000.0), "location": "village",
        "holdings": (HoldingRecord("rice", 8.0, 14_000.0),),
        "income": IncomeRecord(date(2026, 5, 31), wage_yuan=12_000.0, business_yuan=10_000.0),
        "categories": tuple(CategoryRecord(kind, date(2020, 1, 1)) for kind in categories),
    }  # fmt: skip
    return HouseholdRecord(**(words | changes))


@pytest.fixture
def settle(people):
    """Put households into the registry; gives them back by code."""

    def settle(*records):
        enrol(records=records, by=people["anlan"], source="test")
        return {each.code: each for each in Household.objects.all()}

    return settle


@pytest.fixture
def storm(county, now):
    """An open event: the whole county under a red rainstorm, or whatever a test says."""

    def storm(**changes):
        words = {
            "code": "EV20260618-rainstorm-1", "title": "安义县暴雨红色预警", "hazard": "rainstorm", "level": 4,
            "opened_at": now, "issued_at": now - timedelta(minutes=5), "codes": [COUNTY], "polygons": [],
        }  # fmt: skip
        return Event.objects.create(**(words | changes))

    return storm


@pytest.fixture
def later(now):
    """Let some hours pass."""
    return lambda hours: clock.advance(timedelta(hours=hours))
