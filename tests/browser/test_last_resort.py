"""When nothing else works: a list on paper, its ticks by keyboard; shelters kept beforehand; and the all-clear."""

from typing import Any

import pytest
from django.urls import reverse
from tests.browser.conftest import DESKTOP, PHONE

from anlan.county.foresee.actions import foresee
from anlan.county.office.models import Division
from anlan.county.registry.models import Household, Shelter
from anlan.county.registry.shelters.actions import SchoolRecord, ShelterRecord, Way, assign, save_school, save_shelter
from anlan.county.warn import calls, rules
from anlan.county.warn.actions import approve, draft, release
from anlan.county.warn.models import Target
from anlan.county.warn.models import Warning as TheWarning

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]
WIDTHS = (DESKTOP, PHONE)


@pytest.fixture
def village(storm: Any, people: Any) -> Division:
    """A village with a shelter, a school, and every warning of a red storm out."""
    storm.event.level = 4
    storm.event.save()
    foresee(event=storm.event, by=people["anlan"])
    place = Division.objects.get(pk=Household.objects.order_by("code").first().division_id)  # type: ignore[union-attr]
    hall = save_shelter(record_of=ShelterRecord(place.code, "示例甲村小学教学楼", capacity=4), by=people["anlan"])
    assign(ways=[Way(place.code, 0, hall.code, "村东水泥路过石桥")], by=people["anlan"])
    save_school(record_of=SchoolRecord(place.code, "示例甲村小学", phone="10099990001", pupils=90), by=people["anlan"])
    for each in draft(event=storm.event, by=people["duty_officer"]):
        release(warning=approve(warning=each, by=people["county_director"]), by=people["duty_officer"])
    return place


@pytest.mark.clause("W4", "D6", "H4")
@pytest.mark.parametrize("width", WIDTHS)
def test_a_cadre_s_list_is_printed_and_its_ticks_come_back_by_keyboard(
    visit: Any, village: Division, width: int
) -> None:
    warning = TheWarning.objects.get(audience="cadre")
    visitor = visit(width)
    visitor.enter("village_cadre_a")
    visitor.open(reverse("warn:calls", args=[warning.code]))
    assert visitor.overflow() == 0
    visitor.keep("call-villages")
    page = visitor.open(reverse("warn:calls", args=[warning.code]) + f"?village={village.code}")
    assert visitor.overflow() == 0
    visitor.keep("call-list")
    page.emulate_media(media="print")
    assert page.locator("table.calls").first.is_visible()
    assert not page.get_by_role("button", name="打印").is_visible()
    visitor.keep("call-list-printed")
    page.emulate_media(media="screen")
    check = calls.call_list(warning, village).check
    visitor.open(reverse("warn:ticks", args=[warning.code]) + f"?village={village.code}")
    page.locator("#id_check:focus").wait_for()  # the cursor is there already
    page.keyboard.type(check)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.get_by_text("已登记").wait_for()
    assert visitor.overflow() == 0
    visitor.keep("ticks")
    assert Target.objects.filter(household__division_id=village.code, safe_at__isnull=False).exists()
    assert visitor.problems == []


@pytest.mark.clause("W2")
@pytest.mark.parametrize("width", WIDTHS)
def test_the_all_clear_is_one_press_to_write_and_says_to_whom_it_goes(
    visit: Any, village: Division, people: Any, width: int
) -> None:
    warning = TheWarning.objects.filter(audience__in=rules.AUDIENCES).order_by("pk")[0]
    visitor = visit(width)
    visitor.enter("duty_officer")
    page = visitor.open(reverse("warn:warning", args=[warning.code]))
    assert visitor.overflow() == 0
    visitor.keep("warning-out")
    page.get_by_role("button", name="起草解除").click()
    page.get_by_text("发给听到过这份预警的每一个人").wait_for()
    assert visitor.overflow() == 0
    visitor.keep("all-clear-draft")
    drafted = TheWarning.objects.get(clears=warning)
    release(warning=approve(warning=drafted, by=people["county_director"]), by=people["duty_officer"])
    visitor.open(reverse("warn:warning", args=[warning.code]))
    assert visitor.overflow() == 0
    visitor.keep("warning-cleared")
    assert visitor.problems == []


@pytest.mark.clause("G2", "H4")
@pytest.mark.parametrize("width", WIDTHS)
def test_shelters_and_schools_are_kept_on_pages_that_fit_every_screen(
    visit: Any, village: Division, width: int
) -> None:
    visitor = visit(width)
    visitor.enter("township_officer_a")
    shelter = Shelter.objects.get()
    for name, path in (
        ("shelters", reverse("registry:shelters")), ("shelter", reverse("registry:shelter", args=[shelter.code])),
        ("schools", reverse("registry:schools")), ("school", reverse("registry:school", args=[0])),
    ):  # fmt: skip
        page = visitor.open(path)
        assert visitor.overflow() == 0, name
        visitor.keep(name)
    page = visitor.open(reverse("registry:shelter", args=[shelter.code]))
    page.get_by_label("村民小组").fill("2")
    page.get_by_label("转移路线").fill("村西土路")
    page.get_by_label("转移村").select_option(village.code)
    page.get_by_role("button", name="保存").first.click()
    page.get_by_text("村西土路").wait_for()
    assert shelter.assignments.count() == 2
    assert visitor.problems == []


def test_on_paper_the_list_is_a_table_whatever_the_screen(visit: Any, village: Division) -> None:
    warning = TheWarning.objects.get(audience="cadre")
    visitor = visit(PHONE)
    visitor.enter("village_cadre_a")
    page = visitor.open(reverse("warn:calls", args=[warning.code]) + f"?village={village.code}")
    shown = "getComputedStyle(document.querySelector('table.calls td')).display"
    assert page.evaluate(shown) != "table-cell"  # a phone's layout
    page.emulate_media(media="print")
    assert page.evaluate(shown) == "table-cell"
