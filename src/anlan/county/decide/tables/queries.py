"""Questions about the rules: tables as they stand on a day, the county's drafts."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from anlan.county.decide.models import Wording
from anlan.county.decide.rules import PROPOSED
from anlan.county.decide.tables.wordings import county_book
from anlan.county.errors import NotFound
from anlan.engine import policy
from anlan.engine.policy import Parameter, PolicyUnknown, tables
from anlan.engine.policy.tables import Case, Row, Rulebook, Table, Version
from anlan.engine.policy.tables.facts import facts

FACTS = facts()


def open_draft(table: str, row: str) -> Wording | None:
    """The wording of a row that waits for a signature, if there is one."""
    return Wording.objects.filter(table=table, row=row, signed_at__isnull=True, dropped_at__isnull=True).first()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A draft with what it would change, in words: households by category and township, example cases."""

    wording: Wording
    enters: list[tuple[str, int]]
    leaves: list[tuple[str, int]]
    cases: list[tuple[str, str, str]]  # title, answer as it is, answer as it would be


def drafts(table: str) -> list[Waiting]:
    """The wordings of a table's rows that wait for a signature."""
    waiting = Wording.objects.filter(table=table, signed_at__isnull=True, dropped_at__isnull=True)
    book = county_book()
    return [_waiting(each, book) for each in waiting.select_related("drafted_by")]


def _waiting(wording: Wording, book: Rulebook) -> Waiting:
    enters, leaves = (
        [(str(PROPOSED[key]), number) for key, number in wording.effect[part].items()] for part in ("enters", "leaves")
    )
    cases = [
        (each["title"], _said(each["before"], each["table"], book), _said(each["after"], each["table"], book))
        for each in wording.effect["cases"]
    ]
    return Waiting(wording, enters, leaves, cases)


def _said(answer: object, key: str, book: Rulebook) -> str:
    """A table's answer to a case in words."""
    table = book.table(key)
    if isinstance(answer, list):
        return "、".join(table.row(row).versions[-1].title for row in answer) or _("无")
    if isinstance(answer, dict):
        told = [f"{table.row(row).versions[-1].title}：{_amount(value)}" for row, value in answer.items()]
        return "；".join(told)
    return table.results.get(str(answer), str(answer)) or _("不提出")


def _amount(value: object) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return f"{value:,.0f}" if isinstance(value, float) else str(value)


def locked(pk: int) -> Wording:
    """A wording, locked until the deed is done; refused where there is none."""
    found = Wording.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("没有这份修改。"))
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table on a page: its wording of the day, its others, the parameters its cells speak of."""

    row: Row
    version: Version | None
    others: list[Version]
    basis: str
    result: str
    parameters: list[Parameter]


@dataclass(frozen=True, slots=True)
class Example:
    """A case on a page: what is known, what the table must answer, what it answers."""

    case: Case
    facts: list[tuple[str, str]]
    expected: str
    answered: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A table on a page, with the example cases that speak of it."""

    table: Table
    lines: list[Line]
    examples: list[Example]


def listed() -> list[Table]:
    """All tables, in the order in which they are reckoned."""
    return list(county_book().tables.values())


def shown(key: str, on: date) -> Shown:
    """A table as it stands on a day; refused where there is none."""
    book = county_book()
    found = _table(book, key)
    examples = [_example(each, key, book) for each in tables.cases() if key in each.tables]
    return Shown(found, [_line(row, book, key, on) for row in found.rows], examples)


def _example(case: Case, key: str, book: Rulebook) -> Example:
    facts = [(FACTS[name].word, _told(name, value)) for name, value in case.facts.items()]
    wrong = {each.table: each for each in tables.differences([case], book)}.get(key)
    expected = _said(tables.plain(case.gives[key], key, book), key, book)
    return Example(case, facts, expected, expected if wrong is None else _said(wrong.found, key, book))


def _told(name: str, value: object) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return f"{value:,g}" if isinstance(value, int | float) else FACTS[name].choices.get(str(value), str(value))


def line(key: str, row: str, on: date) -> Line:
    """One row of a table as it stands on a day; refused where there is none."""
    found = next((each for each in shown(key, on).lines if each.row.key == row), None)
    if found is None:
        raise NotFound(_("没有这张表或这一行。"))
    return found


def _table(book: Rulebook, key: str) -> Table:
    try:
        return book.table(key)
    except PolicyUnknown:
        raise NotFound(_("没有这张表或这一行。")) from None


def _line(row: Row, book: Rulebook, key: str, on: date) -> Line:
    version, rules = row.on(on), policy.on(on)
    others = sorted((each for each in row.versions if each is not version), key=lambda each: each.since)
    if version is None:
        return Line(row, None, others, "", "", [])
    basis = rules.text(version.basis) if version.basis in rules else version.basis
    meanings = [each for each in book.cells[id(version)].meanings if each.parameter]
    parameters = [rules.parameter(each.name) for each in meanings if each.name in rules]
    result = book.table(key).results.get(version.then, version.then)
    return Line(row, version, others, basis, result, parameters)
