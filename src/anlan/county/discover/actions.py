"""Three doors into one lead; taking leads in, dismissing, releasing, sweeping villages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.discover import exposed, lists, photos, queries, rules, sweeping
from anlan.county.discover.merging import Report, merge, start, told, unseen
from anlan.county.discover.models import Lead, Newcomer, Photo, Release, Source, Submission, Sweep
from anlan.county.discover.queries import Place, Settled, Standing
from anlan.county.errors import BadInput, NotFound, Refused
from anlan.county.ledger.actions import Line, record, record_many
from anlan.county.office.actions import start_clocks, start_clocks_each, stop_clocks, stop_clocks_each
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.registry.actions import enrol_reported
from anlan.county.sense.models import Event
from anlan.engine import policy

__all__ = [
    "Report", "admit", "attach", "close_sweeps", "dismiss", "forget_photos", "open_sweeps", "release", "report",
    "report_self", "screen", "settle", "take_in",
]  # fmt: skip


class NotPending(Refused):
    """A lead that has moved on: taken in, dismissed or closed by someone else."""


class TooMany(Refused):
    """More reports without an account than the window allows: from one network, or for one village."""

    status = 429


class LeadOpen(Refused):
    """A household with a lead cannot be taken off the list."""


class AlreadySwept(Refused):
    """The village's sweep is closed."""


class Unaccounted(Refused):
    """A village with households nobody has looked at or released."""


# --- the three doors -----------------------------------------------------------------------------
@transaction.atomic
def report(*, event: Event, reports: Sequence[Report], by: User) -> list[Lead]:
    """Merge reports into leads, one per household of the event; every source is kept, repeated keys are harmless.

    New leads and those open again start their clocks at the report's moment. Returns the leads of all households
    named, in the order of their codes. A closed event still takes reports: harm shows late.
    """
    places = _places((each.household_id for each in reports), by)
    _check_reports(reports, places, by)
    Event.objects.select_for_update().get(pk=event.pk)  # the event's row is the lock on its leads
    fresh = unseen(reports)
    drafts = merge(event, fresh, by.username)
    start(event, [draft for draft in drafts if draft.started], places)
    lines = [told(event, each, places[each.household_id]) for each in fresh]
    again = [
        Line("discover.reopen", rules.about(event.code, places[draft.household_id].code))
        for draft in drafts
        if draft.started and not draft.fresh
    ]
    record_many([*lines, *again], by=by.username)
    return queries.leads_of(event, places)


def _check_reports(reports: Sequence[Report], places: dict[int, Place], by: User) -> None:
    for each in reports:
        if each.door not in rules.DOORS:
            raise BadInput(_("没有“%(door)s”这个发现渠道。") % {"door": each.door})
        if unknown := sorted(set(each.claim.get("kinds", ())) - set(rules.KINDS)):
            raise BadInput(_("没有“%(kind)s”这种受灾情况。") % {"kind": unknown[0]})
    doors = {(rules.PERMISSIONS[each.door], places[each.household_id].division) for each in reports}
    for permission, division in sorted(doors):
        check(by, permission, division)


@transaction.atomic
def report_self(  # noqa: PLR0913 (the form's fields)
    *,
    event: Event,
    key: str,
    village: str,
    head_name: str,
    phone: str,
    size: int,
    claim: dict[str, Any],
    by: User,
    origin: str | None = None,
) -> Source:
    """A villager's own report, through the machine or a helper: a household nobody knows is enrolled as reported.

    What comes back is the same whether the household was known or not. The key is the receipt number; a form
    sent twice gives the first receipt again. `origin` is given for somebody without an account (empty where the
    network address tells nothing): their reports are counted, and too many within the window are refused.
    """
    if key not in queries.known_keys([key]):
        if origin is not None:
            _count_in(village, origin)
        household = queries.find(village, head_name, phone) or enrol_reported(
            village=village, head_name=head_name.strip(), phone=phone.strip(), size=size, by=by
        )
        report(event=event, reports=[Report(key, "self", household.pk, clock.now(), claim)], by=by)
    return Source.objects.select_related("lead__event").get(key=key)


def _count_in(village: str, origin: str) -> None:
    today, at = policy.on(clock.today()), clock.now()
    minutes = today.number("report_window_minutes")
    Submission.objects.filter(at__lt=at - timedelta(minutes=minutes)).delete()
    words = {"minutes": int(minutes)}
    if origin and Submission.objects.filter(origin=origin).count() >= today.number("report_origin_most"):
        raise TooMany(
            _("这个网络地址 %(minutes)d 分钟内申报的次数太多。您填的还在，请稍后再提交，或拨打 12317、请村干部代填。")
            % words
        )
    if Submission.objects.filter(village=village).count() >= today.number("report_village_most"):
        raise TooMany(
            _("这个村 %(minutes)d 分钟内的申报太多。您填的还在，请稍后再提交，或拨打 12317、请村干部代填。") % words
        )
    Submission.objects.create(village_id=village, origin=origin, at=at)


@transaction.atomic
def attach(*, source: Source, data: Iterable[bytes], by: User) -> Photo:
    """Keep a picture with a report, sealed. The same picture again is the one that is there already."""
    check(by, "discover.report", source.lead.household.division_id)
    kept = photos.keep(data)
    held = Photo.objects.filter(source=source, digest=kept.digest).first()
    if held is not None:
        photos.forget(kept.file)
        return held
    seen = kept.evidence
    photo = Photo.objects.create(
        source=source, file=kept.file, kind=kept.kind, digest=kept.digest, lon=seen.lon, lat=seen.lat,
        taken_at=timezone.make_aware(seen.taken_at) if seen.taken_at else None,
    )  # fmt: skip
    record("discover.attach", about=rules.about(source.lead.event.code, source.lead.household.code), by=by.username)
    return photo


@transaction.atomic
def forget_photos(*, by: User) -> int:
    """Delete the pictures of leads that came to nothing, when the county's retention is over. Returns how many.

    What led to a finding stays with it. Where the county has set no retention nothing is deleted.
    """
    check(by, "discover.take_in")
    days = policy.on(clock.today()).number("photo_keep_days")
    if days <= 0:
        return 0
    over = Photo.objects.filter(
        source__lead__state__in=rules.OVER, source__lead__closed_at__lt=clock.now() - timedelta(days=days)
    )
    old = dict(over.values_list("pk", "file"))
    for file in old.values():
        photos.forget(file)
    Photo.objects.filter(pk__among=list(old)).delete()
    if old:
        record("discover.forget_photos", about="photos:reports", by=by.username, photos=len(old), days=days)
    return len(old)


@transaction.atomic
def screen(
    *, event: Event, source: str, by: User, path: Path | None = None, rows: Iterable[Mapping[str, Any]] = ()
) -> lists.Screened:
    """Compare a department's list with the registry by ID number (the name must agree) and report whom it finds.

    `rows` are {"name", "id_number", "reason", "yuan"}, numbered from 1; a file's rows are numbered as it shows them.
    Good rows become leads, bad ones come back with their row and column. The same list again adds nothing.
    """
    check(by, "discover.screen")
    read = lists.read(path) if path is not None else lists.check(enumerate(rows, start=1))
    matched = lists.match(read.rows)
    at = clock.now()
    reports = [
        Report(lists.key(event.code, source, row), "dept", household, at, lists.claim(source, row))
        for row, household in matched.found
    ]
    leads = report(event=event, reports=reports, by=by)
    refusals = sorted([*read.refusals, *matched.refusals], key=lambda refusal: refusal["row"])
    record(
        "discover.screen", about=f"event:{event.code}", by=by.username, source=source, rows=read.count,
        leads=len(leads), unmatched=len(matched.unknown), refused=len(refusals),
    )  # fmt: skip
    return lists.Screened(read.count, len(leads), [row.number for row in matched.unknown], refusals)


# --- from lead to visit ----------------------------------------------------------------------------
@transaction.atomic
def take_in(*, leads: Sequence[int], by: User) -> int:
    """Accept leads for a visit: the intake clock stops, the visit's starts."""
    standing = _held(leads, by, "discover.take_in")
    for each in standing:
        if each.state != "open":
            raise NotPending(_("线索 %(code)s 不在待受理状态。") % {"code": each.place.code})
    at = clock.now()
    taken = Lead.objects.filter(pk__among=[each.id for each in standing])
    taken.update(state="taken_in", taken_in_at=at, taken_in_by=by)
    stop_clocks(kind="intake", abouts=[each.about for each in standing], at=at)
    due_at = at + timedelta(days=policy.on(clock.today()).number("clock_visit_days"))
    for event, group in _by_event(standing).items():
        things = [(each.about, each.place.division) for each in group]
        start_clocks(kind="visit", things=things, unit="village", event_code=event, at=at, due_at=due_at)
    record_many([Line("discover.take_in", each.about) for each in standing], by=by.username)
    return len(standing)


@transaction.atomic
def dismiss(*, lead: Lead, reason: str, by: User) -> Lead:
    """Close a lead without a visit, for a reason of the list in rules.py. It opens again with the next report."""
    dismiss_each(leads=[lead.pk], reason=reason, by=by)
    lead.refresh_from_db()
    return lead


@transaction.atomic
def dismiss_each(*, leads: Sequence[int], reason: str, by: User) -> int:
    """The same for several leads, and one reason. Returns how many."""
    if reason not in rules.DISMISSALS:
        raise BadInput(_("请从列表中选择不予受理的理由。"))
    standing = _held(leads, by, "discover.take_in")
    for each in standing:
        if each.state not in rules.PENDING:
            raise NotPending(_("线索 %(code)s 已核实或办结，不能再不予受理。") % {"code": each.place.code})
    at, abouts = clock.now(), [each.about for each in standing]
    closing = Lead.objects.filter(pk__among=[each.id for each in standing])
    closing.update(state="dismissed", closed_at=at, outcome=reason)
    for kind in (*rules.PENDING_CLOCKS, *rules.WHOLE_CLOCKS):
        stop_clocks(kind=kind, abouts=abouts, at=at)
    record_many([Line("discover.dismiss", about, {"reason": reason}) for about in abouts], by=by.username)
    return len(standing)


def settle(*, settled: Sequence[Settled], by: User) -> None:
    """Move leads on after visits. Called inside the deed that visited, so it writes no line of its own."""
    rows = [(each.state, each.outcome, each.at if each.state == "closed" else None, each.lead.id) for each in settled]
    bulk.update(Lead, ("state", "outcome", "closed_at"), rows)
    untaken = [(each.at, by.pk, each.lead.id) for each in settled if each.lead.state == "open"]
    bulk.update(Lead, ("taken_in_at", "taken_in_by_id"), untaken)
    for kind in rules.PENDING_CLOCKS:
        stop_clocks_each(kind=kind, stops=((each.lead.about, each.at) for each in settled))
    for kind in rules.WHOLE_CLOCKS:
        stop_clocks_each(kind=kind, stops=((each.lead.about, each.at) for each in settled if each.state == "closed"))
    absent = [each for each in settled if each.again_at is not None]
    for event, group in _by_event([each.lead for each in absent]).items():
        wanted = {each.id for each in group}
        things = (
            (each.lead.about, each.lead.place.division, each.at, each.again_at)
            for each in absent
            if each.lead.id in wanted and each.again_at is not None
        )
        start_clocks_each(kind="revisit", things=things, unit="village", event_code=event)


# --- villages gone through house by house ------------------------------------------------------------
@transaction.atomic
def open_sweeps(*, event: Event, by: User) -> int:
    """Have every village with exposed households gone through, each on a clock. Harmless to repeat.

    A village that is done is opened again where a household has come in since. Returns how many were opened.
    """
    check(by, "discover.sweep")
    admit(event=event, by=by)
    standing = dict(Sweep.objects.filter(event=event).values_list("division_id", "closed_at"))
    left = [code for code in sweeping.unfinished_villages(event) if _covers(by, code)]
    listed = {code for code in sweeping.exposed_villages(event) if _covers(by, code)}
    fresh = sorted((listed | set(left)) - set(standing))
    again = [code for code in left if standing.get(code) is not None]
    at = clock.now()
    columns = ("event_id", "division_id", "opened_at", "closed_at", "closed_by_id")
    bulk.insert(Sweep, columns, ((event.pk, code, at, None, None) for code in fresh))
    Sweep.objects.filter(event=event, division_id__in=again).update(closed_at=None, closed_by=None)
    things = [(rules.sweep_about(event.code, code), code) for code in [*fresh, *again]]
    due_at = at + timedelta(days=policy.on(clock.today()).number("clock_sweep_days"))
    start_clocks(kind="sweep", things=things, unit="village", event_code=event.code, at=at, due_at=due_at)
    verbs = ["discover.open_sweep"] * len(fresh) + ["discover.reopen_sweep"] * len(again)
    record_many([Line(verb, about) for verb, (about, _code) in zip(verbs, things, strict=True)], by=by.username)
    return len(things)


@transaction.atomic
def admit(*, event: Event, by: User) -> int:
    """Write down who came to stand in an event's area after its latest run, and has no lead. Returns how many."""
    check(by, "discover.sweep")
    known = set(Newcomer.objects.filter(event=event).values_list("household_id", flat=True))
    known |= set(Lead.objects.filter(event=event).values_list("household_id", flat=True))
    late = {key: at for key, at in exposed.latecomers(event).items() if key not in known}
    came = {key: place for key, place in queries.places(late).items() if _covers(by, place.division)}
    bulk.insert(Newcomer, ("event_id", "household_id", "at"), ((event.pk, key, late[key]) for key in came))
    together: dict[str, list[str]] = defaultdict(list)
    for place in came.values():
        together[place.division].append(place.code)
    lines = [
        Line("discover.admit", rules.sweep_about(event.code, village), {"households": sorted(codes)})
        for village, codes in sorted(together.items())
    ]
    record_many(lines, by=by.username)
    return len(came)


def _covers(by: User, village: str) -> bool:
    return by.may("discover.sweep", village)


@transaction.atomic
def close_sweeps(*, sweeps: Sequence[Sweep], by: User, note: str = "") -> int:
    """Declare villages gone through: none while an exposed household of one has neither a lead nor a release."""
    for division in {each.division_id for each in sweeps}:
        check(by, "discover.sweep", division)
    found = Sweep.objects.select_for_update(of=("self",)).filter(pk__among=[each.pk for each in sweeps])
    held = list(found.select_related("event", "division").order_by("division_id"))
    left = {
        event: sweeping.left(event, *(each.division_id for each in held)) for event in {each.event for each in held}
    }
    for sweep in held:
        if sweep.closed_at is not None:
            raise AlreadySwept(_("%(village)s的排查已经办结。") % {"village": sweep.division.name})
        if count := left[sweep.event].get(sweep.division_id):
            words = {"village": sweep.division.name, "count": count}
            raise Unaccounted(_("%(village)s还有 %(count)d 户没有去向，不能办结。") % words)
    at, abouts = clock.now(), [rules.sweep_about(each.event.code, each.division_id) for each in held]
    found.update(closed_at=at, closed_by=by)
    stop_clocks(kind="sweep", abouts=abouts, at=at)
    return record_many([Line("discover.close_sweep", each, {"noted": bool(note)}) for each in abouts], by=by.username)


@transaction.atomic
def release(*, event: Event, households: Sequence[tuple[int, str]], by: User) -> int:
    """Take households off the event's list without a visit: (household id, reason). Returns how many were new.

    Refused for a household with a lead nobody has closed. A later report puts a household back.
    """
    reasons = dict(households)
    if unknown := sorted(set(reasons.values()) - set(rules.RELEASES)):
        raise BadInput(_("没有“%(reason)s”这个移出理由。") % {"reason": unknown[0]})
    places = _places(reasons, by)
    for division in sorted({place.division for place in places.values()}):
        check(by, "discover.release", division)
    Event.objects.select_for_update().get(pk=event.pk)
    at = clock.now()
    busy = Lead.objects.filter(event=event, household_id__among=list(reasons)).exclude(state__in=rules.OVER)
    if first := busy.order_by("household__code").values_list("household__code", flat=True).first():
        raise LeadOpen(_("农户 %(code)s 有未办结的线索，不能移出名单。") % {"code": first})
    released = Release.objects.filter(event=event, household_id__among=list(reasons))
    gone = set(released.values_list("household_id", flat=True))
    fresh = sorted((places[key].code, key) for key in reasons if key not in gone)
    columns = ("event_id", "household_id", "reason", "at", "by_id")
    bulk.insert(Release, columns, ((event.pk, key, reasons[key], at, by.pk) for _code, key in fresh))
    together: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code, key in fresh:
        together[places[key].division, reasons[key]].append(code)
    # One line a village and reason, naming every household: sixty thousand may be taken off in one deed.
    record_many(
        [
            Line("discover.release", rules.sweep_about(event.code, village), {"reason": reason, "households": codes})
            for (village, reason), codes in sorted(together.items())
        ],
        by=by.username,
    )
    return len(fresh)


# --- shared ------------------------------------------------------------------------------------------
def _places(households: Iterable[int], by: User) -> dict[int, Place]:
    wanted = set(households)
    places = queries.places(wanted)
    if len(places) < len(wanted):
        raise NotFound(_("有 %(count)d 户不在名册中。") % {"count": len(wanted) - len(places)})
    return places


def _held(leads: Sequence[int], by: User, permission: str) -> list[Standing]:
    found = queries.standing(leads)
    if len(found) < len(set(leads)):
        raise NotFound(_("有 %(count)d 条线索不存在。") % {"count": len(set(leads)) - len(found)})
    for division in sorted({each.place.division for each in found.values()}):
        check(by, permission, division)
    return sorted(found.values(), key=lambda each: each.about)


def _by_event(standing: Iterable[Standing]) -> dict[str, list[Standing]]:
    groups: dict[str, list[Standing]] = defaultdict(list)
    for each in standing:
        groups[each.event].append(each)
    return dict(sorted(groups.items()))
