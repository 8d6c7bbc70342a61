"""Questions about leads, sweeps and releases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.discover import rules
from anlan.county.discover.models import Lead, Photo, Source
from anlan.county.foresee.models import Impact
from anlan.county.foresee.queries import latest
from anlan.county.office.models import Clock, Division, Scoped, User
from anlan.county.registry.models import KEY_GROUPS, Category, Household
from anlan.county.sense.models import SCREENING, Event
from anlan.engine import policy
from anlan.engine.values.ground import apart_m

PHONE_TAIL = 4
LATE_REPORTS = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lead or household stands, for permissions, clocks and the ledger."""

    code: str  # the household's
    division: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A lead as a deed finds it."""

    id: int
    state: str
    event: str
    place: Place

    @property
    def about(self) -> str:
        """The lead in the words of clocks and the ledger."""
        return rules.about(self.event, self.place.code)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a visit made of a lead: its new state, the outcome, when, and when to come again if nobody was there."""

    lead: Standing
    state: str  # taken_in (nobody there), found, closed
    outcome: str
    at: datetime
    again_at: datetime | None = None


def places(households: Iterable[int]) -> dict[int, Place]:
    """Code and village of these households; unknown ids are left out."""
    rows = Household.objects.filter(pk__among=set(households)).values_list("id", "code", "division_id")
    return {key: Place(code, division) for key, code, division in rows}


def standing(leads: Iterable[int]) -> dict[int, Standing]:
    """Leads by id as they stand, locked until the deed is done; unknown ids are left out."""
    columns = ("id", "state", "event__code", "household__code", "household__division_id")
    rows = Lead.objects.filter(pk__among=set(leads)).order_by("id")
    list(rows.select_for_update().values_list("id"))
    return {
        key: Standing(key, state, event, Place(code, division))
        for key, state, event, code, division in rows.values_list(*columns)
    }


def known_keys(keys: Iterable[str]) -> set[str]:
    """Which of these report keys a source has already."""
    return set(Source.objects.filter(key__among=list(keys)).values_list("key", flat=True))


def scores(event: Event, households: Sequence[int]) -> dict[int, float]:
    """What the latest impact run expects of these households; those it does not list are left out."""
    run = latest(event)
    listed = Impact.objects.filter(run=run, household_id__among=households if run else [])
    return dict(listed.values_list("household_id", "score"))


def in_key_groups(households: Sequence[int]) -> set[int]:
    """Which of these households are in a group the plan puts first."""
    held = Category.objects.on(clock.today()).filter(kind__in=KEY_GROUPS, household_id__among=households)
    return set(held.values_list("household_id", flat=True))


def in_key_places(households: Sequence[int]) -> set[int]:
    """Which of these households are in a village the plan puts first: a key village, or a remote one."""
    places = Q(division__key_village=True) | Q(division__remote=True)
    return set(Household.objects.filter(places, pk__among=households).values_list("pk", flat=True))


def leads_of(event: Event, households: Mapping[int, Place]) -> list[Lead]:
    """The leads of these households in this event, in the order of household codes."""
    ids = sorted(households, key=lambda household: households[household].code)
    found = {lead.household_id: lead for lead in Lead.objects.filter(event=event, household_id__among=ids)}
    return [found[household] for household in ids if household in found]


def inbox(user: User, event: Event | None = None, states: Sequence[str] = rules.PENDING) -> Scoped[Lead]:
    """Leads within this person's divisions, the most urgent first."""
    found = Lead.objects.visible_to(user).filter(state__in=states)
    found = found.filter(event=event) if event else found
    return (
        found.select_related("household__division", "event")
        .prefetch_related("sources")
        .order_by("-green", "-priority", "household__code")
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A lead on a list: which doors it came through, and what its running clock says."""

    lead: Lead
    doors: list[str]
    kinds: list[str]
    due_at: datetime | None
    overdue: bool
    reasons: list[tuple[str, float]]  # why it stands where it stands: words and points, the weightiest first


def shown(leads: Iterable[Lead]) -> list[Shown]:
    """Leads of one page with their doors, what was hit, and the nearest running deadline."""
    page = list(leads)
    abouts = {rules.about(lead.event.code, lead.household.code): lead.pk for lead in page}
    running = Clock.objects.filter(about__in=abouts, stopped_at__isnull=True, lower=False).exclude(
        kind__in=rules.WHOLE_CLOCKS
    )
    due = {abouts[each.about]: each.due_at for each in running.order_by("-due_at")}
    key_groups = in_key_groups([lead.household_id for lead in page])
    return [_shown(lead, due.get(lead.pk), lead.household_id in key_groups) for lead in page]


def by_state(user: User, event: Event | None = None) -> dict[str, int]:
    """How many leads stand in each state, within this person's divisions; closed and dismissed together as `over`."""
    found = Lead.objects.visible_to(user)
    rows = (found.filter(event=event) if event else found).order_by().values_list("state").annotate(Count("id"))
    counts = dict.fromkeys(rules.STATES, 0) | dict(rows)
    return {**counts, "over": sum(counts[state] for state in rules.OVER)}


def whole(user: User) -> QuerySet[Lead]:
    """Leads this person may open, with what their page shows."""
    sources = Prefetch("sources", Source.objects.order_by("at", "id").prefetch_related("photos"))
    found = Lead.objects.visible_to(user).select_related("event", "household__division", "taken_in_by")
    return found.prefetch_related(sources)


@dataclass(frozen=True, slots=True)
class Pictured:
    """A report with its pictures: of each how far from the house it was taken, where both places are known."""

    source: Source
    pictures: list[tuple[Photo, float | None]]


def pictured(lead: Lead) -> list[Pictured]:
    """A lead's reports with their pictures, as `whole` brought them."""
    home = lead.household
    return [
        Pictured(source, [(each, apart_m(each.lon, each.lat, home.lon, home.lat)) for each in source.photos.all()])
        for source in lead.sources.all()
    ]


def clocks(lead: Lead) -> QuerySet[Clock]:
    """Everything that ran or runs on a lead, in the order in which it began."""
    return Clock.objects.filter(about=rules.about(lead.event.code, lead.household.code)).order_by("started_at", "id")


def reportable_events() -> QuerySet[Event]:
    """Events one may report harm from: those open, and the latest closed ones, for harm shows late."""
    since = clock.now() - LATE_REPORTS
    disasters = Event.objects.exclude(hazard=SCREENING)
    return disasters.filter(Q(closed_at__isnull=True) | Q(closed_at__gte=since)).order_by("-opened_at", "code")


def _shown(lead: Lead, due_at: datetime | None, key_group: bool) -> Shown:
    sources = list(lead.sources.all())
    doors = [str(title) for door, title in rules.DOORS.items() if any(source.door == door for source in sources)]
    claimed = {kind for source in sources for kind in source.claim.get("kinds", ())}
    kinds = [str(title) for kind, title in rules.KINDS.items() if kind in claimed]
    village = lead.household.division
    parts = rules.standing(
        lead.priority, key_group=key_group, doors={source.door for source in sources}, green=lead.green,
        key_place=village.key_village or village.remote,
    )  # fmt: skip
    reasons = [(str(rules.REASONS[part.why]), part.points) for part in parts]
    return Shown(lead, doors, kinds, due_at, due_at is not None and due_at < clock.now(), reasons)


def find(village: str, head_name: str, phone: str) -> Household | None:
    """The one household of a village with this head and the same end of the telephone number, if there is one.

    A name alone is enough only where the registry holds no number for the only bearer of that name.
    """
    named = list(Household.objects.filter(division=village, head_name=head_name.strip()).order_by("code")[:50])
    same = [each for each in named if each.phone and each.phone[-PHONE_TAIL:] == phone.strip()[-PHONE_TAIL:]]
    if same:
        return same[0]
    return named[0] if len(named) == 1 and not named[0].phone else None


def households(user: User, village: str, words: str) -> QuerySet[Household]:
    """Households of one village within this person's divisions, by a part of the head's name or the code's end."""
    found = Household.objects.visible_to(user).filter(division=village)
    return found.filter(Q(head_name__contains=words) | Q(code__endswith=words)).order_by("code") if words else found


def reporting_villages(user: User | None = None) -> Scoped[Division]:
    """The villages one may report from: this person's, or every one for a villager."""
    every = Division.objects.all() if user is None else Division.objects.visible_to(user)
    return every.filter(level="village").order_by("code")


def is_same(key: str, village: str, head_name: str, claim: Mapping[str, object]) -> bool:
    """Whether a report may have this key: nobody has it yet, or it is the same household's and says the same."""
    source = Source.objects.filter(key=key).select_related("lead__household").first()
    if source is None:
        return True
    household = source.lead.household
    return (household.division_id, household.head_name) == (village, head_name.strip()) and source.claim == claim


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a villager may read about a report: how far it is, never about whom."""

    key: str
    at: datetime
    event: Event
    state: str  # the lead's, or "received" while nothing has happened since the report; later `case_` and the step
    due_at: datetime | None
    office: str = ""  # who has it now; empty where nobody need do anything
    step_due_at: datetime | None = None


def receipt(key: str) -> Receipt | None:
    """How far the report with this receipt number is; None where there is no such number.

    Only what happened after the report is told: who guesses a neighbour's name must not learn from a receipt
    whether that household was known or had reported before.
    """
    whole = Source.objects.select_related("lead__event", "lead__household__division__parent")
    source = whole.filter(key=key).first()
    if source is None:
        return None
    event, village = source.lead.event, source.lead.household.division
    about, case = (name(event.code, source.lead.household.code) for name in (rules.about, rules.case_about))
    clocks = list(Clock.objects.filter(about__in=(about, case)).exclude(about=about, kind="total"))
    told = [each for each in clocks if each.about == case or each.kind in rules.LEAD_CLOCKS]
    if not any(each.started_at > source.at or (each.stopped_at or source.at) > source.at for each in told):
        return _received(source)
    total = Clock.objects.filter(about=about, kind="total", stopped_at__isnull=True).first()
    state, step = source.lead.state, _step(told, case if source.lead.state == "found" else about)
    if state == "found" and total is None:
        return Receipt(key, source.at, event, _decided(event, source.lead.household), None, "", None)
    unit = "" if state in rules.OVER else rules.MACHINE.states[state].owner
    if step is not None and step.about == case:
        state, unit = f"case_{step.kind}", step.unit
    return Receipt(
        key, source.at, event, state, total.due_at if total else None, _office(village, unit),
        step.due_at if step else None,
    )  # fmt: skip


def _step(clocks: Iterable[Clock], about: str) -> Clock | None:
    """The step that runs now: the case's where there is one, else the lead's; of several the next to end."""
    running = sorted((each for each in clocks if each.stopped_at is None), key=lambda each: (each.due_at, each.pk))
    return next((each for each in running if each.about == about), running[0] if running else None)


def _received(source: Source) -> Receipt:
    """What is told of a report after which nothing has happened yet."""
    today = policy.on(timezone.localdate(source.at))
    total, intake = (timedelta(days=today.number(f"clock_{kind}_days")) for kind in ("total", "intake"))
    if _kept(source, source.at + intake):
        return Receipt(source.key, source.at, source.lead.event, "kept", None)
    office = _office(source.lead.household.division, "township")
    return Receipt(
        source.key, source.at, source.lead.event, "received", source.at + total, office, source.at + intake
    )  # fmt: skip


def _kept(source: Source, intake_at: datetime) -> bool:
    """Whether a report came after the decision and said nothing that opens it again.

    That is told only when the days of taking in are over, and in words that say nothing of the household.
    """
    lead = source.lead
    about = rules.about(lead.event.code, lead.household.code)
    waits = Clock.objects.filter(about=about, kind="total", stopped_at__isnull=True).exists()
    news = lead.news_at is not None and lead.news_at >= source.at
    return lead.state == "found" and not waits and not news and clock.now() > intake_at


def _decided(event: Event, household: Household) -> str:
    """What a decision came to, by its clocks: the total stops with it, and the notice runs only for who is taken in.

    A notice from before a case was opened again by a visit says nothing of what it came to since.
    """
    clocks = Clock.objects.filter(about=rules.case_about(event.code, household.code), kind__in=("notice", "visit"))
    last = clocks.order_by("started_at").last()
    return "accepted" if last is not None and last.kind == "notice" else "refused"


def _office(village: Division, unit: str) -> str:
    """Which office that is, by its place's name and never a person's."""
    if unit == "village":
        return _("%(place)s（村级办理）") % {"place": village.name}
    if unit == "township":
        return _("%(place)s（乡镇办理）") % {"place": village.parent}
    return _("县级有关部门") if unit == "county" else ""
