"""Founding the county, appointing people, starting and stopping clocks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import bulk
from anlan.county.errors import BadInput, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.models import MACHINE, Appointment, Clock, County, Department, Division, Duty, Holder, User
from anlan.county.office.permissions import check
from anlan.county.office.roles import ROLES
from anlan.engine.values.divisions import full, level, parent

DATA = Path(__file__).parent / "data"
CLOCK_COLUMNS = ("kind", "about", "event_code", "division_id", "unit", "lower", "started_at", "due_at", "stopped_at")
CHUNK = 5000


class AlreadyFounded(Refused):
    """The installation serves a county already."""


@transaction.atomic
def load_reference() -> None:
    """Bring departments and duties up to the files in `data/`; harmless to repeat."""
    User.objects.get_or_create(username=MACHINE, defaults={"name": "安澜", "is_active": False, "password": "!"})
    departments = tomllib.loads((DATA / "departments.toml").read_text())
    for key, values in departments.items():
        Department.objects.update_or_create(key=key, defaults={**values, "successor": None})
    for key, successor in (("rural_revitalisation", "agriculture_rural"), ("banking", "financial_regulation")):
        Department.objects.filter(key=key).update(successor_id=successor)
    for key, values in tomllib.loads((DATA / "duties.toml").read_text()).items():
        supporting = values.pop("supporting")
        duty, _created = Duty.objects.update_or_create(key=key, defaults=values)
        duty.supporting.set(supporting)


@transaction.atomic
def found_county(*, code: str, name: str, synthetic: bool, lon: float, lat: float) -> County:
    """Make this installation the county's. Done once."""
    if County.objects.exists():
        raise AlreadyFounded(_("这里已经建立了一个县。"))
    division = Division.objects.create(
        code=full(code), name=name, level="county", lon=lon, lat=lat, synthetic=synthetic
    )
    county = County.objects.create(division=division, synthetic=synthetic)
    record("office.found_county", about=f"division:{division.code}", by=MACHINE, name=name, synthetic=synthetic)
    return county


@transaction.atomic
def enrol_divisions(
    rows: Iterable[tuple[str, str, float | None, float | None]], *, synthetic: bool, marks: dict[str, Any] | None = None
) -> int:
    """Add townships and villages: (code, name, lon, lat), a parent before its children.

    `marks` gives further columns by code: outline, remote, key_village.
    """
    divisions = [
        Division(
            code=full(code), name=name, level=level(code), parent_id=parent(code), lon=lon, lat=lat,
            synthetic=synthetic, **(marks or {}).get(code, {}),
        )
        for code, name, lon, lat in rows
    ]  # fmt: skip
    known = {*Division.objects.values_list("code", flat=True), *(division.code for division in divisions)}
    for division in divisions:
        if division.parent_id not in known:
            raise BadInput(_("区划代码 %(code)s 没有上级。") % {"code": division.code})
    Division.objects.bulk_create(divisions, batch_size=500)
    record("office.enrol_divisions", about="division:*", by=MACHINE, count=len(divisions), synthetic=synthetic)
    return len(divisions)


@transaction.atomic
def appoint(  # noqa: PLR0913 (an appointment's columns)
    *,
    username: str,
    name: str,
    role: str,
    division: str,
    since: date,
    department: str | None = None,
    by: User | None = None,
) -> User:
    """Give a person a role in a division; a new person has no password until one is set."""
    if by is not None:
        check(by, "office.write", division)
    if role not in ROLES:
        raise BadInput(_("没有“%(role)s”这个岗位。") % {"role": role})
    user, _created = User.objects.get_or_create(username=username, defaults={"name": name, "password": "!"})
    Appointment.objects.create(user=user, role=role, division_id=division, department_id=department, since=since)
    record("office.appoint", about=f"user:{username}", by=by.username if by else MACHINE, role=role, division=division)
    return user


@transaction.atomic
def give_duty(*, duty: str, division: str, user: User, since: date, by: User | None = None) -> Holder:
    """Name the person who answers for a duty in a division; whoever held it before is relieved."""
    if by is not None:
        check(by, "office.write", division)
    Holder.objects.filter(duty_id=duty, division_id=division, until__isnull=True).update(until=since)
    holder = Holder.objects.create(duty_id=duty, division_id=division, user=user, since=since)
    record(
        "office.give_duty", about=f"duty:{duty}", by=by.username if by else MACHINE, division=division,
        holder=user.username,
    )  # fmt: skip
    return holder


def start_clocks(  # noqa: PLR0913 (a clock's columns)
    *,
    kind: str,
    things: Iterable[tuple[str, str]],
    unit: str,
    at: datetime,
    due_at: datetime,
    event_code: str = "",
    lower: bool = False,
) -> int:
    """Start a clock of one kind on many things (about, division code). One already there starts again.

    Called inside the deed that starts them, so it writes no line of its own.
    """
    places = dict(things)
    known: set[str] = set()
    for chunk in _chunks(list(places)):
        running = Clock.objects.filter(kind=kind, about__in=chunk)
        known.update(running.values_list("about", flat=True))
        running.update(started_at=at, due_at=due_at, stopped_at=None, unit=unit)
    rows = (
        (kind, about, event_code, division, unit, lower, at, due_at, None)
        for about, division in places.items()
        if about not in known
    )
    bulk.insert(Clock, CLOCK_COLUMNS, rows)
    return len(places)


def stop_clocks(*, kind: str, abouts: Iterable[str], at: datetime) -> int:
    """Stop the running clocks of one kind on these things. Returns how many were running."""
    return sum(
        Clock.objects.filter(kind=kind, about__in=chunk, stopped_at__isnull=True).update(stopped_at=at)
        for chunk in _chunks(list(abouts))
    )


def start_clocks_each(
    *, kind: str, things: Iterable[tuple[str, str, datetime, datetime]], unit: str, event_code: str = ""
) -> int:
    """`start_clocks` for things that began at different moments: (about, division code, started, due)."""
    rows = {about: (division, at, due_at) for about, division, at, due_at in things}
    known = _clocks(kind, list(rows))
    again = ((rows[about][1], rows[about][2], None, unit, key) for about, key in known.items())
    bulk.update(Clock, ("started_at", "due_at", "stopped_at", "unit"), again)
    fresh = (
        (kind, about, event_code, division, unit, False, at, due_at, None)
        for about, (division, at, due_at) in rows.items()
        if about not in known
    )
    bulk.insert(Clock, CLOCK_COLUMNS, fresh)
    return len(rows)


def stop_clocks_each(*, kind: str, stops: Iterable[tuple[str, datetime]]) -> int:
    """`stop_clocks` for things that ended at different moments: (about, stopped)."""
    ends = dict(stops)
    running = _clocks(kind, list(ends), stopped_at__isnull=True)
    return bulk.update(Clock, ("stopped_at",), ((ends[about], key) for about, key in running.items()))


def _clocks(kind: str, abouts: Sequence[str], **which: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in _chunks(abouts):
        found.update(Clock.objects.filter(kind=kind, about__in=chunk, **which).values_list("about", "id"))
    return found


def _chunks(things: Sequence[str]) -> Iterable[Sequence[str]]:
    return (things[start : start + CHUNK] for start in range(0, len(things), CHUNK))


@transaction.atomic
def hold_clock(*, at: datetime) -> None:
    """Set the held clock of a synthetic county."""
    if not County.objects.filter(synthetic=True).update(clock_at=at):
        raise Refused(_("只有演练县的时钟可以设定。"))


@transaction.atomic
def set_password(*, user: User, password: str, by: User) -> None:
    """Give a person a new password."""
    if by != user:
        check(by, "office.write")
    if len(password) < 12:
        raise BadInput(_("密码至少 12 个字符。"))
    user.set_password(password)
    user.save(update_fields=["password"])
    record("office.set_password", about=f"user:{user.username}", by=by.username)
