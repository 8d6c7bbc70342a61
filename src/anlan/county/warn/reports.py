"""How one warning got on: by town, village, group and channel, how long it took, who was not reached and why.

Every household it was for stays in the denominator, with a telephone or without. A loudspeaker covers a village and
is counted there: it tells of no household that it was reached. A share that was never reached is null.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from numpy.typing import NDArray

from anlan.county.dispatch.models import Message
from anlan.county.office.models import Division, User
from anlan.county.warn import queries, rules
from anlan.county.warn.models import Target, Warning  # noqa: A004 (the field's own word)
from anlan.engine.audience import groups
from anlan.engine.audience.ladder import state

SHARES = (50, 90, 95)
STATES = ("planned", "handed", "delivered", "heard", "acknowledged", "safe")
COLUMNS = (
    "household__division_id", "group", "message_id", "message__handed_at", "message__delivered_at",
    "message__failed_at", "message__cancelled_at", "call__handed_at", "call__delivered_at", "heard_at",
    "acknowledged_at", "acknowledged_how", "safe_at",
)  # fmt: skip
Moment = datetime | None


@dataclass(frozen=True, slots=True)
class Got:
    """What became of a warning with one household."""

    village: str
    group: str
    state: str
    at: Moment  # when it is first shown to have arrived
    reason: str  # why nobody can show that; empty where somebody can
    ways: tuple[str, ...]  # by which it arrived


def report(warning: Warning, user: User | None = None) -> dict[str, Any]:
    """The whole report, of the divisions a person may see; of all where no person asks."""
    warning = Warning.objects.select_related("event__alert").get(pk=warning.pk)
    every = Target.objects.all() if user is None else Target.objects.visible_to(user)
    mine = every.filter(warning=warning)
    got = [_got(row) for row in mine.values_list(*COLUMNS).iterator(20_000)]
    names = dict(Division.objects.values_list("code", "name"))
    villages = np.array([each.village for each in got], dtype="<U12")
    towns = np.array([f"{each.village[:9]}000" for each in got], dtype="<U12")
    named = np.array([each.group for each in got], dtype="<U20")
    reached = np.array([each.at is not None for each in got], dtype=bool)
    states = np.array([STATES.index(each.state) for each in got], dtype=np.int64)
    return {
        "warning": warning.code, "event": warning.event.code, "audience": warning.audience, "level": warning.level,
        "state": warning.state, "by_itself": warning.green_at is not None, "objections": warning.objections,
        "cancel_reason": warning.cancel_reason, **_moments(warning),
        **_counts(states, reached),
        "states": {name: int(np.count_nonzero(states == place)) for place, name in enumerate(STATES)},
        "minutes": _minutes(warning, [each.at for each in got]),
        "by_town": _by(towns, states, reached, names), "by_village": _by(villages, states, reached, names),
        "by_group": _by(named, states, reached, {}, [name for name in groups.GROUPS if name in named]),
        "by_channel": _by_way(got) | {"loudspeaker": _loudspeakers(warning, sorted(set(villages.tolist())))},
        "unreached_by_reason": _reasons(got), "duplicates": _duplicates(warning, mine),
        "all_clear": queries.all_clear(warning),
    }  # fmt: skip


def _got(row: Sequence[Any]) -> Got:
    village, group, message, handed, delivered, failed, cancelled, called, listened, heard, told, how, safe = row
    ways = (("sms", delivered), ("voice", listened), (how or "reply", told))
    shown = [at for at in (delivered, listened, heard, told, safe) if at is not None]
    how_far = state(
        handed=handed is not None or called is not None, delivered=delivered is not None or listened is not None,
        heard=heard is not None, acknowledged=told is not None, safe=safe is not None,
    )  # fmt: skip
    reason = "" if shown else _reason(message, handed, failed, cancelled)
    return Got(village, group, how_far, min(shown, default=None), reason,
               tuple(way for way, at in ways if at is not None))  # fmt: skip


def _reason(message: int | None, handed: Moment, failed: Moment, cancelled: Moment) -> str:
    """The key in rules.UNREACHED."""
    if message is None:
        return "no_phone"
    if failed is not None:
        return "invalid" if handed is not None else "refused"
    if cancelled is not None:
        return "cancelled"
    return "not_delivered" if handed is not None else "not_yet"


def _counts(states: NDArray[np.int64], reached: NDArray[np.bool_]) -> dict[str, int]:
    return {
        "targeted": len(states), "handed": int(np.count_nonzero(states >= STATES.index("handed"))),
        "reached": int(np.count_nonzero(reached)),
        "acknowledged": int(np.count_nonzero(states >= STATES.index("acknowledged"))),
        "safe": int(np.count_nonzero(states == STATES.index("safe"))), "unreached": int(np.count_nonzero(~reached)),
    }  # fmt: skip


def _by(
    of: NDArray[np.str_], states: NDArray[np.int64], reached: NDArray[np.bool_], names: dict[str, str],
    order: Sequence[str] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    keys, places = np.unique(of, return_inverse=True)
    counted = {
        str(key): _counts(states[places == number], reached[places == number]) for number, key in enumerate(keys)
    }
    return [{"key": key, "name": names.get(key, ""), **counted[key]} for key in (order or sorted(counted))]


def _by_way(got: Sequence[Got]) -> dict[str, int]:
    """How many households it is shown to have reached by each way; one may count under several."""
    found = dict.fromkeys(("sms", "voice", *rules.ACKNOWLEDGED_HOW), 0)
    for each in got:
        for way in each.ways:
            found[way] += 1
    return found


def _loudspeakers(warning: Warning, villages: Sequence[str]) -> dict[str, int]:
    played = Q(delivered_at__isnull=False)
    sent = Message.objects.filter(key__startswith=f"{warning.code}/loudspeaker/", division_id__among=list(villages))
    return sent.aggregate(villages=Count("id"), played=Count("id", filter=played))


def _reasons(got: Sequence[Got]) -> dict[str, int]:
    counted = {reason: sum(each.reason == reason for each in got) for reason in rules.UNREACHED}
    return {reason: count for reason, count in counted.items() if count}


def _duplicates(warning: Warning, mine: Any) -> int:
    """Households that got the very same words by another warning of the event, too."""
    others = Target.objects.filter(
        warning__event=warning.event_id, warning__sms=warning.sms, household=OuterRef("household_id"),
        message__handed_at__isnull=False,
    ).exclude(warning=warning)  # fmt: skip
    alike = Warning.objects.filter(event=warning.event_id, sms=warning.sms).exclude(pk=warning.pk)
    return mine.filter(Exists(others), message__handed_at__isnull=False).count() if alike.exists() else 0


def _from(warning: Warning) -> Iterator[tuple[str, Moment]]:
    """The moments from which time is counted: sent upstream, received here, released."""
    alert = warning.event.alert
    yield "issued", warning.event.issued_at
    yield "received", alert.received_at if alert is not None else warning.event.opened_at
    yield "released", warning.released_at


def _moments(warning: Warning) -> dict[str, str | None]:
    return {f"{name}_at": timezone.localtime(at).isoformat() if at else None for name, at in _from(warning)}


def _minutes(warning: Warning, arrived: Sequence[Moment]) -> dict[str, dict[str, float | None]]:
    """Minutes until half, 90 and 95 per cent of all targeted households had it, from each beginning."""
    moments = sorted(at for at in arrived if at is not None)
    needed = {share: -(-len(arrived) * share // 100) for share in SHARES}
    reached = {share: moments[count - 1] if 0 < count <= len(moments) else None for share, count in needed.items()}
    return {
        f"since_{name}": {
            f"t{share}": round((at - begun).total_seconds() / 60, 2) if at is not None and begun is not None else None
            for share, at in reached.items()
        }
        for name, begun in _from(warning)
    }
