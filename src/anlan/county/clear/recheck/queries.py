"""Whom to draw, and who still has to be looked at."""

from datetime import datetime

from anlan.county.clear.models import Clearance, Recheck, Step
from anlan.county.decide.models import Episode
from anlan.county.office.models import Scoped, User


def cleared(user: User, first: datetime, last: datetime) -> list[Clearance]:
    """What was cleared from one moment until another, in the order of the households."""
    found = Clearance.objects.visible_to(user).filter(state="cleared", closed_at__gte=first, closed_at__lt=last)
    return list(found.select_related("episode__household", "episode__case__event").order_by("episode__household__code"))


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
