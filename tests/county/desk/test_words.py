"""How figures, moments and codes are written on every page."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.template import Context, Template
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.county import clock
from anlan.county.assist.rules import CATALOGUE
from anlan.county.desk import deeds, words
from anlan.county.desk.templatetags import anlan
from anlan.county.registry import models as registry
from anlan.county.registry.models import CATEGORIES

COUNTY = Path(words.__file__).parents[1]


@dataclass
class Running:
    """As much of a clock as the filter looks at."""

    due_at: datetime
    stopped_at: datetime | None = None
    lower: bool = False


def render(text: str, **context: object) -> str:
    return Template("{% load anlan %}" + text).render(Context(context))


def test_an_amount_has_its_thousands_apart_and_its_unit():
    assert render("{% yuan amount %}", amount=12000.4) == "12,000 元"
    assert render("{{ amount|yuan }}", amount=None) == "—"


def test_a_moment_names_the_year_only_where_it_is_another(now):
    assert anlan.moment(now) == "6月18日 20:00"
    assert anlan.moment(now.replace(year=2024)) == "2024年6月18日 20:00"
    assert anlan.moment(None) == "—"
    assert anlan.day(None) == "—"
    assert anlan.day(now) == "6月18日"


@pytest.mark.parametrize(
    ("ahead", "words_", "kind"),
    [
        (timedelta(days=2, hours=3), "还剩 2 天", "clock"),
        (timedelta(hours=5, minutes=59), "还剩 5 小时", "clock clock--soon"),
        (timedelta(minutes=12), "还剩 12 分钟", "clock clock--soon"),
        (timedelta(days=-3, hours=-1), "超期 3 天", "clock clock--late"),
    ],
)
def test_a_running_clock_says_what_is_left_or_lost(now, ahead, words_, kind):
    assert render("{{ clock|left }}", clock=Running(now + ahead)) == f'<span class="{kind}">{words_}</span>'


@pytest.mark.clause("D6")
def test_a_stopped_clock_says_whether_it_was_in_time(now):
    assert "按时办结" in anlan.left(Running(now, stopped_at=now - timedelta(hours=1)))
    late = anlan.left(Running(now, stopped_at=now + timedelta(hours=1)))
    assert "超期办结" in late
    assert "clock--late" in late


def test_a_minimum_is_broken_by_stopping_early(now):
    assert "还须 2 天" in anlan.left(Running(now + timedelta(days=2), lower=True))
    assert "已期满" in anlan.left(Running(now - timedelta(days=2), lower=True))
    assert anlan.left(Running(now, now - timedelta(days=1), lower=True)) == (
        '<span class="clock clock--late">未满期限</span>'
    )
    assert anlan.left(Running(now, now + timedelta(days=1), lower=True)) == (
        '<span class="clock clock--done">期满</span>'
    )


def test_a_moment_that_something_is_due_counts_like_a_clock(now):
    assert "还剩 1 天" in anlan.left(now + timedelta(days=1, hours=1))
    assert anlan.left(None) == ""


def test_minutes_are_told_in_their_largest_unit():
    assert anlan.minutes(7) == "7 分钟"
    assert anlan.minutes(130) == "2 小时"
    assert anlan.minutes(None) == "—"


def test_a_share_is_a_percentage():
    assert [anlan.percent(share) for share in (0.934, 1, 0, None)] == ["93.4%", "100%", "0%", "—"]


@pytest.mark.parametrize(("number", "word"), [(None, "未定级"), (0, "未定级"), (1, "蓝色"), (4, "红色"), (9, "红色")])
def test_a_level_is_a_colour_and_its_word(number, word):
    assert f">{word}<" in render("{% level number %}", number=number)


def test_only_a_verified_figure_goes_unmarked():
    class Parameter:
        verified = True

    assert render("{% unverified parameter %}", parameter=Parameter()) == ""
    assert "未核实" in render("{% unverified %}")


def test_a_count_has_its_thousands_apart():
    assert render("{{ number|grouped }}", number=70000) == "70,000"
    assert anlan.grouped(None) == "—"


@settings(max_examples=50)
@given(st.text("0123456789X", max_size=22))
def test_a_masked_number_never_shows_its_middle(number):
    masked = anlan.masked_id(number)
    assert len(masked) == len(number)
    assert sum(character != "*" for character in masked) <= 8
    assert anlan.masked_phone(number).count("*") >= min(4, len(number))


def test_masked_numbers_keep_their_ends():
    assert anlan.masked_id("990123196503120033") == "9901**********0033"
    assert anlan.masked_phone("13800001234") == "138****1234"


def test_every_code_of_the_tables_has_a_word(now):
    assert set(CATEGORIES) <= set(words.CATEGORY)
    assert words.word("kind", "shelter") == CATALOGUE["shelter"].name
    assert words.word("case", "review") == "民主评议"
    assert words.word("clock", "never heard of") == "never heard of"
    assert clock.now() == now


def test_every_deed_that_is_written_down_has_a_word():
    written = re.compile(r"(?:record|Line)\(\s*f?\"([a-z]+\.[a-z_]+)\"")
    sources = [path.read_text() for path in COUNTY.rglob("*.py")]
    verbs = {verb for text in sources for verb in written.findall(text)}
    verbs |= {f"registry.{undone}{kind}" for undone in ("", "un") for kind in registry.DEEDS}
    assert len(verbs) > 80
    assert sorted(verbs - set(deeds.DEEDS)) == []
