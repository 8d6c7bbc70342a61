"""Signing phones in and out, taking in what they hand in exactly once, and choosing between two accounts."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import clock, seal
from anlan.county.discover import rules as leads
from anlan.county.discover.actions import Report, report
from anlan.county.discover.models import Lead
from anlan.county.errors import BadInput, NotAllowed, NotFound, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.models import County, User
from anlan.county.office.permissions import check
from anlan.county.registry import pictures
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
from anlan.county.verify.actions import NOTE_LENGTH, FindingReport, VisitReport, amend, record_visits
from anlan.county.verify.field import queries, rules
from anlan.county.verify.field.merging import Conflict, flat, merge, nested
from anlan.county.verify.field.reading import Sent, sent_again
from anlan.county.verify.models import Device, Photo, Submission, Visit
from anlan.engine import policy
from anlan.engine.values.ground import apart_m


class UuidTaken(Refused):
    """The number of this record is that of another one: forged, or copied with its phone."""


class Revoked(NotAllowed):
    """This phone was revoked; it throws its households away."""


class AlreadySettled(Refused):
    """Somebody has chosen already, or what stands has changed since the page was opened."""


class SomebodyElse(Refused):
    """The record was made by another person on the same phone."""

    status = 401


# --- phones ----------------------------------------------------------------------------------------
@transaction.atomic
def sign_in(*, uuid: str, label: str, by: User) -> Device:
    """A phone goes to the field with this person; refused once it was revoked. Harmless to repeat."""
    check(by, "verify.visit")
    at = clock.now()
    device, fresh = Device.objects.get_or_create(
        uuid=uuid, user=by, defaults={"label": label[:60], "made_at": at, "seen_at": at}
    )
    if device.revoked_at is not None:
        raise Revoked(_("这部手机已被停用，手机里的农户资料已清除。请联系乡镇。"))
    if fresh:
        record("verify.sign_in_device", about=f"device:{device.pk}", by=by.username)
    else:
        Device.objects.filter(pk=device.pk).update(seen_at=at)
    return device


def key_of(device: Device) -> bytes:
    """The key under which a phone keeps what it holds: always the same for it, and of no other's."""
    return sha256(seal.ring().digest(f"{device.uuid} {device.user_id}", "field device").encode()).digest()


@transaction.atomic
def revoke(*, device: Device, by: User) -> Device:
    """Let a phone hold nothing from now on. One's own, or one of somebody within one's divisions."""
    found = queries.devices(by).select_for_update(of=("self",)).filter(pk=device.pk).first()
    if found is None:
        raise NotFound(_("没有这部手机，或者不归您管。"))
    if found.revoked_at is None:
        found.revoked_at, found.revoked_by = clock.now(), by
        found.save(update_fields=["revoked_at", "revoked_by"])
        record("verify.revoke_device", about=f"device:{found.pk}", by=by.username)
    return found


# --- what phones hand in ---------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Door:
    """Where a record belongs, and how the lead stood when it came."""

    event: Event
    household: Household
    lead: Lead | None
    moment: rules.Moment
    received_at: datetime

    @property
    def outcome(self) -> str:
        """What is known of the household already."""
        return queries.outcome_of(self.lead)


def hand_in(*, sent: Sent, by: User) -> Submission:
    """Take in what a phone sent, once. The same record again gives the first receipt again.

    Nothing that stands is overwritten by a phone that did not know of it: where two people changed the same field
    differently what stands goes on standing, and the submission is held until an official chooses.
    """
    names = [queries.photo_name(sent.uuid, number) for number in range(1, len(sent.photos) + 1)]
    kept: list[str] = []
    try:
        with transaction.atomic():
            if (known := _known(sent, by)) is not None:
                return known
            submission = _take_in(sent, by)
            for name, photo in zip(names, sent.photos, strict=True):
                pictures.keep(name, photo.data)
                kept.append(name)
            return submission
    except BaseException:
        for name in kept:
            pictures.forget(name)
        raise


def _known(sent: Sent, by: User) -> Submission | None:
    """The submission this record made before; the event's row is the lock on its records."""
    if sent.owner != by.pk:
        raise SomebodyElse(_("这份记录是另一位干部在这部手机上填写的，请由本人登录后发送。"))
    list(Event.objects.select_for_update().filter(code=sent.event).values_list("pk"))
    known = Submission.objects.filter(uuid=sent.uuid).select_related("household", "event").first()
    if known is None:
        taken = Visit.objects.filter(uuid=sent.uuid).exists()
    else:
        whose = known.by_id == by.pk or sent.typed or "typed" in known.flags  # a copy is typed by somebody else
        taken = not whose or (known.household.code, known.event.code) != (sent.household, sent.event)
    if taken:
        raise UuidTaken(_("这份记录的编号已被另一份记录使用，没有登记。请点“换编号再发”。"))
    return known


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a record: what hangs on it, the visit it made, and on what it differs from what stood."""

    flags: tuple[str, ...]
    distance_m: float | None = None
    state: str = "stored"
    conflicts: tuple[Conflict, ...] = ()
    visit: str | None = None


def _take_in(sent: Sent, by: User) -> Submission:
    door = _door(sent, by)
    check(by, "verify.visit", door.household.division_id)
    told = _flagged(sent, door)
    began = sent.base.get(rules.OUTCOME, "")
    differs = Conflict(rules.OUTCOME, began, door.outcome, sent.outcome)
    if queries.revoked(sent.device, by):
        told = replace(told, flags=(*told.flags, "revoked"), state="held", conflicts=(differs,))
    elif door.outcome in ("", began) or door.outcome == sent.outcome == "harmed":
        told = _visited(sent, door, told, by)
    elif sent.outcome in ("absent", door.outcome):
        told = replace(told, flags=(*told.flags, "overtaken"))
    else:
        told = replace(told, flags=(*told.flags, "conflict"), state="held", conflicts=(differs,))
    return _keep(sent, door, told, by)


def _door(sent: Sent, by: User) -> Door:
    event = Event.objects.filter(code=sent.event).first()
    household = Household.objects.visible_to(by).filter(code=sent.household).first()
    if event is None or household is None:
        raise NotFound(_("这一户或这次灾害不在您负责的名册中。记录还在手机里，请联系乡镇。"))
    lead = Lead.objects.filter(event=event, household=household).first()
    received_at = clock.now()
    when = rules.moment(at=sent.at, sent_at=sent.sent_at, received_at=received_at, not_before=event.opened_at)
    return Door(event, household, lead, when, received_at)


def _flagged(sent: Sent, door: Door) -> Told:
    """What an official should know of a record: none of it is a reason to refuse it."""
    flags = ["typed"] if sent.typed else []
    # A drill's clock is another than any phone's.
    if door.moment.wrong and not County.objects.filter(clock_at__isnull=False).exists():
        flags.append("clock")
    place, home = sent.place, door.household
    if place is None:
        return Told((*flags, "no_place"))
    distance = apart_m(place.lon, place.lat, home.lon, home.lat)
    if distance is None:
        return Told(tuple(flags))
    return Told((*flags, "far") if rules.far(distance, place.accuracy_m) else tuple(flags), distance)


def _visited(sent: Sent, door: Door, told: Told, by: User, visitor: User | None = None) -> Told:
    """Open a lead where there is none (or the last one is over), and record the visit."""
    at, lead, finding = door.moment.at, door.lead, sent.finding
    if lead is None or lead.state in leads.OVER:
        claim: dict[str, Any] = {"kinds": list(sent.kinds)} if sent.kinds else {}
        reports = [Report(f"field-{sent.uuid}", "cadre", door.household.pk, at, claim)]
        (lead,) = report(event=door.event, reports=reports, by=by)
    conflicts: tuple[Conflict, ...] = ()
    standing = queries.finding_of(lead) if door.outcome == "harmed" else None
    if finding is not None and standing is not None:
        merged = merge(sent.base, flat(standing), finding)
        finding, conflicts = merged.values, merged.conflicts
    visited = VisitReport(
        uuid=sent.uuid, lead_id=lead.pk, visitor_id=(visitor or by).pk, at=at, outcome=sent.outcome,
        consent=sent.consent, note=sent.note, why=sent.why,
        again_on=max(sent.again_on, clock.today()) if sent.again_on else None,
        finding=None if finding is None else FindingReport(**nested(finding)),
    )  # fmt: skip
    record_visits(visits=[visited], by=by)
    if not conflicts:
        return replace(told, visit=sent.uuid, state="stored", conflicts=())
    return replace(told, flags=(*told.flags, "conflict"), visit=sent.uuid, state="held", conflicts=conflicts)


def _keep(sent: Sent, door: Door, told: Told, by: User) -> Submission:
    place = sent.place
    said = {
        "outcome": sent.outcome, "consent": sent.consent, "kinds": list(sent.kinds), "finding": sent.finding,
        "again_on": sent.again_on.isoformat() if sent.again_on else None, "base": dict(sent.base), "why": sent.why,
    }  # fmt: skip
    submission = Submission.objects.create(
        uuid=sent.uuid, by=by, event=door.event, household=door.household,
        visit=Visit.objects.get(uuid=told.visit) if told.visit else None, received_at=door.received_at,
        phone_at=sent.at, at=door.moment.at, lon=place.lon if place else None, lat=place.lat if place else None,
        accuracy_m=place.accuracy_m if place else 0.0, distance_m=told.distance_m, flags=list(told.flags),
        state=told.state, said=said, note=sent.note, conflicts=[asdict(each) for each in told.conflicts],
    )  # fmt: skip
    shift = door.moment.at - sent.at
    for number, each in enumerate(sent.photos, start=1):
        Photo.objects.create(
            submission=submission, number=number, taken_at=min(each.taken_at + shift, door.received_at),
            lon=each.place.lon if each.place else None, lat=each.place.lat if each.place else None,
            digest=sha256(each.data).hexdigest(), size=len(each.data),
        )  # fmt: skip
    record(
        "verify.hand_in", about=leads.about(door.event.code, door.household.code), by=by.username,
        flags=list(told.flags), state=told.state, photos=len(sent.photos),
        conflicts=[each.field for each in told.conflicts],
    )  # fmt: skip
    return submission


@transaction.atomic
def explain(*, submission: Submission, words: str, by: User) -> Submission:
    """Say why a record was made so far from the house: whoever made it, or the township for them."""
    found = (
        Submission.objects.select_for_update(of=("self",)).select_related("event", "household").get(pk=submission.pk)
    )
    check(by, "verify.visit" if found.by_id == by.pk else "verify.settle", found.household.division_id)
    said = words.strip()
    if not said or len(said) > NOTE_LENGTH:
        raise BadInput(_("请写明为什么离农户位置较远，不超过 300 字。"))
    if "far" not in found.flags:
        raise BadInput(_("这份填报离农户位置不远，不用说明。"))
    found.explained = said
    found.save(update_fields=["explained"])
    record("verify.explain", about=leads.about(found.event.code, found.household.code), by=by.username)
    return found


@transaction.atomic
def forget_photos(*, by: User) -> int:
    """Delete the photographs of visits after which a lead was closed, when the county's retention is over.

    Those of a household that was harmed stay with the finding. Where the county has set no retention none are deleted.
    """
    check(by, "verify.settle")
    days = policy.on(clock.today()).number("photo_keep_days")
    if days <= 0:
        return 0
    until = clock.now() - timedelta(days=days)
    over = Photo.objects.filter(
        submission__visit__lead__state__in=leads.OVER, submission__visit__lead__closed_at__lt=until
    )
    old = {each.pk: queries.photo_name(each.submission.uuid, each.number) for each in over.select_related("submission")}
    for name in old.values():
        pictures.forget(name)
    Photo.objects.filter(pk__among=list(old)).delete()
    if old:
        record("verify.forget_photos", about="photos:visits", by=by.username, photos=len(old), days=days)
    return len(old)


# --- choosing ----------------------------------------------------------------------------------------
@transaction.atomic
def choose(*, submission: Submission, take: Collection[str], seen: Mapping[str, Any], by: User) -> Submission:
    """Settle a held submission: the fields of `take` become what the phone sent, the others stay as they stand.

    `seen` are the standing values as the official read them; refused where they have changed since. Where the two
    accounts differ on the outcome, taking it takes the whole record.
    """
    found = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("event", "household", "by", "visit__lead")
        .get(pk=submission.pk)
    )
    check(by, "verify.settle", found.household.division_id)
    fields = {each["field"]: each["sent"] for each in found.conflicts}
    if set(take) - set(fields):
        raise BadInput(_("请只在列出的各项中选择。"))
    if found.state != "held" or dict(seen) != queries.standing(found):
        raise AlreadySettled(_("这份填报已经处理过，或情况刚刚有变。请重新打开再选。"))
    told = Told(tuple(found.flags), found.distance_m, "settled", visit=found.visit.uuid if found.visit else None)
    if rules.OUTCOME in take:
        told = _taken_over(found, by)
    elif take and found.visit is not None:
        amend(lead=found.visit.lead, values={field: fields[field] for field in take}, by=by)
    _settle(found, told, by)
    about = leads.about(found.event.code, found.household.code)
    record("verify.choose", about=about, by=by.username, taken=sorted(take), left=sorted(set(fields) - set(take)))
    return found


def _taken_over(found: Submission, by: User) -> Told:
    """Do what the record says after all; on a finding that stands it may still differ field by field."""
    lead = Lead.objects.filter(event=found.event, household=found.household).first()
    moment = rules.Moment(found.at, False)
    door = Door(found.event, found.household, lead, moment, found.received_at)
    told = Told(tuple(flag for flag in found.flags if flag != "conflict"), found.distance_m)
    told = _visited(sent_again(found), door, told, by, visitor=found.by)
    return told if told.conflicts else replace(told, state="settled")


def _settle(found: Submission, told: Told, by: User) -> None:
    found.state, found.flags = told.state, list(told.flags)
    found.visit = Visit.objects.get(uuid=told.visit) if told.visit else None
    found.conflicts = [asdict(each) for each in told.conflicts] or found.conflicts
    if told.state == "settled":
        found.settled_at, found.settled_by = clock.now(), by
    found.save(update_fields=["state", "flags", "visit", "conflicts", "settled_at", "settled_by"])
