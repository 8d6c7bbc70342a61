"""A released warning as an alert of this county's own: what it says, of where, and what it follows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import shapely
from django.db.models import Prefetch
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely.geometry import shape

from anlan.county import clock
from anlan.county.errors import Refused
from anlan.county.office.models import Division
from anlan.county.office.queries import county
from anlan.county.sense.feeds.cap.geometry import Ring
from anlan.county.sense.feeds.cap.parse import parse
from anlan.county.sense.models import Event
from anlan.county.warn import cap, rules
from anlan.county.warn.cap import Block, Bulletin, Place, Reference
from anlan.county.warn.models import Warning  # noqa: A004 (the field's own word)
from anlan.county.warn.senders import sender
from anlan.engine.hazard.taxonomy import HAZARDS
from anlan.engine.values.divisions import full, significant

COLOURS = ("", gettext_lazy("蓝色"), gettext_lazy("黄色"), gettext_lazy("橙色"), gettext_lazy("红色"))
LISTED = timedelta(days=30)  # how far back the feed goes
CORNERS, RINGS = 200, 20  # of a division's outline in an alert
LEAST = timedelta(minutes=1)
LANGUAGES = {"zh-CN": "zh-hans", "en": "en"}


class NotReleased(Refused):
    """A warning that nobody has released is nobody's alert."""


class NotFit(Refused):
    """The alert would not be taken by its readers."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues: the county's code and name, its sender code, and whether it is made up."""

    division: str
    name: str
    sender: str
    synthetic: bool


def issuer() -> Issuer:
    """This county as one that issues alerts. Refused where its sender code is somebody else's."""
    here = county()
    return Issuer(here.division_id, here.division.name, sender(), here.synthetic)


def identifiers(warning: Warning, by: Issuer) -> list[str]:
    """The identifiers of the alerts a warning has given: its release, then its cancellation."""
    if warning.released_at is None:
        return []
    own = f"AL{significant(by.division)}-{warning.code}"
    return [own, f"{own}-C"] if warning.cancelled_at is not None else [own]


def latest(warning: Warning, *, english: bool = False) -> Bulletin:
    """The last alert of a warning: that it is in force, or that it is cancelled. Refused before release."""
    by = issuer()
    own = identifiers(warning, by)
    if not own:
        raise NotReleased(
            _("预警 %(code)s %(state)s，没有发布过，不能生成报文。")
            % {"code": warning.code, "state": rules.STATES[warning.state]}
        )
    return whole(_bulletin(warning, own[-1], by, english=english), warning.event)


def whole(told: Bulletin, event: Event) -> Bulletin:
    """The alert with its area, which a list of alerts can do without."""
    return replace(told, places=tuple(_places(event)))


def _bulletin(warning: Warning, identifier: str, by: Issuer, *, english: bool = False) -> Bulletin:
    event, over = warning.event, warning.clears
    withdrawn = identifier != identifiers(warning, by)[0]
    cancelled = withdrawn or over is not None
    sent = _local(warning.cancelled_at if withdrawn else warning.released_at)
    earlier = [over] if over is not None else [warning] if cancelled else _before(warning)
    hazard, onset = HAZARDS[event.hazard], event.alert.onset_at if event.alert else None
    return Bulletin(
        identifier=identifier, sender=by.sender, sender_name=by.name, sent=sent,
        status="Exercise" if event.exercise or by.synthetic else "Actual",
        msg_type="Cancel" if cancelled else "Update" if earlier else "Alert",
        restriction=str(rules.TITLES[warning.audience]) if warning.audience in rules.OFFICES else "",
        references=tuple(Reference(by.sender, identifiers(each, by)[0], _local(each.released_at)) for each in earlier),
        category=cap.CATEGORIES[hazard.root], event_codes=hazard.codes[:1],
        urgency="Past" if cancelled else _urgency(onset, sent), level=warning.level,
        onset=_local(onset) if onset and sent < onset <= warning.expires_at else None,
        expires=_local(max(warning.expires_at, sent + LEAST)),
        blocks=tuple(_blocks(warning, by.name, cancelled=cancelled, english=english)), places=(),
    )  # fmt: skip


def document(told: Bulletin) -> bytes:
    """The alert as CAP 1.2, which our own reader takes without a finding. Refused where it would not."""
    written = cap.write(told)
    parsed = parse(written)
    if parsed.findings:
        raise NotFit(
            _("报文 %(identifier)s 不合规，没有生成：%(findings)s。")
            % {"identifier": told.identifier, "findings": "；".join(map(str, parsed.findings))}
        )
    return written


def public() -> list[tuple[Bulletin, Event]]:
    """What the feed lists, without areas, the latest first: alerts of the last days with their events."""
    by = issuer()
    recent = Warning.objects.filter(released_at__gte=clock.now() - LISTED).exclude(audience__in=rules.OFFICES)
    same = Prefetch("event__warnings", Warning.objects.filter(released_at__isnull=False), to_attr="released")
    told = [
        (_bulletin(warning, identifier, by), warning.event)
        for warning in recent.select_related("event__alert", "clears").prefetch_related(same)
        for identifier in identifiers(warning, by)
    ]
    return sorted(told, key=lambda each: (each[0].sent, each[0].identifier), reverse=True)


def feed(told: Sequence[Bulletin]) -> bytes:
    """The Atom feed of these alerts."""
    by = issuer()
    title = _("%(county)s防灾提示") % {"county": by.name}
    updated = told[0].sent if told else _local(clock.now())
    return cap.feed(title=title, author=by.sender, bulletins=told, updated=updated)


def _local(at: datetime | None) -> datetime:
    assert at is not None  # noqa: S101 (only what has happened is asked for)
    return timezone.localtime(at).replace(microsecond=0)


def _before(warning: Warning) -> list[Warning]:
    """The earlier warnings that this one takes the place of: to the same people, and not cancelled by then."""
    at: Any = warning.released_at
    released: Any = getattr(warning.event, "released", None)  # where many are looked at, all have been fetched at once
    earlier = [
        each
        for each in (warning.event.warnings.filter(released_at__isnull=False) if released is None else released)
        if each.audience == warning.audience and each.released_at < at
    ]
    cleared = {each.clears_id for each in earlier}
    in_force = [
        each
        for each in earlier
        if each.clears_id is None and each.pk not in cleared and (each.cancelled_at is None or each.cancelled_at > at)
    ]
    return sorted(in_force, key=lambda each: (each.released_at, each.pk))


def _urgency(onset: datetime | None, sent: datetime) -> str:
    """By when it begins, as CAP puts it; nobody guesses where the signal does not say."""
    if onset is None:
        return "Unknown"
    if onset <= sent:
        return "Immediate"
    return "Expected" if onset <= sent + timedelta(hours=1) else "Future"


def _blocks(warning: Warning, place: str, *, cancelled: bool, english: bool) -> Iterator[Block]:
    """The warning's own words in Chinese; in English only what it is about."""
    hazard = HAZARDS[warning.event.hazard]
    for language, locale in list(LANGUAGES.items())[: 2 if english else 1]:
        chinese = language == "zh-CN"
        with translation.override(locale):
            name = hazard.name if chinese else hazard.name_en
            words = {"county": place, "hazard": name, "colour": str(COLOURS[warning.level])
                     if warning.level else ""}  # fmt: skip
            pattern = (
                _("%(county)s解除防灾提示：%(hazard)s")
                if cancelled
                else _("%(county)s防灾提示：%(hazard)s%(colour)s预警")
            )
            told = {"event": name, "headline": pattern % words}
            if not chinese:
                told["description"] = _("详细内容见中文部分。")
            elif cancelled and warning.clears_id is None:
                told["description"] = _("此前发布的提示已经取消：%(sms)s") % {"sms": warning.sms}
            else:
                told |= {"description": warning.sms, "instruction": warning.voice}
            yield Block(language, told)


def _places(event: Event) -> Iterator[Place]:
    """The event's own shapes with its divisions; without shapes each division with its outline."""
    codes = [full(code) for code in event.codes] or ([] if event.polygons else [county().division_id])
    known = {each.code: each for each in Division.objects.filter(pk__in=codes)}
    names = [known[code].name if code in known else code for code in codes]
    if event.polygons:
        drawn = [ring for each in event.polygons for ring in _rings(shapely.Polygon(each))]
        yield Place("、".join(names) or county().division.name, tuple(drawn), tuple(codes))
        return
    for code, name in zip(codes, names, strict=True):
        outline = known[code].outline if code in known else None
        yield Place(name, tuple(_rings(shape(outline))) if outline else (), (code,))


def _rings(drawn: shapely.Geometry) -> Iterator[Ring]:
    """The outer borders of a shape, sound and of not too many corners; the largest first."""
    tolerance = 0.0
    sound = shapely.make_valid(drawn)
    while shapely.get_num_coordinates(sound) > CORNERS and tolerance < 1:
        tolerance = 2 * tolerance or 0.0001
        sound = shapely.make_valid(shapely.simplify(drawn, tolerance))
    parts = [each for each in shapely.get_parts(sound) if each.geom_type == "Polygon"]
    for part in sorted(parts, key=lambda each: -each.area)[:RINGS]:
        yield [[lon, lat] for lon, lat, *_height in part.exterior.coords]
