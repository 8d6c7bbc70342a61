"""The offices: departments' lists and checks, the decision chain, help, and the months until a risk is gone."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from anlan.county import clock
from anlan.county.assist import actions as assist
from anlan.county.assist.models import Measure
from anlan.county.assist.queries import proposed
from anlan.county.clear import actions as clear
from anlan.county.clear.models import Clearance
from anlan.county.decide import actions as decide
from anlan.county.decide.models import Case, Episode
from anlan.county.discover import actions as discover
from anlan.county.drill import heard
from anlan.county.drill.chance import chance
from anlan.county.drill.stage import Stage
from anlan.county.office.models import User
from anlan.county.office.queries import machine
from anlan.county.registry.models import Person
from anlan.county.verify import actions as verify
from anlan.county.verify.models import Finding
from anlan.engine import policy

MATCH_AFTER_DAYS = 2
LISTED_SHARE = 0.5  # of the hit households, those some department's list knows
PUBLIC_DAYS = 5
MEETS_EVERY_DAYS = 3
DELIVERY_DAYS = {"house_rebuild": 95, "house_repair": 40}
USUAL_DELIVERY_DAYS = 6
RECOVERY_MONTHS = 5.0


def departments_lists_come(stage: Stage) -> None:
    """Weeks later a list arrives: late, and with damaged rows."""
    luck = chance(stage.request.seed, "departments")
    on_list = stage.hit & stage.households.registered & (luck.random(len(stage.hit)) < LISTED_SHARE)
    damaged = luck.random(len(stage.hit)) < stage.world["departments", "rows_damaged"]
    ids = stage.ids
    wanted = {int(ids[index]): index for index in np.flatnonzero(on_list).tolist() if ids[index]}
    heads = Person.objects.filter(relation="head").values_list("id_number", "name", "household_id")
    rows = []
    for number, name, household in sorted(head for head in heads.iterator(chunk_size=5000) if head[2] in wanted):
        shown = number[:-4] + "0000" if damaged[wanted[household]] else number
        rows.append({"name": name, "id_number": shown, "reason": "农业保险报案", "yuan": 0})
    discover.screen(
        event=stage.event, rows=rows, source="农业保险报案名单（示例）", by=stage.officer("department_clerk")
    )


def departments_match(stage: Stage) -> None:
    """Findings are checked against the departments' data; what is checked becomes a case."""
    before = clock.now() - timedelta(days=MATCH_AFTER_DAYS)
    waiting = Finding.objects.filter(matched_at__isnull=True, made_at__lte=before).order_by("visit__uuid")
    columns = ("id", "lead__household_id", "income_per_head_yuan", "losses_yuan")
    findings = {row[0]: row[1:] for row in waiting.values_list(*columns)}
    if findings:
        incomes = {key: _by_the_data(stage, *found) for key, found in findings.items()}
        verify.match(findings=list(findings), by=stage.officer("department_clerk"), incomes=incomes)
        decide.open_cases(by=machine())


def _by_the_data(stage: Stage, household: int, income_per_head_yuan: float, losses: dict[str, float]) -> float:
    """Wages, transfers and what property brings are in the departments' data; of the business they know nothing."""
    people, index = stage.households, stage.index_of[household]
    said = income_per_head_yuan * float(people.size[index]) + sum(losses.values())
    known = float(people.wage_yuan[index] + people.property_yuan[index] + people.transfer_yuan[index])
    true = float(stage.income_yuan[index])
    business = (true - known) * said / true if true else 0.0
    return round((known + business - sum(losses.values())) / float(people.size[index]), 2)


def chain_moves(stage: Stage, day: int) -> None:
    """Review in the village, publicity, township, county, notice, entry: each office moves what is ripe.

    A village's representatives meet every third day, the offices daily.
    """
    meeting = [village.code for village in stage.villages[day % MEETS_EVERY_DAYS :: MEETS_EVERY_DAYS]]
    _move(stage, "review", _reviewed, _village_hand, meeting)
    _move(stage, "publicity", _after_publicity, _village_hand, meeting)
    _move(stage, "town_check", _to("county_decide"), _township_hand)
    _move(stage, "county_decide", _to("notice"), _county_hand)
    _move(stage, "notice", _entered, _county_hand)


Row = dict[str, Any]
Hand = Callable[[Stage, str], User]


def _move(
    stage: Stage, state: str, move: Callable[[Row], decide.Move | None], hand: Hand, villages: Sequence[str] = ()
) -> None:
    rows = Case.objects.filter(state=state).order_by("household__code", "id")
    if villages:
        rows = rows.filter(household__division_id__in=villages)
    by_hand: dict[str, tuple[User, list[decide.Move]]] = {}
    fields = ("id", "version", "proposal", "public_since", "household__division_id")
    for row in rows.values(*fields):
        wanted = move(row)
        if wanted is not None:
            user = hand(stage, row["household__division_id"])
            by_hand.setdefault(user.username, (user, []))[1].append(wanted)
    for _username, (user, moves) in sorted(by_hand.items()):
        decide.advance(moves=moves, by=user)


def _village_hand(stage: Stage, village: str) -> User:
    return stage.cadres[village][0]


def _township_hand(stage: Stage, village: str) -> User:
    return stage.townships[village[:9]]


def _county_hand(stage: Stage, village: str) -> User:
    return stage.officer("county_director")


def _reviewed(row: Row) -> decide.Move:
    proposal = row["proposal"]
    if proposal.get("at_risk"):
        return decide.Move(case_id=row["id"], version=row["version"], to="publicity")
    return decide.Move(
        case_id=row["id"],
        version=row["version"],
        to="not_confirmed",
        reasons=("no_axis_broken",),
        note="评议未发现风险",
    )


def _after_publicity(row: Row) -> decide.Move | None:
    if clock.now() < row["public_since"] + timedelta(days=PUBLIC_DAYS):
        return None
    return decide.Move(case_id=row["id"], version=row["version"], to="town_check")


def _to(state: str) -> Callable[[Row], decide.Move]:
    return lambda row: decide.Move(case_id=row["id"], version=row["version"], to=state)


def _entered(row: Row) -> decide.Move:
    proposal = row["proposal"]
    return decide.Move(
        case_id=row["id"], version=row["version"], to="entered", category=proposal["category"],
        reasons=tuple(proposal["axes"]),
    )  # fmt: skip


def help_is_planned(stage: Stage) -> None:
    """For every household newly under monitoring, one kind of help per broken axis and what goes with it."""
    fresh = Episode.objects.filter(measures__isnull=True).order_by("household__code")
    plans: dict[str, list[assist.Plan]] = {}
    for episode in fresh.select_related("household", "case"):
        for kind in proposed(episode.axes, stage.event.hazard):
            plan = assist.Plan(
                event_id=stage.event.pk, household_id=episode.household_id, kind=kind, episode_id=episode.pk
            )
            plans.setdefault(episode.household.division_id[:9], []).append(plan)
    for town, wanted in sorted(plans.items()):
        assist.plan(plans=wanted, by=stage.townships[town])


def help_arrives(stage: Stage) -> None:
    """Departments deliver in their own time; villages sign for what arrived."""
    waiting = Measure.objects.filter(state__in=("planned", "delivering")).order_by("household__code", "kind")
    rows = waiting.values_list("id", "kind", "amount_yuan", "planned_at", "household__division_id")
    by_town: dict[str, list[tuple[int, float, Any]]] = {}
    for pk, kind, yuan, planned_at, village in rows:
        days = DELIVERY_DAYS.get(kind, USUAL_DELIVERY_DAYS)
        if clock.now() >= planned_at + timedelta(days=days):
            by_town.setdefault(village[:9], []).append((pk, yuan, clock.now()))
    for town, deliveries in sorted(by_town.items()):
        officer = stage.townships[town]
        assist.deliver(deliveries=deliveries, by=officer)
        receipts = [(pk, "农户签收（示例）", at) for pk, _yuan, at in deliveries]
        assist.receipt(receipts=receipts, by=officer)


def months_pass(stage: Stage) -> None:
    """The monthly look at every household under monitoring: what it earns by now, what is still broken."""
    delivered = _delivered(stage)
    losses = stage.truth.loss_yuan(heard.anyhow(stage))
    episodes = Episode.objects.filter(cleared_at__isnull=True).order_by("household__code")
    by_town: dict[str, list[clear.CheckReport]] = {}
    for pk, household, entered, village in episodes.values_list(
        "id", "household_id", "entered_at", "household__division_id"
    ):
        months = (clock.now() - entered).days / 30
        index = stage.index_of[household]
        loss = float(losses[index]) * (1 - min(1.0, months / RECOVERY_MONTHS))
        income, broken = _standing(stage, index, loss, delivered.get(household, {}))
        report = clear.CheckReport(episode_id=pk, at=clock.now(), income_per_head_yuan=income, broken=broken)
        by_town.setdefault(village[:9], []).append(report)
    for town, checks in sorted(by_town.items()):
        clear.check(checks=checks, by=stage.townships[town])
    clear.open_clearances(by=machine(), on=clock.today())


def _delivered(stage: Stage) -> dict[int, dict[str, float]]:
    found: dict[int, dict[str, float]] = {}
    rows = Measure.objects.filter(delivered_at__isnull=False).values_list("household_id", "axis", "delivered_yuan")
    for household, axis, yuan in rows:
        helped = found.setdefault(household, {})
        helped[axis] = helped.get(axis, 0.0) + yuan
    return found


def _standing(stage: Stage, index: int, loss_yuan: float, helped: dict[str, float]) -> tuple[float, tuple[str, ...]]:
    people, truth = stage.households, stage.truth
    income = float(stage.income_yuan[index]) - loss_yuan + helped.get("income", 0.0)
    per_head = round(income / float(people.size[index]), 2)
    line = policy.on(clock.today()).number("monitoring_line_yuan")
    broken = [
        axis
        for axis, bad in (
            ("income", per_head < line),
            ("home", truth.home_unsafe[index] and "home" not in helped),
            ("water", truth.water_unsafe[index] and "water" not in helped),
        )
        if bad
    ]
    return per_head, tuple(broken)


def clearances_move(stage: Stage) -> None:
    """The chain that clears a household, as long as the one that entered it."""
    steps: Iterable[tuple[str, str, Hand]] = (
        ("visit", "review", _village_hand),
        ("review", "publicity", _village_hand),
        ("publicity", "town_check", _village_hand),
        ("town_check", "county_decide", _township_hand),
        ("county_decide", "cleared", _county_hand),
    )
    for before, after, hand in steps:
        rows = Clearance.objects.filter(state=before).order_by("episode__household__code")
        by_hand: dict[str, tuple[User, list[clear.Move]]] = {}
        for pk, version, since, village in rows.values_list(
            "id", "version", "public_since", "episode__household__division_id"
        ):
            if before == "publicity" and since and clock.now() < since + timedelta(days=PUBLIC_DAYS):
                continue
            user = hand(stage, village)
            by_hand.setdefault(user.username, (user, []))[1].append(clear.Move(pk, version, after))
        for _username, (user, moves) in sorted(by_hand.items()):
            clear.advance(moves=moves, by=user)
