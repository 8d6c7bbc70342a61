"""The duty desk: the alert comes in, the event is opened, the warning goes out, the gauges speak."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from shapely.geometry import Polygon

from anlan.county import clock
from anlan.county.dispatch import actions as dispatch
from anlan.county.dispatch.models import Message
from anlan.county.dispatch.queries import WAITING
from anlan.county.drill.alerts import alert_xml
from anlan.county.drill.chance import chance
from anlan.county.drill.place import county, outline
from anlan.county.drill.stage import Stage
from anlan.county.foresee.actions import foresee
from anlan.county.office.queries import machine
from anlan.county.sense import actions as sense
from anlan.county.sense.models import Alert, Station
from anlan.county.warn import actions as warn
from anlan.county.warn.models import Target
from anlan.county.warn.rules import SCHOOL
from anlan.engine.values.divisions import contains

CARRIER_PER_S = 300.0  # a carrier's contract, not the machine, decides how fast messages leave
BATCH = 500
WORKER = "drill"
BY_TELEPHONE = ("sms", "voice")
CALL_AFTER_MIN = 60
CALLS_PER_CADRE = 40
RECEIVED = ("id", "kind", "address", "handed_at", "key")


def receive(stage: Stage, number: int) -> None:
    """The alert arrives. The first one opens the event and a first estimate; a later one updates it."""
    duty = stage.officer("duty_officer")
    data = stage.request.alert or alert_xml(stage.scenario, number, stage.start)
    name = stage.request.alert_name or f"{stage.scenario.name}-{number + 1}.xml"
    alert = sense.receive_alert(data=data, source=name, by=duty)
    if number == 0:
        issued = stage.start if stage.start != alert.sent_at else None
        sense.open_event(by=duty, alert=alert, exercise=True, issued_at=issued, **_area(alert))
        foresee(event=stage.event, by=duty)
    else:
        stage.__dict__.pop("event", None)


def _area(alert: Alert) -> dict[str, Any]:
    """The alert's own area where it touches the county; else the county, for a rehearsal with a distant alert."""
    code = county()["code"]
    near = any(contains(code, other) or contains(other, code) for other in alert.codes)
    near = near or any(Polygon(ring).intersects(outline()) for ring in alert.polygons)
    return {} if near else {"codes": [code], "polygons": []}


def transplanted(alert: Alert) -> bool:
    """Whether the alert was issued for another place and is only rehearsed here."""
    return bool(_area(alert))


def warn_people(stage: Stage, *, everyone: bool) -> None:
    """One officer drafts, another person approves, the first releases.

    The first alert goes to everyone. When it is raised, those in danger get a message again, the cadres their lists,
    and the loudspeakers tell the villages.
    """
    duty, director = stage.officer("duty_officer"), stage.officer("county_director")
    for draft in warn.draft(event=stage.event, by=duty):
        if draft.audience in {"key", "general"} and not everyone:
            warn.cancel(warning=draft, reason="已收到过预警，升级由大喇叭和干部通知", by=duty)
            continue
        approved = warn.approve(warning=draft, by=director)
        if draft.audience != SCHOOL:  # in the same breath as the cadres'
            clock.advance(timedelta(minutes=1))
        warn.release(warning=approved, by=duty)


def hand_over(stage: Stage, begun_at: datetime) -> None:
    """The dispatcher empties the outbox at the carrier's rate. Killed and started again, it goes on."""
    dispatch.abandon(worker=WORKER)
    _refuse(stage)
    sent = Message.objects.filter(handed_at__gte=begun_at).count()
    clock.advance(timedelta(seconds=sent / CARRIER_PER_S))
    while done := dispatch.dispatch_batch(worker=WORKER, limit=BATCH):
        clock.advance(timedelta(seconds=done / CARRIER_PER_S))


def _refuse(stage: Stage) -> None:
    """What the carrier does not take is never handed over."""
    if not stage.network.refused.any():
        return
    waiting = Message.objects.filter(WAITING, kind__in=BY_TELEPHONE).order_by("id").values_list("id", "address")
    whose = [(pk, stage.answering(address)) for pk, address in waiting]
    at = clock.now()
    dispatch.fail(
        failures=[(pk, at, "运营商拒收") for pk, who in whose if who is not None and stage.network.refused[who]]
    )


def networks_answer(stage: Stage) -> None:
    """Phones ring or do not, loudspeakers sound or do not: receipts come back for what was handed over, or get lost."""
    waiting = Message.objects.filter(handed_at__isnull=False, delivered_at__isnull=True, failed_at__isnull=True)
    delivered: list[tuple[int, datetime]] = []
    failed: list[tuple[int, datetime, str]] = []
    sounding = {place.code for place, sounds in zip(stage.villages, stage.network.sounds, strict=True) if sounds}
    for pk, kind, address, handed, key in waiting.order_by("id").values_list(*RECEIVED):
        at = handed or clock.now()
        if f".{SCHOOL}." in key:
            delivered.append((pk, at))
        elif kind not in BY_TELEPHONE:
            if kind != "loudspeaker" or address in sounding:
                delivered.append((pk, at))
        elif (said := _by_telephone(stage, kind, stage.answering(address))) is None:
            continue
        elif said.failure:
            failed.append((pk, at, said.failure))
        else:
            delivered.append((pk, at + said.after))
    dispatch.deliver(receipts=delivered)
    dispatch.fail(failures=failed)


@dataclass(frozen=True, slots=True)
class Said:
    """What the carrier says of a message: that it arrived so much later, or why it did not."""

    after: timedelta = timedelta(0)
    failure: str = ""


def _by_telephone(stage: Stage, kind: str, index: int | None) -> Said | None:
    """The carrier's word on one message or call; None where it says nothing."""
    network = stage.network
    if index is not None and network.swallowed[index]:
        return None
    if index is None or not stage.households.phone_works[index]:
        return Said(failure="号码无法接通")
    if kind == "voice" and not network.picks_up[index]:
        return Said(failure="无人接听")
    if network.unreceipted[index]:
        return None
    return Said(timedelta(seconds=float(stage.luck.delivery_s[index])) if kind == "sms" else timedelta(0))


def people_answer(stage: Stage) -> None:
    """Who has read the message may answer it, and who picked up the telephone may press the key."""
    willing = stage.luck.answers & stage.arrives & (stage.ids > 0)
    until = clock.now()
    for how, able, sent in (("reply", stage.luck.reads, "message"), ("key", stage.network.picks_up, "call")):
        waiting = Target.objects.filter(**{f"{sent}__handed_at__isnull": False}, acknowledged_at__isnull=True)
        who = stage.ids[np.flatnonzero(willing & able)].tolist()
        rows = waiting.filter(household_id__among=who).order_by("id")
        acks = []
        for pk, household, handed in rows.values_list("id", "household_id", f"{sent}__handed_at"):
            index = stage.index_of[household]
            late = stage.luck.delivery_s[index] + stage.luck.answer_min[index] * 60 if how == "reply" else 0.0
            if (answered := handed + timedelta(seconds=float(late))) <= until:
                acks.append((pk, answered))
        warn.acknowledge(acks=acks, how=how, by=machine())


def cadres_call(stage: Stage) -> None:
    """On a high warning the village is called out: first-tier households that have not answered are told in person."""
    open_targets = Target.objects.filter(tier=0, acknowledged_at__isnull=True, warning__released_at__isnull=False)
    rows = open_targets.order_by("household__code", "id").values_list("id", "household__division_id")
    by_town: dict[str, list[tuple[int, datetime]]] = {}
    calls: dict[str, int] = {}
    for pk, village in rows:
        calls[village] = calls.get(village, 0) + 1
        if village in stage.quiet or calls[village] > CALLS_PER_CADRE * len(stage.cadres[village]):
            continue
        by_town.setdefault(village[:9], []).append((pk, clock.now()))
    for town, acks in sorted(by_town.items()):
        warn.acknowledge(acks=acks, how="cadre", by=stage.townships[town])


def gauges(stage: Stage) -> None:
    """What the gauges read: the true field where they stand, with an instrument's error."""
    stations = list(Station.objects.order_by("code"))
    if not stations:
        return
    lon, lat = (np.array([getattr(station, name) for station in stations]) for name in ("lon", "lat"))
    error = chance(stage.request.seed, "gauges").lognormal(0, 0.04, len(stations))
    values = np.round(stage.field.at(lon, lat) * error, 1).tolist()
    readings = [(station.code, clock.now(), value) for station, value in zip(stations, values, strict=True)]
    sense.observe(readings=readings, by=stage.officer("duty_officer"))


def estimate_again(stage: Stage) -> None:
    """With the gauges in, the estimate is made anew; the villages' lists follow it."""
    foresee(event=stage.event, by=stage.officer("duty_officer"))
