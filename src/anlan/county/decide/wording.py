"""The reasons of a proposal as sentences a villager can follow."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.county.decide.rules import AXES

# Placeholders are the figures of the engine's reason; `axis` is the name of the axis.
SENTENCES: Mapping[str, Promise] = {
    "below_line": _("人均年收入 %(income_per_head_yuan)s 元，低于监测范围参考线 %(line_yuan)s 元。"),
    "within_error": _(
        "人均年收入 %(income_per_head_yuan)s 元，比参考线 %(line_yuan)s 元高出不多："
        "因灾损失占 %(lost_ratio)s，损失再大一点就会低于参考线。"
    ),
    "rigid_spending": _("人均刚性支出 %(rigid_per_head_yuan)s 元，扣除后人均只剩 %(left_per_head_yuan)s 元。"),
    "income_dropped": _("收入减少了 %(dropped_ratio)s，人均只有 %(income_per_head_yuan)s 元。"),
    "guarantee_lost": _("%(axis)s没有保障。"),
    "stable": _("自 %(since)s 起 %(days)s 天，收入一直高于参考线，各项保障没有缺项。"),
    "no_labour": _("整户没有劳动能力，暂不标注风险消除。"),
    "never_checked": _("纳入以来还没有跟踪过。"),
    "check_overdue": _("上次跟踪在 %(checked_on)s，已经过去 %(days)s 天。"),
    "not_long_enough": _("稳定了 %(days)s 天，还不满 %(months_needed)s 个月。"),
}
SHORT: Mapping[str, Promise] = {
    "below_line": _("收入低于参考线"),
    "within_error": _("收入在参考线上下、因灾减收"),
    "rigid_spending": _("刚性支出较大"),
    "income_dropped": _("收入大幅缩减"),
    "guarantee_lost": _("保障有缺项"),
    "no_axis_broken": _("各项指标没有缺项"),
    **AXES,
}


def sentence(reason: Mapping[str, Any]) -> str:
    """A stored reason in words; its code where there is no sentence for it."""
    code = str(reason["code"])
    if code not in SENTENCES:
        return code
    figures = {name: _figure(name, value) for name, value in dict(reason.get("values", {})).items()}
    return str(SENTENCES[code]) % {"axis": AXES.get(reason.get("axis", ""), ""), **figures}


def _figure(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.0%}" if name.endswith("_ratio") else f"{value:,.0f}"


def short(code: str) -> str:
    """A reason's code in a few words; words that a person wrote stay as they are."""
    return str(SHORT.get(code, code))
