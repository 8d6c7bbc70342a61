"""Questions about warnings: whom they are for, how far they got, who was not reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import numpy as np
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.county import clock
from anlan.county.dispatch.models import Message
from anlan.county.dispatch.queries import AccountState, ChannelState, account_states, channel_states
from anlan.county.errors import NotFound
from anlan.county.foresee.models import Impact
from anlan.county.foresee.queries import latest
from anlan.county.office.models import Appointment, Scoped, User
from anlan.county.office.queries import county
from anlan.county.registry.models import Household
from anlan.county.registry.shelters.queries import schools_in
from anlan.county.sense.models import Event
from anlan.county.warn import rules, wording
from anlan.county.warn.models import Remark, Target, Warning  # noqa: A004 (the field's own word)
from anlan.engine import policy
from anlan.engine.audience import groups, selection

T = TypeVar("T")
TOLD = Q(message__delivered_at__isnull=False) | Q(call__delivered_at__isnull=False) | Q(acknowledged_at__isnull=False)


@dataclass(frozen=True, slots=True)
class Audience:
    """The households of an event's latest run as equal-length arrays: who is told first first, then by code."""

    id: NDArray[np.int64]
    code: NDArray[np.str_]
    division: NDArray[np.str_]
    group: NDArray[np.str_]
    tier: NDArray[np.int64]

    def of(self, audience: str) -> "Audience":
        """Only the households that one audience's warning is for."""
        where = np.flatnonzero(self.tier == rules.AUDIENCES.index(audience))
        return Audience(self.id[where], self.code[where], self.division[where], self.group[where], self.tier[where])

    def villages(self) -> list[str]:
        """The villages they live in."""
        found: list[str] = np.unique(self.division).tolist()
        return found

    def places(self) -> dict[int, str]:
        """Each household's village."""
        return dict(zip(self.id.tolist(), self.division.tolist(), strict=True))

    def __len__(self) -> int:
        return len(self.id)


def audience(event: Event, only: str = "") -> Audience:
    """Everyone the event's latest run reaches (or one audience of them), each with the group it is warned in."""
    listed = Impact.objects.filter(run=latest(event))
    if only:
        wanted = rules.AUDIENCES.index(only)
        listed = listed.filter(group__in=[name for name in groups.GROUPS if groups.tier(name) == wanted])
    rows = list(
        listed.values_list("household_id", "household__code", "household__division_id", "group").iterator(20_000)
    )
    ids, codes, divisions, named = zip(*rows, strict=True) if rows else ((), (), (), ())
    code, group = np.array(codes, dtype=np.str_), np.array(named, dtype=np.str_)
    by_code = np.argsort(code, kind="stable")
    order = by_code[selection.select(np.ones(len(rows), dtype=bool), selection.indices(group[by_code]))]
    return Audience(
        np.array(ids, dtype=np.int64)[order], code[order], np.array(divisions, dtype=np.str_)[order], group[order],
        selection.tiers(group[order]),
    )  # fmt: skip


def phones(households: Sequence[int]) -> dict[int, str]:
    """The telephone numbers of those of these households that have one; their second contact's where they have not."""
    mine = Household.objects.filter(pk__among=households)
    others = mine.filter(phone="").exclude(second_phone="").values_list("id", "second_phone")
    return dict(others) | dict(mine.exclude(phone="").values_list("id", "phone"))


def second_contacts(households: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Code and second contact of those of these households that have one beside a telephone of their own."""
    both = Household.objects.filter(pk__among=households).exclude(phone="").exclude(second_phone="")
    return {key: (code, phone) for key, code, phone in both.values_list("id", "code", "second_phone")}


def cadres(villages: Sequence[str]) -> list[tuple[str, str, str]]:
    """Username, telephone and village of the cadres in office in these villages."""
    held = Appointment.objects.on(clock.today()).filter(role="village_cadre", division__in=villages)
    rows = held.exclude(user__phone="").order_by("division_id", "user__username")
    return list(rows.values_list("user__username", "user__phone", "division_id"))


def doors(reached: Audience) -> dict[str, list[str]]:
    """Per village the households a cadre has to call at, as house group and head of household, first tiers only."""
    first = {key: village for key, village, tier in
             zip(reached.id.tolist(), reached.division.tolist(), reached.tier.tolist(), strict=True)
             if tier == 0}  # fmt: skip
    found: dict[str, list[str]] = {village: [] for village in reached.villages()}
    heads = Household.objects.filter(pk__among=list(first)).values_list("code", "id", "group_no", "head_name")
    for _code, key, group_no, head_name in sorted(heads):
        found[first[key]].append(f"{group_no}组 {head_name}")
    return found


def warning(code: str) -> Warning:
    """The warning with this code; refused where there is none."""
    found = Warning.objects.filter(code=code).first()
    if found is None:
        raise NotFound(_("没有代码为 %(code)s 的预警。") % {"code": code})
    return found


def of_open_events() -> QuerySet[Warning]:
    """The warnings of events that are not closed, what waits for somebody first."""
    waiting = Case(When(state__in=rules.WAITING, then=0), default=1)
    found = Warning.objects.filter(event__closed_at__isnull=True).select_related("event", "drafted_by", "approved_by")
    return found.order_by(waiting, "-drafted_at", "audience", "code")


def channel_health() -> tuple[list[tuple[ChannelState, bool]], list[AccountState]]:
    """Every channel's state, and whether it is silent though messages wait; and every account's."""
    today, now, states = policy.on(clock.today()), clock.now(), channel_states()
    after = timedelta(minutes=today.number("warn_silent_minutes"))
    quiet = timedelta(minutes=today.number("dispatch_silent_minutes"))
    return [(state, state.silent(now, after)) for state in states], account_states(states, quiet)


def following(state: str, user: User) -> Warning | None:
    """The first warning in this state that this person could move on: in time, and approved by nobody who wrote it."""
    found = of_open_events().filter(state=state, expires_at__gt=clock.now())
    return (found.exclude(drafted_by=user) if state == "draft" else found).first()


def overdue(now: datetime) -> QuerySet[Warning]:
    """Warnings past their end that nobody has ended."""
    return Warning.objects.filter(state__in=(*rules.WAITING, "released"), expires_at__lte=now).order_by("code")


def tally(event: Event) -> dict[str, Any]:
    """How far the event's warnings got. Each household counts once, minutes run from the signal to delivery.

    Whoever was told in person, or answered, has it: that counts as handed and delivered at that moment. A household
    without a phone stays in the denominator; a share never reached is null.
    """
    rows = list(_households(event))
    delivered = sorted(arrived for _place, _handed, arrived, _acknowledged in rows if arrived is not None)
    at = [_minutes(event, _share_reached(delivered, len(rows), share)) for share in (0.5, 0.9)]
    released = Warning.objects.filter(event=event, released_at__isnull=False).order_by("released_at").first()
    by_group = [{"targeted": 0, "delivered": 0, "acknowledged": 0} for _name in groups.GROUPS]
    for first, _handed, arrived, acknowledged in rows:
        counts = by_group[first % TARGET]
        counts["targeted"] += 1
        counts["delivered"] += arrived is not None
        counts["acknowledged"] += acknowledged > 0
    return {
        "issued_at": _iso(event.issued_at),
        "released_at": _iso(released.released_at) if released else None,
        "targeted": len(rows),
        "handed": sum(handed > 0 for _place, handed, _arrived, _acknowledged in rows),
        "delivered": len(delivered),
        "acknowledged": sum(counts["acknowledged"] for counts in by_group),
        "unreached": len(rows) - len(delivered),
        "t50_min": at[0],
        "t90_min": at[1],
        "by_group": {name: by_group[place] for place, name in enumerate(groups.GROUPS) if by_group[place]["targeted"]},
    }


TIER, TARGET = 10**15, 10  # places of the figures in the number that says which target a household counts under
Arrival = tuple[int, int, datetime | None, int]


def _households(event: Event) -> QuerySet[Target, Arrival]:
    """One row per household: several warnings to the same one are put together.

    A household counts under the group of its first target by tier, then by age; `first` holds that group's place
    in its last figure, so that one pass over the table finds it. Only the arrival comes as a moment: turning text
    into moments is what takes long.
    """
    names = [When(group=name, then=Value(place)) for place, name in enumerate(groups.GROUPS)]
    group = Case(*names, default=Value(len(groups.GROUPS) - 1), output_field=BigIntegerField())
    place = ExpressionWrapper(
        F("tier") * Value(TIER) + F("id") * Value(TARGET) + group, output_field=BigIntegerField()
    )  # fmt: skip
    first, called, told = told_at = ("message__delivered_at", "call__delivered_at", "acknowledged_at")
    handed = ("message__handed_at", "call__handed_at", "acknowledged_at")
    rows = Target.objects.filter(warning__event=event).order_by().values("household_id")
    found = rows.annotate(
        first=Min(place),
        handed=Count(Coalesce(*handed)),
        # The least of three of which any may be missing: each of them leads once.
        arrived=Least(Min(Coalesce(*told_at)), Min(Coalesce(called, told, first)), Min(Coalesce(told, first, called))),
        acknowledged=Count("acknowledged_at"),
    )
    return found.values_list("first", "handed", "arrived", "acknowledged")


def _minutes(event: Event, at: datetime | None) -> float | None:
    return round((at - event.issued_at).total_seconds() / 60, 2) if at is not None else None


def _share_reached(delivered: Sequence[T], targeted: int, share: float) -> T | None:
    needed = int(np.ceil(share * targeted - 1e-9))
    return delivered[needed - 1] if 0 < needed <= len(delivered) else None


def _iso(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat() if at is not None else None


def unreached(event: Event, user: User | None = None) -> Scoped[Target]:
    """Households that no warning of the event got to and that nobody spoke for, each once, with the `reason`.

    The first tiers come first, then villages in order.
    """
    every = Target.objects.all() if user is None else Target.objects.visible_to(user)
    others = Target.objects.filter(warning__event=event, household=OuterRef("household_id"))
    later = others.filter(pk__gt=OuterRef("pk"))
    found = every.filter(warning__event=event).exclude(TOLD).filter(~Exists(others.filter(TOLD)), ~Exists(later))
    reason = Case(
        When(message__isnull=True, then=Value("no_phone")),
        When(message__failed_at__isnull=False, message__handed_at__isnull=True, then=Value("refused")),
        When(message__failed_at__isnull=False, then=Value("invalid")),
        When(message__cancelled_at__isnull=False, then=Value("cancelled")),
        When(message__handed_at__isnull=False, then=Value("not_delivered")),
        default=Value("not_yet"),
    )
    listed: Any = found.annotate(reason=reason).select_related("household__division", "warning", "message")
    ordered: Scoped[Target] = listed.order_by("tier", "household__code")
    return ordered


def remarks(user: User) -> Scoped[Remark]:
    """What households wrote that nobody has read, within one's divisions; the oldest first."""
    unread = Remark.objects.visible_to(user).filter(read_at__isnull=True)
    return unread.select_related("household__division").order_by("said_at", "pk")


def progress(warning: Warning) -> dict[str, int]:
    """One warning's own counts, for its page."""
    mine = Target.objects.filter(warning=warning)
    return {
        "targeted": mine.count(),
        "handed": mine.filter(message__handed_at__isnull=False).count(),
        "delivered": mine.filter(message__delivered_at__isnull=False).count(),
        "acknowledged": mine.filter(acknowledged_at__isnull=False).count(),
        "no_phone": mine.filter(message__isnull=True).count(),
        "unreached": mine.exclude(TOLD).count(),
    }


def told(warning: Warning) -> QuerySet[Message]:
    """The messages by which anybody was told of a warning: households, loudspeakers, cadres, those on the ladder."""
    sent = Message.objects.filter(key__startswith=f"{warning.code}/", kind__in=("sms", "loudspeaker"))
    return sent.exclude(key__startswith=f"{warning.code}/x/").exclude(key__startswith=f"{warning.code}/sms.ask/")


def villages_told(warning: Warning) -> list[str]:
    """The villages in which anybody was told."""
    return sorted(set(told(warning).values_list("division_id", flat=True)))


def all_clear(warning: Warning) -> dict[str, Any] | None:
    """What became of a warning's all-clear; None where nobody has written one that stands."""
    found = warning.all_clears.exclude(state="cancelled").order_by("-pk").first()
    return None if found is None else {"code": found.code, "state": found.state, **said_over(found)}


def said_over(warning: Warning) -> dict[str, Any]:
    """How far an all-clear got: the messages it gave, of as many as its warning had."""
    sent = told(warning)
    return {
        "released_at": _iso(warning.released_at), "messages": sent.count(),
        "handed": sent.filter(handed_at__isnull=False).count(),
        "delivered": sent.filter(delivered_at__isnull=False).count(),
    }  # fmt: skip


def called_out(warning: Warning) -> dict[str, int]:
    """What a cadres' warning has sent: lists of doors by village, and messages to the cadres who have a phone."""
    sent = Message.objects.filter(key__startswith=f"{warning.code}/")
    messages = sent.filter(kind="sms")
    return {
        "villages": sent.filter(kind="list").count(),
        "cadres": messages.count(),
        "handed": messages.filter(handed_at__isnull=False).count(),
        "delivered": messages.filter(delivered_at__isnull=False).count(),
    }


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a warning would reach if it were released now."""

    households: int
    with_phone: int
    samples: list[tuple[str, int]]  # words of their own, and how many households get them
    schools: int
    by_group: list[tuple[str, int]]
    by_township: list[tuple[str, int]]


def preview(warning: Warning) -> Preview:
    """Count a warning's audience by group and by township; the cadres' one by the villages it calls out."""
    everyone = audience(warning.event)
    mine = everyone if warning.audience in rules.OFFICES else everyone.of(warning.audience)
    townships = [f"{code[:9]}000" for code in mine.division.tolist()]
    names = dict(_division_names(sorted(set(townships))))
    by_group = [(name, int(np.count_nonzero(mine.group == name))) for name in groups.GROUPS]
    return Preview(
        households=len(mine),
        with_phone=len(phones(mine.id.tolist())),
        samples=wording.samples(warning, mine.places()),
        schools=len(schools_in(everyone.villages())) if warning.audience == rules.SCHOOL else 0,
        by_group=[(name, count) for name, count in by_group if count],
        by_township=[(names[code], townships.count(code)) for code in sorted(set(townships))],
    )


def _division_names(codes: Sequence[str]) -> list[tuple[str, str]]:
    places = county().division.children.filter(pk__in=codes)
    return list(places.values_list("code", "name"))


def townships(villages: Sequence[str]) -> list[str]:
    """Names of the townships these villages lie in, in the order of codes."""
    codes = sorted({f"{code[:9]}000" for code in villages if code[6:9] != "000"})
    names = dict(_division_names(codes))
    return [names[code] for code in codes]
