"""`anlan policy show`."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.db import connections

from anlan.cli import run


@pytest.fixture(autouse=True)
def no_county(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database without a county, whose connection outlives the command: the day is asked of it first."""
    monkeypatch.setattr(connections, "close_all", lambda: None)


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert run(["policy", "show", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_it_shows_the_value_whence_it_comes_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    document = shown(capsys, "monitoring_line_yuan", "--on", "2024-06-18")
    assert (document["value"], document["level"], document["since"]) == (8500, "jx", "2024-01-01")
    assert document["why"] == "most_local"
    assert document["verified"] is True
    assert document["flag"] == ""
    assert "南康" in document["source"]
    assert [(row["value"], row["standing"]) for row in document["considered"]] == [
        (6000, "less_local"), (8500, "chosen"),
    ]  # fmt: skip


@pytest.mark.clause("P2")
def test_a_stale_line_is_flagged(capsys: pytest.CaptureFixture[str]) -> None:
    document = shown(capsys, "monitoring_line_yuan", "--on", "2026-06-18")
    assert (document["verified"], document["stale"]) == (False, True)
    assert "未核实" in document["flag"]


def test_a_design_value_is_flagged_for_people_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "show", "clock_sweep_days", "--on", "2026-06-18"]) == 0
    told = capsys.readouterr().out
    assert "灾后逐户排查\t10\t天\t未核实" in told
    assert "采用" in told


def test_ended_and_future_values_say_their_days(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = shown(capsys, "loan_product", "--on", "2025-01-01")["considered"]
    assert (first["standing"], first["until"]) == ("chosen", "2026-03-01")
    assert (second["standing"], second["until"]) == ("not_yet", None)


def test_without_a_key_all_are_listed_as_of_the_countys_day(capsys: pytest.CaptureFixture[str], now: datetime) -> None:
    document = shown(capsys)
    assert document["on"] == str(now.date())
    keys = [row["key"] for row in document["parameters"]]
    assert keys == sorted(keys)
    assert "clock_total_days" in keys
    assert run(["policy", "show"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(keys)


def test_only_what_had_a_value_on_the_day_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    keys = {row["key"] for row in shown(capsys, "--on", "2019-01-01")["parameters"]}
    assert "elderly_age_years" in keys
    assert "clock_total_days" not in keys


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["clock_totl_days"], "clock_total_days"),
        (["?"], "没有"),
        (["clock_total_days", "--on", "2000-01-01"], "没有有效的值"),
        (["clock_total_days", "--on", "18.6.2026"], "不是日期"),
    ],
)
def test_what_it_cannot_answer_is_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert run(["policy", "show", *words]) == 2
    assert sentence in capsys.readouterr().err
