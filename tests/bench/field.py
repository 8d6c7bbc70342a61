"""A phone on a line that breaks at random, killed now and then: what is lost, what is doubled, what it weighs."""

import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page, Playwright, sync_playwright
from tests.browser.afield import County, Phone, note_down, served, unsent
from tests.browser.faulty import FAULTS, Line, line

FAULTS_WANTED, TOGETHER = 1000, 24
SPOILED_SHARE = 0.75
A_VILLAGE = 333  # households
TARGETS = {"lost": "0", "doubled": "0", "still on the phone": "0"}
PHOTO = b"\xff\xd8\xff\xe0" + bytes(240_000)
VILLAGE = "360123101201"


def measure(wanted: int = FAULTS_WANTED) -> dict[str, Any]:
    """One run with so many faults, and the weights."""
    with sync_playwright() as playwright:
        with TemporaryDirectory() as folder, served(Path(folder), A_VILLAGE) as county:
            weights = _weigh(playwright, county, Path(folder) / "phone")
        with TemporaryDirectory() as folder, served(Path(folder), wanted + 4 * TOGETHER) as county:
            found = _torment(playwright, county, Path(folder) / "phone", wanted)
    return {
        f"{wanted} faults": {
            what: {"figure": figure, "target": TARGETS.get(what, "–")} for what, figure in found.items()
        },
        "weight": weights,
    }


def _torment(playwright: Playwright, county: County, profile: Path, wanted: int) -> dict[str, Any]:
    die, begun = random.Random(20260618), time.monotonic()
    with line(county.port) as way:
        way.fault = lambda _body: die.choice(FAULTS) if _spoil(die, way, wanted) else ""
        phone = Phone(playwright, profile, way)
        page = phone.enter(county.links["cadre"])
        saved: list[str] = []
        kills, codes = 0, iter(f"{VILLAGE}{serial:05d}" for serial in range(1, 10**5))
        while _faults(way) < wanted:
            saved += note_down(page, [next(codes) for _each in range(TOGETHER)], PHOTO, die.randrange(100))
            second = phone.page()
            for tab in (page, second):
                tab.evaluate("dispatchEvent(new Event('online'))")
            page.wait_for_timeout(die.randrange(50, 900))
            if die.random() < 0.4:
                kills += 1
                phone.kill()
                phone.start()
                page = phone.enter(county.links["cadre"])
            else:
                second.close()
                _send(page, 8)
        _send(page, 300)
        left = unsent(page)
        phone.context.close()
        return _reckoned(county, saved, way) | {"still on the phone": left, "kills of the browser": kills,
                                                "wall s": round(time.monotonic() - begun)}  # fmt: skip


def _spoil(die: random.Random, way: Line, wanted: int) -> bool:
    return _faults(way) < wanted and die.random() < SPOILED_SHARE


def _faults(way: Line) -> int:
    return sum(way.count[fault] for fault in FAULTS)


def _send(page: Page, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while unsent(page) and time.monotonic() < deadline:
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(100)


def _reckoned(county: County, saved: list[str], way: Line) -> dict[str, Any]:
    """Of the records that the phone called saved: how many are not there, and how many are there more than once."""
    stored = [uuid for (uuid,) in county.rows("SELECT uuid FROM verify_submission")]
    visits = [uuid for (uuid,) in county.rows("SELECT uuid FROM verify_visit")]
    leads = county.rows("SELECT household_id, count(*) FROM discover_lead GROUP BY household_id HAVING count(*) > 1")
    sources = county.rows("SELECT lead_id, count(*) FROM discover_source GROUP BY lead_id HAVING count(*) > 1")
    photos = county.rows("SELECT submission_id, number FROM verify_photo")
    doubled = len(stored) - len(set(stored)) + len(visits) - len(set(visits)) + len(leads) + len(sources)
    return {
        "records": len(saved), "lost": len(set(saved) - set(stored)), "doubled": doubled,
        "photographs": len(photos), "faults": _faults(way), **{f"of these {each}": way.count[each] for each in FAULTS},
        "sendings": sum(way.count.values()),
    }  # fmt: skip


def _weigh(playwright: Playwright, county: County, profile: Path) -> dict[str, Any]:
    with line(county.port) as way:
        phone = Phone(playwright, profile, way)
        phone.page(county.links["cadre"]).close()
        first, again = _loaded(phone, way), _loaded(phone, way)
        phone.context.close()
    return {
        f"first load with {A_VILLAGE} households": {"bytes": first, "target": "≤ 50,000"},
        "second load": {"bytes": again, "target": "–"},
    }


def _loaded(phone: Phone, way: Line) -> int:
    """All that went over the line: the page, its parts, its worker's copy of them, the households."""
    before = way.bytes
    page = phone.page()
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_load_state("networkidle")
    page.close()
    return way.bytes - before


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:])))
