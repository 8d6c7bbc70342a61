"""What a visit may end in, and how far a finding is. No database here."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from anlan.engine.values.states import Machine, State

# A finding from the day it is made: departments compare it with their data, then the village reviews it.
# A second visit, after an objection, makes it anew.
MACHINE = Machine(
    "finding",
    "made",
    {
        "made": State("county", "clock_match_days", frozenset({"made", "matched"})),
        "matched": State("village", "", frozenset({"made"})),
    },
)

OUTCOMES = {
    "harmed": _("受灾"),
    "unharmed": _("未受灾"),
    "absent": _("家中无人"),
    "moved": _("已外迁"),
}
# Why nobody was met. With one of these the household stands as not reachable until its next date.
ABSENCES = {
    "": _("家中无人"),
    "away": _("全家外出务工"),
    "relative": _("投亲靠友或集中安置"),
    "hospital": _("住院陪护"),
    "road": _("道路不通，进不去"),
    "unanswered": _("多次上门、打电话都没有人应"),
    "refused": _("不愿开门或不愿登记"),
}
LEAD_AFTER = {"harmed": "found", "unharmed": "closed", "absent": "taken_in", "moved": "closed"}

LOSSES = {
    "crop": _("种植业"),
    "livestock": _("养殖业"),
    "equipment": _("农机农具、存货"),
    "home": _("房屋"),
    "work": _("务工、经营"),
    "other": _("其他"),
}
AXES = {
    "food_secured": _("不愁吃"),
    "clothing_secured": _("不愁穿"),
    "schooling_secured": _("义务教育有保障"),
    "medical_secured": _("基本医疗有保障"),
    "home_safe": _("住房安全"),
    "water_safe": _("饮水安全"),
}
GRADES = ("", "A", "B", "C", "D")


def lost_ratio(losses_yuan: Mapping[str, float], size: int, income_per_head_yuan: float) -> float:
    """The share (0..1) that a household's losses (yuan) took of its income before; `income_per_head_yuan` is after."""
    lost = sum(losses_yuan.values())
    before = income_per_head_yuan * max(size, 1) + lost
    return min(max(lost / before, 0.0), 1.0) if before > 0 else float(lost > 0)
