"""Every room that a role can walk into from its desk fits the screen and stays calm."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_pages import ROLES

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]

WAYS = ".menu__link, a.tile, .card h3 a, .card .buttons a, .footer__links a, .main .table td:first-child a"


def ways(visitor: Any) -> set[str]:
    """The paths that the open page leads to."""
    found = visitor.page.eval_on_selector_all(WAYS, "(links) => links.map((each) => each.href)")
    return {urlsplit(url)._replace(scheme="", netloc="").geturl() for url in found}


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_every_page_that_a_home_leads_to_fits_the_screen(visit: Any, width: int) -> None:
    seen, wide = {"/"}, {}
    for role in ROLES:
        visitor = visit(width)
        visitor.enter(role)
        for path in sorted(ways(visitor) - seen):
            seen.add(path)
            page = visitor.open(path)
            visitor.keep(f"room-{path.strip('/').replace('/', '-').replace('?', '-')}")
            assert page.locator("h1").count() == 1, path
            if visitor.overflow():
                wide[path] = visitor.overflow()
    assert wide == {}
    assert len(seen) > 10
