"""The coverage list as a file, one row a household, and such a file held against its own hashes and the ledger.

Every row says the same twice: in words, for people, and as the codes that are hashed. A village's hash is over its rows
alone, so that a list of one township can be checked by whoever has no other; what is signed is the hash over the
villages' hashes.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from anlan.county.account import balance, queries
from anlan.county.account.balance import Standing
from anlan.county.account.rules import UNITS, WORDS
from anlan.county.decide import rules as decide
from anlan.county.discover import rules as leads
from anlan.county.errors import BadInput
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Division, User
from anlan.county.registry.files.opening import opened
from anlan.county.registry.files.table import Table, Unreadable
from anlan.county.registry.models import Household
from anlan.county.registry.sheets import writing
from anlan.county.verify import rules as visits

CODES = ("where", "since", "unit", "why", "due")
HASHED = ("code", "village", *CODES)  # what the columns are called that are read back
TOTALS = ("village", "hash")
WHY: Mapping[str, Mapping[str, Any]] = {
    "entered": decide.CATEGORIES, "cleared": decide.CATEGORIES, "case": decide.STATES, "lead": leads.STATES,
    "dismissed": leads.OUTCOMES, "visit": visits.ABSENCES, "unreachable": visits.ABSENCES,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signed:
    """What a list is of: an event's balance at a moment, with the hash of every village's lines."""

    event: str
    at: datetime
    hashes: Mapping[str, str]
    sha: str
    signed: bool


def rows(listed: Sequence[Standing], user: User) -> Iterator[list[str]]:
    """The list's rows, in words and in codes."""
    departments = queries.unit_names()
    places = {each.code: each for each in Division.objects.select_related("parent").filter(level="village")}
    heads = dict(Household.every.filter(code__among=[each.code for each in listed]).values_list("code", "head_name"))
    for each in listed:
        place = places[each.division]
        name = heads.get(each.code, "")
        yield [
            place.parent.name if place.parent else "", place.name, each.code,
            name if user.may("registry.read", each.division) else f"{name[:1]}**", each.title, _day(each.since),
            unit(each, departments), why(each), _day(each.due),
            each.division, *each.codes,
        ]  # fmt: skip


def unit(each: Standing, departments: Mapping[str, str]) -> str:
    """Whose deed it was, or whose turn it is, in words."""
    return str(UNITS.get(each.unit) or departments.get(each.unit, each.unit))


def why(each: Standing) -> str:
    """The reason of a standing, in words; empty where its title says it all."""
    return str(WHY.get(each.where, {}).get(each.why, "")) if each.why else ""


def _day(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def heading() -> list[str]:
    """The columns: words first, then the codes under the names by which they are read back."""
    return [
        _("乡镇"), _("村"), _("户编号"), _("户主"), _("去向"), _("起始时间"), _("责任单位"), _("原因"), _("下一时限"),
        "village", *CODES,
    ]  # fmt: skip


def tables(listed: Sequence[Standing], of: Signed, user: User) -> list[tuple[str, list[list[str]]]]:
    """The sheets: the households, the villages' hashes, and how to check both."""
    seen = {each.division for each in listed}
    names = dict(Division.objects.filter(code__in=list(of.hashes)).values_list("code", "name"))
    sums = [
        [code, names.get(code, ""), _("是") if code in seen else _("不在本表"), sha] for code, sha in of.hashes.items()
    ]
    told = [
        [_("事件"), of.event], [_("时间"), _day(of.at)], [_("名单校验值"), of.sha],
        [_("是否已签署"), _("已签署，台账有记录") if of.signed else _("未签署")],
        [_("怎样核对"), _("anlan account verify 本文件；或照 docs/coverage.md 自行计算")],
    ]  # fmt: skip
    return [
        (_("覆盖清单"), [heading(), *rows(listed, user)]),
        (_("各村校验值"), [["village", _("村"), _("列入本表"), "hash"], *sums]),
        (_("说明"), [["key", "value"], *told]),
    ]  # fmt: skip


def write(sheets: Sequence[tuple[str, list[list[str]]]], out: Path | IO[bytes], *, as_csv: bool = False) -> None:
    """A workbook; or one text with the sheets under each other, for whoever has no Excel."""
    if as_csv:
        text = io.StringIO()
        table = csv.writer(text)
        for name, held in sheets:
            table.writerows([[name], *held, []])
        data = text.getvalue().encode("utf-8-sig")
        if isinstance(out, Path):
            out.write_bytes(data)
        else:
            out.write(data)
        return
    with writing(out) as book:
        for name, held in sheets:
            book.sheet(name, held[:1], held[1:], len(held[0]))


# --- a list held against its hashes -----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Verdict:
    """What a list was found to be: which villages' rows are not those that were hashed, and whether it was signed."""

    rows: int
    villages: int
    wrong: Sequence[str]  # villages, and rows whose words are not those of their codes
    sha: str
    signed_at: datetime | None

    @property
    def holds(self) -> bool:
        """Whether nothing was changed and the ledger knows the hash."""
        return not self.wrong and self.signed_at is not None


def verify(path: Path) -> Verdict:
    """Reckon a list's hashes anew and look for the whole one in the ledger."""
    found: list[Standing] = []
    hashes: dict[str, str] = {}
    wrong: list[str] = []
    try:
        with opened(path) as sheets:
            for number, line, columns in _lines(sheets):
                if "hash" in columns:
                    hashes[line[columns["village"]]] = line[columns["hash"]]
                    continue
                each = _standing(line, columns, number)
                found.append(each)
                if line[columns["code"] + 2] not in _titles(each.where):
                    wrong.append(_("第 %(row)d 行的去向与代码不符") % {"row": number})
    except (OSError, Unreadable) as error:
        raise BadInput(str(error)) from error
    if not found and not hashes:
        raise BadInput(_("这个文件里没有覆盖清单；请用导出的原文件。"))
    own = balance.villages(found)
    wrong = [*(code for code, sha in own.items() if hashes.get(code) != sha), *wrong]
    sha = balance.whole(hashes)
    lines = Entry.objects.filter(verb="account.prove", payload__contains=f'"sha":"{sha}"').order_by("seq")
    return Verdict(len(found), len(own), wrong, sha, lines.values_list("at", flat=True).first())


def _lines(sheets: Iterable[Table]) -> Iterator[tuple[int, list[str], dict[str, int]]]:
    """Every row under a heading of ours, with where its columns stand."""
    for sheet in sheets:
        columns: dict[str, int] = {}
        for number, cells in sheet.lines():
            line = ["" if cell is None else str(cell).strip() for cell in cells]
            if not any(line):
                columns = {}
            elif "village" in line and ("hash" in line or set(CODES) <= set(line)):
                columns = {name: at for at, name in enumerate(line) if name in {*CODES, *TOTALS}} | {"code": 2}
            elif columns and len(line) > max(columns.values()):
                yield number, line, columns


def _standing(line: Sequence[str], columns: Mapping[str, int], number: int) -> Standing:
    said = {name: line[columns[name]] for name in HASHED}
    if said["where"] not in WORDS:
        raise BadInput(_("第 %(row)d 行的去向代码“%(code)s”不认识。") % {"row": number, "code": said["where"]})
    return Standing(
        said["code"], said["village"], said["where"], _moment(said["since"], number), said["unit"], said["why"],
        _moment(said["due"], number),
    )  # fmt: skip


def _moment(text: str, number: int) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise BadInput(_("第 %(row)d 行的时间看不懂。") % {"row": number}) from None


def _titles(where: str) -> set[str]:
    """A code's words in every language that the list may be in."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.add(str(WORDS[where]))
    return found


def signed(event: str, listed: Iterable[Standing], at: datetime) -> Signed:
    """What a list of an event's balance as it stands is of."""
    hashes = balance.villages(listed)
    sha = balance.whole(hashes)
    return Signed(event, at, hashes, sha, queries.proof(sha).exists())
