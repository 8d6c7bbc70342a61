"""What a visit may end in, and how far a finding is. No database here."""

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
# Why nobody was met: with it a household stays on the list, with a date on which somebody comes again.
ABSENCES = {
    "": _("家中无人"),
    "no_contact": _("联系不上"),
    "cut_off": _("道路中断，进不去"),
    "away": _("在外务工，近日回来"),
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
