"""Questions about visits and findings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat

from anlan.county import clock
from anlan.county.discover import queries as discover
from anlan.county.discover.models import Lead, Release, Source
from anlan.county.discover.queries import Place
from anlan.county.discover.rules import PENDING, case_about
from anlan.county.foresee.doors import Visits
from anlan.county.foresee.models import Impact
from anlan.county.foresee.queries import latest
from anlan.county.office.models import Clock, User
from anlan.county.registry.models import Home, Household, Income
from anlan.county.sense.models import Event
from anlan.county.verify import rules
from anlan.county.verify.consent import queries as consent
from anlan.county.verify.models import Finding, Visit
from anlan.engine import policy
from anlan.engine.policy import tables
from anlan.engine.policy.tables.columns import YES

INCOME = "income_per_head_yuan"
NEAR = ("second_visitor_ratio", "second_visitor_lost_ratio", "line_error_ratio", "hardship_near_ratio")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A finding as the departments find it, locked until the deed is done."""

    id: int
    matched: bool
    consent: bool
    event: str
    place: Place


def known_uuids(uuids: Iterable[str]) -> dict[str, int]:
    """Which of these visits are stored already, each with its lead."""
    return dict(Visit.objects.filter(uuid__among=list(uuids)).values_list("uuid", "lead_id"))


def findings_of(leads: Sequence[int]) -> dict[int, int]:
    """Finding id by lead, for leads that have one."""
    return dict(Finding.objects.filter(lead_id__among=leads).values_list("lead_id", "id"))


def held(findings: Iterable[int]) -> dict[int, Waiting]:
    """Findings by id, locked; unknown ids are left out."""
    columns = ("id", "matched_at", "consented", "lead__event__code", "lead__household__code",
               "lead__household__division_id")  # fmt: skip
    rows = Finding.objects.filter(pk__among=set(findings)).order_by("id")
    list(rows.select_for_update().values_list("id"))
    told = rows.annotate(consented=consented()).values_list(*columns)
    return {
        key: Waiting(key, matched_at is not None, consent, event, Place(code, division))
        for key, matched_at, consent, event, code, division in told
    }


def consented() -> Case:
    """Whether a finding's household lets departments look into its data today."""
    holds = consent.holds(clock.today())
    return Case(When(holds, then=Value(True)), default=Value(False), output_field=BooleanField())


def to_visit(user: User, event: Event | None = None) -> QuerySet[Any]:
    """Leads that still need someone at the door, within this person's divisions, the most urgent first.

    Those whose publicity somebody objected to need another visit, and stand at the head.
    """
    every = discover.inbox(user, event, (*PENDING, "found")).annotate(objected=Exists(_objections()))
    return every.filter(Q(state__in=PENDING) | Q(objected=True)).order_by(
        "-objected", "-green", "-priority", "household__code"
    )


def objected(user: User, event: Event) -> set[int]:
    """Households (by id) within this person's divisions where somebody else has to go: an objection, or news."""
    return set(to_visit(user, event).filter(objected=True).values_list("household_id", flat=True))


def _objections() -> QuerySet[Clock]:
    """The running clock of an objection that no visit has answered yet; it is the case's, which a later room keeps."""
    running = Clock.objects.filter(kind="visit", about=_case(), stopped_at__isnull=True)
    return running.filter(started_at__gt=OuterRef("finding__made_at"))


def _reviewed() -> QuerySet[Clock]:
    """The clock of the village's review, running or not: a finding that has one is a case already."""
    return Clock.objects.filter(kind="review", about=_case("lead__"))


def _case(lead: str = "") -> Concat:
    """A case in the words of clocks, from the row of a lead or of what leads to it."""
    return Concat(Value("case:"), OuterRef(f"{lead}event__code"), Value("/"), OuterRef(f"{lead}household__code"))


def to_match(user: User, event: Event | None = None) -> QuerySet[Finding]:
    """Findings the departments have not compared yet, within this person's divisions, the oldest first."""
    found = Finding.objects.visible_to(user).filter(matched_at__isnull=True)
    found = found.filter(lead__event=event) if event else found
    return (
        found.annotate(consented=consented())
        .select_related("lead__event", "lead__household__division", "visit")
        .order_by("-lead__green", "made_at", "lead__household__code")
    )


def doors(event: Event) -> Visits:
    """What was found at every door of an event so far."""
    earlier = Source.objects.filter(lead=OuterRef("lead"), door="cadre", at__lte=OuterRef("at"))
    others = Source.objects.filter(lead__event=event).exclude(door="cadre").exclude(Exists(earlier))
    called = set(others.values_list("lead_id", flat=True))
    risky = at_risk(event) - set(_poor_before(event).values_list("lead_id", flat=True))
    judged = Lead.objects.filter(Q(state="found") | Q(state="closed", outcome="unharmed"), event=event).order_by()
    seen: dict[int, bool] = {}
    harmed: set[int] = set()
    for lead, household, state in judged.values_list("id", "household_id", "state"):
        if lead not in called:
            seen[household] = lead in risky
            if state == "found":
                harmed.add(household)
    unharmed, gone = spared(event)
    visits = Visit.objects.filter(lead__event=event).aggregate(made=Count("id"), first=Min("at"))
    days = max((clock.now() - visits["first"]).days, 0) if visits["first"] is not None else 0
    return Visits(seen, len(risky), unharmed, gone, visits["made"], harmed, days)


def spared(event: Event) -> tuple[set[int], set[int]]:
    """Whom one visit only judged unharmed, who may be worth a second look; and who needs no visit any more."""
    looks = Visit.objects.filter(outcome="unharmed").order_by().values("lead_id").annotate(times=Count("id"))
    twice = set(looks.filter(times__gt=1).values_list("lead_id", flat=True))
    unharmed: set[int] = set()
    gone = set(Release.objects.filter(event=event).values_list("household_id", flat=True))
    leads = Lead.objects.filter(event=event).order_by()
    for lead, household, state, outcome in leads.values_list("id", "household_id", "state", "outcome"):
        once = state == "closed" and outcome == "unharmed" and lead not in twice
        (unharmed if once else gone).add(household)
    return unharmed, gone


def _poor_before(event: Event) -> QuerySet[Finding]:
    """Findings of those that were below the line already: the estimate foretells whom the event brings below it."""
    line = policy.on(clock.today()).number("monitoring_line_yuan")
    found = Finding.objects.filter(lead__event=event, **dict.fromkeys(rules.AXES, True)).annotate(lost_yuan=_lost())
    size = F("lead__household__size")
    return found.filter(lost_yuan__lt=(line - F("income_per_head_yuan")) * size)


def made(event: Event) -> int:
    """How many visits of an event have come in: one from offline may be older than the last that was heard of."""
    return Visit.objects.filter(lead__event=event).count()


def at_risk(event: Event) -> set[int]:
    """Leads (by id) of an event whose finding alone is reason enough: what the policy's table of identification says.

    The table is not told what must be spent nor what was earned before, so that what stands beside the line is left
    to the decision, which knows both and the county's own wordings.
    """
    rows = list(Finding.objects.filter(lead__event=event).order_by().values_list("lead_id", INCOME, *rules.AXES))
    if not rows:
        return set()
    lead, income, *secured = (np.array(column) for column in zip(*rows, strict=True))
    known = {INCOME: income, **dict(zip(map(axis_of, rules.AXES), secured, strict=True))}
    found = tables.on(policy.on(clock.today())).columns(known, ("identification",), len(rows))["identification"]
    return set(lead[np.broadcast_to(found == YES, len(rows))].tolist())


def axis_of(name: str) -> str:
    """The axis that a finding's column tells of: `home_safe` → `home`."""
    return name.rpartition("_")[0]


def second_looks(user: User, event: Event | None = None) -> QuerySet[Finding]:
    """Findings that would be left out by so little that somebody else has to look, too, before a case is opened.

    The departments' data have corrected them, so what is still one person's estimate is small. By little: above the
    line by less than the error of such figures, or than a larger loss would have taken. Whom the benefit of the doubt
    (`line_error_ratio`) takes in needs no second visit for it.
    """
    today = policy.on(clock.today())
    line = today.number("monitoring_line_yuan")
    near, more, doubt, far = map(today.number, NEAR)
    found = Finding.objects.visible_to(user).filter(matched_at__isnull=False, **dict.fromkeys(rules.AXES, True))
    found = found.filter(lead__event=event) if event else found
    above = ExpressionWrapper((F(INCOME) - line) * F("lead__household__size"), FloatField())
    close = Q(income_per_head_yuan__lt=line * (1 + near)) | Q(above_yuan__lt=more * F("lost_yuan"))
    visitors = Count("lead__visits__by", filter=Q(lead__visits__outcome="harmed"), distinct=True)
    return (
        found.filter(~Exists(_reviewed()), income_per_head_yuan__gte=line, income_per_head_yuan__lt=line * far)
        .annotate(lost_yuan=_lost(), above_yuan=above)
        .filter(close, above_yuan__gte=doubt * F("lost_yuan"))
        .annotate(visitors=visitors)
        .filter(visitors__lt=2)
    )


def _lost() -> Combinable:
    """A finding's losses, added up."""
    each = (Cast(KeyTextTransform(kind, "losses_yuan"), FloatField()) for kind in rules.LOSSES)
    return reduce(add, (Coalesce(yuan, 0.0) for yuan in each))


def second_visits(user: User, event: Event | None = None) -> QuerySet[Finding]:
    """Those of them at which this person has not been: another person's look is theirs to make."""
    been = Visit.objects.filter(lead=OuterRef("lead"), by=user, outcome="harmed")
    return second_looks(user, event).filter(~Exists(been)).select_related("visit__by")


def visits(lead: Lead) -> Sequence[Visit]:
    """A lead's visits, the oldest first."""
    return list(Visit.objects.filter(lead=lead).select_related("by"))


@dataclass(frozen=True, slots=True)
class Errand:
    """A lead to visit, with its clock and the date agreed when nobody was at home."""

    row: discover.Shown
    again_on: date | None
    due_at: datetime | None
    objected: bool  # somebody who has not been there has to go


def errands(leads: Sequence[Lead]) -> list[Errand]:
    """The leads of one page with when to come."""
    absent = Visit.objects.filter(lead__in=leads, outcome="absent").order_by("at", "id")
    again = dict(absent.values_list("lead_id", "again_on"))
    objections = {case_about(lead.event.code, lead.household.code): lead.pk for lead in leads}
    running = Clock.objects.filter(kind="visit", about__in=objections, stopped_at__isnull=True)
    due = {objections[each.about]: each.due_at for each in running}
    return [
        Errand(row, again.get(row.lead.pk), due.get(row.lead.pk, row.due_at), row.lead.pk in due)
        for row in discover.shown(leads)
    ]


@dataclass(frozen=True, slots=True)
class Known:
    """What a visitor need not ask: the register's figures, and what the estimate expects."""

    income_per_head_yuan: float
    rigid_per_head_yuan: float
    expected_income_per_head_yuan: float
    home_grade: str
    finding: Finding | None  # what an earlier visit found


def known(lead: Lead) -> Known:
    """The figures a visit's form begins with. All zero where the register has none."""
    household = Household.objects.select_related("income", "home").get(pk=lead.household_id)
    income: Income | None = getattr(household, "income", None)
    home: Home | None = getattr(household, "home", None)
    earned, rigid = per_head(income, household.size)
    finding = Finding.objects.filter(lead=lead).first()
    if finding is not None:
        return Known(earned, finding.rigid_per_head_yuan, finding.income_per_head_yuan, finding.home_grade, finding)
    impact = Impact.objects.filter(run=latest(lead.event), household=household).first()
    expected = round(impact.income_per_head_yuan, 2) if impact else earned
    return Known(earned, rigid, expected, home.grade if home else "", None)


def per_head(income: Income | None, size: int) -> tuple[float, float]:
    """Net income and rigid spending by head (yuan) as the register has them; zero where it has none."""
    if income is None:
        return 0.0, 0.0
    earned = income.wage_yuan + income.business_yuan - income.business_cost_yuan
    return round((earned + income.property_yuan + income.transfer_yuan) / size, 2), round(income.rigid_yuan / size, 2)


def findings(user: User) -> QuerySet[Finding]:
    """Findings this person may open, with what their page shows."""
    return (
        Finding.objects.visible_to(user)
        .annotate(consented=consented())
        .select_related("lead__event", "lead__household__division", "visit__by", "matched_by")
    )
