"""Questions about divisions, people and clocks."""

from datetime import date, datetime

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.county.errors import NotFound
from anlan.county.office.models import MACHINE, Clock, County, Department, Division, Duty, Holder, User


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
