"""A register coming in through the browser: uploaded, looked at, confirmed, taken back, on a desk and on a phone."""

from pathlib import Path
from typing import Any

import pytest
from tests.browser.conftest import DESKTOP, PHONE
from tests.county.registry.books import HOUSES, number

from anlan.county.registry.models import Batch, Household
from anlan.county.registry.sheets import workbook

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]

VILLAGE = "360123101201"


def rows(wage: int) -> list[tuple[Any, ...]]:
    """Three households, of which one cannot be used, and a column nobody knows."""
    return [
        (*HOUSES, "工资性收入", "家庭住址", "血型"),
        (f"{VILLAGE}90001", VILLAGE, "示例甲", number(401), wage, "龙津镇示例甲村三组五号老屋旁", "O"),
        (f"{VILLAGE}90002", VILLAGE, "示例乙", number(402), wage, "四组", "A"),
        (f"{VILLAGE}90003", VILLAGE, "示例丙", "990123", wage, "五组", "B"),
    ]


def send(visitor: Any, path: Path) -> None:
    """Upload a file and wait for what it would change."""
    page = visitor.open("/registry/import/")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="上传并查看").click()
    page.wait_for_load_state("load")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_file_is_seen_before_it_comes_in_and_can_be_taken_back(visit: Any, tmp_path: Path, width: int) -> None:
    before = Household.objects.count()
    visitor = visit(width)
    visitor.enter("administrator")
    for name, wage in (("first", 20_000), ("second", 21_000)):
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(workbook(rows(wage)))
        send(visitor, path)
        visitor.keep(f"import-{name}")
        assert visitor.page.locator("h1").count() == 1
        assert visitor.overflow() == 0
        visitor.page.locator("#batch summary").click()
        visitor.keep(f"import-{name}-columns")
        assert visitor.overflow() == 0
        visitor.page.get_by_role("button", name="确认合并").click()
        visitor.page.wait_for_load_state("load")
        assert "已合并" in visitor.page.content()
    assert Household.objects.count() == before + 2
    visitor.keep("import-merged")
    visitor.page.get_by_role("button", name="撤销这次导入").click()
    visitor.page.wait_for_load_state("load")
    assert "已撤销" in visitor.page.content()
    visitor.open("/registry/import/")
    visitor.keep("imports")
    assert visitor.overflow() == 0
    assert Batch.objects.filter(state="undone").count() == 1
