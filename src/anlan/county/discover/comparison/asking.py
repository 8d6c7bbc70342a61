"""An event asks the departments that the plan names for their lists, each by its own clock, unprompted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.discover.comparison.sources import DataSource, sources
from anlan.county.discover.models import Batch, ListRequest
from anlan.county.errors import NotAllowed, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.actions import start_clocks, stop_clocks
from anlan.county.office.models import Department, Duty, Scoped, User
from anlan.county.office.permissions import check
from anlan.county.office.queries import county
from anlan.county.sense.models import Event
from anlan.county.sense.queries import open_events
from anlan.engine import policy

DUTIES = ("screen", "determine")  # by these the plan names who has lists, and who knows what was struck
KIND = "event_list"


class AnsweredBefore(Refused):
    """The list has come already, or somebody said that there is nobody to name."""


def about(request: ListRequest) -> str:
    """A request in the words of clocks and the ledger."""
    return f"list:{request.event.code}/{request.source}"


def named() -> list[DataSource]:
    """The lists of the departments that the plan names, in the order of their keys."""
    today = Department.objects.on(clock.today())
    duties = Duty.objects.filter(key__in=DUTIES).prefetch_related("supporting")
    plan = {each.lead_id for each in duties} | {each.pk for duty in duties for each in duty.supporting.all()}
    standing = set(today.filter(pk__in=plan).values_list("pk", flat=True))
    return [each for each in sources().values() if each.department in standing]


def unasked() -> list[Event]:
    """Open events for which nobody has been asked yet."""
    return [each for each in open_events() if not each.requests.exists()]


@transaction.atomic
def ask(*, event: Event, by: User) -> int:
    """Ask for every list that the plan names, each once an event. Returns how many were not asked for before.

    A list that came before it was asked for is the answer.
    """
    check(by, "discover.screen")
    Event.objects.select_for_update().get(pk=event.pk)
    asked = set(ListRequest.objects.filter(event=event).values_list("source", flat=True))
    wanted = [each for each in named() if each.key not in asked]
    now, place = clock.now(), county().division_id
    due_at = now + timedelta(days=policy.on(clock.today()).number("clock_event_list_days"))
    for each in wanted:
        made = ListRequest.objects.create(
            event=event, source=each.key, department_id=each.department, division_id=place, asked_at=now, due_at=due_at
        )
        start_clocks(kind=KIND, things=[(about(made), place)], unit=each.department, at=now, due_at=due_at,
                     event_code=event.code)  # fmt: skip
        came = Batch.objects.filter(event=event, source=each.key).order_by("received_at", "pk").first()
        if came is not None:
            answered(came)
    if wanted:
        record("discover.ask_lists", about=f"event:{event.code}", by=by.username, lists=[each.key for each in wanted])
    return len(wanted)


def answered(batch: Batch) -> None:
    """A list has come: whoever was asked for it has answered. Called inside the deed that took it in."""
    for each in ListRequest.objects.filter(event=batch.event, source=batch.source, answered_at__isnull=True):
        _answer(each, batch.by, batch)


@transaction.atomic
def nobody(*, request: ListRequest, by: User) -> ListRequest:
    """A department says that it has nobody to name."""
    check(by, "discover.screen")
    held = ListRequest.objects.select_for_update(of=("self",)).select_related("event").get(pk=request.pk)
    if not by.speaks_for(held.department_id):
        raise NotAllowed(_("您不代表这个部门。"))
    if held.answered_at is not None:
        raise AnsweredBefore(_("这份名单已经报送过，或已经回复没有。"))
    _answer(held, by, None)
    record("discover.answer_list", about=about(held), by=by.username, nobody=True)
    return held


def _answer(request: ListRequest, by: User, batch: Batch | None) -> None:
    request.answered_at, request.answered_by, request.batch = clock.now(), by, batch
    request.save(update_fields=["answered_at", "answered_by", "batch"])
    stop_clocks(kind=KIND, abouts=[about(request)], at=request.answered_at)


def requests(user: User) -> Scoped[ListRequest]:
    """What was asked within this person's divisions, of their own department if they have one: first what is open.

    A department that leads such a duty of the plan answers for all of it, and sees what others were asked. What is
    left unanswered stays when the event is closed: harm shows late.
    """
    owed = Q(event__closed_at__isnull=True) | Q(answered_at__isnull=True)
    found = ListRequest.objects.visible_to(user).filter(owed)
    own = user.departments()
    if own and not Duty.objects.filter(key__in=DUTIES, lead__in=own).exists():
        found = found.filter(department__in=own)
    return found.select_related("event", "department", "batch", "answered_by").order_by(
        "-event__opened_at", F("answered_at").asc(nulls_first=True), "due_at", "source"
    )


def waiting(user: User) -> int:
    """How many lists this person's departments have been asked for and not handed in."""
    own = user.departments()
    found = requests(user).filter(answered_at__isnull=True)
    return (found.filter(department__in=own) if own else found).count()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request on a page: its list, whether it was or is late, and whether this person may answer it."""

    request: ListRequest
    title: str
    late: bool
    mine: bool


def shown(found: Iterable[ListRequest], user: User) -> list[Asked]:
    """Requests as a page shows them."""
    now, may = clock.now(), user.may("discover.screen")
    return [
        Asked(
            each, sources()[each.source].title, (each.answered_at or now) > each.due_at,
            may and each.answered_at is None and user.speaks_for(each.department_id),
        )
        for each in found
        if each.source in sources()
    ]  # fmt: skip
