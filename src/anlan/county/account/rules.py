"""The words of the balance: every way in which a household of an event can be accounted for, or still be open."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# In the order of precedence; a household counts once, under the first that holds.
DISPOSED: Mapping[str, Promise] = {
    "entered": _("纳入监测"),
    "cleared": _("风险已消除"),
    "not_confirmed": _("认定为不予纳入"),
    "unharmed": _("入户核实未受灾"),
    "moved": _("入户核实已搬离"),
    "unreachable": _("联系不上，已约定再访日期"),
    "dismissed": _("线索不予受理"),
    "below_harm": _("移出名单：达不到致灾程度"),
    "low_risk_informed": _("移出名单：风险低且已告知"),
    "low_risk_learned": _("移出名单：按入户结果校准，可能性很低"),
    "moved_away": _("移出名单：已不在本地居住"),
    "merged": _("重复登记，已并入另一户"),
    "gone": _("已销户"),
}
OPEN: Mapping[str, Promise] = {
    "case": _("认定程序中"),
    "finding": _("已核实受灾，待比对认定"),
    "visit": _("入户未遇，待再访"),
    "lead": _("线索待受理或待入户"),
    "sweep": _("逐户排查中"),
    "added": _("新列入，待排查"),
}
ADDED = "added"  # came in after the villages were sent out: until the worker opens the village's sweep again
UNACCOUNTED = "unaccounted"
WORDS: Mapping[str, Promise] = {**DISPOSED, **OPEN, UNACCOUNTED: _("没有着落")}
CAUSES: Mapping[str, Promise] = {
    "not_confirmed": _("认定为不予纳入"),
    "still_open": _("还在认定程序中"),
    "judged_unharmed": _("入户判断为未受灾"),
    "not_at_home": _("入户未遇"),
    "lead_not_visited": _("有线索但没有入户"),
    "taken_off_the_list": _("从名单移出"),
    "not_reached": _("没有线索也没有移出"),
    "unknown_to_the_registry": _("名册里没有这一户"),
}
GROUPS: Mapping[str, Promise] = {
    "danger": _("危险区内"),
    "alone": _("独居老人"),
    "disabled": _("残疾人"),
    "elderly": _("老年人"),
    "monitored": _("监测对象"),
    "ex_poor": _("脱贫户"),
    "remote": _("偏远户"),
    "general": _("一般农户"),
}
UNITS: Mapping[str, Promise] = {"village": _("村"), "township": _("乡镇"), "county": _("县")}

BASELINES: Mapping[str, Promise] = {
    "list_order": _("按名册次序"),
    "category_only": _("先走重点类别"),
    "distance": _("由近及远"),
}
CURVES: Mapping[str, Promise] = {"ours": _("按研判和入户结果"), **BASELINES}

# What was foreseen is held against what was found, outcome by outcome.
HINDSIGHT: Mapping[str, Promise] = {
    "any": _("纳入监测"),
    "income": _("收入低于监测线"),
    "home": _("住房不安全"),
    "water": _("饮水不安全"),
}
