"""The villages: households report by themselves, cadres go from door to door, and find what there is to find."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from django.db.models import Case, F, Max, Q, When

from anlan.county import clock
from anlan.county.discover import actions as discover
from anlan.county.discover.models import Lead, Sweep
from anlan.county.discover.sweeping import releasable, unaccounted
from anlan.county.drill import heard
from anlan.county.drill.stage import LOOKS, Stage
from anlan.county.office.models import User
from anlan.county.office.queries import machine
from anlan.county.registry import actions as registry
from anlan.county.registry.records import Reported
from anlan.county.verify import actions as verify
from anlan.county.verify.models import Visit
from anlan.county.verify.queries import second_looks, spared
from anlan.engine import policy

ATTEMPTS = 3
AGAIN_AFTER_DAYS = 2
QUIET_DAYS = AGAIN_AFTER_DAYS + 1


def begin_sweeps(stage: Stage) -> None:
    """The township sends its cadres out with the ranked list."""
    discover.open_sweeps(event=stage.event, by=stage.officer("duty_officer"))
    verify.learn(event=stage.event, by=stage.officer("duty_officer"))


def households_report(stage: Stage, day: int) -> None:
    """Who was hit reports, or is ashamed to; some who were not report too."""
    today = np.flatnonzero(stage.luck.report_day == day).tolist()
    if not today:
        return
    _enrol(stage, [index for index in today if not stage.ids[index]])
    reports = [
        discover.Report(
            key=f"self-{index:08d}-{day}", door="self", household_id=int(stage.ids[index]), at=clock.now(),
            claim=_claim(stage, index),
        )
        for index in today
    ]  # fmt: skip
    discover.report(event=stage.event, reports=reports, by=machine())


def households_object(stage: Stage) -> None:
    """Some who were hit and were judged unharmed since yesterday say so; somebody else comes."""
    since = clock.now() - timedelta(days=1)
    closed = Lead.objects.filter(event=stage.event, state="closed", outcome="unharmed", closed_at__gt=since)
    judged = [stage.index_of[each] for each in closed.values_list("household_id", flat=True)]
    wronged = [index for index in judged if stage.in_need[index] and stage.luck.objects[index]]
    reports = [
        discover.Report(
            key=f"objection-{index:08d}", door="self", household_id=int(stage.ids[index]), at=clock.now(),
            claim=_claim(stage, index),
        )
        for index in sorted(wronged)
    ]  # fmt: skip
    if reports:
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
    """Every morning the townships take in what came in overnight, but for lists that name whom a visit just saw."""
    since = clock.now() - timedelta(days=policy.on(clock.today()).number("just_visited_days"))
    last, said = Max("visits__at"), Max("sources__at", filter=Q(sources__door="self"))
    just_seen = Q(last__gt=since) & (Q(said__isnull=True) | Q(said__lt=F("last")))
    waiting = Lead.objects.filter(state="open").order_by("household__code").annotate(last=last, said=said)
    rows = waiting.annotate(seen=Case(When(just_seen, then=1), default=0))
    by_town: dict[str, tuple[list[int], list[int]]] = {}
    for lead, village, seen in rows.values_list("id", "household__division_id", "seen"):
        by_town.setdefault(village[:9], ([], []))[seen].append(lead)
    for town, (fresh, known) in sorted(by_town.items()):
        if known:
            discover.dismiss_each(leads=known, reason="just_visited", by=stage.townships[town])
        if fresh:
            discover.take_in(leads=fresh, by=stage.townships[town])


@dataclass(frozen=True, slots=True)
class Door:
    """A door to knock at: whose, for which lead (None: from the sweep's list), by whom, for which time."""

    index: int
    household_id: int
    lead_id: int | None
    visitor_id: int
    attempt: int
    second: bool = False  # another look at a finding that lies near the line


def cadres_visit(stage: Stage, day: int) -> None:
    """Each village's cadres see as many households as a day allows: reported ones first, then down the list."""
    if _over(stage, day):
        return
    rounds = Rounds(stage, day)
    seen = 0
    for town, officer in sorted(stage.townships.items()):
        knocked = rounds.doors(town)
        if knocked:
            _visit(stage, knocked, officer)
            _hear_of_others(stage, knocked, officer)
            seen += len(knocked)
    if seen:
        verify.learn(event=stage.event, by=stage.officer("duty_officer"))


def _over(stage: Stage, day: int) -> bool:
    """Whether nobody is left to visit: nobody went for days, no lead waits, and every village can be reached."""
    last = Visit.objects.aggregate(last=Max("at"))["last"]
    if last is None or last > clock.now() - timedelta(days=QUIET_DAYS):
        return False
    if day <= stage.world["cadres", "days_cut_off"] + QUIET_DAYS or Lead.objects.filter(state="taken_in").exists():
        return False
    return not second_looks(machine(), stage.event).exists()


class Rounds:
    """The day's lists: open leads by priority, then households of the sweep by rank, per village."""

    def __init__(self, stage: Stage, day: int) -> None:
        self.stage, self.day = stage, day
        self.tried: dict[int, int] = {}
        for household in Visit.objects.order_by().values_list("lead__household_id", flat=True):
            self.tried[household] = self.tried.get(household, 0) + 1
        self.unharmed, self.gone = spared(stage.event)
        self.seconds = self._seconds()
        self.leads = self._leads()
        self.listed = self._listed()

    def _seconds(self) -> dict[str, list[tuple[int, int]]]:
        """Findings near the line: somebody else looks, too."""
        rows = second_looks(machine(), self.stage.event).order_by("lead__household__code")
        found: dict[str, list[tuple[int, int]]] = {}
        for lead, household, village in rows.values_list(
            "lead_id", "lead__household_id", "lead__household__division_id"
        ):
            found.setdefault(village, []).append((household, lead))
        return found

    def _leads(self) -> dict[str, list[tuple[int, int]]]:
        due = Lead.objects.filter(state="taken_in").annotate(again_on=Max("visits__again_on"))
        due = due.filter(Q(again_on__isnull=True) | Q(again_on__lte=clock.today()))
        found: dict[str, list[tuple[int, int]]] = {}
        rows = due.order_by("-priority", "household__code").values_list("id", "household_id", "household__division_id")
        for lead, household, village in rows:
            found.setdefault(village, []).append((household, lead))
        return found

    def _listed(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for household, village in self.stage.listing(self.unharmed):
            if household not in self.gone:
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
        seconds = self.seconds.get(village, [])
        wanted: list[tuple[int, int | None]] = [*seconds, *self.leads.get(village, [])]
        wanted += [(household, None) for household in self.listed.get(village, [])]
        visitors = cadres if len(cadres) > 1 else [*cadres, self.stage.townships[village[:9]]]
        for number, (household, lead) in enumerate(wanted[:capacity]):
            index = self.stage.index_of[household]
            attempt = self.tried.get(household, 0) + 1
            visitor = visitors[(index + attempt) % len(visitors)].pk
            yield Door(index, household, lead, visitor, attempt, number < len(seconds))


def _visit(stage: Stage, knocked: list[Door], officer: User) -> None:
    """Knock, look, write down. A household from the list becomes a lead by being looked at."""
    fresh = [door for door in knocked if door.lead_id is None]
    event = stage.event
    reports = [
        discover.Report(
            key=f"sweep-{event.code}-{door.household_id}-{door.attempt}", door="cadre",
            household_id=door.household_id, at=clock.now(), claim={"kinds": [], "loss_yuan": 0},
        )
        for door in fresh
    ]  # fmt: skip
    leads = {}
    if reports:
        leads = {lead.household_id: lead.pk for lead in discover.report(event=event, reports=reports, by=officer)}
        discover.take_in(leads=sorted(leads.values()), by=officer)
    visits = [_seen(stage, door, door.lead_id or leads[door.household_id]) for door in knocked]
    verify.record_visits(visits=visits, by=officer)


def _hear_of_others(stage: Stage, knocked: list[Door], officer: User) -> None:
    """Who is asked in a group names the neighbours whom no list has."""
    people = stage.households
    groups = {(int(people.village[door.index]), int(people.group_no[door.index])) for door in knocked}
    unknown = np.flatnonzero((stage.ids == 0) & stage.luck.told_of).tolist()
    named = [each for each in unknown if (int(people.village[each]), int(people.group_no[each])) in groups]
    if not named:
        return
    _enrol(stage, named)
    reports = [
        discover.Report(
            key=f"named-{index:08d}", door="cadre", household_id=int(stage.ids[index]), at=clock.now(),
            claim={"kinds": [], "loss_yuan": 0},
        )
        for index in named
    ]  # fmt: skip
    leads = discover.report(event=stage.event, reports=reports, by=officer)
    discover.take_in(leads=sorted(lead.pk for lead in leads), by=officer)


def _enrol(stage: Stage, unknown: Sequence[int]) -> None:
    """Households that the registry did not know, in it."""
    if not unknown:
        return
    people = stage.households
    reported = [
        Reported(
            stage.villages[people.village[index]].code, f"示例户{index}", stage.phone(index), int(people.size[index])
        )
        for index in unknown
    ]
    for index, household in zip(unknown, registry.enrol_reported_each(reported=reported, by=machine()), strict=True):
        stage.know(index, household.pk)


def _seen(stage: Stage, door: Door, lead: int) -> verify.VisitReport:
    index = door.index
    uuid = f"drill-{index:08d}-{door.attempt}"
    absent = bool(stage.luck.absent[index]) and door.attempt < ATTEMPTS
    again_on = clock.today() + timedelta(days=AGAIN_AFTER_DAYS) if absent else None
    look = min(door.attempt, LOOKS) - 1
    harmed = door.second or bool(stage.in_need[index]) != bool(stage.luck.misjudged[look, index])
    outcome = "absent" if absent else "harmed" if harmed else "unharmed"
    return verify.VisitReport(
        uuid=uuid, lead_id=lead, visitor_id=door.visitor_id, at=clock.now(), outcome=outcome, consent=not absent,
        note="", again_on=again_on, finding=_finding(stage, door, look) if outcome == "harmed" else None,
    )  # fmt: skip


def _finding(stage: Stage, door: Door, look: int) -> verify.FindingReport:
    """What two visitors find they write down together."""
    truth, people, index = stage.truth, stage.households, door.index
    looks = slice(0 if door.second else look, look + 1)
    warned = heard.anyhow(stage)
    goods = float(truth.goods_loss_yuan[index] - (truth.goods_saved_yuan[index] if warned[index] else 0))
    losses = {
        "crop": round(float(truth.crop_loss_yuan[index] - truth.indemnity_yuan[index]), 2),
        "livestock": round(goods, 2),
        "work": round(float(truth.work_loss_yuan[index]), 2),
    }
    size = int(people.size[index])
    before = float(stage.income_yuan[index] * stage.luck.estimate[looks, index].mean())
    unsafe, dry = bool(truth.home_unsafe[index]), bool(truth.water_unsafe[index])
    return verify.FindingReport(
        losses_yuan=losses, income_per_head_yuan=round((before - sum(losses.values())) / size, 2),
        rigid_per_head_yuan=round(float(people.rigid_yuan[index]) / size, 2), home_safe=not unsafe,
        water_safe=not dry, home_grade="D" if unsafe else "",
    )  # fmt: skip


def villages_finish(stage: Stage) -> None:
    """When the days are over the county takes the unseen off the list, with a reason each; the sweeps are closed."""
    director = stage.officer("county_director")
    rest = releasable(stage.event)
    kept = {household for household, _reason in rest}
    rest += [
        (each, "low_risk_learned")
        for each in unaccounted(stage.event).values_list("household_id", flat=True)
        if each not in kept
    ]
    discover.release(event=stage.event, households=rest, by=director)
    for town, officer in sorted(stage.townships.items()):
        left = Sweep.objects.within(town).filter(closed_at__isnull=True).order_by("division_id")
        discover.close_sweeps(sweeps=list(left), by=officer)
