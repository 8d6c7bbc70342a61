"""The chain that clears an episode, as data: the decision's own chain, begun by a visit."""

from collections.abc import Iterable
from hashlib import sha256
from math import ceil

from django.utils.translation import gettext_lazy as _

from anlan.engine.values.states import Machine, State

MACHINE = Machine(
    name="clearance",
    start="visit",
    states={
        "visit": State("village", "clear_visit_days", frozenset({"review", "refused"})),
        "review": State("village", "clear_review_days", frozenset({"publicity", "refused"})),
        "publicity": State("village", "clear_publicity_min_days", frozenset({"town_check", "visit"})),
        "town_check": State("township", "clear_town_days", frozenset({"county_decide", "refused"})),
        "county_decide": State("county", "clear_county_days", frozenset({"cleared", "refused"})),
        "cleared": State("county"),
        "refused": State("county"),
    },
)
PERMISSIONS = {"village": "clear.village", "township": "clear.town", "county": "clear.county"}
CHAIN = ("visit", "review", "publicity", "town_check", "county_decide", "cleared")

STATES = {
    "visit": _("入户核查"),
    "review": _("民主评议"),
    "publicity": _("村内公示"),
    "town_check": _("乡镇审核"),
    "county_decide": _("县级审批"),
    "cleared": _("风险消除"),
    "refused": _("不予消除"),
}
MOVES = {
    "visit": _("收到异议，重新入户"),
    "review": _("核查属实，提交评议"),
    "publicity": _("评议通过，开始公示"),
    "town_check": _("公示期满，报乡镇审核"),
    "county_decide": _("审核同意，报县审批"),
    "cleared": _("审批同意，标注消除"),
    "refused": _("不予消除，继续监测"),
}
HOW = {"assisted": _("帮扶消除"), "natural": _("自然消除")}


def subject(event_code: str, household_code: str, opened: str) -> str:
    """What the ledger and the clocks call a clearance; `opened` is its day, yyyymmdd. A later one is another thing."""
    return f"clearance:{event_code}/{household_code}/{opened}"


def drawn(codes: Iterable[str], share: float, seed: str) -> list[str]:
    """The households drawn by lot: so large a share of them, rounded up, in the order of a hash with the seed.

    Whoever knows the seed can draw again and get the same; nobody who does not can know who will be drawn.
    """
    known = sorted(set(codes))
    order = sorted(known, key=lambda code: sha256(f"{seed} {code}".encode()).hexdigest())
    return sorted(order[: ceil(round(len(known) * share, 9))])
