"""Which departments were asked what, and who is late."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from anlan.county import clock
from anlan.county.office.models import Department, Scoped, User
from anlan.county.verify.enquiring.rules import TOPICS
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
    own = user.departments()
    return user.may("verify.match") and (not own or department in own)


def to_ask() -> list[Department]:
    """The departments that exist today."""
    return list(Department.objects.on(clock.today()).order_by("pk"))


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
