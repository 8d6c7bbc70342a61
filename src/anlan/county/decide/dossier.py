"""What the pages of the decision show: the queue's rows, a case's chain and grounds, a village's notice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from anlan.county import clock
from anlan.county.decide import queries, wording
from anlan.county.decide.chain import clock_kind
from anlan.county.decide.models import Case, Step
from anlan.county.decide.rules import (
    AXES,
    CATEGORIES,
    CHAIN,
    MACHINE,
    MOVES,
    OWNERS,
    PERMISSIONS,
    STATES,
)
from anlan.county.discover.rules import about as lead_subject
from anlan.county.discover.rules import case_about as case_subject
from anlan.county.office.models import Clock, Division, User
from anlan.county.sense.models import Event
from anlan.engine import policy
from anlan.engine.policy import Parameter


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a queue, with the clock of its state and that of the whole chain."""

    case: Case
    state: str
    proposed: str
    clock: Clock | None
    total: Clock | None


def rows(cases: Iterable[Case]) -> list[Row]:
    """The cases of one page with their clocks, in two queries."""
    page = list(cases)
    clocks = _clocks(page)
    return [
        Row(
            case, str(STATES[case.state]), proposed(case),
            clocks.get((clock_kind(MACHINE.states[case.state]), _about(case))),
            clocks.get(("total", lead_subject(case.event.code, case.household.code))),
        )
        for case in page
    ]  # fmt: skip


def _about(case: Case) -> str:
    return case_subject(case.event.code, case.household.code)


def _clocks(cases: Sequence[Case]) -> dict[tuple[str, str], Clock]:
    abouts = [_about(case) for case in cases]
    abouts += [lead_subject(case.event.code, case.household.code) for case in cases]
    return {(each.kind, each.about): each for each in Clock.objects.filter(about__in=abouts)}


def proposed(case: Case) -> str:
    """The engine's proposal in a word: the category, or that none applies."""
    if not case.proposal.get("at_risk"):
        return str(STATES["not_confirmed"])
    return str(CATEGORIES.get(case.proposal.get("category", ""), STATES["entered"]))


def against(user: User) -> tuple[int, list[tuple[str, int]]]:
    """How many cases were decided against the proposal in this person's divisions, and how often in which state."""
    found = queries.against(user)
    return found.cases, [(str(STATES[state]), number) for state, number in found.by_state.items()]


def tabs(user: User) -> list[tuple[str, str, int]]:
    """The states this person acts in, with how many cases wait in each."""
    states = queries.mine(user)
    waiting = Case.objects.visible_to(user).filter(state__in=states).order_by()
    counts = dict(waiting.values_list("state").annotate(Count("id")))
    return [(state, str(STATES[state]), counts.get(state, 0)) for state in states]


def moves(case: Case, user: User) -> list[tuple[str, str]]:
    """The moves this person may make now, with the words of their buttons, the way forward first."""
    state = MACHINE.states[case.state]
    if not user.may(PERMISSIONS[state.owner], case.household.division_id):
        return []
    if case.state in MACHINE.ends() and queries.open_episodes([case.household_id]):
        return []
    order = [*CHAIN, "objection", "not_confirmed"]
    return [(name, str(MOVES[name])) for name in sorted(state.after, key=order.index)]


def following(case: Case, user: User) -> Case | None:
    """The next case in this person's queue after this one; none that still has to hang in the village."""
    days = policy.on(clock.today()).number("clock_publicity_min_days")
    hanging = Q(state="publicity", public_since__gt=clock.now() - timedelta(days=days))
    waiting = queries.queue(user).exclude(pk=case.pk).exclude(hanging)
    later = Q(lead_at__gt=case.lead_at) | Q(lead_at=case.lead_at, household__code__gt=case.household.code)
    return waiting.filter(later).first() or waiting.first()


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the chain as it is drawn: done, now, later or failed, with who owns it and what its clock says."""

    title: str
    how: str
    owner: str
    at: datetime | None
    by: str
    note: str
    clock: Clock | None


@dataclass(frozen=True, slots=True)
class Ground:
    """A reason of the proposal as a sentence, with the figure of policy it rests on."""

    text: str
    axis: str
    parameter: Parameter | None
    basis: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything a case page shows beside the case itself."""

    stages: list[Stage]
    proposed: str
    grounds: list[Ground]
    axes: list[tuple[str, bool]]
    unknown: list[str]
    total: Clock | None
    formalities: Clock | None  # of help that came before the decision
    reasons: list[str]


def dossier(case: Case) -> Dossier:
    """The chain with its dates, owners and clocks, and the grounds of the proposal."""
    clocks = _clocks([case])
    broken = case.proposal.get("axes", ())
    return Dossier(
        stages=_stages(case, clocks),
        proposed=proposed(case),
        grounds=grounds(case.proposal.get("reasons", ()), case.policy_day),
        axes=[(str(title), axis not in broken) for axis, title in AXES.items()],
        unknown=[str(AXES[axis]) for axis in case.proposal.get("unknown", ())],
        total=clocks.get(("total", lead_subject(case.event.code, case.household.code))),
        formalities=clocks.get(("formalities", lead_subject(case.event.code, case.household.code))),
        reasons=[wording.short(reason) for reason in case.reasons],
    )


def grounds(reasons: Iterable[dict[str, Any]], day: Any) -> list[Ground]:
    """Reasons as they were stored, in words, each with its parameter as it stood on the policy day."""
    rules = policy.on(day)
    return [
        Ground(
            wording.sentence(reason), str(AXES.get(reason["axis"], reason["axis"])),
            rules.parameter(reason["parameter"]) if reason.get("parameter") else None, reason.get("basis", ""),
        )
        for reason in reasons
    ]  # fmt: skip


def _stages(case: Case, clocks: dict[tuple[str, str], Clock]) -> list[Stage]:
    left = {step.before: step for step in case.steps.select_related("by")}
    shown = [name for name in CHAIN if name != "entered" or case.state != "not_confirmed"]
    if "objection" in left or case.state == "objection":
        shown.insert(shown.index("publicity") + 1, "objection")
    if case.state == "not_confirmed":
        shown = [name for name in shown if name in left] + ["not_confirmed"]
    return [_stage(name, case, left.get(name), clocks) for name in shown]


def _stage(name: str, case: Case, step: Step | None, clocks: dict[tuple[str, str], Clock]) -> Stage:
    state = MACHINE.states[name]
    here = name == case.state
    how = "now" if here else "done" if step is not None and _is_past(name, case) else "later"
    if here and name in MACHINE.ends():
        how = "failed" if name == "not_confirmed" else "done"
    past = step if how == "done" else None
    clock = clocks.get((clock_kind(state), _about(case))) if how in {"now", "done"} and state.clock else None
    at = case.closed_at if here and name in MACHINE.ends() else past.at if past else None
    by, note = (past.by.name, past.note) if past else ("", "")
    return Stage(str(STATES[name]), how, str(OWNERS[state.owner]), at, by, note, clock)


def _is_past(name: str, case: Case) -> bool:
    """Whether a state lies behind where the case stands now: after an objection the chain is walked again."""
    order = [*CHAIN[:2], "objection", *CHAIN[2:], "not_confirmed"]
    return name == "objection" or order.index(name) < order.index(case.state)


@dataclass(frozen=True, slots=True)
class Public:
    """A household as it may be shown to everybody: nothing by which a stranger finds or shames it."""

    name: str
    place: str
    size: int
    category: str


@dataclass(frozen=True, slots=True)
class Notice:
    """The households under publicity in a village after an event, and the days it hangs."""

    households: list[Public]
    since: datetime | None
    until: datetime | None


def notice(event: Event, village: Division) -> Notice:
    """What the village hangs up: masked name, group, size, category. No number, phone, account or health."""
    cases = list(
        Case.objects.filter(event=event, household__division=village, state="publicity")
        .select_related("household__division")
        .order_by("household__group_no", "household__code")
    )
    moments = [case.public_since for case in cases if case.public_since is not None]
    since = max(moments, default=None)
    days = policy.on(since.date()).number("clock_publicity_min_days") if since else 0.0
    households = [shown(case) for case in cases]
    return Notice(households, since, since + timedelta(days=days) if since else None)


def shown(case: Case) -> Public:
    """A case's household as the village may see it."""
    household, category = case.household, case.category or case.proposal.get("category", "")
    place = f"{household.division.name}{household.group_no}组"
    return Public(masked(household.head_name), place, household.size, str(CATEGORIES.get(category, "")))


def masked(name: str) -> str:
    """张三 → 张*, however long the name."""
    return f"{name[:1]}*"


def notices(user: User) -> list[Any]:
    """The villages in this person's divisions in which something is under publicity."""
    cases = Case.objects.visible_to(user).filter(state="publicity").order_by()
    places = cases.values("event__code", "event__title", "household__division_id", "household__division__name")
    return list(places.annotate(number=Count("id")).order_by("household__division_id", "event__code"))
