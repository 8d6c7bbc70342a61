"""A storm over a small county, whose run stands in the ledger as `foresee` would have it."""

import hashlib
from datetime import date

import pytest
from tests.county.storm import Storm, make_storm

from anlan.county.account import jobs
from anlan.county.foresee.models import Run
from anlan.county.ledger.actions import record
from anlan.county.office.queries import machine
from anlan.county.registry.actions import enrol
from anlan.county.registry.models import Household
from anlan.county.registry.records import HomeRecord, HouseholdRecord, IncomeRecord, PersonRecord


@pytest.fixture
def storm(people, now) -> Storm:
    """Twenty households in four villages under an orange rainstorm, with an impact run."""
    made = make_storm(now)
    digest = hashlib.sha256("\n".join(sorted(made.households)).encode()).hexdigest()
    Run.objects.filter(pk=made.run.pk).update(digest=digest)
    made.run.refresh_from_db()
    record("foresee.run", about=f"event:{made.event.code}", by="anlan", digest=digest)
    jobs._looked.clear()
    return made


def newcomer(village: str, lon: float | None = None, lat: float | None = None) -> Household:
    """A household enrolled in a village now, the next of its serials."""
    serial = Household.every.filter(code__startswith=village).count() + 1
    code = f"{village}{serial:05d}"
    head = PersonRecord(name=f"示例新{serial}", id_number="", sex="f", born=date(1980, 1, 1), relation="head")
    place = {} if lon is None else {"lon": lon, "lat": lat, "location": "point"}
    made = HouseholdRecord(
        code=code, division=village, head_name=head.name, labourers=1, people=(head,),
        home=HomeRecord("brick_concrete"), income=IncomeRecord(until=date(2026, 5, 31), wage_yuan=20000.0), **place,
    )  # fmt: skip
    enrol(records=[made], by=machine(), source="test")
    return Household.objects.get(code=code)
