"""`anlan policy show`: which value of a policy parameter applies, from where, and why."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.county import clock
from anlan.county.command import AnlanCommand
from anlan.county.errors import BadInput, NotFound
from anlan.engine import policy

WHY = {
    "only": gettext_lazy("只有这一个值在当日有效"),
    "latest": gettext_lazy("同一级中以最新的为准"),
    "most_local": gettext_lazy("以最基层一级的为准"),
}
STANDINGS = {
    "chosen": gettext_lazy("采用"),
    "not_yet": gettext_lazy("尚未生效"),
    "ended": gettext_lazy("已失效"),
    "superseded": gettext_lazy("已被同级新值取代"),
    "less_local": gettext_lazy("下级另有规定"),
}
LEVELS = {"cn": gettext_lazy("国家"), "jx": gettext_lazy("江西省"), "anyi": gettext_lazy("安义县")}


class Command(AnlanCommand):
    """One parameter with everything that was considered, or the list of all of them."""

    help = "which value of a policy parameter applies on a day, from where, and why"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", nargs="?", default="", help="the parameter; without it, all are listed")
        parser.add_argument("--on", default="", help="the day, as 2026-06-18; today where none is given")

    def perform(self, **options: Any) -> Any:
        day = _day(options["on"])
        return _one(options["key"], day) if options["key"] else _all(day)

    def say(self, document: Any) -> None:
        if "parameters" in document:
            for row in document["parameters"]:
                self.stdout.write(_line(row))
            return
        self.stdout.write(_line(document))
        self.stdout.write(f"{document['level_name']}\t{document['since']}\t{document['source']}\t{document['reason']}")
        for row in document["considered"]:
            self.stdout.write(f"  {row['standing_name']}\t{_line(row)}\t{row['since']}\t{row['source']}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else clock.today()
    except ValueError:
        raise BadInput(_("“%(text)s”不是日期，应写作 2026-06-18。") % {"text": text}) from None


def _one(key: str, day: date) -> dict[str, Any]:
    try:
        found = policy.explain(key, day)
    except policy.PolicyUnknown:
        raise NotFound(_unknown(key, day)) from None
    considered = [
        {**_row(each.parameter), "standing": each.standing, "standing_name": str(STANDINGS[each.standing])}
        for each in found.considered
    ]
    chosen = {"on": str(day), **_row(found.chosen)}
    return {**chosen, "why": found.why, "reason": str(WHY[found.why]), "considered": considered}


def _all(day: date) -> dict[str, Any]:
    rules = policy.on(day)
    return {"on": str(day), "parameters": [_row(rules.parameter(key)) for key in policy.names() if key in rules]}


def _row(parameter: policy.Parameter) -> dict[str, Any]:
    row = {**asdict(parameter), "level_name": str(LEVELS[parameter.level]), "flag": _flag(parameter)}
    return {**row, "since": str(parameter.since), "until": str(parameter.until) if parameter.until else None}


def _flag(parameter: policy.Parameter) -> str:
    if parameter.verified:
        return ""
    return _("未核实（已过期）") if parameter.stale else _("未核实")


def _line(row: dict[str, Any]) -> str:
    value = row["value"] if isinstance(row["value"], str) else f"{row['value']:g}"
    return "\t".join(part for part in (row["key"], row["title"], value, row["unit"], row["flag"]) if part)


def _unknown(key: str, day: date) -> str:
    if key in policy.names():
        return _("%(key)s 在 %(day)s 没有有效的值。") % {"key": key, "day": day}
    alike = "、".join(policy.nearest(key)) or _("没有")
    return _("没有政策参数“%(key)s”。相近的有：%(alike)s") % {"key": key, "alike": alike}
