"""What the papers say can be typed can be: commands, options, targets of make, variables; and links lead somewhere."""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from django.core.management import load_command_class

from anlan.cli import commands

ROOT = Path(__file__).resolve().parents[2]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TYPED = re.compile(
    r"^    (?:\.venv/bin/)?anlan (?P<block>[a-z].*)$|`(?:\.venv/bin/)?anlan (?P<inline>[a-z][^`]*)`", re.M
)
SETTING = re.compile(r"\bANLAN_[A-Z_]+")
OF_TESTS = {"ANLAN_REQUIRE", "ANLAN_SCREENSHOTS", "ANLAN_FAULTS", "ANLAN_HOUSEHOLDS"}
ASIDE = re.compile(r"\s{2,}#.*$|\s{3,}\S.*$|\s&$")


def typed():
    """(paper, what is typed) of every command in a paper."""
    for path in PAPERS:
        for found in TYPED.finditer(path.read_text()):
            yield path.relative_to(ROOT), ASIDE.sub("", found["block"] or found["inline"])


@cache
def source():
    return "".join(each.read_text() for each in (ROOT / "src").rglob("*.py"))


def found(words):
    """The command that these words begin with, and its name; None where there is none."""
    known = commands()
    for name in (words[0], "_".join(words[:2])):
        if name in known:
            return name, load_command_class(known[name], name)
    return None


def wrong(text):
    """What would not be understood if this were typed."""
    words = [word.strip("[]…,;.") for word in shlex.split(text.replace("…", " "))]
    if len(words) == 1 and any(name.startswith(f"{words[0]}_") for name in commands()):
        return ""  # a room
    command = found(words)
    if command is None:
        return "no such command"
    parser = command[1].create_parser("anlan", command[0])
    options = {option for action in parser._actions for option in action.option_strings}
    return ", ".join(word for word in words if word.startswith("--") and word.split("=")[0] not in options)


def test_every_command_of_the_papers_is_understood():
    lines = set(typed())
    assert len(lines) > 80
    assert {f"{path}: anlan {text}": wrong(text) for path, text in sorted(lines) if wrong(text)} == {}


def test_a_command_that_is_not_there_and_an_option_that_is_not_there_are_seen():
    assert wrong("nonsense run") == "no such command"
    assert wrong("ledger verify --json --loud") == "--loud"
    assert wrong("ledger verify --json") == ""


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_every_variable_of_a_paper_is_one_and_every_link_leads_somewhere(path):
    text = path.read_text()
    assert sorted(set(SETTING.findall(text)) - OF_TESTS - set(SETTING.findall(source()))) == []
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_variable_of_the_settings_is_explained_above_them():
    settings = (ROOT / "src/anlan/county/config/settings.py").read_text()
    explained = set(SETTING.findall(settings.split('"""')[1]))
    read = set(re.findall(r"environ(?:\.get)?[\[(]\"(ANLAN_[A-Z_]+)", source()))
    assert sorted(read - explained) == []
    assert sorted(explained - read) == []


def test_the_readme_names_every_target_of_make():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):.*##", makefile, re.M))
    named = set(re.findall(r"[a-z]+", " ".join(re.findall(r"make [a-z]+|`[a-z]+`", (ROOT / "README.md").read_text()))))
    assert sorted(targets - named) == []
    for path in PAPERS:
        asked = set(re.findall(r"`make ([a-z]+)", path.read_text()))
        assert asked <= targets, path
