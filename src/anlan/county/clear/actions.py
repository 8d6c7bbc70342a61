"""Deeds of the follow-up: monthly checks, opening clearances, and moving them along their chain."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.clear import queries
from anlan.county.clear.models import Check, Clearance, Step
from anlan.county.clear.rules import MACHINE, PERMISSIONS, subject
from anlan.county.decide.chain import AlreadyMoved, Chain, Passage, PublishedTooBriefly, Unexplained
from anlan.county.decide.models import Episode
from anlan.county.decide.rules import AXES, check_subject, episode_subject
from anlan.county.errors import BadInput, NotAllowed, NotFound, Refused
from anlan.county.ledger.actions import Line, record_many
from anlan.county.office.actions import start_clocks_each, stop_clocks, stop_clocks_each
from anlan.county.office.models import User
from anlan.county.office.permissions import check as check_permission
from anlan.county.registry.actions import end_categories
from anlan.engine import policy
from anlan.engine.policy import Policy

CHAIN = Chain(MACHINE, PERMISSIONS)
ENDS = MACHINE.ends()
CHECK = ("episode_id", "at", "by_id", "income_per_head_yuan", "broken", "holds")
CLEARANCE = ("episode_id", "state", "version", "opened_at", "public_since", "closed_at", "how", "reasons")
STEP = ("clearance_id", "before", "after", "at", "by_id", "note")
MOVED = ("state", "version", "public_since", "closed_at", "how", "reasons")


class NotCleared(Refused):
    """The rule does not find the risk gone."""


class ClearedBefore(Refused):
    """The episode has ended."""


class SignedBefore(NotAllowed):
    """Whoever checked a clearance in the township does not also approve it in the county."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a cadre found at a household under monitoring: income over twelve months, and the axes that do not hold."""

    episode_id: int
    at: datetime
    income_per_head_yuan: float
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """A wish to move a clearance on; `version` is the one this person saw."""

    clearance_id: int
    version: int
    to: str
    note: str = ""
    reasons: tuple[str, ...] = ()


@transaction.atomic
def check(*, checks: Sequence[CheckReport], by: User) -> int:
    """Record monthly checks; one already recorded for its moment is left as it is. Returns how many are new."""
    episodes = queries.episodes_by_ids(each.episode_id for each in checks)
    _check_reports(checks, episodes, by)
    known = queries.checked(episodes)
    wanted = {(each.episode_id, each.at): each for each in checks}
    fresh = [each for (episode, at), each in sorted(wanted.items()) if at not in known[episode]]
    bulk.insert(Check, CHECK, [_row(each, by) for each in fresh])
    _run_checks(fresh, episodes, known)
    lines = [
        Line("clear.check", _episode(episodes[each.episode_id]), {"at": each.at.isoformat(), "broken": _broken(each)})
        for each in fresh
    ]
    return record_many(lines, by=by.username)


def _check_reports(checks: Sequence[CheckReport], episodes: Mapping[int, Episode], by: User) -> None:
    now = clock.now()
    for each in checks:
        if each.episode_id not in episodes:
            raise NotFound(_("没有这户监测对象，或它不在您负责的区划内。"))
        if each.at > now:
            raise BadInput(_("跟踪时间不能晚于现在。"))
        if unknown := set(each.broken) - set(AXES):
            raise BadInput(_("没有“%(axis)s”这项指标。") % {"axis": min(unknown)})
        if episodes[each.episode_id].cleared_at is not None:
            raise ClearedBefore(_("这一户的风险已经消除，不再按月跟踪。"))
    permission = "clear.village" if by.may("clear.village") else "clear.town"
    for village in {each.household.division_id for each in episodes.values()}:
        check_permission(by, permission, village)


def _broken(report: CheckReport) -> list[str]:
    """The axes that do not hold, in the plan's order; an income below the line of that day is one."""
    line = policy.on(queries.day(report.at)).number("monitoring_line_yuan")
    below = {"income"} if report.income_per_head_yuan < line else set()
    return [axis for axis in AXES if axis in below.union(report.broken)]


def _row(report: CheckReport, by: User) -> tuple[Any, ...]:
    broken = _broken(report)
    return (report.episode_id, report.at, by.pk, report.income_per_head_yuan, broken, not broken)


def _run_checks(
    fresh: Sequence[CheckReport], episodes: Mapping[int, Episode], known: Mapping[int, set[datetime]]
) -> None:
    """Each check stops the clock that the one before it (or the entry) started, and starts the next one's."""
    starts: dict[str, list[tuple[str, str, datetime, datetime]]] = defaultdict(list)
    stops = []
    for each in fresh:
        known[each.episode_id].add(each.at)
    for each in fresh:
        episode = episodes[each.episode_id]
        moments = known[each.episode_id]
        before = max((at for at in moments if at < each.at), default=episode.entered_at)
        after = min((at for at in moments if at > each.at), default=None)
        days = policy.on(queries.day(each.at)).number("clock_check_days")
        due = (_check(episode, each.at), episode.household.division_id, each.at, each.at + timedelta(days=days))
        starts[episode.case.event.code].append(due)
        stops.append((_check(episode, before), each.at))
        if after is not None:
            stops.append((_check(episode, each.at), after))
    for event, things in starts.items():
        start_clocks_each(kind="check", things=things, unit="village", event_code=event)
    stop_clocks_each(kind="check", stops=stops)


def _check(episode: Episode, since: datetime) -> str:
    return check_subject(episode.case.event.code, episode.household.code, f"{queries.day(since):%Y%m%d}")


def _episode(episode: Episode) -> str:
    return episode_subject(episode.case.event.code, episode.household.code)


@transaction.atomic
def open_clearances(*, by: User, on: date) -> int:
    """Open a clearance for every episode whose risk the engine finds gone on a day. Returns how many."""
    check_permission(by, "clear.village")
    ripe = list(queries.ripe(by, on))
    verdicts = queries.verdicts(ripe, on)
    ready = [episode for episode in ripe if verdicts[episode.pk].ready]
    now = clock.now()
    bulk.insert(Clearance, CLEARANCE, [(each.pk, MACHINE.start, 0, now, None, None, "", []) for each in ready])
    opened = [_opened(episode, now) for episode in ready]
    CHAIN.start(opened, at=now, policy=policy.on(on))
    return record_many([Line("clear.open", each.about, {"on": on.isoformat()}) for each in opened], by=by.username)


def _opened(episode: Episode, at: datetime) -> Passage:
    return _passage(Clearance(episode=episode, opened_at=at, state=""), MACHINE.start)


def _passage(clearance: Clearance, to: str) -> Passage:
    episode = clearance.episode
    event, household = episode.case.event, episode.household
    about = subject(event.code, household.code, f"{queries.day(clearance.opened_at):%Y%m%d}")
    return Passage(about, event.code, household.division_id, clearance.state, to)


@transaction.atomic
def advance(*, moves: Sequence[Move], by: User) -> int:
    """Move clearances along the chain, all of them or none. Returns how many.

    Refused: a clearance not in one's divisions, a move the chain has not, a stale version, a publicity under its
    minimum, a refusal or objection without a note, clearing while the rule does not find the risk gone.
    """
    found = _looked_up(moves)
    passages = [_passage(found[move.clearance_id], move.to) for move in moves]
    CHAIN.check(passages, by)
    now = clock.now()
    rules = policy.on(now.date())
    for move in moves:
        _check_move(move, found[move.clearance_id], now, rules)
    _check_hands(moves, found, by)
    cleared = [found[move.clearance_id] for move in moves if move.to == "cleared"]
    assisted: set[int] = set()
    if cleared:
        _check_ready(cleared, now)
        assisted = queries.assisted(cleared)
    bulk.update(Clearance, MOVED, [_moved(move, found[move.clearance_id], assisted, now) for move in moves])
    steps = [(move.clearance_id, found[move.clearance_id].state, move.to, now, by.pk, move.note) for move in moves]
    bulk.insert(Step, STEP, steps)
    CHAIN.stop(passages, at=now)
    CHAIN.start(passages, at=now, policy=rules)
    if cleared:
        _clear([each.episode for each in cleared], by, now)
    lines = [Line("clear.advance", each.about, {"before": each.before, "after": each.after}) for each in passages]
    return record_many(lines, by=by.username)


def _looked_up(moves: Sequence[Move]) -> dict[int, Clearance]:
    found = queries.by_ids(move.clearance_id for move in moves)
    if any(move.clearance_id not in found for move in moves):
        raise NotFound(_("没有这件消除，或它不在您负责的区划内。"))
    if len(found) < len(moves) or any(found[move.clearance_id].version != move.version for move in moves):
        raise AlreadyMoved(_("这件消除刚被别人处理过，请刷新页面，看过最新情况再办。"))
    return found


def _check_move(move: Move, clearance: Clearance, now: datetime, rules: Policy) -> None:
    if (clearance.state, move.to) == ("publicity", "town_check"):
        days = rules.number("clear_publicity_min_days")
        if clearance.public_since is None or now < clearance.public_since + timedelta(days=days):
            raise PublishedTooBriefly(_("公示不得少于%(days)g天，期满后再报乡镇审核。") % {"days": days})
    if move.to in {"refused", "visit"} and not move.note and not move.reasons:
        raise Unexplained(_("不予消除或收到异议，都要写明理由。"))


def _check_hands(moves: Sequence[Move], found: Mapping[int, Clearance], by: User) -> None:
    decided = [move.clearance_id for move in moves if found[move.clearance_id].state == "county_decide"]
    if decided and not by.is_machine and queries.signed_by(by, decided, "town_check"):
        raise SignedBefore(_("乡镇审核和县级审批不能由同一个人办理。"))


def _check_ready(cleared: Sequence[Clearance], now: datetime) -> None:
    """Judged again on the day it is signed: months pass between the first word and the last."""
    verdicts = queries.verdicts([each.episode for each in cleared], now.date())
    at_risk = queries.newly_at_risk(cleared)
    for each in cleared:
        if not verdicts[each.episode_id].ready:
            raise NotCleared(_("农户 %(code)s 还不符合消除条件，继续监测。") % {"code": each.episode.household.code})
        if each.pk in at_risk:
            raise NotCleared(_("农户 %(code)s 有新的风险线索，核实之前不能消除。")
                             % {"code": each.episode.household.code})  # fmt: skip


def _moved(move: Move, clearance: Clearance, assisted: set[int], now: datetime) -> tuple[Any, ...]:
    """The clearance's new columns, in the order of `MOVED`, and its key."""
    public_since = now if move.to == "publicity" else clearance.public_since
    closed_at = now if move.to in ENDS else None
    how = ("assisted" if clearance.pk in assisted else "natural") if move.to == "cleared" else ""
    reasons = list(move.reasons) or ([move.note] if move.to == "refused" else clearance.reasons)
    return (move.to, clearance.version + 1, public_since, closed_at, how, reasons, clearance.pk)


def _clear(episodes: Sequence[Episode], by: User, now: datetime) -> None:
    """End the episodes, the registry's categories and the monthly clocks."""
    Episode.objects.filter(pk__among=[each.pk for each in episodes]).update(cleared_at=now)
    end_categories(changes=[(each.household_id, each.category, now.date()) for each in episodes], by=by)
    known = queries.checked(each.pk for each in episodes)
    abouts = [_check(each, max(known[each.pk], default=each.entered_at)) for each in episodes]
    stop_clocks(kind="check", abouts=abouts, at=now)
