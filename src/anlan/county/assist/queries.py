"""Questions to the measures: what is offered, what waits for whom, what a household still lacks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from anlan.county.assist import rules
from anlan.county.assist.models import Measure
from anlan.county.assist.rules import BUTTONS, CATALOGUE, NEEDS, PENDING, STATES
from anlan.county.decide.models import Case, Episode
from anlan.county.decide.queries import NAMED
from anlan.county.decide.rules import AXES
from anlan.county.discover.models import Lead
from anlan.county.discover.rules import about as lead_subject
from anlan.county.office.models import Clock, Division, Scoped, User
from anlan.county.office.roles import ROLES
from anlan.county.paging import ticked
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
from anlan.engine.hazard.taxonomy import HAZARDS

MOST = 500  # measures ticked at once


def proposed(axes: Sequence[str], hazard: str) -> list[str]:
    """The kinds of help offered for broken axes after a disaster of this kind."""
    known = HAZARDS.get(hazard)
    return rules.proposed(axes, (hazard, known.root) if known else (hazard,))


def by_ids(ids: Iterable[int]) -> dict[int, Measure]:
    """Measures by id with household and event, locked until the deed is done; missing ids are left out."""
    return {
        measure.pk: measure
        for measure in Measure.objects.filter(pk__among=set(ids))
        .select_related("household", "event")
        .only("state", "kind", "owner_id", "delivered_at", *NAMED)
        .select_for_update(of=("self",))
    }


def places(ids: Iterable[int]) -> dict[int, tuple[str, str, int]]:
    """Code, village and size of households by id; missing ids are left out."""
    return {
        household: (code, division, size)
        for household, code, division, size in Household.objects.filter(pk__among=set(ids)).values_list(
            "id", "code", "division_id", "size"
        )
    }


def event_codes(ids: Iterable[int]) -> dict[int, str]:
    """Codes of events by id; missing ids are left out."""
    return dict(Event.objects.filter(pk__in=set(ids)).values_list("id", "code"))


def standing(households: Iterable[int]) -> dict[tuple[int, int, str], tuple[int, int | None]]:
    """Measures not stopped, by event, household and kind: their id and episode."""
    return {
        (event, household, kind): (measure, episode)
        for event, household, kind, measure, episode in Measure.objects.filter(household_id__among=set(households))
        .exclude(state="stopped")
        .values_list("event_id", "household_id", "kind", "id", "episode_id")
    }


def undecided(measures: Iterable[Measure]) -> list[Measure]:
    """Of these measures, those given before anybody decided on the household's lead; one of each lead, the first."""
    first = {(each.event_id, each.household_id): each for each in reversed(list(measures))}
    households = {household for _event, household in first}
    leads = Lead.objects.filter(household_id__among=households, closed_at__isnull=True)
    decided = Case.objects.filter(finding__lead=OuterRef("pk"), closed_at__isnull=False)
    waiting = set(leads.filter(~Exists(decided)).values_list("event_id", "household_id"))
    abouts = [lead_subject(each.event.code, each.household.code) for each in first.values()]
    begun = Clock.objects.filter(kind="formalities", about__among=abouts, stopped_at__isnull=True)
    running = set(begun.values_list("about", flat=True))
    return [
        each
        for key, each in first.items()
        if key in waiting and lead_subject(each.event.code, each.household.code) not in running
    ]


def episodes(ids: Iterable[int]) -> dict[int, Episode]:
    """Episodes by id with household and the event they began with."""
    return {
        episode.pk: episode
        for episode in Episode.objects.filter(pk__among=set(ids))
        .select_related("household", "case__event")
        .only("axes", "household__code", "case__event__code")
    }


def departments_of(user: User) -> set[str] | None:
    """The departments whose measures this person delivers; None for all, as for a township or the program itself."""
    posts = [held for held in user.current() if "assist.deliver" in ROLES[held.role].permissions]
    if user.is_machine or any(held.department_id is None for held in posts):
        return None
    return {held.department_id for held in posts if held.department_id}


def queue(
    user: User, *, state: str = "", department: str = "", township: str = "", event: Event | None = None
) -> Scoped[Measure]:
    """Measures in this person's divisions, the most pressing first; those still to be done where no state is named."""
    found = Measure.objects.visible_to(user).filter(state__in=[state] if state else PENDING)
    if department:
        found = found.filter(owner_id=department)
    if township:
        found = found.within(township)
    if event is not None:
        found = found.filter(event=event)
    return found.select_related("household__division", "event", "owner").order_by("due_at", "household__code", "kind")


def of_household(event: Event, household: Household) -> QuerySet[Measure]:
    """Every measure for a household after an event, the oldest first."""
    return (
        Measure.objects.filter(event=event, household=household)
        .select_related("owner", "planned_by", "delivered_by")
        .order_by("planned_at", "kind")
    )


@dataclass(frozen=True, slots=True)
class Need:
    """One of the five needs of a hit household (W6), and how it stands: met, coming, or nothing arranged."""

    title: str
    state: str


def needs(measures: Sequence[Measure]) -> list[Need]:
    """The basic-living checklist from a household's measures after an event."""
    arranged: dict[str, set[str]] = {need: set() for need in NEEDS}
    for measure in measures:
        need = CATALOGUE[measure.kind].need
        if need and measure.state != "stopped":
            arranged[need].add(measure.state)
    return [Need(str(title), _state(arranged[need])) for need, title in NEEDS.items()]


def _state(states: set[str]) -> str:
    if states & {"delivered", "receipted"}:
        return "met"
    return "coming" if states else "none"


@dataclass(frozen=True, slots=True)
class Row:
    """A measure in the queue with the words of its kind and state."""

    measure: Measure
    kind: str
    state: str


def rows(measures: Iterable[Measure]) -> list[Row]:
    """The measures of one page in words."""
    return [Row(each, CATALOGUE[each.kind].title, str(STATES[each.state])) for each in measures]


def owners(user: User) -> list[tuple[str, str]]:
    """The departments that own measures in this person's divisions: key and name."""
    measures = Measure.objects.visible_to(user).order_by()
    return list(measures.values_list("owner_id", "owner__name").distinct().order_by("owner__name"))


def townships(user: User) -> list[tuple[str, str]]:
    """The townships this person works for: code and name."""
    places = Division.objects.visible_to(user).filter(level="township").order_by("code")
    return list(places.values_list("code", "name"))


def steps(user: User, wanted: Mapping[str, str]) -> list[tuple[str, str]]:
    """What this person may do with measures ticked in a queue of one state: the next state and its button."""
    if wanted["state"] == "delivered":
        return [("receipted", str(BUTTONS["receipted"]))] if user.may("assist.receipt") else []
    if wanted["state"] not in {"", *PENDING} or not user.may("assist.deliver"):
        return []
    offered = ["delivered"] if wanted["state"] == "delivering" else ["delivering", "delivered"]
    return [(to, str(BUTTONS[to])) for to in offered]


def seen(user: User, ids: Iterable[str]) -> list[int]:
    """Of these measures (as a form sends them) the ones this person may see."""
    numbers = ticked(ids)[:MOST]
    return list(Measure.objects.visible_to(user).filter(pk__in=numbers).values_list("id", flat=True))


def as_planned(ids: Iterable[int], at: datetime) -> list[tuple[int, float, datetime]]:
    """Deliveries of measures at a moment, each with the amount that was planned."""
    amounts = Measure.objects.filter(pk__in=list(ids)).order_by("id").values_list("id", "amount_yuan")
    return [(measure, yuan, at) for measure, yuan in amounts]


def may(measure: Measure, user: User) -> set[str]:
    """What this person may do with a measure as it stands: deliver, receipt, stop."""
    place = measure.household.division_id
    found = set()
    if measure.state in PENDING and user.may("assist.deliver", place):
        found.add("deliver")
    if measure.state in PENDING and user.may("assist.plan", place):
        found.add("stop")
    if measure.state == "delivered" and user.may("assist.receipt", place):
        found.add("receipt")
    return found


@dataclass(frozen=True, slots=True)
class Planning:
    """What a planner sees of a household after an event."""

    measures: list[Row]
    needs: list[Need]
    axes: list[str]
    offered: list[str]
    episode_id: int | None


def planning(event: Event, household: Household) -> Planning:
    """A household's measures and needs after an event, and the kinds offered for its broken axes."""
    measures = list(of_household(event, household))
    episode = Episode.objects.filter(household=household, cleared_at__isnull=True).first()
    case = Case.objects.filter(event=event, household=household).first()
    axes = list(episode.axes) if episode else list(case.proposal.get("axes", ())) if case else []
    running = {each.kind for each in measures if each.state != "stopped"}
    offered = [kind for kind in proposed(axes, event.hazard) if kind not in running]
    return Planning(
        rows(measures), needs(measures), [str(AXES[axis]) for axis in axes], offered, episode.pk if episode else None
    )  # fmt: skip
