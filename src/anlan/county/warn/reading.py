"""Whose an answer is, to which warnings, and what it says. Nothing is guessed: what is not known stays so, by name."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from anlan.county import clock
from anlan.county.dispatch.replies import Answer
from anlan.county.registry.models import Household
from anlan.county.warn.models import Target
from anlan.engine import policy
from anlan.engine.audience.replies import UNKNOWN, key, meaning

# Besides KNOWN, SAFE and UNKNOWN: a number of nobody's (or of several), no warning of theirs to answer, and a call that
# somebody listened to without a key.
STRANGER, CLOSED, HEARD = "stranger", "closed", "heard"
Open = tuple[int, datetime, datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer as it was read."""

    answer: Answer
    outcome: str
    targets: tuple[int, ...] = ()
    heard: bool = False
    household: int | None = None  # who may be asked what was meant


def of_people(answers: Sequence[Answer]) -> list[Reading]:
    """Short messages: whose number it is, and which warnings that household had got and could answer then."""
    households = _households({each.address for each in answers if each.address})
    found = defaultdict[int, list[Open]](list)
    alone = {each[0] for each in households.values() if len(each) == 1}
    mine = Target.objects.filter(household__among=alone, message__isnull=False)
    columns = ("id", "warning__released_at", "warning__expires_at", "warning__cancelled_at")
    for household, *row in _standing(mine, answers).values_list("household_id", *columns):
        found[household].append(tuple(row))
    return [_written(each, households, found) for each in answers]


def of_calls(answers: Sequence[Answer]) -> list[Reading]:
    """Calls: how long somebody listened, and which key was pressed. The call says whose it is."""
    numbers, least = {each.message for each in answers}, policy.on(clock.today()).number("warn_heard_seconds")
    by_call = defaultdict[int, list[Open]](list)
    columns = ("id", "warning__released_at", "warning__expires_at", "warning__cancelled_at")
    for call, *row in _standing(Target.objects.filter(call__among=numbers), answers).values_list("call_id", *columns):
        by_call[call].append(tuple(row))
    readings = []
    for each in answers:
        targets = _open(by_call[each.message or 0], each.at)
        heard = (each.seconds or 0) >= least
        if targets:
            said = key(each.text)
            readings.append(Reading(each, HEARD if heard and said == UNKNOWN else said, targets, heard))
        else:
            readings.append(Reading(each, CLOSED if by_call[each.message or 0] else STRANGER))
    return readings


def _households(numbers: Iterable[str]) -> dict[str, list[int]]:
    """The households that gave each of these numbers."""
    found = defaultdict[str, list[int]](list)
    rows = Household.objects.filter(phone__among=sorted(numbers)).order_by("pk").values_list("phone", "pk")
    for phone, household in rows:
        found[phone].append(household)
    return found


def _written(answer: Answer, households: dict[str, list[int]], found: dict[int, list[Open]]) -> Reading:
    """An answer counts for the one household whose number it is; a person may read what any of several wrote."""
    whose = households.get(answer.address, [])
    said = meaning(answer.text) if answer.whole else UNKNOWN
    asked = whose[0] if whose and said == UNKNOWN else None
    if len(whose) != 1:
        return Reading(answer, STRANGER, household=asked)
    targets = _open(found.get(whose[0], []), answer.at)
    if said == UNKNOWN or targets:
        return Reading(answer, said, targets, household=asked)
    return Reading(answer, CLOSED)


def _standing(targets: QuerySet[Target], answers: Sequence[Answer]) -> QuerySet[Target]:
    """Those of warnings that anybody could have answered when the first of these answers was given."""
    first = min((each.at for each in answers), default=clock.now())
    return targets.filter(warning__released_at__isnull=False, warning__expires_at__gt=first)


def _open(rows: Iterable[Open], at: datetime) -> tuple[int, ...]:
    """The targets of the warnings that were out at that moment: neither over nor taken back."""
    return tuple(
        target
        for target, released, expires, cancelled in rows
        if released <= at < expires and (cancelled is None or at < cancelled)
    )
