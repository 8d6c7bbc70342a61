"""Whom to draw, and who still has to be looked at."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from anlan.county.clear.models import Clearance, Recheck, Step
from anlan.county.decide.models import Episode
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Scoped, User


def cleared(user: User, first: datetime, last: datetime) -> list[Clearance]:
    """What was cleared from one moment until another, in the order of the households."""
    found = Clearance.objects.visible_to(user).filter(state="cleared", closed_at__gte=first, closed_at__lt=last)
    return list(found.select_related("episode__household", "episode__case__event").order_by("episode__household__code"))


def bounds(month: date) -> tuple[datetime, datetime]:
    """The moments at which a month begins and ends, by any of its days."""
    first = month.replace(day=1)
    return _moment(first), _moment((first + timedelta(days=32)).replace(day=1))


def _moment(on: date) -> datetime:
    return timezone.make_aware(datetime(on.year, on.month, on.day))  # noqa: DTZ001 (aware at once)


def undrawn(user: User, month: date) -> bool:
    """Whether households were cleared in a month and nobody has drawn from them yet; the ledger knows of every draw."""
    if Entry.objects.filter(verb="clear.draw", about=f"month:{month:%Y%m}").exists():
        return False
    first, last = bounds(month)
    closed = Clearance.objects.visible_to(user).filter(state="cleared", closed_at__gte=first, closed_at__lt=last)
    return closed.exists()


def waiting(user: User) -> Scoped[Recheck]:
    """What is drawn and not looked at yet, the longest first."""
    return (
        Recheck.objects.visible_to(user)
        .filter(done_at__isnull=True)
        .select_related("clearance__episode__household__division", "clearance__episode__case__event")
        .order_by("drawn_at", "clearance__episode__household__code")
    )


def had_a_hand(user: User, clearance: Clearance) -> bool:
    """Whether somebody moved this clearance along, or made one of the checks it rests on."""
    return (
        Step.objects.filter(clearance=clearance, by=user).exists() or clearance.episode.checks.filter(by=user).exists()
    )


def monitored_again(episode: Episode) -> bool:
    """Whether the household has entered anew since: a relapse is an episode of its own."""
    return Episode.objects.filter(household=episode.household_id, cleared_at__isnull=True).exists()
