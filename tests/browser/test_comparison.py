"""Departments' lists on a desk's screen and on phones; pairs decided by the keyboard, and without JavaScript."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE

from anlan.county.discover.comparison.actions import compare
from anlan.county.discover.comparison.sources import source
from anlan.county.discover.models import Batch, Pair, Review
from anlan.county.registry.actions import enrol
from anlan.county.registry.identity import check_digit
from anlan.county.registry.records import HouseholdRecord, PersonRecord

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]
WIDTHS = (DESKTOP, PHONE, SMALL_PHONE)
VILLAGE = "360123101202"
OTHERS = ("周文丽", "钱大海", "吴水明")
NAMES = ("张示利", "李示例", "孙小明")
NUMBERS = tuple(f"99012319700101{n:03d}{check_digit(f'99012319700101{n:03d}')}" for n in (11, 22, 31))


@pytest.fixture
def lists(storm: Any, people: Any, tmp_path: Path) -> Batch:
    """A list with three pairs that wait, a bad row and a stranger; and two departments that contradict each other."""
    born = date(1970, 1, 1)
    family = [
        PersonRecord(name, number, "m" if n % 2 else "f", born, "head" if n == 0 else "child")
        for n, (name, number) in enumerate(zip(NAMES, NUMBERS, strict=True))
    ]
    home = HouseholdRecord(code=f"{VILLAGE}00001", division=VILLAGE, head_name=NAMES[0], people=tuple(family),
                           phone="13800001234", labourers=1)  # fmt: skip
    enrol(records=[home], by=people["anlan"], source="tests")
    by = people["department_clerk"]
    rows = ["姓名,身份证号,电话,村,个人自付费用"]
    rows += [f"{name},{number},13800001234,示例乙村,30000" for name, number in zip(OTHERS, NUMBERS, strict=True)]
    rows += ["周不在,990123199001010020,,示例甲村,1", "吴不清,990123199001010021,,,很多"]
    medical, police, pension = (tmp_path / f"{name}.csv" for name in "mph")
    medical.write_text("\n".join(rows))
    police.write_text(f"姓名,身份证号,状态\n李示例,{NUMBERS[1]},死亡")
    pension.write_text(f"姓名,身份证号,状态\n李示例,{NUMBERS[1]},领取")
    compare(source=source("police"), path=police, by=by)
    compare(source=source("human_resources"), path=pension, by=by)
    batch = compare(source=source("medical_insurance"), path=medical, by=by).batch
    assert batch is not None
    return batch


@pytest.mark.parametrize("width", WIDTHS)
def test_every_screen_of_lists_fits(visit: Any, lists: Batch, width: int) -> None:
    visitor = visit(width)
    visitor.enter("department_clerk")
    pair = Review.objects.order_by("-probability", "pk").first()
    assert pair is not None
    for name, url in (
        ("lists", reverse("discover:lists")),
        ("list", reverse("discover:list", args=[lists.pk])),
        ("hand-in", reverse("discover:hand_in", args=["medical_insurance"])),
        ("pair", reverse("discover:pair", args=[pair.pk])),
        ("conflicts", reverse("discover:conflicts")),
        ("contradictions", reverse("discover:contradictions")),
        ("desk", reverse("desk:home")),
    ):
        visitor.open(url)
        visitor.keep(f"comparison-{name}")
        assert visitor.overflow() == 0, name


@pytest.mark.parametrize("width", WIDTHS)
def test_a_number_is_seen_in_full_for_a_reason(visit: Any, lists: Batch, width: int) -> None:
    visitor = visit(width)
    visitor.enter("department_clerk")
    page = visitor.open(reverse("discover:pairs"))
    assert not [number for number in NUMBERS if number in page.content()]
    page.get_by_text("查看完整的个人信息").click()
    visitor.keep("comparison-pair-asked")
    assert visitor.overflow() == 0
    page.get_by_label("哪一项").select_option("id_number")
    page.get_by_label("为什么要看").select_option("match")
    page.get_by_role("button", name="查看", exact=True).click()
    page.wait_for_url(lambda url: url.endswith("/unmask/"))
    visitor.keep("comparison-pair-unmasked")
    assert len([number for number in NUMBERS if page.content().count(number) == 2]) == 1
    assert visitor.overflow() == 0


@pytest.mark.clause("M1")
def test_pairs_are_decided_by_the_keyboard(visit: Any, lists: Batch) -> None:
    visitor = visit(DESKTOP)
    visitor.enter("department_clerk")
    page = visitor.open(reverse("discover:pairs"))
    first = page.url
    count = Review.objects.count()
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("k")
    page.wait_for_url(first)
    page.keyboard.press("n")
    page.wait_for_url(lambda url: url != first)
    assert Review.objects.filter(decision="different").count() == 1
    for _pair in range(count):
        if "pair" not in page.content() or page.locator("[data-key=n]").count() == 0:
            break
        here = page.url
        page.keyboard.press("n")
        page.wait_for_url(lambda url, here=here: url != here)
    assert page.get_by_text("都核对完了").count() == 1
    assert Pair.objects.filter(same=False).count() == count


def test_pairs_are_decided_without_javascript(chromium: Any, live_server: Any, lists: Batch) -> None:
    from django.core import signing

    from anlan.county.office.entrance import SALT

    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(live_server.url + reverse("office:enter", args=[signing.dumps("department_clerk", salt=SALT)]))
    page.goto(live_server.url + reverse("discover:pairs"))
    page.get_by_role("button", name="是同一人").click()
    assert Pair.objects.filter(same=True).count() == 1
    context.close()
