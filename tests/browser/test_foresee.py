"""The ranked list and the villages in a real browser: they fit the smallest phone, and running again comes back."""

from typing import Any

import pytest
from django.urls import reverse
from tests.browser.conftest import DESKTOP, SMALL_PHONE

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
