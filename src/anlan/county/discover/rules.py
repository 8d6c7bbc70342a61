"""What a lead may become, which of them goes first, and the words for what was hit. No database here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from anlan.engine.values.states import Machine, State

# `found`: a visit ended in a finding, which goes on to matching and to the village's review.
MACHINE = Machine(
    "lead",
    "open",
    {
        "open": State("township", "clock_intake_days", frozenset({"taken_in", "found", "closed", "dismissed"})),
        "taken_in": State("village", "clock_visit_days", frozenset({"taken_in", "found", "closed", "dismissed"})),
        "found": State("county", "clock_match_days", frozenset({"found"})),
        "closed": State("village", "", frozenset({"open"})),
        "dismissed": State("township", "", frozenset({"open"})),
    },
)
STATES = {
    "open": _("待受理"),
    "taken_in": _("待入户"),
    "found": _("已核实受灾"),
    "closed": _("已核实办结"),
    "dismissed": _("不予受理"),
}
PENDING = ("open", "taken_in")
DECIDED = {
    "accepted": _("审批同意，已在村里公告"),
    "refused": _("不予纳入；村里会送达《不予纳入告知书》，写明理由"),
}
# Where a case is, by the clock that runs on it: what a receipt tells from the finding to the notice.
CASE_STEPS = {
    "review": _("已核实，等待村民代表民主评议"),
    "publicity": _("正在村里公示"),
    "visit": _("有异议或新情况，再次入户核实"),
    "town": _("公示期满，乡镇审核"),
    "county": _("乡镇审核同意，县级审批"),
    "notice": _("县级审批同意，正在公告"),
}
KEPT = _("已登记在案；办理结果由村里告知农户本人")  # nothing has come of it, and nothing will by itself
RECEIVED = _("已收到，正在办理")  # a receipt's word while nothing has happened since
PENDING_CLOCKS = ("intake", "visit", "revisit")
WHOLE_CLOCKS = ("total", "formalities")  # end with the lead or, where it goes on, with the decision
LEAD_CLOCKS = (*PENDING_CLOCKS, "match")
OVER = ("closed", "dismissed")  # a new report opens these again

DOORS = {"self": _("农户自报"), "cadre": _("干部排查"), "dept": _("部门筛查")}
PERMISSIONS = {"self": "discover.report", "cadre": "discover.report", "dept": "discover.screen"}

REASONS = {
    "green": _("住房、饮水或人员受损，先救助"), "impact": _("研判预计受灾致困的可能性"), "key_group": _("重点人群"),
    "key_place": _("重点村或偏远村"), **DOORS,
}  # fmt: skip
THROUGH = {"phone": _("打电话"), "in_person": _("当面"), "message": _("微信或短信"), "entrusted": _("托人转告")}

KINDS = {
    "home": _("房屋"),
    "water": _("饮水"),
    "people": _("人员伤病"),
    "crop": _("庄稼"),
    "livestock": _("牲畜家禽"),
    "equipment": _("农机农具、存货"),
    "work": _("务工、生意"),
    "food": _("口粮"),
    "clothing": _("衣被"),
    "schooling": _("上学"),
    "medical": _("看病"),
    "other": _("其他"),
}
GREEN = frozenset({"home", "water", "people"})  # nobody waits for papers with these

INSPECTIONS = {
    "flood_season": _("汛前检查"),
    "hazard_point": _("地质灾害隐患点排查"),
    "home_fire": _("居民住房消防安全检查"),
}

DISMISSALS = {
    "not_rural": _("不是本县农户"),
    "not_this_event": _("与这次灾害无关"),
    "no_harm": _("电话核实未受灾"),
    "untrue": _("反映不实"),
    "wrong_person": _("填错了户"),
    "just_visited": _("刚入户核实过，没有新情况"),
}
RELEASES = {
    "below_harm": _("所在地灾害强度不致灾"),
    "low_risk_informed": _("风险很低且已通知到户"),
    "low_risk_learned": _("按入户结果校准后，受灾致困的可能性很低"),
    "moved_away": _("全家已外迁"),
}
OUTCOMES = {"harmed": _("受灾"), "unharmed": _("未受灾"), "moved": _("已外迁"), **DISMISSALS}

# An order among leads, not a right: urgent harm outweighs the rest together.
_GREEN_WEIGHT = 4.0
_KEY_WEIGHT = 0.5
_PLACE_WEIGHT = 0.25
_ROUNDED = 1e-6
_DOOR_WEIGHTS = {"self": 0.5, "cadre": 0.5, "dept": 0.25}


def about(event_code: str, household_code: str) -> str:
    """A lead in the words of clocks and the ledger."""
    return f"lead:{event_code}/{household_code}"


def case_about(event_code: str, household_code: str) -> str:
    """The decision that a lead led to, in the words of clocks and the ledger."""
    return f"case:{event_code}/{household_code}"


def sweep_about(event_code: str, village: str) -> str:
    """A village's sweep in the words of clocks and the ledger."""
    return f"sweep:{event_code}/{village}"


def is_green(kinds: Iterable[str]) -> bool:
    """Whether help must come first and the formalities after."""
    return not GREEN.isdisjoint(kinds)


def is_news(door: str, claim: Mapping[str, Any], told: Iterable[tuple[str, Mapping[str, Any]]]) -> bool:
    """Whether a report says more than `told`, the (door, claim) pairs of the household's reports before.

    More is a harm or a department's sign not named yet, a larger loss, other words, or a harm that another door
    names, too. A department's words name the month, so they are no news by themselves.
    """
    before = list(told)
    doors = {each for each, _claim in before}
    known = set().union(*(_said(each, said) for each, said in before))
    largest = max((said.get("loss_yuan", 0) for _door, said in before), default=0)
    another = door not in doors and bool(claim.get("kinds"))
    return another or claim.get("loss_yuan", 0) > largest or not _said(door, claim) <= known


def _said(door: str, claim: Mapping[str, Any]) -> set[str]:
    sign = claim.get("reason", {}).get("sign", "")
    words = "" if door == "dept" else "".join(str(claim.get("text", "")).split())
    return {f"kind:{kind}" for kind in claim.get("kinds", ())} | (
        {f"sign:{sign}", f"text:{words}"} - {"sign:", "text:"}
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One of the reasons why a lead stands where it stands: a code for its word, and what it adds."""

    why: str
    points: float


def parts(*, score: float, key_group: bool, doors: Iterable[str], green: bool, key_place: bool = False) -> list[Part]:
    """What a priority is the sum of, the weightiest first; what adds nothing is left out."""
    found = [
        Part("green", _GREEN_WEIGHT * green),
        Part("impact", round(score, 6)),
        Part("key_group", _KEY_WEIGHT * key_group),
        Part("key_place", _PLACE_WEIGHT * key_place),
        *(Part(door, _DOOR_WEIGHTS[door]) for door in sorted(set(doors))),
    ]
    return sorted((part for part in found if part.points > 0), key=lambda part: (-part.points, part.why))


def standing(priority: float, *, key_group: bool, doors: Iterable[str], green: bool, key_place: bool) -> list[Part]:
    """The parts of a priority as it was given: what is left when the rest is taken off is the impact expected then.

    A household that has come into a key group since does not have it in the sum: then it is left out.
    """

    def known(group: bool) -> float:
        found = parts(score=0.0, key_group=group, doors=doors, green=green, key_place=key_place)
        return sum(part.points for part in found)

    counted = key_group and priority - known(True) > -_ROUNDED
    score = max(0.0, priority - known(counted))
    return parts(score=score, key_group=counted, doors=doors, green=green, key_place=key_place)


def priority(*, score: float, key_group: bool, doors: Iterable[str], green: bool, key_place: bool = False) -> float:
    """Larger goes first: urgent harm, then the expected impact (a probability), key groups, places, and every door."""
    found = parts(score=score, key_group=key_group, doors=doors, green=green, key_place=key_place)
    return round(sum(part.points for part in found), 6)
