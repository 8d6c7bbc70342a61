"""Founding the county, appointing people, starting and stopping clocks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import bulk
from anlan.county.errors import BadInput, Refused
from anlan.county.ledger.actions import Line, record, record_many
from anlan.county.office.models import MACHINE, Appointment, Clock, County, Department, Division, Duty, Holder, User
from anlan.county.office.permissions import check
from anlan.county.office.roles import ROLES
from anlan.engine.values.divisions import full, level, parent

DATA = Path(__file__).parent / "data"
CLOCK_COLUMNS = ("kind", "about", "event_code", "division_id", "unit", "lower", "started_at", "due_at", "stopped_at")
ONE_CLOCK = ("kind", "about")
RESTARTED = ("started_at", "due_at", "stopped_at", "unit")


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


@dataclass(frozen=True, slots=True)
class Post:
    """A person in a role in a division; `name` matters where the person is new."""

    username: str
    name: str
    role: str
    division: str
    department: str | None = None


@transaction.atomic
def appoint_many(*, posts: Sequence[Post], since: date, by: User | None = None) -> dict[str, User]:
    """Give people roles in divisions; a new person has no password until one is set. Everybody by username."""
    _check_places(by, {post.division for post in posts})
    for role in {post.role for post in posts} - ROLES.keys():
        raise BadInput(_("没有“%(role)s”这个岗位。") % {"role": role})
    names = {post.username: post.name for post in posts}
    if MACHINE in names:
        raise BadInput(_("用户名“%(username)s”是系统自己的，不能任命。") % {"username": MACHINE})
    known = set(User.objects.filter(username__among=list(names)).values_list("username", flat=True))
    fresh = ((username, name, "!", "", "", True) for username, name in names.items() if username not in known)
    bulk.insert(User, ("username", "name", "password", "phone", "email", "is_active"), fresh)
    users = {user.username: user for user in User.objects.filter(username__among=list(names))}
    Appointment.objects.bulk_create(
        Appointment(
            user=users[post.username], role=post.role, division_id=post.division, department_id=post.department,
            since=since,
        )
        for post in posts
    )  # fmt: skip
    lines = [
        Line("office.appoint", f"user:{post.username}", {"role": post.role, "division": post.division})
        for post in posts
    ]
    record_many(lines, by=by.username if by else MACHINE)
    return users


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
    """`appoint_many` of one person."""
    return appoint_many(posts=[Post(username, name, role, division, department)], since=since, by=by)[username]


@transaction.atomic
def give_duties(*, duties: Sequence[tuple[str, str, User]], since: date, by: User | None = None) -> list[Holder]:
    """Name who answers for a duty in a division: (duty, division, person); whoever held it before is relieved."""
    _check_places(by, {division for _duty, division, _user in duties})
    relieved = ((since, duty, division) for duty, division, _user in duties)
    bulk.update(Holder, ("until",), relieved, by=("duty_id", "division_id"), unset="until")
    holders = Holder.objects.bulk_create(
        Holder(duty_id=duty, division_id=division, user=user, since=since) for duty, division, user in duties
    )
    lines = [
        Line("office.give_duty", f"duty:{duty}", {"division": division, "holder": user.username})
        for duty, division, user in duties
    ]
    record_many(lines, by=by.username if by else MACHINE)
    return holders


def give_duty(*, duty: str, division: str, user: User, since: date, by: User | None = None) -> Holder:
    """`give_duties` of one duty."""
    return give_duties(duties=[(duty, division, user)], since=since, by=by)[0]


def _check_places(by: User | None, divisions: Iterable[str]) -> None:
    """The program itself may; a person must be allowed to in every division."""
    if by is not None:
        for division in sorted(divisions):
            check(by, "office.write", division)


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
    rows = ((kind, about, event_code, division, unit, lower, at, due_at, None) for about, division in things)
    return bulk.upsert(Clock, CLOCK_COLUMNS, rows, unique=ONE_CLOCK, changed=RESTARTED)


def start_clocks_each(
    *, kind: str, things: Iterable[tuple[str, str, datetime, datetime]], unit: str, event_code: str = ""
) -> int:
    """`start_clocks` for things that began at different moments: (about, division code, started, due)."""
    rows = (
        (kind, about, event_code, division, unit, False, at, due_at, None) for about, division, at, due_at in things
    )
    return bulk.upsert(Clock, CLOCK_COLUMNS, rows, unique=ONE_CLOCK, changed=RESTARTED)


def stop_clocks(*, kind: str, abouts: Iterable[str], at: datetime) -> int:
    """Stop the running clocks of one kind on these things. Returns how many were running."""
    return stop_clocks_each(kind=kind, stops=((about, at) for about in abouts))


def stop_clocks_each(*, kind: str, stops: Iterable[tuple[str, datetime]]) -> int:
    """`stop_clocks` for things that ended at different moments: (about, stopped)."""
    rows = ((at, kind, about) for about, at in stops)
    return bulk.update(Clock, ("stopped_at",), rows, by=ONE_CLOCK, unset="stopped_at")


def readdress_clocks(*, before: str, after: str, division: str) -> int:
    """Running clocks on a thing that is now called otherwise, and stands elsewhere, run on under its new name.

    Called inside the deed that renames it, so it writes no line of its own. Returns how many there were.
    """
    running = Clock.objects.filter(stopped_at__isnull=True, about__contains=before) if before != after else ()
    rows = [
        (_renamed(each.about, before, after), division, each.pk)
        for each in running
        if before in re.split("[:/]", each.about)
    ]
    return bulk.update(Clock, ("about", "division_id"), rows)


def _renamed(about: str, before: str, after: str) -> str:
    return "".join(after if part == before else part for part in re.split("([:/])", about))


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
