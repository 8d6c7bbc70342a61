"""Two households in a storm, one of them gone the whole way from warning to monitoring; made once for many tests."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from anlan.county import clock
from anlan.county.assist.models import Measure
from anlan.county.clear.models import Check
from anlan.county.decide.models import Case, Episode, Step
from anlan.county.discover.models import Lead, Source, Sweep
from anlan.county.dispatch.models import Message
from anlan.county.foresee.models import Impact, Run
from anlan.county.ledger.actions import record
from anlan.county.office.actions import start_clocks
from anlan.county.office.models import Department, Division
from anlan.county.registry.actions import enrol
from anlan.county.registry.models import Household
from anlan.county.registry.records import (
    CategoryRecord,
    HoldingRecord,
    HomeRecord,
    HouseholdRecord,
    IncomeRecord,
    PersonRecord,
)
from anlan.county.sense.models import Event
from anlan.county.verify.models import Finding, Visit
from anlan.county.warn import models as warn

HIT = "36012310120100001"  # 示例甲村, the cadre of which is village_cadre_a
QUIET = "36012310220100001"  # 示例丙村, in the other township
PHONE = "13800001234"
BOX = {"360123101000": (115.56, 28.86, 115.66, 28.95), "360123102000": (115.48, 28.72, 115.56, 28.82)}


@dataclass
class Storm:
    """What tests ask for by name."""

    event: Event
    hit: Household
    quiet: Household
    case: Case


def square(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
    """A ring around a box, as GeoJSON has it."""
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def family(code: str, head: str, **columns: Any) -> HouseholdRecord:
    """A household of three with everything the registry can hold."""
    people = (
        PersonRecord(head, "990123196503120033", "m", date(1965, 3, 12), "head"),
        PersonRecord("李示例", "990123196807150021", "f", date(1968, 7, 15), "spouse", "chronic", "weak"),
        PersonRecord("张小示例", "990123201209010010", "m", date(2012, 9, 1), "child", labour="none", student=True),
    )
    return HouseholdRecord(
        code=code, division=code[:12], head_name=head, group_no=3, address="樟树下 12 号", phone=PHONE, labourers=1,
        people=people, home=HomeRecord("brick_timber", 2, 96.0, 1998, 80000.0, "C"),
        holdings=(HoldingRecord("rice", 6.5, 9800.0), HoldingRecord("pigs", 4, 7200.0)),
        income=IncomeRecord(date(2026, 5, 31), 18000.0, 17000.0, 6000.0, 0.0, 2400.0, 3000.0, 9000.0),
        categories=(CategoryRecord("ex_poor", date(2018, 12, 1), source="全国防返贫监测信息系统"),), **columns,
    )  # fmt: skip


def storm(people: dict[str, Any]) -> Storm:
    """A red rainstorm, a household hit and taken under monitoring, another only exposed."""
    for code, box in BOX.items():
        Division.objects.filter(code=code).update(outline={"type": "Polygon", "coordinates": square(*box)})
    outline = {"type": "Polygon", "coordinates": square(115.46, 28.70, 115.68, 28.97)}
    Division.objects.filter(level="county").update(outline=outline)
    records = [
        family(HIT, "张示例", lon=115.611, lat=28.911, location="point"),
        family(QUIET, "王示例", location="village"),
    ]
    enrol(records=records, by=people["administrator"], source="tests")
    hit, quiet = Household.objects.get(code=HIT), Household.objects.get(code=QUIET)
    now = clock.now()
    event = Event.objects.create(
        code="EV20260617-rainstorm-1", title="安义县暴雨红色预警", hazard="rainstorm", level=4, codes=["360123000000"],
        opened_at=now - timedelta(hours=20), issued_at=now - timedelta(hours=21), exercise=True,
        polygons=square(115.55, 28.84, 115.67, 28.96),
    )  # fmt: skip
    run = Run.objects.create(
        event=event, made_at=event.opened_at, method="test", policy_day=now.date(), basis="alert", households=2,
        digest="0" * 64,
    )  # fmt: skip
    for rank, household in enumerate((hit, quiet), start=1):
        Impact.objects.create(
            run=run, household=household, reach="division", confidence=0.9, severity=3.2, loss_yuan=15200.0,
            income_per_head_yuan=7300.0, p_below=0.72 / rank, p_home=0.4 / rank, p_water=0.1, score=0.9 / rank,
            rank=rank,
        )  # fmt: skip
    _warned(event, hit, people)
    _warned(event, quiet, people, delivered=False)
    return Storm(event, hit, quiet, _monitored(event, hit, people))


def _warned(event: Event, household: Household, people: dict[str, Any], *, delivered: bool = True) -> None:
    at = event.opened_at + timedelta(minutes=20)
    warning = warn.Warning.objects.create(
        event=event, code=f"{event.code}.{household.code}", audience="key", level=4, sms="暴雨红色预警",
        voice="暴雨红色预警",        state="released", drafted_by=people["duty_officer"], drafted_at=event.opened_at,
        approved_by=people["county_director"], approved_at=at, released_at=at, expires_at=at + timedelta(days=1),
    )  # fmt: skip
    message = Message.objects.create(
        key=warning.code, kind="sms", address=household.phone, division_id=household.division_id, body=warning.sms,
        exercise=True, created_at=at, handed_at=at, delivered_at=at + timedelta(minutes=3) if delivered else None,
    )  # fmt: skip
    warn.Target.objects.create(
        warning=warning, household=household, tier=1, group="elderly", message=message,
        acknowledged_at=at + timedelta(minutes=9) if delivered else None,
        acknowledged_how="cadre" if delivered else "", acknowledged_by="village_cadre_a" if delivered else "",
    )  # fmt: skip


def _monitored(event: Event, household: Household, people: dict[str, Any]) -> Case:
    cadre, at = people["village_cadre_a"], event.opened_at + timedelta(hours=2)
    lead = Lead.objects.create(
        event=event, household=household, state="found", priority=5.0, green=True, opened_at=at,
        taken_in_at=at + timedelta(hours=1), taken_in_by=people["township_officer_a"],
    )  # fmt: skip
    Source.objects.create(lead=lead, door="self", key="one", at=at, by="anlan", claim={"kinds": ["home", "crop"]})
    Sweep.objects.create(event=event, division=household.division, opened_at=at)
    visit = Visit.objects.create(
        lead=lead, uuid="visit-1", at=at + timedelta(hours=4), by=cadre, outcome="harmed", consent=True, note="墙体开裂"
    )
    finding = Finding.objects.create(
        lead=lead, visit=visit, made_at=visit.at, losses_yuan={"crop": 5200, "home": 10000}, home_safe=False,
        income_per_head_yuan=7100.0, home_grade="C", matched_at=visit.at + timedelta(hours=1),
        matched_by=people["department_clerk"],
    )  # fmt: skip
    case = Case.objects.create(
        finding=finding, household=household, event=event, state="entered", opened_at=visit.at + timedelta(hours=2),
        lead_at=lead.opened_at, policy_day=at.date(), category="hardship", reasons=["home"],
        closed_at=visit.at + timedelta(hours=9),
    )  # fmt: skip
    Step.objects.create(
        case=case,
        before="review",
        after="publicity",
        at=visit.at + timedelta(hours=3),
        by=cadre,
        note="村民代表 9 人同意",
    )
    episode = Episode.objects.create(
        household=household, case=case, category="hardship", axes=["home"], entered_at=visit.at + timedelta(hours=9)
    )
    _helped(event, episode, people)
    Check.objects.create(
        episode=episode, at=episode.entered_at + timedelta(hours=1), by=cadre, income_per_head_yuan=7100.0,
        broken=["home"], holds=False,
    )  # fmt: skip
    return case


def _helped(event: Event, episode: Episode, people: dict[str, Any]) -> None:
    household, at = episode.household, episode.entered_at
    owner = Department.objects.get(key="housing")
    for kind, delivered in (("shelter", True), ("temporary_aid", False)):
        Measure.objects.create(
            event=event, household=household, episode=episode, kind=kind, axis="home", owner=owner, planned_at=at,
            state="delivered" if delivered else "planned", planned_by=people["township_officer_a"], amount_yuan=1800.0,
            due_at=at + timedelta(days=3), delivered_at=at if delivered else None, delivered_yuan=1800.0 * delivered,
            delivered_by=people["township_officer_a"] if delivered else None,
        )  # fmt: skip
    about = f"measure:{event.code}/{household.code}/temporary_aid"
    start_clocks(
        kind="measure", things=[(about, household.division_id)], unit="village", event_code=event.code, at=at,
        due_at=at + timedelta(days=3),
    )  # fmt: skip
    record("assist.plan", about=about, by="township_officer_a", yuan=1800)
