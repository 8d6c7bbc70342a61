"""Deeds of the decision: opening cases from findings, and moving them along the statutory chain."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.decide import queries
from anlan.county.decide.chain import AlreadyMoved, Chain, Passage, PublishedTooBriefly, Unexplained
from anlan.county.decide.models import Case, Episode, Step
from anlan.county.decide.rules import (
    JUDGING,
    MACHINE,
    PERMISSIONS,
    check_subject,
    episode_subject,
)
from anlan.county.discover.rules import WHOLE_CLOCKS
from anlan.county.discover.rules import about as lead_subject
from anlan.county.discover.rules import case_about as case_subject
from anlan.county.errors import BadInput, NotAllowed, NotFound, Refused
from anlan.county.ledger.actions import Line, record_many
from anlan.county.office.actions import start_clocks, stop_clocks
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.registry.actions import categorise
from anlan.county.registry.models import MONITORED
from anlan.county.verify.joint import queries as joint
from anlan.engine import policy
from anlan.engine.policy import Policy

CHAIN = Chain(MACHINE, PERMISSIONS)
ENDS = MACHINE.ends()
CASE = ("finding_id", "household_id", "event_id", "state", "version", "opened_at", "lead_at", "green", "proposal",
        "policy_day", "category", "reasons", "public_since", "closed_at")  # fmt: skip
STEP = ("case_id", "before", "after", "at", "by_id", "note", "against")
EPISODE = ("household_id", "case_id", "category", "axes", "entered_at", "cleared_at")
EXPLAINED = frozenset({"objection", "review", "not_confirmed"})  # moves that say why, whatever was proposed
MOVED = ("state", "version", "category", "reasons", "public_since", "closed_at")


class Uncategorised(BadInput):
    """A household cannot enter without one of the three categories."""


class NotVisitedAgain(Refused):
    """An objection was not answered by a new visit."""


class Undetermined(Refused):
    """Departments have not found that nature struck where the household lives."""


class SignedBefore(NotAllowed):
    """Whoever checked a case in the township does not also approve it in the county."""


class StillMonitored(Refused):
    """Who is under monitoring is followed there; a case opens again once the episode is over."""


@dataclass(frozen=True, slots=True)
class Move:
    """A wish to move a case on. `version` is the one this person saw; `reasons` and `note` say why."""

    case_id: int
    version: int
    to: str
    note: str = ""
    category: str = ""
    reasons: tuple[str, ...] = ()


@transaction.atomic
def open_cases(*, by: User) -> int:
    """Open a case for every matched finding that has none, with the engine's proposal. Returns how many."""
    check(by, "decide.village")
    findings = list(queries.undecided(by))
    if not findings:
        return 0
    now = clock.now()
    today = now.date()
    proposals = queries.proposals(findings, today)
    rows: Iterable[tuple[Any, ...]] = (
        (
            finding.pk, finding.lead.household_id, finding.lead.event_id, MACHINE.start, 0, now,
            finding.lead.opened_at, finding.lead.green, proposals[finding.pk], today, "", [], None, None,
        )
        for finding in findings
    )  # fmt: skip
    bulk.insert(Case, CASE, rows)
    opened = [_opened(finding) for finding in findings]
    CHAIN.start(opened, at=now, policy=policy.on(today))
    lines = [
        Line("decide.open", each.about, {key: proposals[finding.pk][key] for key in ("at_risk", "axes", "policy_day")})
        for each, finding in zip(opened, findings, strict=True)
    ]  # fmt: skip
    return record_many(lines, by=by.username)


def _opened(finding: Any) -> Passage:
    event, household = finding.lead.event, finding.lead.household
    return Passage(case_subject(event.code, household.code), event.code, household.division_id, "", MACHINE.start)


@transaction.atomic
def advance(*, moves: Sequence[Move], by: User) -> int:
    """Move cases along the chain, all of them or none. Returns how many.

    Refused: a case not in one's divisions, a move the chain has not, a stale version, a publicity under its
    minimum, a decision against the proposal without a note, an entry without a category.
    """
    cases = _looked_up(moves)
    passages = [_passage(cases[move.case_id], move.to) for move in moves]
    CHAIN.check(passages, by)
    now = clock.now()
    rules = policy.on(now.date())
    for move in moves:
        _check(move, cases[move.case_id], now, rules)
    _check_hands(moves, cases, by)
    _check_determined([cases[move.case_id] for move in moves if move.to == "entered"])
    reviewed = [cases[move.case_id] for move in moves if move.to == "review"]
    if reviewed:
        _check_visits(reviewed)
    opened = [cases[move.case_id] for move in moves if cases[move.case_id].state in ENDS]
    _check_over(opened)
    bulk.update(Case, MOVED, [_moved(move, cases[move.case_id], now) for move in moves])
    bulk.insert(Step, STEP, [_step(move, cases[move.case_id], now, by) for move in moves])
    CHAIN.stop(passages, at=now)
    CHAIN.start(passages, at=now, policy=rules)
    _open_again(opened, now, rules)
    if reviewed:
        _propose_again(reviewed)
    _close([cases[move.case_id] for move in moves if move.to in ENDS], now)
    entered = [(cases[move.case_id], _category(move, cases[move.case_id])) for move in moves if move.to == "entered"]
    if entered:
        _enter(entered, by, now, rules)
    lines = [_line(move, cases[move.case_id], each) for move, each in zip(moves, passages, strict=True)]
    return record_many(lines, by=by.username)


@transaction.atomic
def reopen(*, by: User) -> int:
    """Open decided cases again where a report has brought something new since. Returns how many.

    They go the way of an objection: somebody else stands at the door, then the chain is walked again.
    """
    check(by, PERMISSIONS["county"])
    told = queries.told_again(by)
    note = _("认定以后又有新情况上报，重新入户核实。")
    return advance(moves=[Move(case.pk, case.version, "objection", note) for case in told], by=by) if told else 0


def _looked_up(moves: Sequence[Move]) -> dict[int, Case]:
    cases = queries.by_ids(move.case_id for move in moves)
    if any(move.case_id not in cases for move in moves):
        raise NotFound(_("没有这件认定，或它不在您负责的区划内。"))
    if len(cases) < len(moves) or any(cases[move.case_id].version != move.version for move in moves):
        raise AlreadyMoved(_("这件认定刚被别人处理过，请刷新页面，看过最新情况再办。"))
    return cases


def _passage(case: Case, to: str) -> Passage:
    event, household = case.event, case.household
    about = case_subject(event.code, household.code)
    return Passage(about, event.code, household.division_id, case.state, to)


def _check(move: Move, case: Case, now: datetime, rules: Policy) -> None:
    if (case.state, move.to) == ("publicity", "town_check"):
        days = rules.number("clock_publicity_min_days")
        if case.public_since is None or now < case.public_since + timedelta(days=days):
            raise PublishedTooBriefly(_("公示不得少于%(days)g天，期满后再报乡镇审核。") % {"days": days})
    if not move.note and (move.to in EXPLAINED or _goes_against(move, case)):
        raise Unexplained(_("不予纳入、与系统建议不一致的决定，以及异议和复核，都要写明理由和证据。"))
    if move.to in {"notice", "entered"} and _category(move, case) not in MONITORED:
        raise Uncategorised(_("请选择监测对象类别：脱贫不稳定户、边缘易致贫户或突发严重困难户。"))


def _goes_against(move: Move, case: Case) -> bool:
    """Whether a judging hand turns the engine's proposal around."""
    proposed = bool(case.proposal.get("at_risk"))
    other = bool(move.category) and proposed and move.category != case.proposal.get("category")
    return case.state in JUDGING and (proposed != (move.to != "not_confirmed") or other)


def _step(move: Move, case: Case, now: datetime, by: User) -> tuple[Any, ...]:
    return (move.case_id, case.state, move.to, now, by.pk, move.note, _goes_against(move, case))


def _check_hands(moves: Sequence[Move], cases: Mapping[int, Case], by: User) -> None:
    decided = [move.case_id for move in moves if cases[move.case_id].state == "county_decide"]
    if decided and not by.is_machine and queries.signed_by(by, decided, "town_check"):
        raise SignedBefore(_("乡镇审核和县级审批不能由同一个人办理。"))


def _check_determined(cases: Sequence[Case]) -> None:
    """Under a disaster of another kind a household enters once departments have found that nature struck there."""
    events = {case.event_id: case.event for case in cases}
    why = joint.standing(events.values())
    if "undetermined" in why.values():
        raise Undetermined(_("这起灾害还没有经部门联动认定，可以先帮扶，认定之前不能纳入监测。"))
    if why:
        raise Undetermined(_("部门认定这起事件不属自然灾害，不能按因灾纳入。"))
    for event in events.values():
        if joint.outside(event, (case.household.division_id for case in cases if case.event_id == event.pk)):
            raise Undetermined(_("农户所在的村不在部门认定的受灾范围内。"))


def _check_visits(cases: Sequence[Case]) -> None:
    """An objection is answered by someone standing at the door again, and by fresh data."""
    objected = queries.last_steps((case.pk for case in cases), "objection")
    for case in queries.with_findings(objected):
        finding = case.finding
        if finding.made_at < objected[case.pk] or finding.matched_at is None:
            raise NotVisitedAgain(_("异议提出后还没有重新入户核实和信息比对，不能重新评议。"))
        if not finding.visit.by.is_machine and finding.visit.by_id in queries.visited_before(case, objected[case.pk]):
            raise NotVisitedAgain(_("有异议的，须由没有入过这户的另一人重新入户核实。"))


def _check_over(cases: Sequence[Case]) -> None:
    held = queries.open_episodes(case.household_id for case in cases)
    for case in cases:
        if case.household_id in held:
            raise StillMonitored(_("这户正在监测期内，新情况由每月跟踪核实，不重新认定。"))


def _open_again(cases: Sequence[Case], now: datetime, rules: Policy) -> None:
    """The days there are in all begin anew with what opened the case."""
    bulk.update(Case, ("lead_at",), ((now, case.pk) for case in cases))
    due_at = now + timedelta(days=rules.number("clock_total_days"))
    for event in {case.event.code for case in cases}:
        things = [
            (lead_subject(event, case.household.code), case.household.division_id)
            for case in cases if case.event.code == event
        ]  # fmt: skip
        start_clocks(kind="total", things=things, unit="county", event_code=event, at=now, due_at=due_at)


def _category(move: Move, case: Case) -> str:
    return move.category or case.category or str(case.proposal.get("category", ""))


def _moved(move: Move, case: Case, now: datetime) -> tuple[Any, ...]:
    """The case's new columns, in the order of `MOVED`, and its key."""
    category = "" if move.to == "not_confirmed" else _category(move, case)
    public_since = now if move.to == "publicity" else case.public_since
    closed_at = now if move.to in ENDS else None
    return (move.to, case.version + 1, category, _reasons(move, case), public_since, closed_at, case.pk)


def _reasons(move: Move, case: Case) -> list[str]:
    """Why the case stands where it does: the hand's own reasons, or those of the proposal it follows."""
    if move.reasons:
        return list(move.reasons)
    if _goes_against(move, case):
        return [move.note]
    proposed = [reason["code"] for reason in case.proposal.get("reasons", [])]
    evidence = [move.note] if move.to == "not_confirmed" else []
    return [*(case.reasons or proposed or ["no_axis_broken"]), *evidence]


def _line(move: Move, case: Case, passage: Passage) -> Line:
    payload = {"before": passage.before, "after": passage.after, "version": case.version + 1}
    if _goes_against(move, case):
        payload["against"] = True
    if move.to in {"notice", "entered"}:
        payload["category"] = _category(move, case)
    return Line("decide.advance", passage.about, payload)


def _propose_again(cases: Sequence[Case]) -> None:
    """After an objection the finding is looked at afresh, and the engine's proposal with it."""
    today = clock.today()
    findings = {case.pk: case.finding for case in queries.with_findings(case.pk for case in cases)}
    proposals = queries.proposals(list(findings.values()), today)
    rows: list[tuple[Any, ...]] = [(proposals[findings[case.pk].pk], today, [], case.pk) for case in cases]
    bulk.update(Case, ("proposal", "policy_day", "reasons"), rows)


def _close(cases: Sequence[Case], now: datetime) -> None:
    """The fifteen days end with the decision, and the formalities of help that went before it are complete."""
    abouts = [lead_subject(case.event.code, case.household.code) for case in cases]
    for kind in WHOLE_CLOCKS:
        stop_clocks(kind=kind, abouts=abouts, at=now)


def _enter(cases: Sequence[tuple[Case, str]], by: User, now: datetime, rules: Policy) -> None:
    """Take households under monitoring. One that already is keeps its episode, widened by the new axes."""
    held = queries.open_episodes(case.household_id for case, _category in cases)
    fresh: dict[int, tuple[Case, str]] = {}
    widened: dict[int, set[str]] = defaultdict(set)
    for case, category in cases:
        if case.household_id in held or case.household_id in fresh:
            widened[case.household_id].update(case.proposal.get("axes", ()))
        else:
            fresh[case.household_id] = (case, category)
    rows = ((case.household_id, case.pk, category, _axes(case), now, None) for case, category in fresh.values())
    bulk.insert(Episode, EPISODE, rows)
    if widened:
        _widen(widened)
    categorise(changes=[(case.household_id, category, now.date()) for case, category in cases], by=by, source="decide")
    _start_follow_up([case for case, _category in fresh.values()], now, rules)


def _axes(case: Case) -> list[str]:
    return list(case.proposal.get("axes", ()))


def _widen(axes: Mapping[int, Iterable[str]]) -> None:
    episodes = queries.open_episodes(axes)
    rows = [(sorted({*episode.axes, *axes[household]}), episode.pk) for household, episode in episodes.items()]
    bulk.update(Episode, ("axes",), rows)


def _start_follow_up(cases: Sequence[Case], now: datetime, rules: Policy) -> None:
    """From entering on: measures within their days, a check every month."""
    since = f"{now:%Y%m%d}"
    for event in {case.event.code: case.event for case in cases}.values():
        here = [case.household for case in cases if case.event_id == event.pk]
        measures = [(episode_subject(event.code, each.code), each.division_id) for each in here]
        start_clocks(kind="measures", things=measures, unit="township", event_code=event.code, at=now,
                     due_at=now + timedelta(days=rules.number("clock_measures_days")))  # fmt: skip
        checks = [(check_subject(event.code, each.code, since), each.division_id) for each in here]
        start_clocks(kind="check", things=checks, unit="village", event_code=event.code, at=now,
                     due_at=now + timedelta(days=rules.number("clock_check_days")))  # fmt: skip
