"""Which departments were asked what, and who is late."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from anlan.county import clock
from anlan.county.office.models import Department, Duty, Scoped, User
from anlan.county.office.queries import appointed
from anlan.county.sense.models import SCREENING
from anlan.county.verify import queries as verify
from anlan.county.verify.enquiring.rules import DUTY, KEPT, TOPICS
from anlan.county.verify.models import Enquiry

STATES = ("open", "late", "answered")


def enquiries(user: User, state: str = "open") -> Scoped[Enquiry]:
    """Enquiries within this person's divisions, of their own department if they have one, the earliest due first."""
    found = Enquiry.objects.visible_to(user)
    if own := user.departments():
        found = found.filter(Q(department__in=own) | Q(asked_by=user))
    if state == "answered":
        found = found.filter(answered_at__isnull=False).order_by("-answered_at", "-id")
    else:
        found = found.filter(answered_at__isnull=True).order_by("due_at", "id")
    if state == "late":
        found = found.filter(due_at__lt=clock.now())
    return found.select_related(
        "finding__lead__event", "finding__lead__household__division", "department", "asked_by", "answered_by"
    )


def speaks_for(user: User, department: str) -> bool:
    """Whether somebody may answer for a department."""
    return user.may("verify.match") and user.speaks_for(department)


def to_ask() -> list[Department]:
    """The departments that exist today."""
    return list(Department.objects.on(clock.today()).order_by("pk"))


def asked_by_itself() -> dict[str, tuple[str, ...]]:
    """Whom the program asks of itself, and about what: who supports the plan's checks and has somebody to answer."""
    duty = Duty.objects.filter(pk=DUTY).prefetch_related("supporting")
    named = {each.pk for one in duty for each in one.supporting.all()} & set(KEPT)
    there = set(appointed("verify.match").filter(department__in=named).values_list("department_id", flat=True))
    return {key: KEPT[key] for key in sorted(there)}


def unasked(user: User, department: str) -> list[int]:
    """Findings (by id) of open events that this department was not asked about since they were made."""
    since = Enquiry.objects.filter(finding=OuterRef("pk"), department=department, asked_at__gte=OuterRef("made_at"))
    every: QuerySet[Any] = verify.to_match(user)
    found = every.filter(~Exists(since), consented=True, lead__event__closed_at__isnull=True)
    return list(found.exclude(lead__event__hazard=SCREENING).values_list("id", flat=True))


def unanswered(findings: Iterable[int]) -> dict[int, int]:
    """How many departments have not answered yet, by finding; those with none are left out."""
    waiting = Enquiry.objects.filter(finding__among=list(findings), answered_at__isnull=True)
    return Counter(waiting.values_list("finding_id", flat=True))


@dataclass(frozen=True, slots=True)
class Shown:
    """An enquiry on a page: its topics in words, whether it is late, and whether this person may answer it."""

    enquiry: Enquiry
    topics: str
    late: bool
    mine: bool


def shown(found: Iterable[Enquiry], user: User) -> list[Shown]:
    """Enquiries as a page shows them."""
    now = clock.now()
    return [Shown(each, words(each.topics), _late(each, now), _mine(each, user)) for each in found]


def words(topics: Iterable[str]) -> str:
    """Topics in a line."""
    return "、".join(str(TOPICS.get(topic, topic)) for topic in topics)


def _late(enquiry: Enquiry, now: datetime) -> bool:
    return (enquiry.answered_at or now) > enquiry.due_at


def _mine(enquiry: Enquiry, user: User) -> bool:
    division = enquiry.finding.lead.household.division_id
    return (
        enquiry.answered_at is None and user.may("verify.match", division) and speaks_for(user, enquiry.department_id)
    )
