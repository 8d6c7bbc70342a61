"""The villages: households report by themselves, cadres go from door to door, and find what there is to find."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from django.db.models import Max, Q

from anlan.county import clock
from anlan.county.discover import actions as discover
from anlan.county.discover.models import Lead, Sweep
from anlan.county.drill import heard
from anlan.county.drill.stage import Stage
from anlan.county.foresee.queries import ranked
from anlan.county.office.models import User
from anlan.county.office.queries import machine
from anlan.county.registry import actions as registry
from anlan.county.verify import actions as verify
from anlan.county.verify.models import Visit
from anlan.engine import policy

ATTEMPTS = 3
AGAIN_AFTER_DAYS = 2


def begin_sweeps(stage: Stage) -> None:
    """The township sends its cadres out with the ranked list."""
    discover.open_sweeps(event=stage.event, by=stage.officer("duty_officer"))


def households_report(stage: Stage, day: int) -> None:
    """Who was hit reports, or is ashamed to; some who were not report too."""
    today = np.flatnonzero(stage.luck.report_day == day)
    newcomers = [index for index in today.tolist() if not stage.ids[index]]
    for index in newcomers:
        village = stage.villages[stage.households.village[index]]
        household = registry.enrol_reported(
            village=village.code, head_name=f"示例户{index}", phone=stage.phone(index),
            size=int(stage.households.size[index]), by=machine(),
        )  # fmt: skip
        stage.know(index, household.pk)
    reports = [
        discover.Report(
            key=f"self-{index:08d}-{day}", door="self", household_id=int(stage.ids[index]), at=clock.now(),
            claim=_claim(stage, index),
        )
        for index in today.tolist()
    ]  # fmt: skip
    discover.report(event=stage.event, reports=reports, by=machine())


def _claim(stage: Stage, index: int) -> dict[str, Any]:
    truth = stage.truth
    loss = float(truth.crop_loss_yuan[index] + truth.goods_loss_yuan[index])
    kinds = [
        kind
        for kind, said in (
            ("home", truth.home_unsafe[index]),
            ("water", truth.water_unsafe[index]),
            ("crop", loss > 0),
        )
        if said
    ]
    return {"kinds": kinds, "loss_yuan": round(max(loss, 500.0) * float(stage.luck.exaggeration[index]), -1)}


def townships_take_in(stage: Stage) -> None:
    """Every morning the townships take in what came in overnight."""
    for town, officer in sorted(stage.townships.items()):
        waiting = Lead.objects.within(town).filter(state="open").order_by("household__code")
        leads = list(waiting.values_list("id", flat=True))
        if leads:
            discover.take_in(leads=leads, by=officer)


@dataclass(frozen=True, slots=True)
class Door:
    """A door to knock at: whose, for which lead (None: from the sweep's list), by whom, for which time."""

    index: int
    household_id: int
    lead_id: int | None
    visitor_id: int
    attempt: int


def cadres_visit(stage: Stage, day: int) -> None:
    """Each village's cadres see as many households as a day allows: reported ones first, then down the list."""
    rounds = Rounds(stage, day)
    for town, officer in sorted(stage.townships.items()):
        doors = rounds.doors(town)
        if doors:
            _visit(stage, doors, officer)


class Rounds:
    """The day's lists: open leads by priority, then households of the sweep by rank, per village."""

    def __init__(self, stage: Stage, day: int) -> None:
        self.stage, self.day = stage, day
        self.tried: dict[int, int] = {}
        for household in Visit.objects.order_by().values_list("lead__household_id", flat=True):
            self.tried[household] = self.tried.get(household, 0) + 1
        self.leads = self._leads()
        self.listed = self._listed()

    def _leads(self) -> dict[str, list[tuple[int, int]]]:
        due = Lead.objects.filter(state="taken_in").annotate(again_on=Max("visits__again_on"))
        due = due.filter(Q(again_on__isnull=True) | Q(again_on__lte=clock.today()))
        found: dict[str, list[tuple[int, int]]] = {}
        rows = due.order_by("-priority", "household__code").values_list("id", "household_id", "household__division_id")
        for lead, household, village in rows:
            found.setdefault(village, []).append((household, lead))
        return found

    def _listed(self) -> dict[str, list[int]]:
        known = set(Lead.objects.values_list("household_id", flat=True))
        found: dict[str, list[int]] = {}
        for household, village in self.stage.listing():
            if household not in known:
                found.setdefault(village, []).append(household)
        return found

    def doors(self, town: str) -> list[Door]:
        """The doors of one township today."""
        return [
            door
            for village, cadres in self.stage.cadres.items()
            if village.startswith(town) and not self._cut_off(village)
            for door in self._village(village, cadres)
        ]

    def _cut_off(self, village: str) -> bool:
        return self.stage.cut_off(village) and self.day <= self.stage.world["cadres", "days_cut_off"]

    def _village(self, village: str, cadres: list[User]) -> Iterable[Door]:
        capacity = round(len(cadres) * self.stage.world["cadres", "visits_per_day"])
        wanted: list[tuple[int, int | None]] = list(self.leads.get(village, []))
        wanted += [(household, None) for household in self.listed.get(village, [])]
        for number, (household, lead) in enumerate(wanted[:capacity]):
            index = self.stage.index_of[household]
            visitor = cadres[number % len(cadres)].pk
            yield Door(index, household, lead, visitor, self.tried.get(household, 0) + 1)


def _visit(stage: Stage, doors: list[Door], officer: User) -> None:
    """Knock, look, write down. A household from the list becomes a lead by being looked at."""
    fresh = [door for door in doors if door.lead_id is None]
    event = stage.event
    reports = [
        discover.Report(
            key=f"sweep-{event.code}-{door.household_id}", door="cadre", household_id=door.household_id, at=clock.now(),
            claim={"kinds": [], "loss_yuan": 0},
        )
        for door in fresh
    ]  # fmt: skip
    leads = {lead.household_id: lead.pk for lead in discover.report(event=event, reports=reports, by=officer)}
    if leads:
        discover.take_in(leads=sorted(leads.values()), by=officer)
    visits = [_seen(stage, door, door.lead_id or leads[door.household_id]) for door in doors]
    verify.record_visits(visits=visits, by=officer)


def _seen(stage: Stage, door: Door, lead: int) -> verify.VisitReport:
    index = door.index
    uuid = f"drill-{index:08d}-{door.attempt}"
    absent = bool(stage.luck.absent[index]) and door.attempt < ATTEMPTS
    again_on = clock.today() + timedelta(days=AGAIN_AFTER_DAYS) if absent else None
    harmed = bool(stage.in_need[index]) != bool(stage.luck.misjudged[index])
    outcome = "absent" if absent else "harmed" if harmed else "unharmed"
    return verify.VisitReport(
        uuid=uuid, lead_id=lead, visitor_id=door.visitor_id, at=clock.now(), outcome=outcome, consent=not absent,
        note="", again_on=again_on, finding=_finding(stage, index) if outcome == "harmed" else None,
    )  # fmt: skip


def _finding(stage: Stage, index: int) -> verify.FindingReport:
    truth, people = stage.truth, stage.households
    warned = heard.anyhow(stage)
    goods = float(truth.goods_loss_yuan[index] - (truth.goods_saved_yuan[index] if warned[index] else 0))
    losses = {
        "crop": round(float(truth.crop_loss_yuan[index] - truth.indemnity_yuan[index]), 2),
        "livestock": round(goods, 2),
        "work": round(float(truth.work_loss_yuan[index]), 2),
    }
    size = int(people.size[index])
    before = float(stage.income_yuan[index] * stage.luck.estimate[index])
    unsafe, dry = bool(truth.home_unsafe[index]), bool(truth.water_unsafe[index])
    return verify.FindingReport(
        losses_yuan=losses, income_per_head_yuan=round((before - sum(losses.values())) / size, 2),
        rigid_per_head_yuan=round(float(people.rigid_yuan[index]) / size, 2), home_safe=not unsafe,
        water_safe=not dry, home_grade="D" if unsafe else "",
    )  # fmt: skip


def villages_finish(stage: Stage) -> None:
    """When the days are over the county takes the unseen off the list, with a reason each; the sweeps are closed."""
    director = stage.officer("county_director")
    least = policy.on(clock.today()).number("harm_severity_min")
    seen = set(Lead.objects.filter(event=stage.event).values_list("household_id", flat=True))
    rows = ranked(stage.event).order_by("household__code").values_list("household_id", "severity")
    rest = [
        (household, "below_harm" if severity < least else "low_risk_informed")
        for household, severity in rows
        if household not in seen
    ]
    discover.release(event=stage.event, households=rest, by=director)
    for town, officer in sorted(stage.townships.items()):
        for sweep in Sweep.objects.within(town).filter(closed_at__isnull=True).order_by("division_id"):
            discover.close_sweep(sweep=sweep, by=officer)
