"""The lists that grow long, the refusal and the alarm, on a desk's screen and on phones."""

from typing import Any

import pytest
from django.urls import reverse
from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE
from tests.county.desk.storm import family

from anlan.county.discover.actions import open_sweeps
from anlan.county.foresee.actions import foresee
from anlan.county.ledger.actions import Line, record_many
from anlan.county.registry.actions import enrol

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]
WIDTHS = (DESKTOP, PHONE, SMALL_PHONE)
VILLAGE = "360123101202"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_ranked_list_fits_and_goes_on_page_by_page(visit: Any, storm: Any, people: Any, width: int) -> None:
    enrol(records=[family(f"{VILLAGE}{n:05d}", f"示例户{n}") for n in range(1, 56)], by=people["anlan"], source="tests")
    foresee(event=storm.event, by=people["anlan"])
    visitor = visit(width)
    visitor.enter("duty_officer")
    page = visitor.open(reverse("foresee:ranked", args=[storm.event.code]))
    visitor.keep("ranked")
    assert page.locator("tbody tr").count() == 20
    assert visitor.overflow() == 0
    assert page.evaluate("document.documentElement.scrollHeight") < 4_500
    more = page.locator("tbody tr").first.get_by_text("元", exact=False)
    if width != DESKTOP:
        assert not more.first.is_visible()
        page.locator("tbody .brief summary").first.click()
    assert more.first.is_visible()
    page.get_by_role("link", name="下一页").click()
    page.wait_for_url("**past=20")
    page.get_by_role("link", name="下一页").click()
    page.wait_for_url("**past=40")
    assert page.locator("tbody tr").count() == 17
    assert visitor.overflow() == 0
    page.get_by_role("link", name="回到第一页").click()
    page.wait_for_url(lambda url: "past" not in url)
    page.locator("[name=words]").fill("示例户55")
    page.locator(".filters").get_by_role("button").click()
    page.wait_for_url("**words=*")
    visitor.keep("ranked-sought")
    assert page.locator("tbody tr").count() == 1


@pytest.mark.parametrize("width", WIDTHS)
def test_the_ledger_fits_however_long_its_words_and_its_cards_are_short(visit: Any, width: int) -> None:
    record_many(
        [Line("assist.plan", f"measure:EV20260617-rainstorm-1/36012310120100001/{n}", {"owner": "x" * 150})
         for n in range(60)], by="township_officer_a",
    )  # fmt: skip
    visitor = visit(width)
    visitor.enter("auditor")
    page = visitor.open(reverse("account:ledger"))
    visitor.keep("ledger")
    assert page.locator("tbody tr").count() == 50
    assert visitor.overflow() == 0
    rows = page.locator("tbody tr").nth(3)
    when, who = rows.locator("td").nth(1).bounding_box(), rows.locator("td").nth(2).bounding_box()
    assert when["y"] == who["y"]  # side by side, on every screen
    assert when["x"] < who["x"]
    said = page.locator("tbody tr").first.locator("td").last
    if width != DESKTOP:
        assert not said.is_visible()  # one tap away
        page.locator("tbody .brief summary").first.click()
    assert said.is_visible()
    page.get_by_role("link", name="下一页").click()
    page.wait_for_url("**past=*")
    assert 0 < page.locator("tbody tr").count() <= 50
    assert visitor.overflow() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_a_refusal_says_whom_to_ask(visit: Any, width: int) -> None:
    visitor = visit(width)
    visitor.enter("village_cadre_a")
    page = visitor.open(reverse("registry:upload"))
    visitor.keep("refused")
    assert "导入农户名册" in page.locator(".notice").first.inner_text()
    assert "administrator" in page.locator(".card").inner_text()
    assert visitor.overflow() == 0
    assert [problem for problem in visitor.problems if "403" not in problem] == []
    visitor.problems.clear()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_sweep_is_opened_from_the_home_page_and_the_alarm_explains_its_figures(
    visit: Any, storm: Any, people: Any, width: int
) -> None:
    open_sweeps(event=storm.event, by=people["anlan"])
    visitor = visit(width)
    visitor.enter("village_cadre_b")
    visitor.keep("home-sweep")
    visitor.page.get_by_role("link", name="逐户排查", exact=True).click()
    visitor.page.wait_for_url("**/discover/sweeps/**")
    assert visitor.page.locator("h1").inner_text() == "示例丙村"
    auditor = visit(width)
    auditor.enter("auditor")
    page = auditor.open(reverse("account:home"))
    auditor.keep("alarm")
    assert "不再计入" in page.locator(".main").inner_text()
    assert auditor.overflow() == 0


def test_a_box_with_its_words_is_one_line_on_its_form(visit: Any) -> None:
    visitor = visit(DESKTOP)
    visitor.enter("duty_officer")
    page = visitor.open(reverse("sense:receive"))
    box = page.locator("label.choice input").bounding_box()
    frame = page.locator("label.choice").bounding_box()
    above, below = box["y"] - frame["y"], frame["y"] + frame["height"] - box["y"] - box["height"]
    assert abs(above - below) < 4  # in the middle of its frame
    assert box["x"] - frame["x"] > 8


def test_the_trail_of_a_household_is_told_apart(visit: Any, storm: Any) -> None:
    visitor = visit(DESKTOP)
    visitor.enter("auditor")
    page = visitor.open(reverse("desk:household", args=[storm.hit.code]))
    marks = page.eval_on_selector_all(".crumbs > *", "(all) => all.map((e) => getComputedStyle(e, '::after').content)")
    assert marks == ['"›"', '"›"', "none"]
