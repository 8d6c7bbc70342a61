"""A county of its own, served by a process of its own, and a phone in front of it that may be killed."""

import base64
import json
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Playwright
from tests.browser.faulty import Line
from tests.county.config.test_serve import free_port
from tests.installation import MAIN, Installation

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--use-angle=swiftshader"]
PHONE = {"width": 360, "height": 780}
SEED = """
import json, sys
import django; django.setup()
from datetime import date, timedelta
from anlan.county import clock
from anlan.county.office import entrance
from anlan.county.office.actions import appoint, enrol_divisions, found_county
from anlan.county.office.queries import machine
from anlan.county.registry.actions import enrol
from anlan.county.registry.models import Household
from anlan.county.registry.records import HouseholdRecord, HomeRecord, IncomeRecord
from django.core import signing
from django.urls import reverse
from tests.county.storm import storm_over

count = int(sys.argv[1])
found_county(code="360123000000", name="安义县", synthetic=True, lon=115.55, lat=28.84)
MINE, THEIRS = "360123101201", "360123102201"
enrol_divisions([("360123101000", "万埠镇", 115.60, 28.90), ("360123102000", "石鼻镇", 115.53, 28.78),
                 (MINE, "示例甲村", 115.61, 28.91), (THEIRS, "示例丙村", 115.54, 28.79)], synthetic=True)
people = {}
for name, role, place in (("cadre", "village_cadre", MINE), ("second", "village_cadre", MINE),
                          ("town", "township_officer", "360123101000"), ("other", "village_cadre", THEIRS)):
    people[name] = appoint(username=name, name=name, role=role, division=place, since=date(2020, 1, 1))
enrol(records=[
    HouseholdRecord(
        code=f"{village}{serial:05d}", division=village, head_name=f"示例户{serial}", size=3, group_no=serial % 7 + 1,
        address=f"樟树下 {serial} 号", lon=115.61, lat=28.91, location="point", home=HomeRecord("brick_concrete"),
        income=IncomeRecord(until=date(2026, 5, 31), wage_yuan=20000.0),
    )
    for village, many in ((MINE, count), (THEIRS, 3)) for serial in range(1, many + 1)], by=machine(), source="test")
storm_over({each.code: each for each in Household.objects.all()}, clock.now() - timedelta(days=1))
print(json.dumps({name: reverse("office:enter", args=[signing.dumps(name, salt=entrance.SALT)]) for name in people}))
"""


@dataclass
class County:
    """The county's installation, the port it is served at, and its people's log-in links."""

    installation: Installation
    port: int
    links: dict[str, str]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What lies in its database."""
        with sqlite3.connect(self.installation.home / "county.sqlite3", timeout=20) as database:
            return database.execute(sql).fetchall()

    def python(self, code: str, *words: str) -> None:
        """Do something in it from outside."""
        done = self.installation.python(f"import django; django.setup()\n{code}", *words)
        assert done.returncode == 0, done.stderr


@contextmanager
def served(home: Path, households: int) -> Iterator[County]:
    """A county with so many households in one village, served until the block ends."""
    installation = Installation(home)
    done = installation.anlan("setup", "--json")
    assert done.returncode == 0, done.stderr
    seeded = installation.python(SEED, str(households))
    assert seeded.returncode == 0, seeded.stderr
    port = free_port()
    site = installation.start(MAIN, "serve", "--bind", f"127.0.0.1:{port}")
    try:
        _wait_for(port)
        yield County(installation, port, json.loads(seeded.stdout))
    finally:
        site.send_signal(signal.SIGTERM)
        site.communicate(timeout=30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", "/office/login/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise AssertionError("nobody serves")


class Phone:
    """A browser with a profile that outlives it."""

    def __init__(self, playwright: Playwright, profile: Path, line: Line, **more: Any) -> None:
        self.playwright, self.profile, self.line, self.more = playwright, profile, line, more
        self.context: BrowserContext
        self.problems: list[str] = []
        self.start()

    @property
    def home(self) -> str:
        """The address the phone knows the server by; it stays the same over lines, for storage goes by it."""
        return f"http://127.0.0.1:{self.line.port}"

    def start(self) -> None:
        """Switch on."""
        options = {"viewport": PHONE, "locale": "zh-CN", "args": FLAGS, "timezone_id": "Asia/Shanghai",
                   "geolocation": {"longitude": 115.61, "latitude": 28.91}, "permissions": ["geolocation"],
                   "executable_path": shutil.which("chromium"), **self.more}  # fmt: skip
        self.context = self.playwright.chromium.launch_persistent_context(str(self.profile), **options)
        self.context.on("weberror", lambda error: self.problems.append(str(error.error)))

    def page(self, path: str = "/verify/field/") -> Page:
        """Another tab, at the list."""
        page = self.context.new_page()
        page.goto(f"{self.home}{path}")
        if path == "/verify/field/":
            page.wait_for_selector("body[data-ready]", timeout=60_000)
        return page

    def enter(self, link: str) -> Page:
        """Log in, and take the households along."""
        self.page(link).close()
        return self.page()

    def kill(self) -> None:
        """Pull the battery out: no goodbye to anything."""
        for process in Path("/proc").iterdir():
            if process.name.isdigit() and f"--user-data-dir={self.profile}".encode() in _words(process):
                _kill(int(process.name))
        with suppress(Error):
            self.context.close()


def _words(process: Path) -> list[bytes]:
    try:
        return (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def unsent(page: Page) -> int:
    """How many records the page says are unsent."""
    return int(page.get_attribute("#unsent", "data-count") or 0)


def until_sent(page: Page, seconds: float = 60, left: int = 0) -> None:
    """Wait until no more than so many are left, trying again as a person would."""
    deadline = time.monotonic() + seconds
    while unsent(page) > left and time.monotonic() < deadline:
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(200)
    if unsent(page) > left:
        page.click("#outbox")
        page.wait_for_selector(".card")
        raise AssertionError(f"{unsent(page)} are still unsent: {page.inner_text('body')}")


NOTE_DOWN = """async ({ codes, photo, seed }) => {
  const [outbox, { load }] = await Promise.all([import("/static/field/outbox.js"), import("/static/field/pack.js")]);
  const { pack } = await load();
  const [event] = pack.events;
  const rows = new Map(event.rows.map((row) => [row.code, row]));
  const bytes = Uint8Array.from(atob(photo), (each) => each.charCodeAt(0)).buffer;
  const some = [];
  for (const [at, code] of codes.entries()) {
    const { base } = rows.get(code);
    const outcome = ["unharmed", "harmed", "absent", "unharmed"][(at + seed) % 4];
    const { outcome: _known, ...finding } = base;
    const [now, harmed] = [new Date().toISOString(), outcome === "harmed"];
    const pictures = (at + seed) % 5 ? [] : [bytes];
    const record = {
      uuid: crypto.randomUUID(), owner: pack.owner, event: event.code, household: code, outcome, at: now, place: null,
      consent: true, note: "", again_on: outcome === "absent" ? "2099-01-01" : null, base,
      kinds: harmed ? ["crop"] : [], finding: harmed ? { ...finding, loss_crop: 100 } : null,
      photos: pictures.map(() => ({ at: now, place: null })),
    };
    await outbox.add(record, rows.get(code).name, pictures);
    some.push(record.uuid);
  }
  return some;
}"""


def note_down(page: Page, codes: list[str], photo: bytes, seed: int) -> list[str]:
    """Save a record of each household as the form does. Gives the numbers of those of which the phone said: saved."""
    said = {"codes": codes, "photo": base64.b64encode(photo).decode(), "seed": seed}
    return list(page.evaluate(NOTE_DOWN, said))
