"""Whose an answer is, to which warnings, and what it says. Nothing is guessed: what is not known stays so, by name."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

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
Asked = tuple[int | None, int | None, *Open]  # the message and the second contact's before it


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer as it was read."""

    answer: Answer
    outcome: str
    targets: tuple[int, ...] = ()
    heard: bool = False
    household: int | None = None  # who may be asked what was meant
    second: bool = False  # a second contact said it


@dataclass(frozen=True, slots=True)
class Whose:
    """A household that gave a number: its own, or its second contact's (`reached`: it has one of its own, too)."""

    household: int
    second: bool = False
    reached: bool = True


def of_people(answers: Sequence[Answer]) -> list[Reading]:
    """Short messages: whose number it is, and which warnings that household had got and could answer then."""
    households = _households({each.address for each in answers if each.address})
    found = defaultdict[int, list[Asked]](list)
    alone = {each[0].household for each in households.values() if len(each) == 1}
    mine = Target.objects.filter(Q(message__isnull=False) | Q(second__isnull=False), household__among=alone)
    columns = ("message_id", "second_id", "id", "warning__released_at", "warning__expires_at", "warning__cancelled_at")
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


def _households(numbers: Iterable[str]) -> dict[str, list[Whose]]:
    """The households that gave each of these numbers, as their own or as their second contact's."""
    wanted = sorted(numbers)
    found = defaultdict[str, list[Whose]](list)
    own = Household.objects.filter(phone__among=wanted).order_by("pk").values_list("phone", "pk")
    for phone, household in own:
        found[phone].append(Whose(household))
    others = Household.objects.filter(second_phone__among=wanted).order_by("pk")
    for phone, household, first in others.values_list("second_phone", "pk", "phone"):
        if phone != first:
            found[phone].append(Whose(household, second=True, reached=bool(first)))
    return found


def _written(answer: Answer, households: dict[str, list[Whose]], found: dict[int, list[Asked]]) -> Reading:
    """An answer counts for the one household whose number it is; a person may read what any of several wrote."""
    whose = households.get(answer.address, [])
    said = meaning(answer.text) if answer.whole else UNKNOWN
    asked = whose[0].household if whose and said == UNKNOWN else None
    if len(whose) != 1:
        return Reading(answer, STRANGER, household=asked)
    (one,) = whose
    targets = _open((row[2:] for row in found.get(one.household, []) if _was_told(one, row)), answer.at)
    if said == UNKNOWN or targets:
        return Reading(answer, said, targets, household=asked, second=one.second)
    return Reading(answer, CLOSED)


def _was_told(one: Whose, row: Asked) -> bool:
    """Whether a warning went to the number: a second contact's is turned to, or stands in where there is no other."""
    message, second = row[:2]
    return (second is not None or (not one.reached and message is not None)) if one.second else message is not None


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
