"""The order of a drill: at which moment which players act. One list, read from the start or from the middle."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from anlan.county.drill.players import ladder, offices, village, watch
from anlan.county.drill.stage import Stage

LADDER_MIN = (20, 25, 30, 35, 45, 60, 75, 105, 140, 240, 360)
DAYS_OF_VISITS = 45
DAYS_OF_CASES = 75


@dataclass(frozen=True, slots=True)
class Phase:
    """Something the players do at a moment. `whole`: in one transaction; sending is not, by its nature.

    `learn`: much is new in the database after it.
    """

    at: datetime
    name: str
    act: Callable[[Stage], None]
    whole: bool = True
    learn: bool = False


def phases(stage: Stage) -> Iterator[Phase]:
    """Every phase of a drill after the county is founded, in the order of time."""
    yield from _warning(stage)
    yield from _days(stage)
    yield from _months(stage)


def _warning(stage: Stage) -> Iterator[Phase]:
    alerts = stage.scenario.alerts or ({"after_min": 0, "colour": "红"},)
    for number, alert in enumerate(alerts):
        at = stage.at(minutes=alert["after_min"])
        everyone = number == 0
        yield Phase(at + timedelta(minutes=4), f"alert {number + 1}", partial(watch.receive, number=number))
        yield Phase(at + timedelta(minutes=7), f"warn {number + 1}", partial(watch.warn_people, everyone=everyone))
        begun = at + timedelta(minutes=15)
        send = partial(watch.hand_over, begun_at=begun)
        yield Phase(begun, f"hand over {number + 1}", send, whole=False)
        if stage.world["warning", "ladder"]:
            yield from _ladder(at, number + 1)
            continue
        yield Phase(at + timedelta(minutes=60), f"networks answer {number + 1}", watch.networks_answer)
        yield Phase(at + timedelta(minutes=75), f"people answer {number + 1}", watch.people_answer)
        yield Phase(at + timedelta(minutes=90), f"cadres call {number + 1}", watch.cadres_call)
    later = stage.at(minutes=alerts[-1]["after_min"], hours=6)
    yield Phase(later, "people answer late", watch.people_answer)
    if stage.world["warning", "ladder"]:
        yield Phase(stage.at(hours=24), "cadres report late", partial(ladder.cadres_report, late=True))
    yield Phase(stage.at(hours=24), "gauges", watch.gauges)
    yield Phase(stage.at(hours=25), "estimate again", watch.estimate_again)
    yield Phase(stage.at(hours=26), "sweeps begin", village.begin_sweeps)


def _ladder(alert: datetime, number: int) -> Iterator[Phase]:
    """The worker's rounds after an alert, as often as the ladder has rungs and a little longer than it lasts.

    Answers come in before the round that would climb over them.
    """
    for minutes in LADDER_MIN:
        at, name = alert + timedelta(minutes=minutes), f"{number}, {minutes} min"
        yield Phase(at, f"networks answer {name}", watch.networks_answer)
        yield Phase(at, f"people answer {name}", watch.people_answer)
        yield Phase(at, f"cadres report {name}", ladder.cadres_report)
        yield Phase(at, f"climb {name}", ladder.climb)
        yield Phase(at, f"hand over {name}", partial(watch.hand_over, begun_at=at), whole=False)


def _days(stage: Stage) -> Iterator[Phase]:
    lag = max(1, round(stage.world["departments", "lag_days"]))
    yield Phase(stage.at(days=lag + 1).replace(hour=8, minute=0, second=0, microsecond=0), "departments' lists",
                offices.departments_lists_come)  # fmt: skip
    for day in range(1, DAYS_OF_CASES + 1):
        morning = stage.at(days=day).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1)
        evening = morning.replace(hour=18)
        if day <= DAYS_OF_VISITS:
            yield Phase(morning, f"morning {day}", partial(_morning, day=day))
            yield Phase(evening, f"visits {day}", partial(village.cadres_visit, day=day), learn=day == 1)
        if day == DAYS_OF_VISITS:
            yield Phase(evening, "sweeps end", village.villages_finish)
        yield Phase(evening, f"evening {day}", partial(_evening, day=day), learn=day in (5, 20))


def _morning(stage: Stage, day: int) -> None:
    village.households_report(stage, day)
    village.households_object(stage)
    village.townships_take_in(stage)


def _evening(stage: Stage, day: int) -> None:
    offices.departments_match(stage)
    offices.chain_moves(stage, day)
    offices.help_is_planned(stage)
    offices.help_arrives(stage)


def _months(stage: Stage) -> Iterator[Phase]:
    for day in range(30, stage.scenario.days + 1, 6):
        noon = stage.at(days=day).replace(hour=12, minute=0, second=0, microsecond=0)
        if day % 30 == 0:
            yield Phase(noon, f"month {day // 30}", offices.months_pass)
        if day > DAYS_OF_CASES:
            yield Phase(noon, f"late deliveries {day}", offices.help_arrives)
            yield Phase(noon, f"clearances {day}", offices.clearances_move)


def script(stage: Stage) -> list[Phase]:
    """All phases, sorted by moment; those of one moment keep the order in which they were written."""
    return sorted(phases(stage), key=lambda phase: phase.at)
