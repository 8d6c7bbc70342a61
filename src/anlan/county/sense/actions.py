"""Taking alerts in, opening and closing events, storing what gauges say."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.errors import BadInput, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.office.queries import county
from anlan.county.sense import queries, ringing
from anlan.county.sense.feeds.cap.findings import Finding
from anlan.county.sense.feeds.cap.parse import Parsed, parse
from anlan.county.sense.feeds.cap.reading import Alert as Said
from anlan.county.sense.feeds.trust import trusted_roots
from anlan.county.sense.models import OPENING, SCREENING, Alert, Event, Observation, Station
from anlan.engine.hazard.taxonomy import HAZARDS
from anlan.engine.values.divisions import full

LEVELS = range(5)
AHEAD = timedelta(minutes=15)  # clocks differ; more than this is a wrong one


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
    parsed = parse(data, trusted_roots())
    said = parsed.alert
    if said is None:
        raise AlertRejected(
            _("%(source)s 不能作为预警接收：%(findings)s。")
            % {"source": source, "findings": _sentence(parsed.findings)}
        )
    if parsed.verdict == "flagged" and not trusted:
        raise AlertHeld(
            _("来源“%(source)s”未列入可信来源，且报文有疑点（%(findings)s），请人工核对后再接收。")
            % {"source": source, "findings": _sentence(parsed.findings)}
        )
    digest = hashlib.sha256(data).hexdigest()
    copies = Alert.objects.filter(sender=said.sender, identifier=said.identifier)
    if known := copies.filter(digest=digest).first():
        return known
    codes = [*parsed.codes, "identifier-reused"] if copies.exists() else parsed.codes
    alert = _keep(parsed, codes, source, digest, data)
    record(
        "sense.receive_alert", about=f"alert:{alert.identifier}", by=by.username, digest=digest,
        verdict=alert.verdict, findings=codes, msg_type=alert.msg_type, status=alert.status, level=alert.level,
    )  # fmt: skip
    _follow(alert, by)
    return alert


def _sentence(findings: Sequence[Finding]) -> str:
    return "；".join(str(finding) for finding in findings)


def _keep(parsed: Parsed, codes: list[str], source: str, digest: str, data: bytes) -> Alert:
    said = parsed.alert
    assert said is not None  # noqa: S101 (the caller has looked)
    return Alert.objects.create(
        source=source[:120], identifier=said.identifier, sender=said.sender, sent_at=said.sent,
        received_at=clock.now(), status=said.status, msg_type=said.msg_type, headline=said.headline[:300],
        description=said.description, hazard=said.hazard, level=said.level, onset_at=said.onset,
        expires_at=said.expires, codes=said.codes, polygons=said.polygons, verdict="flagged" if codes else "accepted",
        findings=codes, hints=_hints(parsed, said), references=list(said.references), digest=digest,
        raw=data,
    )  # fmt: skip


def _hints(parsed: Parsed, said: Said) -> list[str]:
    """What is noted of an alert, whether its time is over or yet to come, and whether it refers to what never came."""
    now, noted = clock.now(), {note.code for note in parsed.notes}
    known = set(Alert.objects.filter(identifier__in=said.references).values_list("identifier", flat=True))
    if set(said.references) - known:
        noted.add("references-unknown")
    if said.expires is not None and said.expires <= now:
        noted.add("expired")
    if said.sent > now + AHEAD:
        noted.add("sent-ahead")
    return sorted(noted)


def _follow(alert: Alert, by: User) -> None:
    """An update moves the open event its references lead to, a cancellation closes it; what has no event rings.

    What it follows upon need not be answered any more, if nobody has.
    """
    event = queries.referred(alert)
    if alert.msg_type in {"Update", "Cancel"}:
        ringing.answer(queries.followed(alert), by, f"alert:{alert.identifier}")
    if event is not None and alert.msg_type == "Cancel":
        _close(event, by, reason=f"alert:{alert.identifier}")
    elif event is not None and alert.msg_type == "Update":
        _move(event, alert, by)
    else:
        ringing.ring(alert)


def _move(event: Event, alert: Alert, by: User) -> None:
    if queries.stands_where_said(event):  # one that was moved for a rehearsal keeps its own area
        event.codes = sorted({*event.codes, *alert.codes})
        event.polygons = [*event.polygons, *(ring for ring in alert.polygons if ring not in event.polygons)]
    event.level = alert.level or event.level
    event.title = alert.headline[:160] or event.title
    event.alert = alert
    event.save(update_fields=["level", "title", "codes", "polygons", "alert"])
    record(
        "sense.update_event", about=f"event:{event.code}", by=by.username, alert=alert.identifier, level=event.level,
        codes=event.codes, polygons=len(event.polygons),
    )  # fmt: skip


@transaction.atomic
def open_event(  # noqa: PLR0913 (an event's columns)
    *,
    by: User,
    alert: Alert | None = None,
    hazard: str = "",
    title: str = "",
    codes: Sequence[str] | None = None,
    polygons: Sequence[Sequence[Sequence[float]]] | None = None,
    level: int = 0,
    exercise: bool = False,
    issued_at: datetime | None = None,
) -> Event:
    """Open an event from an alert or by hand. What is given overrides the alert; an area given moves the event.

    An alert that is itself a test or an exercise makes the event one.
    """
    check(by, "sense.open", county().division_id)
    if alert is not None and (known := alert.events.filter(closed_at__isnull=True).first()):
        return known
    if alert is not None and alert.msg_type not in OPENING:
        raise BadInput(_("%(kind)s 报文不能用来开启事件。") % {"kind": alert.msg_type})
    kind = hazard or (alert.hazard if alert else "")
    if kind not in HAZARDS:
        raise BadInput(_("没有“%(hazard)s”这个灾种。") % {"hazard": kind})
    if level not in LEVELS:
        raise BadInput(_("预警等级应为 0 到 4。"))
    given = codes is not None or polygons is not None
    where = (_codes(codes or ()), _rings(polygons or ())) if given or alert is None else (alert.codes, alert.polygons)
    if not any(where):
        raise BadInput(_("事件没有范围：请给出区划或多边形。"))
    issued = issued_at or (alert.sent_at if alert else clock.now())
    event = Event.objects.create(
        code=_code(issued, kind), title=(title or (alert.headline if alert else "") or HAZARDS[kind].name)[:160],
        hazard=kind, level=level or (alert.level if alert else 0), opened_at=clock.now(), issued_at=issued,
        codes=where[0], polygons=where[1], exercise=exercise or (alert is not None and alert.status != "Actual"),
        alert=alert,
    )  # fmt: skip
    record(
        "sense.open_event", about=f"event:{event.code}", by=by.username, hazard=kind, level=event.level,
        codes=event.codes, polygons=len(event.polygons), exercise=event.exercise,
        alert=alert.identifier if alert else "",
    )  # fmt: skip
    if alert is not None:
        ringing.answer([alert], by, f"event:{event.code}")
    return event


def _codes(codes: Sequence[str]) -> list[str]:
    try:
        return sorted({full(code) for code in codes})
    except ValueError as error:
        raise BadInput(_("区划代码不对：%(codes)s") % {"codes": "、".join(codes)}) from error


def _rings(polygons: Sequence[Sequence[Sequence[float]]]) -> list[list[list[float]]]:
    """Rings of [lon, lat]; refused where one is not closed or leaves the globe."""
    rings = [[[float(lon), float(lat)] for lon, lat in ring] for ring in polygons]
    for ring in rings:
        if len(ring) < 4 or ring[0] != ring[-1] or any(abs(lon) > 180 or abs(lat) > 90 for lon, lat in ring):
            raise BadInput(_("多边形应至少四个点、首尾相同，坐标为经度、纬度。"))
    return rings


def _code(issued: datetime, hazard: str) -> str:
    """`EV20260618-rainstorm-1`: the day of issue, the hazard, the number among those."""
    stem = f"EV{timezone.localtime(issued):%Y%m%d}-{hazard}-"
    numbers = [
        int(code.removeprefix(stem))
        for code in Event.objects.filter(code__startswith=stem).values_list("code", flat=True)
    ]
    return f"{stem}{max(numbers, default=0) + 1}"


def open_screening(*, month: date, by: User) -> Event:
    """The event that leads of a month's departments' lists belong to where they name no disaster; opened once.

    It is over from the start, so that nobody is warned and nothing estimated for it. Called inside the deed that
    compares, which has asked for the permission.
    """
    code = f"EV{month:%Y%m}01-{SCREENING}-1"
    title = _("%(year)d年%(month)d月部门数据比对") % {"year": month.year, "month": month.month}
    at = clock.now()
    event, fresh = Event.objects.get_or_create(
        code=code, defaults={"title": title, "hazard": SCREENING, "opened_at": at, "issued_at": at, "closed_at": at}
    )
    if fresh:
        record("sense.open_screening", about=f"event:{code}", by=by.username)
    return event


@transaction.atomic
def close_event(*, event: Event, by: User, reason: str = "") -> Event:
    """End an event: no more estimates and warnings; leads and cases go on until they are through."""
    check(by, "sense.open", county().division_id)
    event.refresh_from_db(from_queryset=Event.objects.select_for_update())
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
    if any(not math.isfinite(value) or at.tzinfo is None for _code, at, value in readings):
        raise BadInput(_("读数应为有限的数，时间应带时区。"))
    known = set(Station.objects.filter(pk__in=stations).values_list("pk", flat=True))
    if unknown := sorted(stations - known):
        raise BadInput(_("没有编码为 %(code)s 的站点。") % {"code": unknown[0]})
    if not readings:
        return 0
    moments = [at for _code, at, _value in readings]
    stored = Observation.objects.filter(at__gte=min(moments), at__lte=max(moments), station__in=stations)
    seen = set(stored.values_list("station_id", "at"))
    fresh = {(code, at): value for code, at, value in reversed(readings) if (code, at) not in seen}
    bulk.insert(Observation, ("station_id", "at", "value"), ((code, at, value) for (code, at), value in fresh.items()))
    if fresh:
        record("sense.observe", about="station:*", by=by.username, readings=len(fresh))
    return len(fresh)
