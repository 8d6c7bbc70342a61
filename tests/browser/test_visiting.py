"""The visit, its evidence, and what departments are asked: on a desk and on a phone, for everybody."""

from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse
from tests.browser.conftest import AXE, DESKTOP, PHONE
from tests.county import cases as steps
from tests.county.desk.storm import QUIET, Storm
from tests.county.registry.test_exif import jpeg

from anlan.county import clock
from anlan.county.discover.actions import Report, attach, report
from anlan.county.discover.models import Lead, Source
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household
from anlan.county.verify.enquiring.actions import answer, ask
from anlan.county.verify.models import Enquiry, Finding, Photo, Submission, Visit

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pages(storm: Storm, tmp_path: Any) -> Any:
    """The screens of a visit, with something on each."""
    home = Household.objects.get(code=QUIET)
    said = {"kinds": ["home", "water"], "text": "墙裂了"}
    report(event=storm.event, reports=[Report("RABCDEF2345X", "self", home.pk, clock.now(), said)], by=machine())
    with override_settings(PHOTOS=tmp_path / "photos"):
        attach(source=Source.objects.get(key="RABCDEF2345X"), data=[jpeg()], by=machine())
        steps.visit(storm.event, home)
        visit, at = Visit.objects.get(lead__household=home), clock.now()
        sent = Submission.objects.create(
            uuid=visit.uuid, by=machine(), event=storm.event, household=home, visit=visit, received_at=at, phone_at=at,
            at=at, distance_m=4100.0, lon=115.6, lat=28.9, flags=["far"],
        )  # fmt: skip
        Photo.objects.create(submission=sent, number=1, taken_at=at, lon=115.54, lat=28.79, digest="0" * 64, size=9)
        finding = Finding.objects.get(lead__household=home)
        Finding.objects.filter(pk=finding.pk).update(details={"home_damage": "severe", "crop_mu": 3.5})
        for department in ("public_security", "housing"):
            ask(findings=[finding.pk], department=department, topics=["vehicles", "property"], by=machine())
        answer(enquiry=Enquiry.objects.get(department="housing"), differs=True, said="镇上有一套房", by=machine())
        way = [storm.event.code, QUIET]
        assert Lead.objects.get(household=home).state == "found"
        yield {
            "visit": reverse("verify:visit", args=way), "finding": reverse("verify:finding", args=way),
            "matching": reverse("verify:matching"), "enquiries": reverse("verify:enquiries"),
            "answered": reverse("verify:enquiries") + "?state=answered", "lead": reverse("discover:lead", args=way),
            "handed-in": reverse("verify:field_handed_in") + "?state=far",
            "choice": reverse("verify:field_choice", args=[sent.pk]), "consents": reverse("verify:consents", args=way),
        }  # fmt: skip


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_every_screen_fits_and_can_be_heard(visit: Any, pages: dict[str, str], width: int) -> None:
    script, found = AXE.read_text(), {}
    for username in ("township_officer_b", "department_clerk"):
        visitor = visit(width)
        visitor.enter(username)
        for name, path in pages.items():
            if (username, name) in FOREIGN:
                continue
            page = visitor.open(path)
            page.evaluate("document.querySelectorAll('details.fold').forEach((each) => (each.open = true))")
            visitor.keep(f"{username}-{name}")
            page.evaluate(script)
            violations = page.evaluate(
                "axe.run().then((done) => done.violations.map((each) => [each.id, each.nodes[0].html]))"
            )
            if violations or visitor.overflow():
                found[username, name] = (violations, visitor.overflow())
    assert found == {}


# What each of the two has no business with.
FOREIGN = {("department_clerk", name) for name in ("visit", "handed-in", "choice")} | {
    ("township_officer_b", name) for name in ("matching", "enquiries", "answered")
}


@pytest.mark.clause("M1")
def test_a_clerk_answers_for_the_department_where_the_list_stands(visit: Any, pages: dict[str, str]) -> None:
    visitor = visit(DESKTOP)
    visitor.enter("department_clerk")
    page = visitor.open(pages["enquiries"])
    page.click("text=填写本部门的回复")
    page.check("input[name=differs][value='0']")
    page.click("button:has-text('提交回复')")
    page.get_by_text("没有部门协查").wait_for()
    assert not Enquiry.objects.filter(answered_at__isnull=True).exists()
    page = visitor.open(pages["matching"])
    page.keyboard.press("a")
    page.keyboard.press("y")
    page.get_by_text("没有待比对的核实结果").wait_for()
