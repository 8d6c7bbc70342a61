"""Quality, doubles and a household's life through the browser, on a desk and on a phone."""

from datetime import date
from typing import Any

import pytest
from tests.browser.conftest import DESKTOP, PHONE
from tests.county.registry.conftest import A, household, person
from tests.county.registry.test_quality import number

from anlan.county.office.queries import machine
from anlan.county.registry import actions
from anlan.county.registry.models import Household

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]

SERIALS = (97001, 97002)


def twins() -> list[Household]:
    """One household written down twice, with a wrong size."""
    records = [
        household(A, serial, people=(person(id_number=number(400)),), size=3, labourers=1, phone="13812345678")
        for serial in SERIALS
    ]
    actions.enrol(records=records, by=machine(), source="test")
    return [Household.objects.get(code=each.code) for each in records]


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_findings_lead_to_doubles_and_doubles_are_merged_and_parted(visit: Any, width: int) -> None:
    one, two = twins()
    visitor = visit(width)
    visitor.enter("administrator")
    visitor.open(f"/registry/quality/?division={A}")
    assert "数据质量" in visitor.page.content()
    assert visitor.overflow() == 0
    visitor.keep("quality")
    visitor.open(f"/registry/quality/?division={A}&rule=id_elsewhere")
    assert one.code in visitor.page.content()
    assert visitor.overflow() == 0
    visitor.open(f"/registry/doubles/?division={A}")
    assert visitor.overflow() == 0
    visitor.open(f"/registry/doubles/{one.code}/{two.code}/")
    assert visitor.overflow() == 0
    visitor.keep("pair")
    visitor.page.on("dialog", lambda dialog: dialog.accept())
    visitor.page.get_by_role("button", name="合并", exact=True).click()
    visitor.page.wait_for_load_state("load")
    assert Household.every.get(pk=two.pk).merged_into_id == one.pk
    visitor.open(f"/registry/life/{one.code}/")
    assert visitor.overflow() == 0
    visitor.keep("life")
    visitor.page.get_by_role("button", name="撤销", exact=True).click()
    visitor.page.wait_for_load_state("load")
    assert Household.objects.filter(pk__in=[one.pk, two.pk]).count() == 2


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_birth_is_written_down_at_the_door(visit: Any, width: int) -> None:
    one, _two = twins()
    visitor = visit(width)
    visitor.enter("administrator")
    visitor.open(f"/registry/life/{one.code}/?kind=birth")
    visitor.page.fill("input[name=name]", "示例新生")
    visitor.page.fill("input[name=born]", date(2026, 6, 1).isoformat())
    visitor.page.get_by_role("button", name="出生", exact=True).click()
    visitor.page.wait_for_load_state("load")
    assert "示例新生" in visitor.page.content()
    assert visitor.overflow() == 0
    visitor.keep("household-after-birth")
    assert Household.objects.get(pk=one.pk).size == 4
