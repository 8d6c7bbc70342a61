"""What an import would change, kept in a file beside the upload, and read a page at a time."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.registry import waiting
from anlan.county.registry.assembly import HOME, HOUSEHOLD, INCOME
from anlan.county.registry.headings import FIELDS
from anlan.county.registry.history import Difference
from anlan.county.registry.merging import Outcome
from anlan.county.sealed_files import Writer

_TITLES = {
    **{("household", column): FIELDS[name][0] for name, column in HOUSEHOLD.items()},
    **{("home", column): FIELDS[name][0] for name, column in HOME.items()},
    **{("income", name): FIELDS[name][0] for name in INCOME},
    **{("person", name): FIELDS[name][0] for name in FIELDS},
    ("household", "head_name"): FIELDS["head_name"][0],
    ("household", "number"): FIELDS["household"][0],
}


def title(table: str, field: str) -> str:
    """What a reader calls a field; sheets' own names where they have one."""
    words = {
        ("household", "location"): _("位置精度"), ("household", "registered"): _("在册"),
        ("income", "until"): _("收入截止"),
        ("holding", "quantity"): _("面积或数量"), ("holding", "value_yuan"): _("种养收入"),
        ("category", "until"): _("类别终止"),
        ("category", "since"): _("类别起始"), ("person", ""): _("新增成员"), ("home", ""): _("新增住房"),
        ("income", ""): _("新增收入"), ("holding", ""): _("新增土地或养殖"), ("category", ""): _("列入类别"),
        ("address", ""): _("原住址"), ("household", ""): _("新增农户"), ("household", "updated_at"): _("更新时间"),
    }  # fmt: skip
    return words.get((table, field)) or _TITLES.get((table, field), field)


def line(outcome: Outcome) -> dict[str, Any]:
    """One household's line of the preview."""
    return {
        "code": outcome.code,
        "name": outcome.name,
        "new": outcome.record is not None,
        "size": outcome.record.size if outcome.record else 0,
        "changes": [_change(each) for each in outcome.differences],
    }


def _change(each: Difference) -> dict[str, Any]:
    new = each.new
    if not each.field:
        shown = ("name", "kind", "address", "structure")
        new = next((each.new[name] for name in shown if each.new.get(name)), "")
    return {"table": each.table, "field": each.field, "old": each.old, "new": new}


def keep(file: Writer, outcomes: Iterable[Outcome]) -> None:
    """Add the households that would change to a preview."""
    write(file, (line(each) for each in outcomes if each.record is not None or each.differences))


def read(path: Path, start: int, count: int) -> Iterator[dict[str, Any]]:
    """Some lines of a preview, from one on."""
    return map(json.loads, islice(waiting.lines(path), start, start + count))


def write(file: Writer, things: Iterable[dict[str, Any]]) -> None:
    """Write a line for each of these things."""
    for thing in things:
        file.write(json.dumps(thing, ensure_ascii=False, default=str).encode() + b"\n")
