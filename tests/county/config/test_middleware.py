"""What happens around every request: the county's time, refusals as pages, headers."""

import gzip
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.views.defaults import bad_request

from anlan.county import clock
from anlan.county.config.clocks import the_countys_time
from anlan.county.config.middleware import refusals_are_answers, security_headers, the_county_clock
from anlan.county.errors import BadInput, NotAllowed, NotFound, Refused
from anlan.county.office.models import County

STORM = datetime(2027, 1, 2, 3, 4, tzinfo=ZoneInfo("Asia/Shanghai"))


def asked(path="/"):
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    return request


def now_in_a_view():
    seen = []
    the_county_clock(lambda request: seen.append(clock.now()) or HttpResponse())(asked())
    return seen[0]


# --- the time ------------------------------------------------------------------------------------------


def test_in_a_synthetic_county_the_drills_time_reaches_the_view(county):
    County.objects.update(clock_at=STORM)
    assert now_in_a_view() == STORM


def test_it_is_held_no_longer_than_the_request(county, now):
    County.objects.update(clock_at=STORM)
    now_in_a_view()
    assert clock.now() == now


def test_a_real_county_has_the_machines_time(county, now):
    County.objects.update(synthetic=False, clock_at=None)
    assert now_in_a_view() == now


def test_before_the_drill_sets_its_clock_and_before_there_is_a_county_too(db, now):
    assert now_in_a_view() == now


def test_the_time_stands_on_every_page_of_a_synthetic_county(county, client):
    County.objects.update(clock_at=STORM)
    assert "2027-01-02 03:04" in client.get("/office/login/").content.decode()


def test_without_tables_the_time_is_the_machines(county, now, monkeypatch):
    def missing(*_arguments, **_words):
        raise OperationalError("no such table: office_county")

    County.objects.update(clock_at=STORM)
    monkeypatch.setattr(County.objects, "filter", missing)
    with the_countys_time():
        assert clock.now() == now


def test_a_clock_that_is_held_may_be_moved_on(county):
    County.objects.update(clock_at=STORM)
    with the_countys_time():
        clock.advance(timedelta(hours=1))
        assert clock.now() == STORM + timedelta(hours=1)


# --- refusals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "status"), [(Refused, 409), (NotAllowed, 403), (NotFound, 404), (BadInput, 422)])
def test_a_refusal_is_a_page_with_its_sentence_and_status(db, kind, status):
    answer = refusals_are_answers(lambda request: HttpResponse()).process_exception(asked(), kind("请先 <受理> 线索。"))
    assert answer.status_code == status
    assert "请先 &lt;受理&gt; 线索。" in answer.content.decode()


def test_a_child_of_a_refusal_has_its_parents_status(db):
    class AlreadyApproved(NotAllowed):
        pass

    handle = refusals_are_answers(lambda request: HttpResponse()).process_exception
    assert handle(asked(), AlreadyApproved("x")).status_code == 403


def test_a_defect_is_not_a_refusal(db):
    assert refusals_are_answers(lambda request: HttpResponse()).process_exception(asked(), ValueError("x")) is None


def test_what_was_not_refused_passes():
    answer = HttpResponse("ok")
    assert refusals_are_answers(lambda request: answer)(asked()) is answer


# --- headers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [("/office/login/", 200), ("/", 302), ("/no/such/page/", 404), ("/office/enter/forged/", 403),
     ("/static/desk/anlan.css", 200)],
)  # fmt: skip
def test_nothing_foreign_runs_or_frames_on_any_answer(county, client, path, status):
    answer = client.get(path)
    answer.close()  # a file of ours, where it is one
    assert answer.status_code == status
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "microphone=()" in answer["Permissions-Policy"]
    if not path.startswith("/static/"):
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"


def test_a_view_may_say_more_strictly():
    answer = HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"})
    assert security_headers(lambda request: answer)(asked())["Content-Security-Policy"] == "default-src 'none'"


def test_a_form_from_elsewhere_is_turned_away(county, people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["duty_officer"])
    assert client.post("/office/logout/").status_code == 403
    assert client.get("/").status_code == 200


# --- ways on ---------------------------------------------------------------------------------------------


def test_the_address_of_a_button_opened_by_hand_is_a_page_with_a_way_on(people, client):
    client.force_login(people["duty_officer"])
    answer = client.get("/warn/unreached/told/")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "再按一次按钮" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


@pytest.mark.parametrize("path", ["/discover/receipt/RXXXXXXXXXXX/", "/office/enter/forged/"])
def test_whoever_is_not_logged_in_is_shown_the_door_and_the_villagers_pages(county, client, path):
    page = client.get(path).content.decode().split("<main")[1].split("</main>")[0]
    assert "回到工作台" not in page
    assert "您负责的区划" not in page
    assert "任何记录都没有改动" not in page
    for way in ("/office/login/", "/discover/report/", "/discover/receipt/"):
        assert f'href="{way}"' in page


def test_whoever_is_logged_in_goes_back_to_the_desk(people, client):
    client.force_login(people["duty_officer"])
    page = client.get("/household/nobody/").content.decode()
    assert "也可能不在您负责的区划内" in page
    assert "回到工作台" in page


def test_an_address_that_cannot_be_read_is_answered_in_words(db):
    page = bad_request(asked(), ValueError()).content.decode()
    assert "无法读取" in page
    assert 'href="/"' in page


@pytest.mark.parametrize("path", ["/office/login/", "/static/desk/anlan.css", "/static/django_htmx/htmx-2.min.js"])
def test_what_a_phone_loads_comes_packed(county, client, path):
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    packed = answer.getvalue()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(packed) < len(gzip.decompress(packed)) / 2


def test_a_file_that_a_browser_has_already_is_not_sent_again(client, db):
    address = "/static/desk/anlan.css"
    first = client.get(address, HTTP_ACCEPT_ENCODING="gzip")
    tag = first.headers["ETag"]
    first.close()
    assert (first.status_code, tag[:3], first.headers["Content-Encoding"]) == (200, 'W/"', "gzip")
    for known, status in ((tag, 304), (tag.removeprefix("W/"), 304), ('W/"other"', 200)):
        again = client.get(address, HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=known)
        again.close()
        assert again.status_code == status, known
