"""The statutory chain of a decision, as data: states, owners, clocks, and the words they have on a page."""

from django.utils.translation import gettext_lazy as _

from anlan.engine.values.states import Machine, State

MACHINE = Machine(
    name="case",
    start="review",
    states={
        "review": State("village", "clock_review_days", frozenset({"publicity", "not_confirmed"})),
        "publicity": State("village", "clock_publicity_min_days", frozenset({"town_check", "objection"})),
        "objection": State("village", "clock_visit_days", frozenset({"review"})),
        "town_check": State("township", "clock_town_days", frozenset({"county_decide", "not_confirmed"})),
        "county_decide": State("county", "clock_county_days", frozenset({"notice", "not_confirmed"})),
        "notice": State("county", "clock_notice_days", frozenset({"entered"})),
        "entered": State("county", "", frozenset({"objection"}), over=True),  # once its episode has been cleared
        "not_confirmed": State("county", "", frozenset({"objection"}), over=True),
    },
)
PERMISSIONS = {"village": "decide.village", "township": "decide.town", "county": "decide.county"}
JUDGING = frozenset({"review", "town_check", "county_decide"})  # where a person weighs the proposal
CHAIN = ("review", "publicity", "town_check", "county_decide", "notice", "entered")

STATES = {
    "review": _("民主评议"),
    "publicity": _("村内公示"),
    "objection": _("异议、新情况复核"),
    "town_check": _("乡镇审核"),
    "county_decide": _("县级审批"),
    "notice": _("公告"),
    "entered": _("纳入监测"),
    "not_confirmed": _("不予纳入"),
}
MOVES = {
    "review": _("复核完毕，重新评议"),
    "publicity": _("评议通过，开始公示"),
    "objection": _("有异议或新情况，重新入户"),
    "town_check": _("公示期满，报乡镇审核"),
    "county_decide": _("审核同意，报县审批"),
    "notice": _("审批同意，予以公告"),
    "entered": _("公告完毕，纳入监测"),
    "not_confirmed": _("不予纳入"),
}
OWNERS = {"village": _("村"), "township": _("乡镇"), "county": _("县")}
CATEGORIES = {"unstable": _("脱贫不稳定户"), "marginal": _("边缘易致贫户"), "hardship": _("突发严重困难户")}
PROPOSED = {**CATEGORIES, "none": _("不提出"), "unknown": _("不明")}  # what the tables may come to
AXES = {
    "income": _("收入"),
    "food": _("不愁吃"),
    "clothing": _("不愁穿"),
    "schooling": _("义务教育"),
    "medical": _("基本医疗"),
    "home": _("住房安全"),
    "water": _("饮水安全"),
}


def episode_subject(event_code: str, household_code: str) -> str:
    """What they call an episode: by the event that began it."""
    return f"episode:{event_code}/{household_code}"


def check_subject(event_code: str, household_code: str, since: str) -> str:
    """What they call the follow-up check due next; `since` is the day the last one was made, yyyymmdd.

    Every check has a clock of its own, so that a late one is still seen as late after the next.
    """
    return f"check:{event_code}/{household_code}/{since}"
