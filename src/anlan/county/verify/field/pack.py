"""What a phone takes along: the households of its person's divisions in visiting order, with all a form begins with.

Only what the form needs leaves the house: no number of any kind, no state of health, no coordinates.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from anlan.county import clock
from anlan.county.discover import rules as leads
from anlan.county.discover.models import Lead, Release, Source
from anlan.county.discover.queries import in_key_places
from anlan.county.foresee.models import Impact
from anlan.county.foresee.queries import latest
from anlan.county.office.models import Division, User
from anlan.county.registry.models import KEY_GROUPS, Category, Home, Household, Income
from anlan.county.sense.models import SCREENING, Event
from anlan.county.verify.causes import BLANKS, LOSS
from anlan.county.verify.field.merging import flat
from anlan.county.verify.field.queries import outcome_of
from anlan.county.verify.field.rules import MOST_HOUSEHOLDS, OUTCOME, PACK_HOURS
from anlan.county.verify.models import Finding, Visit
from anlan.county.verify.queries import objected, per_head, second_visits
from anlan.county.verify.rules import AXES, LOSSES

EVENTS = 3
EXPECTED = {
    "crop": "crop_yuan", "livestock": "livestock_yuan", "equipment": "stock_yuan", "home": "house_yuan",
    "work": "work_yuan",
}  # fmt: skip
NEXT_VISIT = timedelta(days=2)
# What most rows have is said once, and put back on the phone.
BLANK_BASE: dict[str, Any] = {
    OUTCOME: "", "home_grade": "", "rigid_per_head_yuan": 0.0, **dict.fromkeys(AXES, True),
    **{LOSS + kind: 0.0 for kind in LOSSES}, **BLANKS,
}  # fmt: skip
BLANK: dict[str, Any] = {
    "rank": 0, "lead": "", "green": False, "kinds": [], "expected": {}, "key": False, "released": False,
    "again_on": "", "address": "", "second": False, "objected": False,
}  # fmt: skip
Row = dict[str, Any]


def pack(user: User) -> dict[str, Any]:
    """The events that go on, and for each the households within this person's divisions, the next to visit first."""
    households = _households(user)
    villages = Division.objects.filter(code__in={each.division_id for each in households.values()})
    return {
        "owner": user.pk,
        "name": user.name,
        "now": clock.now().isoformat(),
        "again_on": (clock.today() + NEXT_VISIT).isoformat(),
        "hours": PACK_HOURS,
        "villages": dict(villages.values_list("code", "name")),
        "blank": {**BLANK, "base": BLANK_BASE},
        "events": [
            {"code": event.code, "title": event.title, "rows": [*map(_short, _rows(event, user, households))]}
            for event in Event.objects.filter(closed_at__isnull=True)
            .exclude(hazard=SCREENING)
            .order_by("-opened_at", "code")[:EVENTS]
        ],
    }


def _households(user: User) -> dict[int, Household]:
    """Whom the phone may know of: those most at risk first where there are too many."""
    seen = Household.objects.visible_to(user).only(
        "id", "code", "division_id", "head_name", "group_no", "size", "address"
    )
    if seen.count() <= MOST_HOUSEHOLDS:
        return {each.pk: each for each in seen}
    event = Event.objects.filter(closed_at__isnull=True).exclude(hazard=SCREENING).order_by("-opened_at").first()
    run = latest(event) if event else None
    first = Impact.objects.visible_to(user).filter(run=run).order_by("rank").values("household_id")[:MOST_HOUSEHOLDS]
    return {each.pk: each for each in seen.filter(pk__in=list(first.values_list("household_id", flat=True)))}


def _rows(event: Event, user: User, households: Mapping[int, Household]) -> list[Row]:
    run = latest(event)
    impacts = {each.household_id: each for each in Impact.objects.visible_to(user).filter(run=run)} if run else {}
    found = {each.household_id: each for each in Lead.objects.visible_to(user).filter(event=event)}
    said = _said(found.values())
    rows = {
        key: _row(each, impacts.get(key), found.get(key), said.get(found[key].pk, set()) if key in found else set())
        for key, each in households.items()
    }
    _fill(rows, impacts, found)
    _mark(rows, event, user)
    first = _priorities(rows, impacts, found)
    return [rows[key] for key in sorted(rows, key=lambda key: _order(rows[key], first[key]))]


def _short(row: Row) -> Row:
    """A row without what is as in most."""
    base = {name: value for name, value in row["base"].items() if value != BLANK_BASE.get(name)}
    return {name: value for name, value in row.items() if value != BLANK.get(name)} | {"base": base}


def _order(row: Row, priority: float) -> tuple[Any, ...]:
    """The order of the list at the desk: who must be looked at by another person, urgent harm, then the priority."""
    again = row["second"] or row["objected"]
    done = (row["base"][OUTCOME] and not again) or row["released"]
    first = 0.0 if done else -priority
    return (bool(done), not row["second"], not row["objected"], not row["green"], first, row["rank"] or 10**9,
            row["code"])  # fmt: skip


def _priorities(rows: Mapping[int, Row], impacts: Mapping[int, Impact], found: Mapping[int, Lead]) -> dict[int, float]:
    """A lead's own priority; of a household that nobody has reported, what its lead's would be but for the door."""
    places = in_key_places(list(rows))
    return {
        key: found[key].priority if key in found else leads.priority(
            score=impacts[key].score if key in impacts else 0.0, key_group=row["key"], doors=(), green=False,
            key_place=key in places,
        )
        for key, row in rows.items()
    }  # fmt: skip


def _row(household: Household, impact: Impact | None, lead: Lead | None, kinds: set[str]) -> Row:
    expected = {LOSS + kind: round(getattr(impact, name), -2) for kind, name in EXPECTED.items()} if impact else {}
    return {
        "code": household.code, "village": household.division_id, "name": household.head_name,
        "group": household.group_no, "size": household.size, "address": household.address,
        "rank": impact.rank if impact else 0, "lead": lead.state if lead else "",
        "green": bool(lead and lead.green and lead.state in leads.PENDING), "kinds": sorted(kinds),
        "expected": {name: yuan for name, yuan in expected.items() if yuan}, "key": False, "released": False,
        "again_on": "", "second": False, "objected": False, "base": {OUTCOME: outcome_of(lead)},
    }  # fmt: skip


def _said(found: Iterable[Lead]) -> dict[int, set[str]]:
    """What was reported hit, by lead."""
    kinds: dict[int, set[str]] = defaultdict(set)
    for lead, claim in Source.objects.filter(lead__in=list(found)).values_list("lead_id", "claim"):
        kinds[lead].update(claim.get("kinds", ()))
    return kinds


def _fill(rows: Mapping[int, Row], impacts: Mapping[int, Impact], found: Mapping[int, Lead]) -> None:
    """What each form begins with: the finding that stands, or else the register's figures and what is expected."""
    findings = {each.lead_id: flat(each) for each in Finding.objects.filter(lead__in=list(found.values()))}
    incomes = {each.household_id: each for each in Income.objects.filter(household_id__among=list(rows))}
    grades = dict(Home.objects.filter(household_id__among=list(rows)).values_list("household_id", "grade"))
    for key, row in rows.items():
        lead = found.get(key)
        if lead is not None and lead.pk in findings:
            row["base"] |= findings[lead.pk]
            continue
        income, rigid = per_head(incomes.get(key), row["size"])
        impact = impacts.get(key)
        row["base"] |= {
            "income_per_head_yuan": round(impact.income_per_head_yuan, 2) if impact else income,
            "rigid_per_head_yuan": rigid, "home_grade": grades.get(key, ""), **dict.fromkeys(AXES, True),
            **{LOSS + kind: 0.0 for kind in LOSSES}, **BLANKS,
        }  # fmt: skip


def _mark(rows: Mapping[int, Row], event: Event, user: User) -> None:
    """Who is in a group the plan puts first, who was taken off the list, where nobody was, and where this person goes
    after another one."""
    for name, keys in (
        ("second", second_visits(user, event).values_list("lead__household_id", flat=True)),
        ("objected", objected(user, event)),
    ):
        for key in rows.keys() & set(keys):
            rows[key][name] = True
    first = Category.objects.on(clock.today()).filter(kind__in=KEY_GROUPS, household_id__among=list(rows))
    for key in first.values_list("household_id", flat=True):
        rows[key]["key"] = True
    for key in Release.objects.filter(event=event, household_id__among=list(rows)).values_list(
        "household_id", flat=True
    ):
        rows[key]["released"] = True
    absent = Visit.objects.filter(lead__event=event, lead__household_id__among=list(rows), outcome="absent")
    for key, again_on in absent.order_by("at", "id").values_list("lead__household_id", "again_on"):
        rows[key]["again_on"] = again_on.isoformat() if again_on else ""
