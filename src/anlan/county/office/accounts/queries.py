"""Which log-ins there are, and how each stands."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from anlan.county import clock
from anlan.county.ledger import queries as ledger
from anlan.county.ledger.models import Entry
from anlan.county.office.models import MACHINE, Appointment, Guard, Holder, User

LINES = 50


def accounts(user: User, words: str = "", role: str = "", state: str = "") -> QuerySet[Any]:
    """The log-ins with a post, today's or a former one, within this person's divisions, in the order of names.

    Each says in `locked_until` and `bound` how the door stands, and in `posts` what it holds or held there.
    """
    posts = Appointment.objects.visible_to(user)
    today = Appointment.objects.on(clock.today()).visible_to(user)
    mine = posts.filter(user=OuterRef("pk"))
    holding = today.filter(user=OuterRef("pk"))
    found = (
        User.objects.exclude(username=MACHINE)
        .annotate(
            holds=Exists(holding),
            bound=Exists(Guard.objects.filter(user=OuterRef("pk")).exclude(secret="")),
            locked_until=Subquery(_locked().filter(user=OuterRef("pk")).values("locked_until")[:1]),
        )
        .filter(Exists(mine.filter(role=role) if role else mine))
    )
    if words:
        found = found.filter(Q(name__contains=words) | Q(username__contains=words))
    ways = {"held": Q(holds=True), "ended": Q(holds=False), "locked": Q(locked_until__isnull=False),
            "single": Q(holds=True, bound=False)}  # fmt: skip
    shown = posts.select_related("division", "department").order_by(
        F("until").desc(nulls_first=True), "since", "division_id", "role"
    )
    found = found.filter(ways[state]) if state in ways else found
    return found.prefetch_related(Prefetch("appointments", shown, to_attr="posts")).order_by("-holds", "username")


def _locked() -> QuerySet[Guard]:
    now: datetime = clock.machine()
    return Guard.objects.filter(locked_until__gt=now)


def duties(user: User) -> list[Holder]:
    """What somebody answers for today."""
    held = Holder.objects.on(clock.today()).filter(user=user)
    return list(held.select_related("duty", "division").order_by("duty_id", "division_id"))


def lines(user: User) -> QuerySet[Entry]:
    """What the ledger has of a log-in, the latest first: posts, locks, passwords, coming in."""
    return ledger.about(f"user:{user.username}").order_by("-seq")[:LINES]
