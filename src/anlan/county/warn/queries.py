"""Questions about warnings: whom they are for, how far they got, who was not reached."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.county import clock
from anlan.county.bulk import chunks
from anlan.county.errors import NotFound
from anlan.county.foresee.models import Impact
from anlan.county.foresee.queries import latest
from anlan.county.office.models import Appointment, Scoped, User
from anlan.county.office.queries import county
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
from anlan.county.warn import rules
from anlan.county.warn.models import Target, Warning  # noqa: A004 (the field's own word)
from anlan.engine.audience import groups

TOLD = Q(message__delivered_at__isnull=False) | Q(acknowledged_at__isnull=False)


@dataclass(frozen=True, slots=True)
class Audience:
    """The households of an event's latest run as equal-length arrays, in the order of their codes."""

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
    tier = np.zeros(len(rows), dtype=np.int64)
    for name in groups.GROUPS:
        tier[group == name] = groups.tier(name)
    order = np.argsort(code, kind="stable")
    return Audience(
        np.array(ids, dtype=np.int64)[order], code[order], np.array(divisions, dtype=np.str_)[order], group[order],
        tier[order],
    )  # fmt: skip


def phones(households: Sequence[int]) -> dict[int, str]:
    """The telephone numbers of those of these households that have one."""
    found: dict[int, str] = {}
    for chunk in chunks(households):
        found.update(Household.objects.filter(pk__in=chunk).exclude(phone="").values_list("id", "phone"))
    return found


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
    for chunk in chunks(sorted(first)):
        heads = Household.objects.filter(pk__in=chunk).values_list("code", "id", "group_no", "head_name")
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


def overdue(now: datetime) -> QuerySet[Warning]:
    """Warnings past their end that nobody has ended."""
    return Warning.objects.filter(state__in=(*rules.WAITING, "released"), expires_at__lte=now).order_by("code")


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one household got: minutes from the signal to delivery, and what happened at all."""

    group: str
    handed: bool
    delivered_min: float | None
    acknowledged: bool


def tally(event: Event) -> dict[str, Any]:
    """How far the event's warnings got. Each household counts once, minutes run from the signal to delivery.

    Whoever was told in person, or answered, has it: that counts as handed and delivered at that moment. A household
    without a phone stays in the denominator; a share never reached is null.
    """
    reached = list(_households(event))
    delivered = sorted(each.delivered_min for each in reached if each.delivered_min is not None)
    released = Warning.objects.filter(event=event, released_at__isnull=False).order_by("released_at").first()
    by_group: dict[str, dict[str, int]] = {}
    for each in reached:
        counts = by_group.setdefault(each.group, {"targeted": 0, "delivered": 0, "acknowledged": 0})
        counts["targeted"] += 1
        counts["delivered"] += each.delivered_min is not None
        counts["acknowledged"] += each.acknowledged
    return {
        "issued_at": _iso(event.issued_at),
        "released_at": _iso(released.released_at) if released else None,
        "targeted": len(reached),
        "handed": sum(each.handed for each in reached),
        "delivered": len(delivered),
        "acknowledged": sum(each.acknowledged for each in reached),
        "unreached": len(reached) - len(delivered),
        "t50_min": _share_reached(delivered, len(reached), 0.5),
        "t90_min": _share_reached(delivered, len(reached), 0.9),
        "by_group": {name: by_group[name] for name in groups.GROUPS if name in by_group},
    }


def _households(event: Event) -> Iterator[Reached]:
    """One row per household: several warnings to the same one are put together."""
    names = ("household_id", "tier", "group", "message__handed_at", "message__delivered_at", "acknowledged_at")
    rows = Target.objects.filter(warning__event=event).order_by("household_id", "tier", "id").values_list(*names)
    current: int | None = None
    group, handed, arrived, acknowledged = "", False, list[datetime](), False
    for household, _tier, its_group, handed_at, delivered_at, acknowledged_at in rows.iterator(chunk_size=20_000):
        if household != current:
            if current is not None:
                yield Reached(group, handed, _minutes(event, arrived), acknowledged)
            current, group, handed, arrived, acknowledged = household, its_group, False, [], False
        handed = handed or handed_at is not None or acknowledged_at is not None
        arrived += [at for at in (delivered_at, acknowledged_at) if at is not None]
        acknowledged = acknowledged or acknowledged_at is not None
    if current is not None:
        yield Reached(group, handed, _minutes(event, arrived), acknowledged)


def _minutes(event: Event, arrived: Sequence[datetime]) -> float | None:
    return round((min(arrived) - event.issued_at).total_seconds() / 60, 2) if arrived else None


def _share_reached(delivered: Sequence[float], targeted: int, share: float) -> float | None:
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
        When(message__failed_at__isnull=False, then=Value("invalid")),
        When(message__cancelled_at__isnull=False, then=Value("cancelled")),
        When(message__handed_at__isnull=False, then=Value("not_delivered")),
        default=Value("not_yet"),
    )
    listed: Any = found.annotate(reason=reason).select_related("household__division", "warning", "message")
    ordered: Scoped[Target] = listed.order_by("tier", "household__code")
    return ordered


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


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a warning would reach if it were released now."""

    households: int
    with_phone: int
    by_group: list[tuple[str, int]]
    by_township: list[tuple[str, int]]


def preview(warning: Warning) -> Preview:
    """Count a warning's audience by group and by township; the cadres' one by the villages it calls out."""
    everyone = audience(warning.event)
    mine = everyone if warning.audience == rules.CADRE else everyone.of(warning.audience)
    townships = [f"{code[:9]}000" for code in mine.division.tolist()]
    names = dict(_division_names(sorted(set(townships))))
    by_group = [(name, int(np.count_nonzero(mine.group == name))) for name in groups.GROUPS]
    return Preview(
        households=len(mine),
        with_phone=len(phones(mine.id.tolist())),
        by_group=[(name, count) for name, count in by_group if count],
        by_township=[(names[code], townships.count(code)) for code in sorted(set(townships))],
    )


def _division_names(codes: Sequence[str]) -> list[tuple[str, str]]:
    places = county().division.children.filter(pk__in=codes)
    return list(places.values_list("code", "name"))


def townships(reached: Audience) -> list[str]:
    """Names of the townships these households live in, in the order of codes."""
    codes = sorted({f"{code[:9]}000" for code in reached.villages()})
    names = dict(_division_names(codes))
    return [names[code] for code in codes]
