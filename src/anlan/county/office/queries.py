"""Questions about divisions, people and clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.errors import NotFound
from anlan.county.office.models import (
    MACHINE,
    Appointment,
    Clock,
    County,
    Department,
    Division,
    Duty,
    Holder,
    User,
)
from anlan.county.office.roles import ROLES
from anlan.engine.values.divisions import significant

NAMED = 5  # how many people a refusal names


def county() -> County:
    """The county of this installation; refused where none has been founded."""
    found = County.objects.select_related("division").first()
    if found is None:
        raise NotFound(_("这里还没有建立县。请先运行 anlan setup 或 anlan drill run。"))
    return found


def machine() -> User:
    """The program itself, as the one who acts when a clock or a job does."""
    found = User.objects.filter(username=MACHINE).first()
    if found is None:
        raise NotFound(_("基础数据还没有载入。请先运行 anlan setup。"))
    return found


def user(username: str) -> User:
    """The person with this username; refused where there is none."""
    found = User.objects.filter(username=username).first()
    if found is None:
        raise NotFound(_("没有用户名为 %(username)s 的人。") % {"username": username})
    return found


@dataclass(frozen=True, slots=True)
class Empowered:
    """Who may do what somebody may not: the nearest few, and how many there are."""

    nearest: Sequence[Appointment]
    number: int

    @property
    def others(self) -> int:
        """How many are not named."""
        return self.number - len(self.nearest)


def empowered(permission: str, division: str | None, asking: User) -> Empowered:
    """The people besides this one who hold a permission today, for a division where one is given.

    Nearest first: whose division shares the most with that division, or with those of the one who asks.
    """
    held = appointed(permission)
    places = asking.scopes() if division is None else [division]
    people = [
        each
        for each in held.exclude(user=asking).select_related("user", "division")
        if division is None or division.startswith(significant(each.division_id))
    ]
    people.sort(key=lambda each: (-_shared(each.division_id, places), each.division_id, each.user.name))
    once: dict[int, Appointment] = {}
    for each in people:
        once.setdefault(each.user_id, each)
    return Empowered(list(once.values())[:NAMED], len(once))


def _shared(division: str, places: Sequence[str]) -> int:
    """How many leading digits a division has in common with the nearest of some places."""
    own = significant(division)
    return max((sum(own.startswith(place[:end]) for end in range(1, len(own) + 1)) for place in places), default=0)


def villages(*within: str) -> QuerySet[Division]:
    """The villages in these divisions; all of the county's where none is named."""
    every = Division.objects.filter(level="village")
    return every.filter(pk__in=Division.objects.within(*within)) if within else every


def townships() -> QuerySet[Division]:
    """The county's townships."""
    return Division.objects.filter(level="township")


def divisions_by_code() -> dict[str, Division]:
    """Every division by its twelve digits."""
    return {division.code: division for division in Division.objects.all()}


def holding(*permissions: str) -> list[User]:
    """The people who hold one of these permissions for the county today, in the order of their usernames."""
    ours = appointed(*permissions).filter(division_id=county().division_id)
    return list(User.objects.filter(pk__in=ours.values("user_id")).order_by("username"))


def appointed(*permissions: str) -> QuerySet[Appointment]:
    """Today's appointments in a role that has one of these permissions."""
    roles = [key for key, role in ROLES.items() if role.permissions & set(permissions)]
    return Appointment.objects.on(clock.today()).filter(role__in=roles, user__is_active=True)


def departments(on: date) -> QuerySet[Department]:
    """The departments that exist on a day."""
    return Department.objects.on(on)


def duties(on: date) -> QuerySet[Duty]:
    """Every duty with its lead and supporting departments, and in `held` who holds it on a day, and where."""
    held = Prefetch("holders", Holder.objects.on(on).select_related("user", "division"), to_attr="held")
    return Duty.objects.select_related("lead").prefetch_related("supporting", held)


def breached(now: datetime) -> Q:
    """The condition of clocks that were or are broken: a maximum overrun, or a minimum cut short."""
    overrun = Q(lower=False) & (Q(stopped_at__gt=F("due_at")) | Q(stopped_at__isnull=True, due_at__lt=now))
    return overrun | Q(lower=True, stopped_at__lt=F("due_at"))


def running() -> QuerySet[Clock]:
    """Clocks nobody has stopped, the most pressing first."""
    return Clock.objects.filter(stopped_at__isnull=True).order_by("due_at", "about")
