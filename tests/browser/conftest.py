"""A real browser in front of a live server, and what must never happen in it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from django.core import signing
from django.urls import reverse
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from tests.county.desk.storm import Storm
from tests.county.desk.storm import storm as storm_over

from anlan.county.office.entrance import SALT

PHONE, SMALL_PHONE, DESKTOP = 390, 360, 1366
HEIGHTS = {PHONE: 844, SMALL_PHONE: 780, DESKTOP: 900}
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-dev-shm-usage"]


@pytest.fixture
def storm(county: Any, people: dict[str, Any], now: Any) -> Storm:
    """The storm of the desk's tests, with the county's clock held in its table: the server runs in another thread."""
    county.clock_at = now
    county.save()
    return storm_over(people)


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """What drives browsers. Its event loop makes Django ask for leave to read the database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(driver: Playwright) -> Iterator[Browser]:
    """One headless browser for all tests."""
    browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    yield browser
    browser.close()


class Visitor:
    """A person at a screen of some width. `problems` collects what a calm page never does."""

    def __init__(self, browser: Browser, home: str, width: int) -> None:
        self.home = home
        self.problems: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS[width]}, locale="zh-CN", device_scale_factor=1
        )
        self.page: Page = self.context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def _said(self, message: Any) -> None:
        if message.type in {"error", "warning"} and "GPU stall" not in message.text:
            self.problems.append(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.problems.append(f"asked elsewhere: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")

    def enter(self, username: str) -> None:
        """Come in by a role's link."""
        self.open(reverse("office:enter", args=[signing.dumps(username, salt=SALT)]))

    def open(self, path: str) -> Page:
        """Open a page and wait until all it names has come."""
        self.page.goto(f"{self.home}{path}", wait_until="load")
        return self.page

    def overflow(self) -> int:
        """How many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def keep(self, name: str) -> None:
        """Keep a picture of the page where ANLAN_SCREENSHOTS names a folder."""
        folder = os.environ.get("ANLAN_SCREENSHOTS")
        if folder:
            width = self.page.viewport_size["width"]  # type: ignore[index]
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


@pytest.fixture
def visit(chromium: Browser, live_server: Any, storm: Storm) -> Iterator[Any]:
    """`visit(width)` gives a visitor; every visitor must leave without a problem."""
    visitors: list[Visitor] = []

    def at(width: int) -> Visitor:
        visitors.append(Visitor(chromium, live_server.url, width))
        return visitors[-1]

    yield at
    for visitor in visitors:
        visitor.context.close()
    assert [problem for visitor in visitors for problem in visitor.problems] == []
