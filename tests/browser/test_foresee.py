"""The ranked list and the villages in a real browser: they fit the smallest phone, and running again comes back."""

from typing import Any

import pytest
from django.urls import reverse
from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE
from tests.county.desk.storm import HIT

from anlan.county.account.actions import look_back
from anlan.county.foresee.actions import foresee
from anlan.county.office.queries import machine

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [SMALL_PHONE, DESKTOP])
def test_the_list_and_the_villages_fit_the_screen(visit: Any, storm: Any, width: int) -> None:
    visitor = visit(width)
    visitor.enter("duty_officer")
    for name in ("ranked", "villages"):
        page = visitor.open(reverse(f"foresee:{name}", args=[storm.event.code]))
        visitor.keep(f"foresee-{name}")
        assert page.locator("h1").count() == 1
        assert page.locator("tbody tr").count() == 2
        assert visitor.overflow() == 0
    page.get_by_role("button", name="重新研判").click()
    page.wait_for_url("**/foresee/**")
    assert "研判完成" in page.locator(".notice").first.inner_text()


@pytest.fixture
def estimated(storm: Any) -> Any:
    """The storm with an estimate by the method in use, and with a look back on it."""
    foresee(event=storm.event, by=machine())
    look_back(event=storm.event, by=machine())
    return storm


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_explanation_visits_villages_and_hindsight_fit_the_screen(
    visit: Any, estimated: Any, width: int, language: str
) -> None:
    visitor = visit(width)
    visitor.enter("county_director")
    visitor.page.context.add_cookies([{"name": "django_language", "value": language, "url": visitor.home}])
    code = estimated.event.code
    for name, args in (
        ("foresee:explain", (code, HIT)), ("foresee:visits", (code,)), ("foresee:villages", (code,)),
        ("foresee:ranked", (code,)), ("account:hindsight", (code,)),
    ):  # fmt: skip
        page = visitor.open(reverse(name, args=args))
        visitor.keep(f"{name.replace(':', '-')}-{language}")
        assert page.locator("h1").count() == 1
        assert visitor.overflow() == 0, name
    assert page.locator("svg circle").count() >= 1


def test_a_number_of_visits_puts_them_in_order(visit: Any, estimated: Any) -> None:
    visitor = visit(DESKTOP)
    visitor.enter("duty_officer")
    page = visitor.open(reverse("foresee:visits", args=[estimated.event.code]))
    page.get_by_label("可以入户的次数").fill("1")
    page.get_by_role("button", name="排出次序").click()
    page.wait_for_url("**visits=1**")
    assert page.locator("tbody tr").count() == 1
    page.locator("tbody tr a").nth(1).click()
    page.wait_for_url("**/household/**")
    assert "为什么这样研判" in page.locator("h1").inner_text()
