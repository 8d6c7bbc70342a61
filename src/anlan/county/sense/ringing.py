"""An alert that nobody has answered yet: it rings at the duty desk until an event is opened or a reason is given.

The program never opens an event by itself: whether a signal is meant for this county is a person's judgement. But it
wakes the person, and after the time laid down the next one too.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.dispatch.actions import Draft, enqueue
from anlan.county.errors import BadInput, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.actions import start_clocks, stop_clocks
from anlan.county.office.models import MACHINE, County, User
from anlan.county.office.permissions import check
from anlan.county.office.queries import holding
from anlan.county.sense.models import OPENING, Alert
from anlan.county.sense.queries import reaches, unanswered
from anlan.engine import policy

CLOCK = "alert"
ORANGE = 3  # from here on a telephone rings; beneath it a short message is enough
DESK, CHIEF = "sense.open", "warn.approve"  # who is woken at once, and who besides where the desk lets the time pass


class AlertAnswered(Refused):
    """Somebody has opened an event from the alert, or set it aside."""


def about(alert: Alert) -> str:
    """An alert in the words of clocks. Identifiers are senders' own and may be of any length."""
    return f"alert:{alert.pk}"


def ring(alert: Alert) -> None:
    """Put a fresh alert on the duty desk with its clock, where it is about this county and may open an event.

    Called inside the deed that takes it in. A test rings nowhere; an exercise only in a county that is one.
    """
    served = County.objects.first()
    meant = served is not None and (alert.status == "Actual" or served.synthetic)
    if served is None or not meant or alert.msg_type not in OPENING or not reaches(alert, served.division_id):
        return
    now = clock.now()
    if alert.expires_at is not None and alert.expires_at <= now:
        return
    alert.answer_by = now + _within(alert.level)
    alert.save(update_fields=["answer_by"])
    start_clocks(kind=CLOCK, things=[(about(alert), served.division_id)], unit="county", at=now, due_at=alert.answer_by)


def _within(level: int) -> timedelta:
    key = "alert_answer_high_minutes" if level >= ORANGE or not level else "alert_answer_minutes"
    return timedelta(minutes=policy.on(clock.today()).number(key))


def answer(alerts: Iterable[Alert], by: User, why: str) -> None:
    """Take alerts off the desk. Called inside the deed that answers them; one that never rang is passed over."""
    rung = [each for each in alerts if each.answer_by is not None and each.answered_at is None]
    for each in rung:
        each.answered_at, each.answered_by, each.answer = clock.now(), by, why[:120]
        each.save(update_fields=["answered_at", "answered_by", "answer"])
    stop_clocks(kind=CLOCK, abouts=[about(each) for each in rung], at=clock.now())


@transaction.atomic
def set_aside(*, alert: Alert, reason: str, by: User) -> Alert:
    """Say why no event is opened from an alert. Refused without a reason, and where it has been answered."""
    check(by, DESK)
    alert = Alert.objects.select_for_update().get(pk=alert.pk)
    if not reason.strip():
        raise BadInput(_("请写明不开启事件的理由。"))
    if alert.answered_at is not None or alert.events.exists():
        raise AlertAnswered(_("这份预警已经有人处理了。"))
    alert.answer_by = alert.answer_by or clock.now()
    answer([alert], by, reason.strip())
    record("sense.set_aside", about=f"alert:{alert.identifier}"[:80], by=by.username, reason=reason.strip()[:120])
    return alert


# --- what the worker does ------------------------------------------------------------------------------
def wake() -> int:
    """Call whoever must answer the alerts that stand on the desk, again after a while. Returns how many rang."""
    again = timedelta(minutes=policy.on(clock.today()).number("alert_again_minutes"))
    return sum(_wake(key, again) for key in _silent(again).values_list("pk", flat=True))


def _silent(again: timedelta) -> QuerySet[Alert]:
    """The unanswered alerts for which nobody was called within this time; low ones are told of once."""
    now = clock.now()
    due = Q(rung_at__isnull=True) | Q(rung_at__lte=now - again) & (Q(level=0) | Q(level__gte=ORANGE))
    return unanswered().filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now)).filter(due)


@transaction.atomic
def _wake(key: int, again: timedelta) -> bool:
    alert = _silent(again).select_for_update().filter(pk=key).first()
    if alert is None or alert.answer_by is None:
        return False
    late = clock.now() >= alert.answer_by
    people = holding(DESK, CHIEF) if late else holding(DESK)
    kinds = ("sms", "voice") if alert.level >= ORANGE or not alert.level else ("sms",)
    enqueue(drafts=_drafts(alert, people, kinds, clock.now()))
    alert.rung_at = clock.now()
    alert.save(update_fields=["rung_at"])
    record("sense.wake", about=f"alert:{alert.identifier}"[:80], by=MACHINE, late=late, called=len(people))
    return True


def _drafts(alert: Alert, people: Iterable[User], kinds: Iterable[str], now: datetime) -> Iterator[Draft]:
    """A message of each kind to everybody who has a telephone. In a synthetic county nothing is ever meant."""
    served = County.objects.get()
    body = _("收到%(headline)s，还没有人处理。请立即登录：开启事件，或者写明不开启的理由。") % {
        "headline": (alert.headline or alert.identifier)[:60]
    }
    for person in people:
        for kind in kinds:
            if person.phone:
                yield Draft(
                    key=f"alert/{alert.pk}/{kind}/{now:%d%H%M%S}/{person.username}"[:120], kind=kind,
                    address=person.phone, division_id=served.division_id, subject=alert.headline[:120], body=body,
                    priority=0, exercise=served.synthetic or alert.status != "Actual", not_after=alert.expires_at,
                )  # fmt: skip
