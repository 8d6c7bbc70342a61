"""Log-in links: one per role, signed, and good only in a synthetic county."""

import time

import pytest
from django.core import signing
from django.urls import reverse

from anlan.county.office.entrance import SALT, VALID_S, links, visitor
from anlan.county.office.models import Appointment, County, User
from anlan.county.office.roles import ROLES


def token(username="auditor", salt=SALT):
    return signing.dumps(username, salt=salt)


def make_real():
    County.objects.update(synthetic=False, clock_at=None)


def test_every_role_has_a_link_that_leads_in(county, client):
    found = links()
    assert [title for title, _words, _path in found] == [str(role.title) for role in ROLES.values()]
    for _title, _words, path in found:
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert client.get("/").status_code == 200


def test_a_role_nobody_holds_has_no_link(county):
    Appointment.objects.filter(role="auditor").update(until="2026-06-01")
    assert str(ROLES["auditor"].title) not in [title for title, _words, _path in links()]


def test_the_link_comes_in_as_the_person_it_names(county, client):
    client.get(reverse("office:enter", args=[token("township_officer_b")]))
    assert client.get("/").wsgi_request.user.username == "township_officer_b"


@pytest.mark.parametrize("make", [
    lambda: token() + "x",
    lambda: "auditor",
    lambda: token(salt="another"),
    lambda: token("nobody"),
    lambda: token("anlan"),
    lambda: signing.dumps({"username": "auditor"}, salt="other"),
])  # fmt: skip
def test_a_forged_link_is_refused_with_a_sentence(county, client, make):
    answer = client.get(reverse("office:enter", args=[make()]))
    assert answer.status_code == 403
    assert "登录链接已失效" in answer.content.decode()
    assert client.get("/").status_code == 302


def test_a_link_expires(county, monkeypatch):
    made = token()
    at = time.time()  # noqa: TID251 (the signature's own clock)
    monkeypatch.setattr("django.core.signing.time.time", lambda: at + VALID_S - 60)
    assert visitor(made) is not None
    monkeypatch.setattr("django.core.signing.time.time", lambda: at + VALID_S + 60)
    assert visitor(made) is None


def test_someone_who_left_cannot_come_in(county):
    made = token()
    User.objects.filter(username="auditor").update(is_active=False)
    assert visitor(made) is None


@pytest.mark.clause("A2")
def test_a_real_county_has_no_links_and_takes_none(county, client):
    made = token()
    make_real()
    assert links() == []
    assert visitor(made) is None
    assert client.get(reverse("office:enter", args=[made])).status_code == 403
    assert "演练角色" not in client.get(reverse("office:login")).content.decode()


def test_the_log_in_page_shows_the_links_of_a_synthetic_county(county, client):
    shown = client.get(reverse("office:login")).content.decode()
    assert "以演练角色进入" in shown
    assert shown.count("/office/enter/") == len(ROLES)


def test_before_there_is_a_county_the_log_in_page_says_how_to_begin(db, client):
    assert links() == []
    assert "anlan setup" in client.get(reverse("office:login")).content.decode()
