"""Every page that anybody can walk to is open to everybody: axe finds nothing, nothing is wider than a small phone.

A walk by links, role after role, each kind of page once; what it must have come past is named, so that a page that
nobody can find any more is missed.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from tests.browser.conftest import AXE, SMALL_PHONE
from tests.browser.test_pages import ROLES
from tests.county.desk.storm import Storm

from anlan.county import clock
from anlan.county.discover.inspecting.actions import Finding, inspect
from anlan.county.office.queries import machine
from anlan.county.sense.models import Feed

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]

MUST = {
    "account:coverage", "account:home", "account:late", "account:ledger", "assist:home", "clear:home",
    "decide:case", "decide:papers", "decide:paper", "decide:reword", "decide:table", "decide:tables", "decide:trial",
    "desk:home", "desk:household", "desk:map", "discover:cadre", "discover:events", "discover:find_receipt",
    "discover:inbox", "discover:inspect", "discover:inspect_list", "discover:inspections", "discover:lead",
    "discover:leaflet", "discover:leaflets", "discover:lists", "discover:pairs", "discover:report", "discover:screen",
    "discover:sweep", "discover:sweeps", "foresee:ranked", "foresee:visits", "foresee:villages", "office:home",
    "registry:home", "registry:quality", "registry:schools", "registry:shelters", "registry:upload", "sense:alerts",
    "sense:events", "sense:open", "sense:receive", "verify:consents", "verify:field_page", "verify:field_handed_in",
    "verify:joints", "verify:list", "verify:matching", "warn:channels", "warn:home", "warn:unreached", "warn:warning",
}  # fmt: skip

COVERED = """[...document.querySelectorAll("td.table__check input")].filter((box) => {
  const link = box.closest("tr").querySelector("td:not(.table__check) a");
  if (!link) return false;
  const [a, b] = [box.getBoundingClientRect(), link.getBoundingClientRect()];
  return a.right > b.left && a.left < b.right && a.bottom > b.top && a.top < b.bottom;
}).length"""


def links(page: Any, home: str) -> Iterator[str]:
    """The paths on this site to which a page leads."""
    for address in page.eval_on_selector_all("a[href]", "(all) => all.map((each) => each.href)"):
        if address.startswith(home):
            yield urlsplit(address)._replace(scheme="", netloc="", fragment="").geturl()


def name_of(path: str) -> str:
    try:
        return str(resolve(urlsplit(path).path).view_name or "")
    except Resolver404:
        return ""


def walk(visitor: Any, seen: set[str]) -> Iterator[tuple[str, Any]]:
    """Each kind of page not seen yet that this person comes to, opened."""
    ahead, tried = deque(["/"]), set()
    while ahead:
        path = ahead.popleft()
        name = name_of(path)
        if name in tried or not name:
            continue
        tried.add(name)
        if "html" not in visitor.context.request.get(f"{visitor.home}{path}").headers.get("content-type", ""):
            continue  # given out, not shown
        page = visitor.open(path)
        ahead.extend(links(page, visitor.home))
        if name not in seen:
            seen.add(name)
            yield path, page


def test_every_page_that_anybody_can_walk_to_is_open_to_everybody(visit: Any, storm: Storm) -> None:
    Feed.objects.create(name="alerts.example/cap", asked_at=clock.now(), failed=True, trouble="HTTP 503",
                        trouble_at=clock.now())  # fmt: skip
    inspect(findings=[Finding(kind="hazard_point", division=storm.hit.division, found="屋后裂缝", office="县自然资源局",
                              on=clock.today(), household=storm.hit, danger=True)], by=machine())  # fmt: skip
    script, seen, found = AXE.read_text(), set[str](), {}
    for role in ROLES:
        visitor = visit(SMALL_PHONE)
        visitor.enter(role)
        for path, page in walk(visitor, seen):
            page.evaluate(script)
            wrong = page.evaluate("axe.run().then((done) => done.violations.map((v) => [v.id, v.nodes[0].html]))")
            covered = page.evaluate(COVERED)
            if wrong or covered or visitor.overflow():
                found[path] = (role, wrong, covered, visitor.overflow())
    assert found == {}
    assert sorted(MUST - seen) == []
