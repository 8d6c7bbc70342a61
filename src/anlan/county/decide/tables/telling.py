"""What the tables said of a household, in words for a page and for a terminal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

OUTCOMES = {"yes": gettext_lazy("符合"), "no": gettext_lazy("不符合"), "unknown": gettext_lazy("不明")}


def value(told: float | bool | str | None) -> str:
    """A value in words; what nobody knows says so."""
    if told is None:
        return _("不明")
    if isinstance(told, bool):
        return _("是") if told else _("否")
    return told if isinstance(told, str) else f"{round(told, 3):,.12g}"


def answer(row: Mapping[str, Any]) -> str:
    """What a row came to: whether it held or, of a row that reckons, the amount."""
    return str(OUTCOMES[row["outcome"]]) if row["value"] is None else value(row["value"])


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table with its answer, and each thing that its condition looked at with its value."""

    row: Mapping[str, Any]
    answer: str
    used: list[tuple[Mapping[str, Any], str]]


def lines(tables: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], list[Line]]]:
    """The tables of an explanation, row by row."""
    return [(table, [_line(row) for row in table["rows"]]) for table in tables]


def _line(row: Mapping[str, Any]) -> Line:
    return Line(row, answer(row), [(used, value(used["value"])) for used in row["used"]])
