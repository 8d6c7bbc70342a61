"""Households to enrol."""

from datetime import date

import pytest
from django.test.utils import override_settings

from anlan.county import seal
from anlan.county.registry.records import (
    CategoryRecord,
    HoldingRecord,
    HomeRecord,
    HouseholdRecord,
    IncomeRecord,
    PersonRecord,
)

A, B, C, D = "360123101201", "360123101202", "360123102201", "360123102202"


def person(**changes):
    """A man of fifty-six, unless a test says otherwise."""
    words = {"name": "示例甲", "id_number": "990123197211110033", "sex": "m", "born": date(1972, 11, 11)}
    return PersonRecord(**(words | {"relation": "head"} | changes))


def household(village=A, serial=1, **changes):
    """A household with a little of everything."""
    words = {
        "code": f"{village}{serial:05d}", "division": village, "head_name": "示例甲", "phone": "10000000001",
        "lon": 115.61, "lat": 28.91, "location": "point", "labourers": 2, "people": (person(),),
        "home": HomeRecord("brick_timber", area_m2=90.0, built=1998, value_yuan=60_000.0),
        "holdings": (HoldingRecord("rice", 4.0, 4_800.0), HoldingRecord("pigs", 2.0, 3_000.0)),
        "income": IncomeRecord(date(2026, 5, 31), wage_yuan=20_000.0, business_yuan=7_800.0, rigid_yuan=500.0),
        "categories": (CategoryRecord("ex_poor", date(2020, 1, 1), source="名册"),),
    }  # fmt: skip
    return HouseholdRecord(**(words | changes))


@pytest.fixture
def keys(tmp_path):
    """A key file of the test's own, which it may change."""
    path = tmp_path / "keys.toml"
    seal.write(seal.new_ring("aes"), path, new=True)
    with override_settings(KEYS=path):
        seal.forget()
        yield path
    seal.forget()
