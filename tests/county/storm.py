"""A small storm for the rooms that come after it: twenty households in four villages, an event, an impact run."""

from dataclasses import dataclass
from datetime import date, timedelta

from anlan.county import bulk, clock
from anlan.county.foresee.models import Impact, Run
from anlan.county.office.queries import machine
from anlan.county.registry.actions import categorise, enrol
from anlan.county.registry.models import Household
from anlan.county.registry.records import HomeRecord, HouseholdRecord, IncomeRecord, PersonRecord
from anlan.county.sense.models import Event

VILLAGES = ("360123101201", "360123101202", "360123102201", "360123102202")
PER_VILLAGE = 5
GROUPS = {"1": "alone", "2": "disabled", "3": "monitored", "4": "ex_poor"}  # by the last digit of the serial
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Storm:
    """The event, its run, and the households by code."""

    event: Event
    run: Run
    households: dict[str, Household]

    def household(self, village: int, serial: int) -> Household:
        """The serial's household (1 to 5) of one of the four villages (0 to 3)."""
        return self.households[f"{VILLAGES[village]}{serial:05d}"]


def id_number(village: int, serial: int) -> str:
    """An ID number nobody has: region 999999."""
    body = f"99999919700101{village * 10 + serial:03d}"
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11]


def make_storm(now) -> Storm:
    """Enrol, open, estimate. Serial 1 is elderly and alone and has no phone, 2 disabled, 3 monitored, 4 ex-poor."""
    anlan = machine()
    enrol(records=[_record(v, s) for v in range(4) for s in range(1, PER_VILLAGE + 1)], by=anlan, source="test")
    households = {each.code: each for each in Household.objects.all()}
    kinds = {2: "disabled", 3: "marginal", 4: "ex_poor"}
    changes = [
        (h.pk, kinds[int(h.code[-1])], date(2025, 1, 1)) for h in households.values() if int(h.code[-1]) in kinds
    ]
    categorise(changes=changes, by=anlan, source="test")
    return storm_over(households, now)


def storm_over(households: dict[str, Household], now, code: str = "EV20260618-rainstorm-1") -> Storm:
    """An orange rainstorm over these households, the first by code the hardest hit."""
    event = Event.objects.create(
        code=code, title="安义县暴雨橙色预警", hazard="rainstorm", level=3, opened_at=now,
        issued_at=now - timedelta(minutes=10), codes=["360123000000"],
    )  # fmt: skip
    run = Run.objects.create(
        event=event, made_at=now, method="test", policy_day=clock.today(), basis="alert", households=len(households),
        digest="0" * 64,
    )  # fmt: skip
    columns = ("run_id", "household_id", "reach", "confidence", "severity", "loss_yuan", "income_per_head_yuan",
               "p_below", "p_home", "p_water", "score", "group", "rank")  # fmt: skip
    rows = [
        (
            run.pk,
            households[code].pk,
            "division",
            1.0,
            3.0,
            5000.0,
            9000.0,
            0.5 / rank,
            0.0,
            0.0,
            1.0 / rank,
            GROUPS.get(code[-1], "general"),
            rank,
        )
        for rank, code in enumerate(sorted(households), start=1)
    ]
    bulk.insert(Impact, columns, rows)
    return Storm(event, run, households)


def _record(village: int, serial: int) -> HouseholdRecord:
    code = f"{VILLAGES[village]}{serial:05d}"
    head = PersonRecord(
        name=f"示例户{village}{serial}", id_number=id_number(village, serial), sex="f",
        born=date(1940 if serial == 1 else 1970, 1, 1), relation="head",
    )  # fmt: skip
    spouse = PersonRecord(
        name=f"示例人{village}{serial}", id_number="", sex="m", born=date(1971, 1, 1), relation="spouse"
    )
    return HouseholdRecord(
        code=code, division=VILLAGES[village], head_name=head.name, phone="" if serial == 1 else f"100{code[-8:]}",
        labourers=2, people=(head,) if serial == 1 else (head, spouse), home=HomeRecord("brick_concrete"),
        income=IncomeRecord(until=date(2026, 5, 31), wage_yuan=20000.0),
    )  # fmt: skip
