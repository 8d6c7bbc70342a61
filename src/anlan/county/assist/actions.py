"""Deeds of assistance: planning measures, beginning, delivering, having them receipted, stopping them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.assist import queries
from anlan.county.assist.models import Measure
from anlan.county.assist.rules import CATALOGUE, MACHINE, subject
from anlan.county.decide.rules import episode_subject
from anlan.county.discover.rules import about as lead_subject
from anlan.county.errors import BadInput, NotAllowed, NotFound, Refused
from anlan.county.ledger.actions import Line, record, record_many
from anlan.county.office.actions import start_clocks, start_clocks_each, stop_clocks, stop_clocks_each
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.engine import policy
from anlan.engine.policy import Policy
from anlan.engine.values.states import WrongState

MEASURE = ("event_id", "household_id", "episode_id", "kind", "axis", "owner_id", "state", "planned_at", "planned_by_id",
           "due_at", "amount_yuan", "delivered_at", "delivered_by_id", "delivered_yuan", "receipted_at", "receipt",
           "stopped_reason")  # fmt: skip
Places = Mapping[int, tuple[str, str, int]]  # code, village and size by household id


class KindUnknown(BadInput):
    """The catalogue has no such kind of help."""


class OverLimit(BadInput):
    """More than the product lends to one household."""


class OutOfOrder(Refused):
    """A measure that cannot take this step from where it stands."""


class OwnedElsewhere(NotAllowed):
    """A department's clerk delivers that department's measures."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A measure wished for. Without an amount, the catalogue's for a household of that size."""

    event_id: int
    household_id: int
    kind: str
    episode_id: int | None = None
    amount_yuan: float | None = None

    @property
    def key(self) -> tuple[int, int, str]:
        """What there is at most one measure of."""
        return (self.event_id, self.household_id, self.kind)


@transaction.atomic
def plan(*, plans: Sequence[Plan], by: User) -> int:
    """Plan measures, each with its owner, deadline and clock. Returns how many are new.

    One of the same kind that already runs for a household and event stays; it joins the episode where it had none.
    """
    places = queries.places(each.household_id for each in plans)
    events = queries.event_codes(each.event_id for each in plans)
    now = clock.now()
    rules = policy.on(now.date())
    _check_plans(plans, places, events, by, rules)
    held = queries.standing(places)
    wanted = {each.key: each for each in plans}
    fresh = [each for key, each in wanted.items() if key not in held]
    joining = [(wanted[key].episode_id, held[key][0]) for key in wanted if key in held and held[key][1] is None]
    rows = (
        (
            each.event_id, each.household_id, each.episode_id, each.kind, CATALOGUE[each.kind].axis,
            CATALOGUE[each.kind].owner, MACHINE.start, now, by.pk, now + CATALOGUE[each.kind].length(rules),
            _amount(each, places[each.household_id][2], rules), None, None, 0.0, None, "", "",
        )
        for each in fresh
    )  # fmt: skip
    bulk.insert(Measure, MEASURE, rows)
    bulk.update(Measure, ("episode_id",), [row for row in joining if row[0] is not None])
    _start(fresh, places, events, now, rules)
    _finish_planning({each.episode_id for each in plans if each.episode_id is not None}, now)
    lines = [
        Line("assist.plan", subject(events[each.event_id], places[each.household_id][0], each.kind),
             {"owner": CATALOGUE[each.kind].owner, "yuan": _amount(each, places[each.household_id][2], rules)})
        for each in fresh
    ]  # fmt: skip
    return record_many(lines, by=by.username)


def _check_plans(plans: Sequence[Plan], places: Places, events: Collection[int], by: User, rules: Policy) -> None:
    for each in plans:
        if each.kind not in CATALOGUE:
            raise KindUnknown(_("帮扶目录里没有“%(kind)s”。") % {"kind": each.kind})
        if each.household_id not in places or each.event_id not in events:
            raise NotFound(_("没有这一户或这次灾害，请核对。"))
        _check_amount(each.amount_yuan or 0.0)
        limit = CATALOGUE[each.kind].limit_key
        if limit and (each.amount_yuan or 0.0) > rules.number(limit):
            raise OverLimit(_("贷款金额超过每户 %(yuan)d 元的上限。") % {"yuan": rules.number(limit)})
    for village in {village for _code, village, _size in places.values()}:
        check(by, "assist.plan", village)


def _check_amount(yuan: float) -> None:
    if not isfinite(yuan) or yuan < 0:
        raise BadInput(_("金额应是不小于零的数。"))


def _amount(wish: Plan, people: int, rules: Policy) -> float:
    return CATALOGUE[wish.kind].amount_yuan(people, rules) if wish.amount_yuan is None else wish.amount_yuan


def _start(fresh: Iterable[Plan], places: Places, events: Mapping[int, str], now: datetime, rules: Policy) -> None:
    groups: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for each in fresh:
        code, village, _size = places[each.household_id]
        event = events[each.event_id]
        groups[event, each.kind].append((subject(event, code, each.kind), village))
    for (event, key), things in groups.items():
        kind = CATALOGUE[key]
        start_clocks(kind="measure", things=things, unit=kind.owner, event_code=event, at=now,
                     due_at=now + kind.length(rules))  # fmt: skip


def _finish_planning(ids: Iterable[int], now: datetime) -> None:
    """The days for measures end when every broken axis of an episode has one."""
    episodes = queries.episodes(ids)
    planned: dict[int, set[str]] = defaultdict(set)
    for _event, household, kind in queries.standing(each.household_id for each in episodes.values()):
        planned[household].add(CATALOGUE[kind].axis)
    done = [
        episode_subject(each.case.event.code, each.household.code)
        for each in episodes.values()
        if planned[each.household_id].issuperset(each.axes)
    ]
    stop_clocks(kind="measures", abouts=done, at=now)


@transaction.atomic
def begin(*, measures: Sequence[int], by: User) -> int:
    """Say that the owner has begun with measures. Returns how many."""
    found = _looked_up(measures, "delivering", by, "assist.deliver")
    Measure.objects.filter(pk__among=list(found)).update(state="delivering")
    return record_many([Line("assist.begin", _about(each)) for each in found.values()], by=by.username)


@transaction.atomic
def deliver(*, deliveries: Sequence[tuple[int, float, datetime]], by: User) -> int:
    """Say that measures were delivered: (measure id, yuan, when). Returns how many."""
    found = _looked_up([measure for measure, _yuan, _at in deliveries], "delivered", by, "assist.deliver")
    now = clock.now()
    for _measure, yuan, at in deliveries:
        _check_amount(yuan)
        if at > now:
            raise BadInput(_("落实时间不能晚于现在。"))
    bulk.update(Measure, ("delivered_yuan",), [(yuan, measure) for measure, yuan, _at in deliveries])
    moments: dict[datetime, list[int]] = defaultdict(list)
    for measure, _yuan, at in deliveries:
        moments[at].append(measure)
    for at, measures in moments.items():
        given = Measure.objects.filter(pk__among=measures)
        given.update(state="delivered", delivered_at=at, delivered_by=by)
    stop_clocks_each(kind="measure", stops=[(_about(found[measure]), at) for measure, _yuan, at in deliveries])
    _owe_formalities([(found[measure], at) for measure, _yuan, at in deliveries], now)
    lines = [Line("assist.deliver", _about(found[measure]), {"yuan": yuan}) for measure, yuan, _at in deliveries]
    return record_many(lines, by=by.username)


def _owe_formalities(given: Sequence[tuple[Measure, datetime]], now: datetime) -> None:
    """Help that came before the decision (绿色通道): from then on the formalities have a clock of their own."""
    days = timedelta(days=policy.on(now.date()).number("clock_formalities_days"))
    moments = {measure.pk: at for measure, at in sorted(given, key=lambda each: each[1], reverse=True)}
    first = queries.undecided(measure for measure, _at in sorted(given, key=lambda each: each[1]))
    groups: dict[str, list[tuple[str, str, datetime, datetime]]] = defaultdict(list)
    for each in first:
        at, event, household = moments[each.pk], each.event.code, each.household
        groups[event].append((lead_subject(event, household.code), household.division_id, at, at + days))
    for event, things in groups.items():
        start_clocks_each(kind="formalities", things=things, unit="township", event_code=event)


@transaction.atomic
def receipt(*, receipts: Sequence[tuple[int, str, datetime]], by: User) -> int:
    """Record that households confirmed what they got: (measure id, how they signed, when). Returns how many."""
    found = _looked_up([measure for measure, _text, _at in receipts], "receipted", by, "assist.receipt")
    for measure, text, at in receipts:
        if not text.strip():
            raise BadInput(_("请写明签收方式，例如“本人签字”。"))
        if at < (found[measure].delivered_at or at) or at > clock.now():
            raise BadInput(_("签收时间应在落实之后、现在之前。"))
    rows = [("receipted", at, text.strip(), measure) for measure, text, at in receipts]
    bulk.update(Measure, ("state", "receipted_at", "receipt"), rows)
    lines = [Line("assist.receipt", _about(found[measure])) for measure, _text, _at in receipts]
    return record_many(lines, by=by.username)


@transaction.atomic
def stop(*, measure: Measure, reason: str, by: User) -> Measure:
    """End a measure before it is delivered, saying why."""
    found = _looked_up([measure.pk], "stopped", by, "assist.plan")[measure.pk]
    if not reason.strip():
        raise BadInput(_("请写明终止的理由。"))
    found.state, found.stopped_reason = "stopped", reason.strip()
    found.save(update_fields=["state", "stopped_reason"])
    stop_clocks(kind="measure", abouts=[_about(found)], at=clock.now())
    record("assist.stop", about=_about(found), by=by.username)
    return found


def _looked_up(ids: Sequence[int], to: str, by: User, permission: str) -> dict[int, Measure]:
    """The measures, all of them there, in this person's divisions and department, and able to take the step."""
    found = queries.by_ids(ids)
    if any(measure not in found for measure in ids):
        raise NotFound(_("没有这项措施，或它不在您负责的区划内。"))
    if len(found) < len(ids):
        raise BadInput(_("同一项措施在名单里出现了两次。"))
    for village in {each.household.division_id for each in found.values()}:
        check(by, permission, village)
    own = queries.departments_of(by) if permission == "assist.deliver" else None
    for each in found.values():
        if own is not None and each.owner_id not in own:
            raise OwnedElsewhere(_("这项措施由别的部门承办。"))
        _check_step(each, to)
    return found


def _check_step(measure: Measure, to: str) -> None:
    try:
        MACHINE.check(measure.state, to)
    except WrongState as error:
        raise OutOfOrder(_("措施现在的状态不能这样办理，请刷新页面后再试。")) from error


def _about(measure: Measure) -> str:
    return subject(measure.event.code, measure.household.code, measure.kind)
