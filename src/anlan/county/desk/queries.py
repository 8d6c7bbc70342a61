"""Everything about one household, from every room, in a constant number of queries."""

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from anlan.county.assist.models import Measure
from anlan.county.clear.models import Check, Clearance, Recheck
from anlan.county.decide.models import Case, Episode
from anlan.county.discover.models import Inspection, Lead, Release, Source
from anlan.county.foresee.models import Impact
from anlan.county.ledger import queries as ledger
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock, User
from anlan.county.registry.models import Category, Deed, Holding, Household, Person
from anlan.county.registry.queries import merged_rows, names_of, present_code
from anlan.county.sense.models import Event
from anlan.county.verify.models import Consent, Visit
from anlan.county.warn.models import Remark, Target

OF_AN_EVENT = ("lead", "visit", "finding", "case", "episode", "release", "target")


@dataclass(frozen=True, slots=True)
class Story:
    """One household with all that the rooms know of it, each list oldest first."""

    household: Household
    people: list[Person]
    holdings: list[Holding]
    categories: list[Category]
    impacts: list[Impact]
    targets: list[Target]
    leads: list[Lead]
    visits: list[Visit]
    cases: list[Case]
    episodes: list[Episode]
    measures: list[Measure]
    checks: list[Check]
    clearances: list[Clearance]
    releases: list[Release]
    deeds: list[Deed]
    remarks: list[Remark]
    inspections: list[Inspection]
    consents: list[Consent]
    rechecks: list[Recheck]
    clocks: list[Clock] = field(default_factory=list)
    lines: list[Entry] = field(default_factory=list)

    @property
    def estimates(self) -> list[Impact]:
        """The latest estimate of each event."""
        return list({impact.run.event_id: impact for impact in self.impacts}.values())

    @property
    def events(self) -> list[Event]:
        """Every event this household appears in, the latest first."""
        found = {impact.run.event_id: impact.run.event for impact in self.impacts}
        things: list[Lead | Measure | Release] = [*self.leads, *self.measures, *self.releases]
        for thing in things:
            found.setdefault(thing.event_id, thing.event)
        for target in self.targets:
            found.setdefault(target.warning.event_id, target.warning.event)
        return sorted(found.values(), key=lambda event: (event.opened_at, event.code), reverse=True)

    def thread(self, event: Event) -> dict[str, Any]:
        """What each step of the mission has of this household in one event; None where it has nothing yet."""
        lead = _of(self.leads, event)
        case = _of(self.cases, event)
        measures = [measure for measure in self.measures if measure.event_id == event.pk]
        return {
            "impact": next((each for each in self.estimates if each.run.event_id == event.pk), None),
            "target": next((each for each in self.targets if each.warning.event_id == event.pk), None),
            "lead": lead,
            "release": _of(self.releases, event),
            "visit": next((each for each in reversed(self.visits) if lead and each.lead_id == lead.pk), None),
            "case": case,
            "measures": measures,
            "episode": next((each for each in reversed(self.episodes) if case and each.case_id == case.pk), None),
        }


def _of(things: list[Any], event: Event) -> Any:
    return next((thing for thing in reversed(things) if thing.event_id == event.pk), None)


def households(user: User) -> QuerySet[Household]:
    """The households this person may open, with what stands beside each of them; closed ones, too."""
    return (
        Household.every.filter(merged_into__isnull=True)
        .visible_to(user)
        .select_related("division__parent", "water_source", "home", "income")
    )


def moved_to(user: User, code: str) -> str | None:
    """The code under which a household is found that moved or was merged, for those who may open it; else None."""
    if not code.isdigit() or households(user).filter(code=code).exists():
        return None
    now = present_code(code)
    return now if now is not None and households(user).filter(code=now).exists() else None


def story(household: Household, user: User) -> Story:
    """All that the rooms have on a household. Ledger lines only for those who may read the ledger."""
    whole = merged_rows(household)  # what was begun under a merged code goes on
    told = Story(
        household=household,
        people=list(household.people.order_by("id")),
        holdings=list(household.holdings.order_by("kind")),
        categories=list(household.categories.order_by("since", "kind")),
        impacts=list(
            Impact.objects.filter(household__in=whole).select_related("run__event").order_by("run__made_at", "run_id")
        ),
        targets=list(_targets(whole)),
        leads=list(_leads(whole)),
        visits=list(Visit.objects.filter(lead__household__in=whole).select_related("by", "finding").order_by("at")),
        cases=list(
            Case.objects.filter(household__in=whole)
            .select_related("event", "household")
            .prefetch_related("steps__by")
            .order_by("opened_at")
        ),
        episodes=list(Episode.objects.filter(household__in=whole).order_by("entered_at")),
        measures=list(
            Measure.objects.filter(household__in=whole).select_related("event", "owner").order_by("planned_at", "kind")
        ),
        checks=list(Check.objects.filter(episode__household__in=whole).select_related("by").order_by("at")),
        clearances=list(_clearances(whole)),
        releases=list(Release.objects.filter(household__in=whole).select_related("event", "by").order_by("at")),
        deeds=list(Deed.objects.filter(household__in=whole).select_related("by", "undone_by").order_by("id")),
        remarks=list(Remark.objects.filter(household__in=whole).order_by("said_at")),
        inspections=list(Inspection.objects.filter(household__in=whole).select_related("by", "done_by").order_by("at")),
        consents=list(Consent.objects.filter(lead__household__in=whole).select_related("by")),
        rechecks=list(
            Recheck.objects.filter(clearance__episode__household__in=whole).select_related("by").order_by("drawn_at")
        ),
    )
    subjects = _subjects(told)
    told.clocks.extend(Clock.objects.filter(about__in=subjects).order_by("started_at", "kind"))
    if user.may("ledger.read"):
        told.lines.extend(ledger.about(*subjects))
    return told


def _targets(whole: Collection[int]) -> QuerySet[Target]:
    return (
        Target.objects.filter(household__in=whole)
        .select_related("warning__event", "message")
        .order_by("warning__drafted_at")
    )


def _leads(whole: Collection[int]) -> QuerySet[Lead]:
    sources = Prefetch("sources", Source.objects.order_by("at", "id"))
    found = Lead.objects.filter(household__in=whole).select_related("event", "taken_in_by", "household")
    return found.prefetch_related(sources).order_by("opened_at")


def _clearances(whole: Collection[int]) -> QuerySet[Clearance]:
    found = Clearance.objects.filter(episode__household__in=whole)
    return found.prefetch_related("steps__by").order_by("opened_at")


def _subjects(told: Story) -> list[str]:
    """The names under which clocks and ledger lines speak of this household, under every code it had."""
    codes = names_of(told.household)
    return [name for code in codes for name in _subjects_of(told, code)]


def _subjects_of(told: Story, code: str) -> list[str]:
    names = [f"{noun}:{event.code}/{code}" for event in told.events for noun in OF_AN_EVENT]
    names += [f"measure:{each.event.code}/{code}/{each.kind}" for each in told.measures]
    moments = [each.entered_at for each in told.episodes] + [each.at for each in told.checks]
    moments += [each.opened_at for each in told.clearances]
    days = sorted({f"{timezone.localtime(at):%Y%m%d}" for at in moments})
    dated = product(("check", "clearance"), told.events, days)
    names += [f"{noun}:{event.code}/{code}/{day}" for noun, event, day in dated]
    return [f"household:{code}", *names]
