"""A list of findings from a sheet: good rows as findings, and what is wrong with others, never repeating a cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.discover import rules
from anlan.county.discover.inspecting import queries
from anlan.county.discover.inspecting.actions import Finding
from anlan.county.errors import BadInput
from anlan.county.office.models import Division, User
from anlan.county.registry.headings import normal
from anlan.county.registry.lists import placed
from anlan.county.registry.models import Household

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "kind": ("检查类型", "排查类型"), "village": ("村", "村代码", "所在村"), "household": ("户编号",),
    "place": ("地点", "隐患点", "位置"), "lon": ("经度",), "lat": ("纬度",), "found": ("发现问题", "隐患情况"),
    "danger": ("危及农户", "是否危及农户"), "harm": ("受损情况",), "measure": ("整改措施", "处置措施"),
    "due_on": ("整改时限", "完成时限"), "on": ("检查日期", "排查日期"), "office": ("检查单位", "排查单位"),
}  # fmt: skip
NEEDED = ("kind", "village", "found", "danger", "on", "office")
KINDS = {"汛前检查": "flood_season", "汛前": "flood_season", "隐患点": "hazard_point",
         "地质灾害隐患点排查": "hazard_point", "消防": "home_fire", "居民住房消防安全检查": "home_fire"}  # fmt: skip
YES, NO = ("是", "有", "1"), ("否", "无", "0")
HARM = {"房屋": "home", "住房": "home", "饮水": "water", "人员": "people", "庄稼": "crop", "牲畜": "livestock"}
LARGEST_BYTES = 5 * 1024 * 1024
LIMITS = {"place": 120, "found": 500, "measure": 200, "office": 60}


@dataclass(frozen=True, slots=True)
class Read:
    """A list as read."""

    findings: list[Finding]
    refused: list[dict[str, Any]]  # {"sheet", "row", "column", "reason"}


class _Wrong(Exception):
    """A cell that cannot be taken: its column, and why."""


def read(path: Path, by: User) -> Read:
    """Read a list. Raises BadInput for a file that is no table, too large, or lacks a column that is needed."""
    if path.is_file() and path.stat().st_size > LARGEST_BYTES:
        raise BadInput(_("文件不能超过 5 MB。"))
    found = placed(path, {normal(heading): name for name, each in HEADINGS.items() for heading in each})
    if lacking := [HEADINGS[name][0] for name in NEEDED if name not in found.headings]:
        raise BadInput(_("%(file)s：缺少列 %(columns)s。") % {"file": path.name, "columns": "、".join(lacking)})
    rows = [
        (number, {name: str(cell or "").strip() for name, cell in row.items()})
        for number, row in enumerate(found.table.iter_rows(named=True), start=found.first)
    ]
    rows = [(number, row) for number, row in rows if any(row.values())]
    villages = queries.villages(by)
    homes = queries.households(by, [row["household"] for _number, row in rows if row.get("household")])
    findings, refused = [], []
    for number, row in rows:
        try:
            findings.append(_finding(row, villages, homes))
        except _Wrong as wrong:
            name, why = wrong.args
            refused.append({"sheet": found.sheet, "row": number, "column": HEADINGS[name][0], "reason": why})
    return Read(findings, refused)


def _finding(row: Mapping[str, str], villages: Mapping[str, list[Division]], homes: Mapping[str, Household]) -> Finding:
    for name in NEEDED:
        if not row.get(name):
            raise _Wrong(name, _("没有填写"))
    for name, most in LIMITS.items():
        if len(row.get(name, "")) > most:
            raise _Wrong(name, _("太长，最多 %(most)d 个字") % {"most": most})
    danger = row["danger"]
    if danger not in (*YES, *NO):
        raise _Wrong("danger", _("只能填“是”或“否”"))
    division, household = _where(row, villages, homes)
    if danger in YES and household is None and _point(row) is None:
        raise _Wrong("danger", _("危及农户的，请填户编号，或填隐患点的经纬度"))
    return Finding(
        kind=_kind(row["kind"]), division=division, household=household, found=row["found"], office=row["office"],
        on=_day(row, "on"), place=row.get("place", ""), point=_point(row), danger=danger in YES,
        harm=tuple(sorted({HARM[word] for word in HARM if word in row.get("harm", "")})),
        measure=row.get("measure", ""), due_on=_day(row, "due_on") if row.get("due_on") else None,
    )  # fmt: skip


def _kind(cell: str) -> str:
    kind = KINDS.get(cell, cell)
    if kind not in rules.INSPECTIONS:
        raise _Wrong(
            "kind", _("应为：%(words)s") % {"words": "、".join(str(each) for each in rules.INSPECTIONS.values())}
        )
    return kind


def _where(
    row: Mapping[str, str], villages: Mapping[str, list[Division]], homes: Mapping[str, Household]
) -> tuple[Division, Household | None]:
    named = villages.get(row["village"], [])
    if len(named) != 1:
        raise _Wrong("village", _("您负责的区划内有几个同名的村，请填代码") if named else _("您负责的区划内没有这个村"))
    code = row.get("household", "")
    if not code:
        return named[0], None
    if code not in homes or homes[code].division_id != named[0].code:
        raise _Wrong("household", _("这个村没有这一户"))
    return named[0], homes[code]


def _day(row: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(row[name][:10].replace("/", "-").replace(".", "-"))
    except ValueError:
        raise _Wrong(name, _("不是日期，例如 2026-06-01")) from None


def _point(row: Mapping[str, str]) -> tuple[float, float] | None:
    if not row.get("lon") and not row.get("lat"):
        return None
    try:
        lon, lat = float(row.get("lon", "")), float(row.get("lat", ""))
    except ValueError:
        raise _Wrong("lon", _("经度和纬度都要填，且须是数")) from None
    if not (70 < lon < 140 and 0 < lat < 60):
        raise _Wrong("lon", _("经纬度超出范围"))
    return lon, lat
