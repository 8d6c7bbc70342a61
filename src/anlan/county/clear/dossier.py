"""What the pages of the follow-up show: an episode with its checks, its verdict, its way to clearance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from anlan.county.assist.models import Measure
from anlan.county.assist.queries import Row as Help
from anlan.county.assist.queries import rows as helped
from anlan.county.clear import queries
from anlan.county.clear.models import Check, Clearance, Recheck
from anlan.county.clear.rules import CHAIN, HOW, MACHINE, MOVES, PERMISSIONS, STATES, subject
from anlan.county.decide import wording
from anlan.county.decide.chain import clock_kind
from anlan.county.decide.dossier import Stage
from anlan.county.decide.models import Episode
from anlan.county.decide.rules import AXES, CATEGORIES, OWNERS, check_subject
from anlan.county.decide.tables.telling import value
from anlan.county.office.models import Clock, User
from anlan.engine.policy.tables import Explained

MET = {"yes": _("有，不能消除"), "no": _("没有"), "unknown": _("不明，不能消除")}


@dataclass(frozen=True, slots=True)
class Row:
    """An episode in the list with the clock of its next check."""

    episode: Episode
    category: str
    checked_at: datetime | None
    clock: Clock | None
    told: bool  # something new was reported since the last check


def rows(episodes: Iterable[Episode]) -> list[Row]:
    """The episodes of one page with the clock of the check due next, in one query more."""
    page = list(episodes)
    abouts = {episode.pk: _check(episode, getattr(episode, "checked_at", None)) for episode in page}
    clocks = {each.about: each for each in Clock.objects.filter(kind="check", about__in=abouts.values())}
    return [
        Row(each, str(CATEGORIES.get(each.category, each.category)), getattr(each, "checked_at", None),
            clocks.get(abouts[each.pk]), getattr(each, "told", False))
        for each in page
    ]  # fmt: skip


def _check(episode: Episode, since: datetime | None) -> str:
    day = queries.day(since or episode.entered_at)
    return check_subject(episode.case.event.code, episode.household.code, f"{day:%Y%m%d}")


def tabs(user: User) -> list[tuple[str, str, int]]:
    """The states of clearances this person acts in, with how many wait in each."""
    states = queries.mine(user)
    waiting = Clearance.objects.visible_to(user).filter(state__in=states).order_by()
    counts = dict(waiting.values_list("state").annotate(Count("id")))
    return [(state, str(STATES[state]), counts.get(state, 0)) for state in states]


@dataclass(frozen=True, slots=True)
class Look:
    """A check with the names of what did not hold."""

    check: Check
    broken: list[str]


@dataclass(frozen=True, slots=True)
class Criterion:
    """Something that would speak against clearing: whether it does, what was looked at, on which document."""

    title: str
    outcome: str  # yes, no, unknown
    said: str
    used: list[str]
    basis: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything an episode's page shows beside the episode itself."""

    category: str
    axes: list[str]
    looks: list[Look]
    ready: bool
    grounds: list[str]
    criteria: list[Criterion]
    measures: list[Help]
    clearance: Clearance | None
    stages: list[Stage]
    how: str
    doubtful: bool
    next_check: Clock | None
    recheck: Recheck | None
    others: list[Episode]


def dossier(episode: Episode, on: date) -> Dossier:
    """Checks, the engine's verdict of the day with its reasons, measures, and the chain of the last clearance."""
    verdict = queries.verdicts([episode], on)[episode.pk]
    checks = list(episode.checks.select_related("by").order_by("-at"))
    clearance = episode.clearances.order_by("-opened_at", "-id").first()
    measures = Measure.objects.filter(household=episode.household, event=episode.case.event).select_related("owner")
    about = _check(episode, checks[0].at if checks else None)
    return Dossier(
        category=str(CATEGORIES.get(episode.category, episode.category)),
        axes=[str(AXES[axis]) for axis in episode.axes],
        looks=[Look(each, [str(AXES[axis]) for axis in each.broken]) for each in checks],
        ready=verdict.ready,
        grounds=[
            wording.sentence({"code": each.code, "axis": each.axis, "values": each.values}) for each in verdict.reasons
        ],
        criteria=[_criterion(each) for each in queries.criteria(episode, on)],
        measures=helped(measures.order_by("planned_at", "kind")),
        clearance=clearance,
        stages=_stages(clearance, episode) if clearance else [],
        how=str(HOW.get(clearance.how, "")) if clearance else "",
        doubtful=clearance is not None and queries.doubtful(clearance),
        next_check=Clock.objects.filter(kind="check", about=about, stopped_at__isnull=True).first(),
        recheck=Recheck.objects.filter(clearance=clearance).select_related("by").first() if clearance else None,
        others=queries.others(episode),
    )


def _criterion(each: Explained) -> Criterion:
    used = [f"{used.title} {value(used.value)} {used.unit}".strip() for used in each.used]
    return Criterion(each.version.title, each.outcome, str(MET[each.outcome]), used, each.basis)


def moves(clearance: Clearance | None, episode: Episode, user: User) -> list[tuple[str, str]]:
    """The moves this person may make now, with the words of their buttons, the way forward first."""
    if clearance is None:
        return []
    state = MACHINE.states[clearance.state]
    if not state.after or not user.may(PERMISSIONS[state.owner], episode.household.division_id):
        return []
    here = CHAIN.index(clearance.state)
    forward = sorted(state.after, key=lambda name: CHAIN.index(name) < here if name in CHAIN else True)
    return [(name, str(MOVES[name])) for name in forward]


def _stages(clearance: Clearance, episode: Episode) -> list[Stage]:
    about = subject(episode.case.event.code, episode.household.code, f"{queries.day(clearance.opened_at):%Y%m%d}")
    clocks = {each.kind: each for each in Clock.objects.filter(about=about)}
    left = {step.before: step for step in clearance.steps.select_related("by")}
    shown = CHAIN if clearance.state != "refused" else (*(name for name in CHAIN if name in left), "refused")
    here = shown.index(clearance.state)
    found = []
    for place, name in enumerate(shown):
        state, step = MACHINE.states[name], left.get(name) if place < here else None
        ended = place == here and not state.after
        how = "later" if place > here else "done" if place < here else "now"
        how = ("failed" if name == "refused" else "done") if ended else how
        clock = clocks.get(clock_kind(state)) if how in {"now", "done"} and state.clock else None
        at = clearance.closed_at if ended else step.at if step else None
        by, note = (step.by.name, step.note) if step else ("", "")
        found.append(Stage(str(STATES[name]), how, str(OWNERS[state.owner]), at, by, note, clock))
    return found
