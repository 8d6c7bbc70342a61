"""Drawing cleared households by lot, and what was found there; a clearance that was wrong is taken back."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.clear.models import Clearance, Recheck
from anlan.county.clear.queries import day, doubtful
from anlan.county.clear.recheck import queries
from anlan.county.clear.rules import drawn, subject
from anlan.county.decide.models import Episode
from anlan.county.decide.rules import AXES, check_subject
from anlan.county.errors import BadInput, NotAllowed, Refused
from anlan.county.ledger.actions import record
from anlan.county.ledger.models import Head
from anlan.county.office.actions import start_clocks, stop_clocks
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.registry.actions import categorise
from anlan.engine import policy


class DrawnBefore(Refused):
    """The month has been drawn."""


class DoneBefore(Refused):
    """Somebody has looked already."""


class OwnWork(NotAllowed):
    """Whoever had a hand in a clearance does not check it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen at a cleared household: income over twelve months, and the axes that do not hold."""

    income_per_head_yuan: float
    broken: tuple[str, ...] = ()


@transaction.atomic
def draw(*, month: date, by: User, seed: str = "") -> list[Recheck]:
    """Draw from what was cleared in a month that is over: the day's share by lot, and whoever left too soon.

    The seed is the head of the ledger unless one is given; it is kept there, so that anybody can draw again.
    """
    check(by, "clear.county")
    first, last = queries.bounds(month)
    now = clock.now()
    if last > now:
        raise BadInput(_("这个月还没有结束，月底以后再抽取。"))
    cleared = {each.episode.household.code: each for each in queries.cleared(by, first, last)}
    if Recheck.objects.filter(clearance__in=[each.pk for each in cleared.values()]).exists():
        raise DrawnBefore(_("这个月消除的农户已经抽取过复核名单。"))
    rules = policy.on(now.date())
    lot = seed or Head.objects.get().hash
    early = {code for code, each in cleared.items() if doubtful(each)}
    chosen = sorted({*drawn(cleared, rules.number("recheck_share"), lot), *early})
    made = [
        Recheck.objects.create(clearance=cleared[code], why="early" if code in early else "lot", drawn_at=now)
        for code in chosen
    ]
    due = now + timedelta(days=rules.number("clock_recheck_days"))
    for each in made:
        episode = each.clearance.episode
        start_clocks(kind="recheck", things=[(_about(each.clearance), episode.household.division_id)], unit="county",
                     at=now, due_at=due, event_code=episode.case.event.code)  # fmt: skip
    record("clear.draw", about=f"month:{month:%Y%m}", by=by.username, seed=lot, cleared=len(cleared), drawn=len(made),
           early=len(early))  # fmt: skip
    return made


@transaction.atomic
def look(*, recheck: Recheck, found: Found, by: User) -> bool:
    """Record what was found. Returns whether the clearance stands; where it does not the episode goes on."""
    held = Recheck.objects.select_for_update(of=("self",)).get(pk=recheck.pk)
    clearance = Clearance.objects.select_related("episode__household", "episode__case__event").get(pk=held.clearance_id)
    episode = clearance.episode
    check(by, "clear.county" if by.may("clear.county") else "clear.town", episode.household.division_id)
    if held.done_at is not None:
        raise DoneBefore(_("这一户已经复核过。"))
    if queries.had_a_hand(by, clearance):
        raise OwnWork(_("经手过这户跟踪或消除的人，不能复核这一户。"))
    if unknown := set(found.broken) - set(AXES):
        raise BadInput(_("没有“%(axis)s”这项指标。") % {"axis": min(unknown)})
    now = clock.now()
    below = found.income_per_head_yuan < policy.on(now.date()).number("monitoring_line_yuan")
    broken = [axis for axis in AXES if axis in found.broken or (below and axis == "income")]
    Recheck.objects.filter(pk=held.pk).update(
        done_at=now, by=by, income_per_head_yuan=found.income_per_head_yuan, broken=broken, holds=not broken
    )
    stop_clocks(kind="recheck", abouts=[_about(clearance)], at=now)
    record("clear.recheck", about=_about(clearance), by=by.username, holds=not broken, broken=broken)
    if broken and not queries.monitored_again(episode):
        _take_back(clearance, by, now)
    return not broken


def _take_back(clearance: Clearance, by: User, now: datetime) -> None:
    """The episode goes on as if it had not ended, with a check due."""
    episode = clearance.episode
    Episode.objects.filter(pk=episode.pk).update(cleared_at=None)
    categorise(changes=[(episode.household_id, episode.category, now.date())], by=by, source="clear")
    days = policy.on(now.date()).number("clock_check_days")
    since = max([each.at for each in episode.checks.all()], default=episode.entered_at)
    about = check_subject(episode.case.event.code, episode.household.code, f"{day(since):%Y%m%d}")
    start_clocks(kind="check", things=[(about, episode.household.division_id)], unit="village", at=now,
                 due_at=now + timedelta(days=days), event_code=episode.case.event.code)  # fmt: skip
    record("clear.reverse", about=_about(clearance), by=by.username)


def _about(clearance: Clearance) -> str:
    episode = clearance.episode
    return subject(episode.case.event.code, episode.household.code, f"{day(clearance.opened_at):%Y%m%d}")
