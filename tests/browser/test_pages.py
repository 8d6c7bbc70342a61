"""The desk in a real browser, on a desktop and on two phones."""

from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE
from tests.county.desk.storm import HIT, Storm

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]

WIDTHS = (DESKTOP, PHONE, SMALL_PHONE)
TARGETS = (
    "button, .button, .menu__link, .tile, input:not([type=hidden], [type=checkbox]), summary, label:has(> input), "
    ".crumbs a, .list a, .steps a, .card > h2 > a, .card > h3 > a"
)
ROLES = (
    "duty_officer", "county_director", "department_clerk", "township_officer_a", "village_cadre_a", "auditor",
    "administrator",
)  # fmt: skip


@pytest.mark.parametrize("width", WIDTHS)
def test_every_role_has_a_home_that_fits_the_screen(visit: Any, width: int) -> None:
    for role in ROLES:
        visitor = visit(width)
        visitor.enter(role)
        visitor.keep(f"home-{role}")
        assert visitor.page.locator("h1").inner_text() == "工作台"
        assert visitor.page.locator(".tile").count() > 0
        assert visitor.overflow() == 0, role


def test_the_log_in_page_offers_every_role(visit: Any) -> None:
    for width in WIDTHS:
        visitor = visit(width)
        page = visitor.open(reverse("office:login"))
        visitor.keep("login")
        assert page.locator(".roles__role").count() == len(ROLES)
        assert visitor.overflow() == 0
        page.locator(".roles__role").first.click()
        page.wait_for_load_state("networkidle")
        assert page.locator("h1").inner_text() == "工作台"


@pytest.mark.clause("P1")
def test_the_household_page_fits_every_screen(visit: Any) -> None:
    for width in WIDTHS:
        visitor = visit(width)
        visitor.enter("village_cadre_a")
        page = visitor.open(reverse("desk:household", args=[HIT]))
        visitor.keep("household")
        assert page.locator(".timeline__item").count() > 10
        assert visitor.overflow() == 0


def test_a_wide_screen_gets_a_live_map_and_a_phone_a_picture(visit: Any, storm: Storm) -> None:
    library = finders.find("maplibre/maplibre-gl.mjs") is not None
    for width in WIDTHS:
        visitor = visit(width)
        visitor.enter("duty_officer")
        page = visitor.open(reverse("desk:map", args=[storm.event.code]))
        live = width == DESKTOP and library
        if live:
            page.wait_for_selector(".map[data-live]")
            page.wait_for_function("document.querySelector('.map').live.loaded()")
        visitor.keep("map")
        assert page.locator(".map__picture").count() == (0 if live else 1)
        assert visitor.overflow() == 0


DRAWN = """() => {
  const map = document.querySelector(".map").live;
  return map.loaded() && map.queryRenderedFeatures(map.project(map.getCenter())).length > 0;
}"""


def test_a_press_on_a_household_of_the_map_opens_its_page(visit: Any, storm: Storm) -> None:
    if finders.find("maplibre/maplibre-gl.mjs") is None:
        pytest.skip("the map library is not on this machine")
    visitor = visit(DESKTOP)
    visitor.enter("duty_officer")
    page = visitor.open(reverse("desk:map", args=[storm.event.code]))
    page.wait_for_selector(".map[data-live]")
    with page.expect_response(lambda response: "households.json" in response.url) as answer:
        page.evaluate("document.querySelector('.map').live.jumpTo({center: [115.611, 28.911], zoom: 15})")
    assert [each["properties"]["code"] for each in answer.value.json()["features"]] == [HIT]
    page.wait_for_function(DRAWN)
    visitor.keep("map-near")
    box = page.locator(".map__live canvas").bounding_box()
    with page.expect_navigation(url=f"**{reverse('desk:household', args=[HIT])}"):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_targets_on_a_phone_are_large_enough_for_a_thumb(visit: Any, storm: Storm) -> None:
    visitor = visit(PHONE)
    visitor.enter("village_cadre_a")
    for path in (
        reverse("desk:home"),
        reverse("desk:household", args=[HIT]),
        reverse("desk:map", args=[storm.event.code]),
        reverse("discover:cadre", args=[storm.event.code]),
        reverse("discover:inbox"),
        reverse("discover:events"),
        reverse("warn:unreached"),
    ):
        page = visitor.open(path)
        small = page.evaluate(
            """(targets) => [...document.querySelectorAll(targets)]
               .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 44)
               .map((each) => each.outerHTML)""",
            TARGETS,
        )
        assert small == [], path


def test_the_language_switch_turns_the_page_to_english_and_back(visit: Any) -> None:
    visitor = visit(DESKTOP)
    visitor.enter("auditor")
    page = visitor.page
    page.get_by_role("button", name="English").click()
    page.wait_for_load_state("networkidle")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="中文").click()
    page.wait_for_load_state("networkidle")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"


def test_the_page_prints_without_its_frame(visit: Any) -> None:
    visitor = visit(DESKTOP)
    visitor.enter("village_cadre_a")
    page = visitor.open(reverse("desk:household", args=[HIT]))
    page.emulate_media(media="print")
    assert not page.locator(".masthead").is_visible()
    assert page.locator(".drill").is_visible()
    visitor.keep("print")
