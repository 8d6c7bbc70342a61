"""The words of the balance: every way in which a household of an event can be accounted for, or still be open."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# In the order of precedence; a household counts once, under the first that holds.
DISPOSED: Mapping[str, Promise] = {
    "entered": _("纳入监测"),
    "not_confirmed": _("认定为不予纳入"),
    "unharmed": _("入户核实未受灾"),
    "moved": _("入户核实已搬离"),
    "dismissed": _("线索不予受理"),
    "below_harm": _("移出名单：达不到致灾程度"),
    "low_risk_informed": _("移出名单：风险低且已告知"),
    "moved_away": _("移出名单：已不在本地居住"),
}
OPEN: Mapping[str, Promise] = {
    "case": _("认定程序中"),
    "finding": _("已核实受灾，待比对认定"),
    "visit": _("入户未遇，待再访"),
    "lead": _("线索待受理或待入户"),
    "sweep": _("逐户排查中"),
}
UNACCOUNTED = "unaccounted"
