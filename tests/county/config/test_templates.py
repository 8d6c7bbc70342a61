"""No template holds what the pages' security policy would not run."""

import re
from pathlib import Path

import pytest

import anlan

SRC = Path(anlan.__path__[0])
TEMPLATES = sorted(SRC.rglob("*.html"))
FORBIDDEN = {
    "a script of its own": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "a style sheet of its own": re.compile(r"<style\b", re.IGNORECASE),
    "a style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script in a link": re.compile(r"javascript:", re.IGNORECASE),
    "something from elsewhere": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
    "a text that is not escaped": re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off"),
    "htmx that evaluates": re.compile(r"hx-on|hx-vals\s*=\s*[\"']js:"),
}


def bare(path):
    """The template without Django's own tags: an `{% if a > b %}` inside a tag is no end of it."""
    return re.sub(r"{%.*?%}|{#.*?#}", " ", path.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what):
    found = {}
    for path in TEMPLATES:
        text = path.read_text() if "escaped" in what else bare(path)
        if match := FORBIDDEN[what].search(text):
            found[str(path.relative_to(SRC))] = match.group()[:80]
    assert found == {}


def test_the_scan_sees_what_it_is_for():
    wrong = '<p onclick="x()" style="a"><script>1</script><a href="https://x">'
    caught = [what for what, pattern in FORBIDDEN.items() if pattern.search(wrong)]
    assert caught == ["a script of its own", "a style", "a handler", "something from elsewhere"]


def test_every_form_that_posts_carries_the_token():
    for path in TEMPLATES:
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL | re.IGNORECASE):
            assert "{% csrf_token %}" in form, path


def test_every_page_is_built_on_the_base_and_has_a_title():
    whole = [path for path in TEMPLATES if "{% block content %}" in path.read_text() and path.name != "base.html"]
    assert len(whole) > 20
    for path in whole:
        text = path.read_text()
        assert '{% extends "desk/base.html" %}' in text, path
        assert re.search(r"{% block title %}\s*\S", text), path


def test_every_text_of_the_scripts_is_from_the_page():
    for path in SRC.rglob("*.js"):
        assert not re.search(r"\beval\(|new Function|innerHTML\s*=", path.read_text()), path
