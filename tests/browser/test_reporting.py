"""The report page and the pages around it: on a small phone, in large letters, for everybody; and its draft."""

from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse
from tests.browser.conftest import AXE, DESKTOP, SMALL_PHONE
from tests.county.desk.storm import HIT, Storm

from anlan.county import clock
from anlan.county.discover.actions import Report, report
from anlan.county.discover.inspecting.actions import Finding, inspect
from anlan.county.discover.models import Photo, Source
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]

WIDEST = """[...document.querySelectorAll("main, main *")]
  .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .slice(0, 4).map((each) => each.outerHTML.slice(0, 90))"""
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 100
RECEIPT = "RABCDEF23456"


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    """The address villagers reach the county by."""
    settings.SITE = "https://anlan.example.cn"


def opened(storm: Storm) -> dict[str, str]:
    """The pages anybody may open, and those of a cadre, with something on each."""
    home = Household.objects.get(code=HIT)
    reports = [Report(RECEIPT, "self", home.pk, clock.now(), {"kinds": ["home"], "text": "墙裂了", "through": "phone"})]
    report(event=storm.event, reports=reports, by=machine())
    found = Finding(
        kind="home_fire", division=home.division, household=home, found="电线老化", office="消防所", on=clock.today(),
        danger=True, measure="更换线路",
    )  # fmt: skip
    inspect(findings=[found], by=machine(), event=storm.event)
    return {
        "events": reverse("discover:events"),
        "report": reverse("discover:report", args=[storm.event.code]),
        "receipt": reverse("discover:receipt", args=[RECEIPT]),
        "find-receipt": reverse("discover:find_receipt"),
        "inbox": reverse("discover:inbox"),
        "lead": reverse("discover:lead", args=[storm.event.code, HIT]),
        "cadre": reverse("discover:cadre", args=[storm.event.code]) + f"?household={HIT}",
        "leaflets": reverse("discover:leaflets"),
        "leaflet": reverse("discover:leaflet", args=["report", home.division_id]),
        "inspections": reverse("discover:inspections"),
        "inspect": reverse("discover:inspect"),
        "inspect-list": reverse("discover:inspect_list"),
    }


def test_every_page_fits_a_small_phone_in_letters_of_twice_the_size(visit: Any, storm: Storm) -> None:
    pages = opened(storm)
    visitor = visit(SMALL_PHONE)
    visitor.enter("village_cadre_a")
    wide = {}
    for name, path in pages.items():
        page = visitor.open(path)
        assert page.locator("h1").count() == 1, name
        plain = visitor.overflow()
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        visitor.keep(f"large-{name}")
        if plain or visitor.overflow():
            wide[name] = (plain, visitor.overflow(), page.evaluate(WIDEST))
    assert wide == {}


@pytest.mark.parametrize("width", [SMALL_PHONE, DESKTOP])
def test_no_page_shuts_anybody_out(visit: Any, storm: Storm, width: int) -> None:
    script = AXE.read_text()
    pages = opened(storm)
    visitor = visit(width)
    visitor.enter("village_cadre_a")
    found = {}
    for name, path in pages.items():
        page = visitor.open(path)
        page.evaluate(script)
        violations = page.evaluate(
            "axe.run().then((done) => done.violations.map((each) => [each.id, each.nodes[0].html]))"
        )
        if violations:
            found[name] = violations
    assert found == {}


@pytest.mark.clause("D1")
def test_a_draft_stays_on_the_phone_until_the_report_has_arrived(visit: Any, storm: Storm, tmp_path: Path) -> None:
    home, path = Household.objects.get(code=HIT), reverse("discover:report", args=[storm.event.code])
    picture = tmp_path / "a.jpg"
    picture.write_bytes(JPEG)
    visitor = visit(SMALL_PHONE)
    page = visitor.open(path)
    key = page.locator("input[name=key]").input_value()
    page.select_option("#id_village", home.division_id)
    page.fill("#id_head_name", home.head_name)
    page.fill("#id_phone", "10012345678")
    page.check("input[name=kinds][value=home]")
    page.fill("#id_text", "屋顶掉了")
    page = visitor.open(path)  # closed by mistake, or the line was cut
    assert page.locator("#id_text").input_value() == "屋顶掉了"
    assert page.locator("#id_village").input_value() == home.division_id
    assert page.locator("input[name=kinds][value=home]").is_checked()
    assert page.locator("input[name=key]").input_value() == key
    page.set_input_files("#id_photo", str(picture))
    with override_settings(PHOTOS=tmp_path / "photos"), page.expect_navigation(url="**/receipt/**"):
        page.get_by_role("button", name="提交申报").click()
    assert page.locator("svg.qr").is_visible()
    assert Photo.objects.get().source == Source.objects.get(key=key)
    page = visitor.open(path)
    assert page.locator("#id_text").input_value() == ""
    assert page.locator("input[name=key]").input_value() != key


def test_the_leaflet_prints_without_its_frame(visit: Any, storm: Storm) -> None:
    pages = opened(storm)
    visitor = visit(DESKTOP)
    visitor.enter("village_cadre_a")
    page = visitor.open(pages["leaflet"])
    page.emulate_media(media="print")
    whole, drawn = page.locator("svg.qr").bounding_box(), page.locator("svg.qr path").last.bounding_box()
    assert whole["width"] > 150
    assert whole["x"] < drawn["x"]
    assert whole["x"] + whole["width"] > drawn["x"] + drawn["width"]  # all of it, with its quiet border
    assert whole["y"] + whole["height"] > drawn["y"] + drawn["height"]
    assert not page.locator(".masthead").is_visible()
    assert not page.get_by_role("button", name="打印").is_visible()
    visitor.keep("leaflet-print")
