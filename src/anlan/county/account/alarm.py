"""The large-scale alarm (规模性返贫): how many homes of a township fall, or are about to, and what share that is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum

from anlan.county.decide.models import Case, Episode
from anlan.county.discover.models import Lead, Release
from anlan.county.foresee.queries import ranked
from anlan.county.office.models import Division, User
from anlan.county.registry.models import MONITORED, Category, Household
from anlan.county.sense.models import Event
from anlan.engine import policy
from anlan.engine.policy import Parameter, Policy
from anlan.engine.values.divisions import full


@dataclass(frozen=True, slots=True)
class Township:
    """A township's homes: all, under monitoring, and those an open event is expected to push below the
    line that nobody monitors or has looked into yet."""

    code: str
    name: str
    households: int
    monitored: int
    expected: float
    alarms: tuple[str, ...]  # "number" and "share" of those monitored; "expected" where the forecast alone says so

    @property
    def share(self) -> float:
        """Homes under monitoring by homes."""
        return self.monitored / self.households if self.households else 0.0

    @property
    def expected_share(self) -> float:
        """Homes under monitoring or expected to be, by homes."""
        return (self.monitored + self.expected) / self.households if self.households else 0.0


def townships(user: User, on: date) -> list[Township]:
    """Every township in this person's divisions, those in alarm first."""
    rules = policy.on(on)
    homes = _count(Household.objects.visible_to(user).order_by().values_list("division_id").annotate(Count("id")))
    open_episodes = Episode.objects.visible_to(user).filter(cleared_at__isnull=True).order_by()
    monitored = _count(open_episodes.values_list("household__division_id").annotate(Count("id")))
    expected = _expected(user, on)
    places = Division.objects.visible_to(user).filter(level="township").order_by("code")
    found = [
        _township(each, homes.get(each.code, 0), monitored.get(each.code, 0), expected.get(each.code, 0.0), rules)
        for each in places
    ]
    return sorted(found, key=lambda each: (-len(each.alarms), -each.expected_share, each.code))


def _township(place: Division, households: int, monitored: int, expected: float, rules: Policy) -> Township:
    least, share = rules.number("alarm_households_min"), rules.number("alarm_share_min")
    alarms = []
    if monitored >= least:
        alarms.append("number")
    if households and monitored / households >= share:
        alarms.append("share")
    if not alarms and households and (monitored + expected >= least and (monitored + expected) / households >= share):
        alarms.append("expected")
    return Township(place.code, place.name, households, monitored, expected, tuple(alarms))


def _count(rows: Iterable[tuple[Any, ...]]) -> Mapping[str, int]:
    """Numbers by village, added up by township."""
    found: dict[str, int] = defaultdict(int)
    for village, number in rows:
        found[full(village[:9])] += number
    return found


def _expected(user: User, on: date) -> Mapping[str, float]:
    """Homes that open events are expected to push below the line, by township: the new falls only.

    Left out are homes somebody has looked into, and homes under monitoring, here or in the registry: those have
    fallen already, and stand among the monitored.
    """
    home = {"household": OuterRef("household_id")}
    watched = Exists(Episode.objects.filter(**home, cleared_at__isnull=True)) | Exists(
        Category.objects.on(on).filter(**home, kind__in=MONITORED)
    )
    found: dict[str, float] = defaultdict(float)
    for event in Event.objects.filter(closed_at__isnull=True):
        mine = {"event": event, **home}
        unclear = ranked(event, user).filter(
            ~Exists(Lead.objects.filter(**mine, closed_at__isnull=False)),
            ~Exists(Case.objects.filter(**mine, closed_at__isnull=False)),
            ~Exists(Release.objects.filter(**mine)),
            ~Q(watched),
        )
        sums = unclear.order_by().values_list("household__division_id").annotate(Sum("p_below"))
        for village, number in sums:
            found[full(village[:9])] += number
    return found


def parameters(on: date) -> list[Parameter]:
    """The thresholds of the alarm, with where they come from."""
    rules = policy.on(on)
    return [rules.parameter(key) for key in ("alarm_households_min", "alarm_share_min")]
