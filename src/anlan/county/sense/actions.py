"""Taking alerts in, opening and closing events, storing what gauges say."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.errors import BadInput, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.office.queries import county
from anlan.county.sense.feeds.cap.parse import parse
from anlan.county.sense.feeds.cap.reading import Alert as Said
from anlan.county.sense.models import Alert, Event, Observation, Station
from anlan.engine.hazard.taxonomy import HAZARDS
from anlan.engine.values.divisions import full

ENDING = {"Cancel"}
FOLLOWING = {"Update", "Cancel"}


class AlertRejected(BadInput):
    """A document that is no CAP 1.2 alert, or breaks its structure."""


class AlertHeld(Refused):
    """An alert of a source nobody vouches for, with findings: a person must look first."""


class EventOver(Refused):
    """The event is closed."""


@transaction.atomic
def receive_alert(*, data: bytes, source: str, by: User, trusted: bool = True) -> Alert:
    """Take an alert in. The same document again gives the stored one; an update or cancellation moves its event.

    Refused: what cannot be read (with the findings), and a flagged alert of an untrusted source.
    """
    check(by, "sense.receive")
    parsed = parse(data)
    if parsed.alert is None:
        raise AlertRejected(
            _("%(source)s 不能作为预警接收：%(findings)s")
            % {"source": source, "findings": "；".join(map(str, parsed.findings))}
        )
    if parsed.findings and not trusted:
        raise AlertHeld(
            _("来源“%(source)s”未列入可信来源，且报文有疑点（%(findings)s），请人工核对后再接收。")
            % {"source": source, "findings": "；".join(map(str, parsed.findings))}
        )
    digest = hashlib.sha256(data).hexdigest()
    said = parsed.alert
    known = Alert.objects.filter(sender=said.sender, identifier=said.identifier, digest=digest).first()
    if known is not None:
        return known
    findings = parsed.codes
    if Alert.objects.filter(sender=said.sender, identifier=said.identifier).exists():
        findings.append("identifier-reused")
    alert = _keep(said, findings, source, digest, data)
    record(
        "sense.receive", about=f"alert:{said.identifier}", by=by.username, digest=digest, verdict=alert.verdict,
        findings=findings, msg_type=said.msg_type, level=said.level,
    )  # fmt: skip
    if said.msg_type in FOLLOWING:
        _follow(alert, by)
    return alert


def _keep(said: Said, findings: list[str], source: str, digest: str, data: bytes) -> Alert:
    return Alert.objects.create(
        source=source[:120], identifier=said.identifier[:200], sender=said.sender[:200], sent_at=said.sent,
        received_at=clock.now(), status=said.status, msg_type=said.msg_type, headline=said.headline[:300],
        description=said.description, hazard=said.hazard, level=said.level, onset_at=said.onset,
        expires_at=said.expires, codes=list(said.codes), polygons=[[list(c) for c in ring] for ring in said.polygons],
        verdict="flagged" if findings else "accepted", findings=findings, references=list(said.references),
        digest=digest, raw=data,
    )  # fmt: skip


def _follow(alert: Alert, by: User) -> None:
    """An update moves the open event its reference leads to, a cancellation closes it."""
    event = _referred(alert)
    if event is None:
        return
    if alert.msg_type in ENDING:
        _close(event, by, reason=f"alert:{alert.identifier}")
        return
    event.level = alert.level or event.level
    event.codes = list(dict.fromkeys([*event.codes, *(code for code in alert.codes if event.alert and _same(event))]))
    event.polygons = [*event.polygons, *(ring for ring in alert.polygons if ring not in event.polygons)]
    event.save(update_fields=["level", "codes", "polygons"])
    record("sense.update_event", about=f"event:{event.code}", by=by.username, level=event.level,
           alert=alert.identifier)  # fmt: skip


def _same(event: Event) -> bool:
    """Whether the event still stands where its alert said: one moved for a rehearsal keeps its own area."""
    return event.alert is not None and set(event.alert.codes) <= set(event.codes)


def _referred(alert: Alert) -> Event | None:
    """The open event at the end of the alert's references, followed back as far as they are known."""
    identifiers, seen = set(alert.references), {alert.identifier}
    while identifiers - seen:
        event = Event.objects.filter(closed_at__isnull=True, alert__identifier__in=identifiers).first()
        if event is not None:
            return event
        seen |= identifiers
        earlier = Alert.objects.filter(identifier__in=identifiers).values_list("references", flat=True)
        identifiers = {reference for references in earlier for reference in references}
    return None


@transaction.atomic
def open_event(  # noqa: PLR0913 (an event's columns)
    *,
    by: User,
    alert: Alert | None = None,
    hazard: str = "",
    title: str = "",
    codes: Sequence[str] | None = None,
    polygons: Sequence[Any] | None = None,
    level: int = 0,
    exercise: bool = False,
) -> Event:
    """Open an event from an alert or by hand. What is given overrides the alert; an area given moves the event.

    An alert that is itself a test or an exercise makes the event one.
    """
    check(by, "sense.open", county().division_id)
    if alert is not None and (known := alert.events.filter(closed_at__isnull=True).first()):
        return known
    kind = hazard or (alert.hazard if alert else "")
    if kind not in HAZARDS:
        raise BadInput(_("没有“%(hazard)s”这个灾种。") % {"hazard": kind})
    issued = alert.sent_at if alert else clock.now()
    event = Event.objects.create(
        code=_code(issued, kind), title=(title or (alert.headline if alert else "") or str(HAZARDS[kind].name))[:160],
        hazard=kind, level=level or (alert.level if alert else 0), opened_at=clock.now(), issued_at=issued,
        codes=[full(code) for code in codes] if codes is not None else alert.codes if alert else [],
        polygons=list(polygons) if polygons is not None else alert.polygons if alert else [],
        exercise=exercise or (alert is not None and alert.status != "Actual"), alert=alert,
    )  # fmt: skip
    if not event.codes and not event.polygons:
        raise BadInput(_("事件没有范围：请给出区划或多边形。"))
    record(
        "sense.open_event", about=f"event:{event.code}", by=by.username, hazard=kind, level=event.level,
        exercise=event.exercise, alert=alert.identifier if alert else "",
    )  # fmt: skip
    return event


def _code(issued: datetime, hazard: str) -> str:
    """`EV20260618-rainstorm-1`: the day of issue, the hazard, the number among those."""
    stem = f"EV{timezone.localtime(issued):%Y%m%d}-{hazard}-"
    numbers = [
        int(code.removeprefix(stem))
        for code in Event.objects.filter(code__startswith=stem).values_list("code", flat=True)
    ]
    return f"{stem}{max(numbers, default=0) + 1}"


@transaction.atomic
def close_event(*, event: Event, by: User, reason: str = "") -> Event:
    """End an event: no more estimates and warnings; leads and cases go on until they are through."""
    check(by, "sense.open", county().division_id)
    if event.closed_at is not None:
        raise EventOver(_("事件 %(code)s 已经结束。") % {"code": event.code})
    return _close(event, by, reason)


def _close(event: Event, by: User, reason: str) -> Event:
    event.closed_at = clock.now()
    event.save(update_fields=["closed_at"])
    record("sense.close_event", about=f"event:{event.code}", by=by.username, reason=reason)
    return event


@transaction.atomic
def enrol_stations(*, rows: Iterable[tuple[str, str, str, str, float, float]], by: User) -> int:
    """Add gauges: (code, name, division code, element, lon, lat). One that is known is brought up to date."""
    check(by, "sense.receive")
    stations = [
        Station(code=code, name=name, division_id=division, element=element, lon=lon, lat=lat)
        for code, name, division, element, lon, lat in rows
    ]
    fields = ["name", "division", "element", "lon", "lat"]
    Station.objects.bulk_create(stations, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    record("sense.enrol_stations", about="station:*", by=by.username, count=len(stations))
    return len(stations)


@transaction.atomic
def observe(*, readings: Sequence[tuple[str, datetime, float]], by: User) -> int:
    """Store readings (station code, moment, value). One of a known moment is passed over. Returns how many were new.

    Refused as a whole where a station is not known, so that a wrong file is noticed.
    """
    check(by, "sense.receive")
    stations = {code for code, _at, _value in readings}
    known = set(Station.objects.filter(pk__in=stations).values_list("pk", flat=True))
    if unknown := sorted(stations - known):
        raise BadInput(_("没有编码为 %(code)s 的站点。") % {"code": unknown[0]})
    moments = {at for _code, at, _value in readings}
    stored = set(Observation.objects.filter(at__in=moments, station__in=stations).values_list("station_id", "at"))
    fresh = {(code, at): value for code, at, value in readings if (code, at) not in stored}
    bulk.insert(Observation, ("station_id", "at", "value"), ((code, at, value) for (code, at), value in fresh.items()))
    if fresh:
        record("sense.observe", about="station:*", by=by.username, readings=len(fresh))
    return len(fresh)
