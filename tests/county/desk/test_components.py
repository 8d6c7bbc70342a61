"""The components other rooms build their pages from."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse

from anlan.county.desk import context

DESK = Path(context.__file__).parent


class Report(forms.Form):
    """One field of each shape."""

    name = forms.CharField(label="姓名", help_text="写全名")
    home = forms.ChoiceField(label="住房", choices=[("ok", "好"), ("bad", "坏")], widget=forms.RadioSelect)
    consent = forms.BooleanField(label="同意")
    key = forms.CharField(widget=forms.HiddenInput, required=False)


class Ids(HTMLParser):
    """The ids of a page, and what refers to them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.wanted: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"]] if found.get("id") else []
        self.wanted += [found["for"]] if found.get("for") else []
        self.wanted += (found.get("aria-describedby") or "").split()
        if tag == "a" and (found.get("href") or "").startswith("#"):
            self.wanted.append(found["href"][1:])


def test_a_wrong_form_says_above_and_beside_what_is_wrong():
    page = render_to_string("desk/form.html", {"form": Report({})})
    assert 'role="alert"' in page
    assert page.count("field--wrong") == 3
    assert page.count('<a href="#') == 3


def test_every_label_link_and_description_points_at_something():
    for data in ({}, {"name": "x", "home": "ok", "consent": "on"}):
        ids = Ids(render_to_string("desk/form.html", {"form": Report(data)}))
        assert set(ids.wanted) <= set(ids.ids)
        assert len(ids.ids) == len(set(ids.ids))


def test_choices_are_a_group_with_a_heading_and_a_box_stands_before_its_words():
    page = render_to_string("desk/form.html", {"form": Report()})
    assert "<legend>住房</legend>" in page
    assert re.search(r'<label class="choice"[^>]*><input type="checkbox"', page)
    assert 'type="hidden"' in page


@pytest.mark.parametrize(("number", "before", "after"), [(1, False, True), (2, True, True), (3, True, False)])
def test_the_pager_keeps_the_filters(db, number, before, after):
    request = RequestFactory().get("/", {"village": "1", "page": number})
    page = render_to_string("desk/pager.html", {"page": Paginator(range(30), 10).page(number)}, request=request)
    assert ("上一页" in page) == before
    assert ("下一页" in page) == after
    assert "village=1" in page


def test_one_page_needs_no_pager():
    assert render_to_string("desk/pager.html", {"page": Paginator(range(3), 10).page(1)}).strip() == ""


def test_a_wrong_password_is_told_on_the_log_in_page(county, client):
    answer = client.post(reverse("office:login"), {"username": "nobody", "password": "nothing"})
    assert "用户名或密码不对。" in answer.content.decode()


def test_no_page_carries_a_script_or_a_style_of_its_own():
    for path in sorted(DESK.parent.rglob("templates/**/*.html")):
        text = path.read_text()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path


def test_no_page_asks_anything_of_another_server():
    assets = [*DESK.parent.rglob("templates/**/*.html"), *DESK.parent.rglob("static/**/*.css"), *DESK.rglob("*.js")]
    for path in assets:
        found = re.findall(r"https?://[^\s\"']+", path.read_text().replace("http://www.w3.org/", ""))
        assert found == [], path


def test_every_class_a_template_of_the_desk_uses_is_in_the_style_sheet():
    sheet = (DESK / "static" / "desk" / "anlan.css").read_text()
    known = set(re.findall(r"\.([a-z][a-z_-]*)", sheet))
    for path in sorted(DESK.rglob("templates/**/*.html")):
        text = re.sub(r"{%.*?%}|{{.*?}}", " ", path.read_text())
        for names in re.findall(r'class="([^"]*)"', text):
            unknown = {name for name in names.split() if not name.endswith("--")} - known
            assert not unknown, f"{path.name}: {unknown}"


def test_the_components_are_all_described():
    described = (DESK / "templates" / "desk" / "README.md").read_text()
    for name in ("table", "badge", "steps", "clock", "tile", "empty", "pager", "timeline", "notice", "fold", "tabs"):
        assert name in described
