"""Questions to the cases: what waits for whom, what the engine proposes, who is under monitoring."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet

from anlan.county.decide.models import Case, Episode, Step
from anlan.county.decide.rules import MACHINE, PERMISSIONS
from anlan.county.decide.tables.wordings import county_book
from anlan.county.discover.models import Source
from anlan.county.discover.rules import is_news
from anlan.county.office.models import Scoped, User
from anlan.county.registry.models import Category, Income
from anlan.county.sense.models import Event
from anlan.county.verify.models import Finding, Visit
from anlan.county.verify.queries import axis_of, second_looks
from anlan.county.verify.rules import AXES, lost_ratio
from anlan.engine import policy
from anlan.engine.eligibility import risk

# Of household and event a batch needs these alone; an event's polygons a thousand times over would be slow.
NAMED = ("household__code", "household__division_id", "event__code", "event__hazard")
LED = ("lead__opened_at", "lead__green", "lead__household__size", *(f"lead__{name}" for name in NAMED))


def undecided(user: User) -> QuerySet[Finding]:
    """Matched findings that nobody has opened a case for, in the order of their households.

    Whom one visitor's figures would leave out by little waits for another one's.
    """
    alone = list(second_looks(user).values_list("pk", flat=True))
    return (
        Finding.objects.visible_to(user)
        .filter(matched_at__isnull=False, case__isnull=True)
        .exclude(pk__among=alone)
        .select_related("lead__household", "lead__event")
        .only(*(field.name for field in Finding._meta.concrete_fields), *LED)
        .order_by("lead__household__code", "lead__event__code")
    )


def proposals(findings: Sequence[Finding], on: date) -> dict[int, dict[str, Any]]:
    """What the engine proposes for each finding (by id) under the policy of a day, with its reasons."""
    rules, book = policy.on(on), county_book()
    households = [finding.lead.household_id for finding in findings]
    held = Category.objects.filter(kind="ex_poor", household_id__among=households).on(on)
    ex_poor = set(held.values_list("household_id", flat=True))
    before = dict(_incomes(households))
    proposed = {}
    for finding in findings:
        household = finding.lead.household
        earned = before.get(household.pk)
        per_head = None if earned is None else earned / max(household.size, 1)
        facts = _facts(finding, household.pk in ex_poor, per_head)
        proposed[finding.pk] = _document(risk.assess(facts, rules, book))
    return proposed


def _facts(finding: Finding, ex_poor: bool, before_per_head_yuan: float | None) -> risk.Facts:
    income = finding.income_per_head_yuan
    return risk.Facts(
        income_per_head_yuan=income,
        rigid_per_head_yuan=finding.rigid_per_head_yuan,
        ex_poor=ex_poor,
        food=finding.food_secured,
        clothing=finding.clothing_secured,
        schooling=finding.schooling_secured,
        medical=finding.medical_secured,
        home=finding.home_safe,
        water=finding.water_safe,
        income_dropped_ratio=None if before_per_head_yuan is None else _dropped(before_per_head_yuan, income),
        lost_ratio=lost_ratio(finding.losses_yuan, finding.lead.household.size, income),
    )


def _dropped(before_yuan: float, after_yuan: float) -> float:
    dropped = 1.0 - after_yuan / before_yuan if before_yuan > 0 else 0.0
    return min(max(dropped, 0.0), 1.0)


def _document(assessment: risk.Assessment) -> dict[str, Any]:
    return {
        "at_risk": assessment.at_risk,
        "category": assessment.category,
        "axes": list(assessment.axes),
        "reasons": [asdict(reason) for reason in assessment.reasons],
        "unknown": list(assessment.unknown),
        "policy_day": assessment.policy_day.isoformat(),
    }


def _incomes(households: Sequence[int]) -> Iterator[tuple[int, float]]:
    """Each household's twelve months before the event, net of what it cost to earn them (yuan)."""
    names = ("household_id", "wage_yuan", "business_yuan", "business_cost_yuan", "property_yuan", "transfer_yuan")
    for row in Income.objects.filter(household_id__among=households).values_list(*names):
        household, wage, business, cost, property_, transfer = row
        yield household, wage + business - cost + property_ + transfer


def by_ids(ids: Iterable[int]) -> dict[int, Case]:
    """Cases by id with household and event, locked until the deed is done; missing ids are left out."""
    return {
        case.pk: case
        for case in Case.objects.filter(pk__among=set(ids))
        .select_related("household", "event")
        .only(*(field.name for field in Case._meta.concrete_fields), *NAMED)
        .select_for_update(of=("self",))
    }


def signed_by(user: User, cases: Iterable[int], state: str) -> set[int]:
    """Which of these cases this person already moved on from a state."""
    signed = Step.objects.filter(by=user, case_id__among=list(cases), before=state)
    return set(signed.values_list("case_id", flat=True))


def told_again(user: User) -> list[Case]:
    """Decided cases whose household was reported with something new since, those under monitoring left out.

    Whoever is under monitoring is visited every month: see the follow-up.
    """
    decided = Case.objects.visible_to(user).filter(state__in=MACHINE.ends(), finding__lead__news_at__gt=F("closed_at"))
    found = decided.filter(~Exists(monitored())).select_related("finding").order_by("household__code", "event__code")
    return [case for case in found if any(is_beyond(case.finding, each) for each in told_since(case))]


def is_beyond(finding: Finding, source: Source) -> bool:
    """Whether a report says more than somebody saw at the door: what was found there was weighed in the decision."""
    broken = {axis_of(name) for name in AXES if not getattr(finding, name)}
    seen = {kind for kind, yuan in finding.losses_yuan.items() if yuan} | broken
    claim = {name: source.claim[name] for name in ("kinds", "loss_yuan", "text") if name in source.claim}
    weighed = {"kinds": sorted(seen), "loss_yuan": sum(finding.losses_yuan.values())}
    return is_news(source.door, claim, [(source.door, weighed)])


def monitored() -> QuerySet[Episode]:
    """The open episode of a case's household."""
    return Episode.objects.filter(household=OuterRef("household"), cleared_at__isnull=True)


def told_since(case: Case) -> list[Source]:
    """What was reported of a case's household after the finding was made, the oldest first."""
    finding = case.finding
    return list(Source.objects.filter(lead=finding.lead_id, at__gt=finding.made_at).order_by("at", "id"))


def last_steps(cases: Iterable[int], state: str) -> dict[int, datetime]:
    """When each of these cases last came into a state."""
    steps = Step.objects.filter(case_id__among=list(cases), after=state).order_by("at")
    return dict(steps.values_list("case_id", "at"))


def mine(user: User) -> list[str]:
    """The states in which this person may move a case on."""
    return [
        name
        for name, state in MACHINE.states.items()
        if name not in MACHINE.ends() and user.may(PERMISSIONS[state.owner])
    ]  # fmt: skip


def queue(user: User, state: str = "") -> Scoped[Case]:
    """Cases waiting for this person, the oldest lead first; of one state where it is named."""
    states = [state] if state else mine(user)
    return (
        Case.objects.visible_to(user)
        .filter(state__in=states)
        .select_related("household__division", "event")
        .order_by("lead_at", "household__code", "event__code")
    )


def open_cases(user: User, event: Event | None = None) -> Scoped[Case]:
    """Every case not yet closed in this person's divisions, the oldest lead first."""
    cases = Case.objects.visible_to(user).filter(closed_at__isnull=True)
    if event is not None:
        cases = cases.filter(event=event)
    return cases.select_related("household__division", "event").order_by("lead_at", "household__code")


def open_episodes(households: Iterable[int]) -> dict[int, Episode]:
    """The open episode of each of these households that has one, by household id."""
    running = Episode.objects.filter(household_id__among=set(households), cleared_at__isnull=True)
    return {episode.household_id: episode for episode in running}


def visited_before(case: Case, moment: datetime) -> set[int]:
    """Who (by id) had stood at a case's door before a moment."""
    earlier = Visit.objects.filter(lead=case.finding.lead_id, at__lt=moment)
    return set(earlier.values_list("by_id", flat=True))


def with_findings(ids: Iterable[int]) -> QuerySet[Case]:
    """Cases by id with the finding, lead and household they came from."""
    cases = Case.objects.filter(pk__among=list(ids)).order_by("id")
    return cases.select_related("finding__lead__household", "finding__lead__event", "finding__visit__by")


@dataclass(frozen=True, slots=True)
class Against:
    """How many cases a judging hand turned the engine's proposal around in, and how often in which state."""

    cases: int
    by_state: dict[str, int]


def against(user: User, event: Event | None = None) -> Against:
    """Decisions against the proposal in this person's divisions, of one event where it is named."""
    steps = Step.objects.visible_to(user).filter(against=True)
    if event is not None:
        steps = steps.filter(case__event=event)
    by_state = steps.order_by().values_list("before").annotate(number=Count("id")).order_by("before")
    return Against(steps.order_by().values("case").distinct().count(), dict(by_state))
