"""Up the ladder in a drill: the worker's rounds, and cadres who go from door to door where nobody has answered."""

from datetime import datetime

from anlan.county import clock
from anlan.county.drill import heard
from anlan.county.drill.stage import Stage
from anlan.county.warn import actions as warn
from anlan.county.warn import climbing
from anlan.county.warn.models import Target

AT_HOME = "家中"


def climb(_stage: Stage) -> None:
    """Whoever has not answered by now is called, or the next in office is told of them."""
    climbing.climb()


def cadres_report(stage: Stage, *, late: bool = False) -> None:
    """Whom they have told by now, as they enter it at the door; from where there is no signal it comes late."""
    now = clock.now()
    open_ = set(Target.objects.filter(acknowledged_at__isnull=True).values_list("id", flat=True))
    by_town: dict[str, list[tuple[int, datetime]]] = {}
    for told in heard.at_the_door(stage):
        if told.at <= now and told.target in open_ and (late or told.village not in stage.quiet):
            by_town.setdefault(told.village[:9], []).append((told.target, told.at))
    for town, acks in sorted(by_town.items()):
        warn.acknowledge(acks=acks, how="cadre", by=stage.townships[town], place=AT_HOME)
