"""Up the ladder: who has not answered is called, then the cadre is, then village, township and county (逐级叫应).

A target carries its own timer (`next_at`), so one query finds all that are due, however many there are. Whoever
acknowledges has left the ladder, and so has a warning that ended.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.dispatch.actions import enqueue
from anlan.county.dispatch.again import again
from anlan.county.ledger.actions import Line, record_many
from anlan.county.office.models import Appointment, Holder, User
from anlan.county.office.queries import machine
from anlan.county.warn import messages, rules, wording
from anlan.county.warn.models import Errand, Target, Warning  # noqa: A004 (the field's own word)
from anlan.engine import policy
from anlan.engine.audience import ladder, words

CLAIM = 25_000
OTHER = ladder.RUNGS.index("other")
ERRAND = ("warning_id", "division_id", "rung", "holder_id", "households", "at")
# How much of a village's code the place of a rung has, and in which role its people are.
PLACES = {
    "cadre": (12, "village_cadre"),
    "village": (12, ""),
    "town": (9, "township_officer"),
    "county": (6, "duty_officer"),
}
Due = tuple[int, int, int, int | None, str, int]


def climb() -> int:
    """Give every due household's next rung its turn. Returns how many there were."""
    done = 0
    while taken := _climb(clock.now()):
        done += taken
        if taken < CLAIM:
            break
    return done


@transaction.atomic
def _climb(now: datetime) -> int:
    due = Target.objects.filter(
        next_at__lte=now, acknowledged_at__isnull=True, warning__state="released", warning__expires_at__gt=now
    ).order_by("next_at", "tier", "id")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    rows: list[Due] = list(
        due.values_list("id", "warning_id", "rung", "message_id", "household__division_id", "household_id")[:CLAIM]
    )
    if not rows:
        return 0
    warnings = Warning.objects.select_related("event").in_bulk({row[1] for row in rows})
    grouped: dict[tuple[int, int], list[Due]] = defaultdict(list)
    for row in rows:
        grouped[row[1], row[2] + 1].append(row)
    lines = [_turn(warnings[key], rung, found, now) for (key, rung), found in sorted(grouped.items())]
    record_many(lines, by=machine().username)
    return len(rows)


def _turn(warning: Warning, rung: int, rows: list[Due], now: datetime) -> Line:
    """One rung of one warning has its turn with these households."""
    steps = ladder.ladder(policy.on(clock.today()), warning.level)
    after = steps.following(rung) if steps is not None else None
    following = None if after is None else max((warning.released_at or now) + after, now + timedelta(seconds=1))
    mine = Target.objects.filter(pk__among=[row[0] for row in rows])
    mine.update(rung=rung, next_at=following)
    done = _call(warning, rows) if rung == OTHER else _send_out(warning, rung, rows, now)
    name = ladder.RUNGS[rung]
    return Line("warn.climb", rules.about(warning.code), {"rung": name, "households": len(rows), "messages": done})


def _call(warning: Warning, rows: list[Due]) -> int:
    """The household's telephone rings, and whoever else can tell them is written to and called."""
    own = wording.own(warning, {row[5]: row[4] for row in rows})
    by_body: dict[str, dict[int, int]] = defaultdict(dict)
    for target, _w, _r, message, _d, household in rows:
        if message is not None:
            by_body[(own[household].voice if household in own else warning.voice) + words.prompt()][message] = target
    calls: dict[int, int] = {}
    for body, by_message in by_body.items():
        found = again(numbers=list(by_message), kind="voice", body=body)
        calls |= {by_message[old]: new for old, new in found.items()}
    bulk.update(Target, ("call_id",), [(new, target) for target, new in calls.items()])
    return len(calls) + _second(warning, rows)


def _second(warning: Warning, rows: list[Due]) -> int:
    drafts = list(messages.to_second_contacts(warning, {row[5]: row[4] for row in rows}))
    numbers = enqueue(drafts=[draft for _household, draft in drafts])
    written = {household: numbers[draft.key] for household, draft in drafts if draft.kind == "sms"}
    targets = [(written[row[5]], row[0]) for row in rows if row[5] in written]
    bulk.update(Target, ("second_id",), targets)
    return len(numbers)


def _send_out(warning: Warning, rung: int, rows: list[Due], now: datetime) -> int:
    """The people of the rung are told how many households of theirs have not answered."""
    length, role = PLACES[ladder.RUNGS[rung]]
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row[4][:length].ljust(12, "0")] += 1
    people = _people(role, counts)
    errands = [
        (warning.pk, place, rung, holder, count, now)
        for place, count in sorted(counts.items())
        for holder in (*(each.pk for each in people[place]),) or (None,)
    ]
    bulk.insert(Errand, ERRAND, errands)
    sent, sort = (
        0,
        f"sms.{rung}.{rows[0][0]}",
    )  # by its first target: a place that is claimed in two parts is told of both
    for place, count in sorted(counts.items()):
        body = _("%(title)s：还有%(count)d户没有叫应，请马上电话或上门叫应，并登记。") % {
            "title": warning.event.title[:30], "count": count,
        }  # fmt: skip
        sent += len(enqueue(drafts=messages.to_holders(warning, place, people[place], sort, body)))
    return sent


def _people(role: str, places: Iterable[str]) -> dict[str, list[User]]:
    """Who answers for each place today: by appointment, or by the duty of calling where no role is named."""
    found: dict[str, list[User]] = {place: [] for place in places}
    appointed, holders = Appointment.objects.on(clock.today()), Holder.objects.on(clock.today())
    held: Any = appointed.filter(role=role) if role else holders.filter(duty_id="warn_call")
    for each in held.filter(division_id__in=list(found)).select_related("user").order_by("user__username"):
        if each.user not in found[each.division_id]:
            found[each.division_id].append(each.user)
    return found
