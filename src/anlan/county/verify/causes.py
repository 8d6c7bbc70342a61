"""What a visitor asks by cause: only the questions that belong to what was hit. No database here.

Every question is one field of a finding: a loss, an axis, a figure, the appraisal, or a detail of the cause, which
explains a loss to whoever compares it, and is kept beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LOSS = "loss_"
SEVERE = frozenset({"severe", "collapsed"})  # a home like that is not safe
DAMAGES = {"": _("没有或看不出"), "light": _("一般损坏"), "severe": _("严重损坏"), "collapsed": _("倒塌")}


@dataclass(frozen=True, slots=True)
class Detail:
    """A question of a cause that is neither a loss nor an axis. `most` is the largest number that can be true."""

    title: Any
    most: float = 0.0
    choices: Mapping[str, str | Promise] | None = None

    @property
    def blank(self) -> float | str:
        """What stands where nothing was said."""
        return 0.0 if self.choices is None else ""


DETAILS: Mapping[str, Detail] = {
    "home_damage": Detail(_("房屋损坏程度"), choices=DAMAGES),
    "crop_mu": Detail(_("受灾面积（亩）"), 100_000),
    "crop_lost_mu": Detail(_("其中绝收（亩）"), 100_000),
    "livestock_heads": Detail(_("死亡或丢失（头、只）"), 10_000_000),
    "work_people": Detail(_("停工或失业几人"), 30),
    "work_months": Detail(_("预计停几个月"), 12),
    "water_days": Detail(_("断水或水质异常几天"), 366),
    "schooling_children": Detail(_("上学受影响的孩子几人"), 20),
}
BLANKS = {name: detail.blank for name, detail in DETAILS.items()}
# In the order in which a visitor goes through a household; the keys are those of what a report says was hit.
CAUSES: Mapping[str, tuple[str, ...]] = {
    "home": ("home_damage", "home_safe", "loss_home", "home_grade"),
    "crop": ("crop_mu", "crop_lost_mu", "loss_crop"),
    "livestock": ("livestock_heads", "loss_livestock"),
    "equipment": ("loss_equipment",),
    "work": ("work_people", "work_months", "loss_work"),
    "medical": ("medical_secured", "rigid_per_head_yuan"),
    "water": ("water_days", "water_safe"),
    "schooling": ("schooling_children", "schooling_secured"),
    "food": ("food_secured",),
    "clothing": ("clothing_secured",),
    "other": ("loss_other",),
}
ALSO = {"people": "medical"}  # who was hurt is asked about with illness


def of(kinds: Iterable[str]) -> list[str]:
    """The causes that what was reported belongs to, in the form's order."""
    said = {ALSO.get(kind, kind) for kind in kinds}
    return [cause for cause in CAUSES if cause in said]


def touched(values: Mapping[str, float | bool | str]) -> list[str]:
    """The causes of which a finding says something: a loss, an axis that broke, a detail."""

    def says(field: str) -> bool:
        value = values.get(field)
        if field.startswith(LOSS) or field in DETAILS:
            return bool(value)
        return value is False

    return [cause for cause, fields in CAUSES.items() if any(says(field) for field in fields)]


def fits(name: str, value: float | str) -> bool:
    """Whether a detail can be so: one of its choices, or a number that is possible."""
    detail = DETAILS.get(name)
    if detail is None:
        return False
    if detail.choices is not None:
        return isinstance(value, str) and value in detail.choices
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= detail.most


def word(name: str, value: float | str) -> str:
    """A detail's value on a page."""
    choices = DETAILS[name].choices
    return str(choices[str(value)]) if choices else f"{value:,.10g}"
