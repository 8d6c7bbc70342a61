"""The green channel: what may go out by itself does, the rest asks one approver after the other. Never silently sent.

Key groups, danger zones and cadres are told at once; the whole population after the time in which the duty officer,
who is called at the same moment, may still say no.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.dispatch.actions import enqueue
from anlan.county.ledger.actions import record
from anlan.county.office.models import User
from anlan.county.office.queries import county, holding, machine
from anlan.county.sense.models import Event
from anlan.county.warn import actions, messages, queries, rules, sending
from anlan.county.warn.models import Warning  # noqa: A004 (the field's own word)
from anlan.engine import policy
from anlan.engine.audience import release
from anlan.engine.values.divisions import contains

VETOED = "general"  # the audience that waits for the time of the veto


def judge(warning: Warning, recipients: int) -> tuple[str, ...]:
    """Why a drafted warning may not go out by itself; empty where it may. `recipients`: of all of the event's."""
    laid_down = release.rules(policy.on(clock.today()))
    event, alert = warning.event, warning.event.alert
    rehearsal = event.exercise or county().synthetic
    onset = alert.onset_at if alert is not None else None
    case = release.Case(
        trusted=alert is not None and alert.verdict == "accepted"
        and (rehearsal or alert.sender in laid_down.senders),
        actual=alert is not None and alert.status == "Actual",
        all_clear=alert is not None and alert.msg_type == "Cancel",
        level=warning.level, hazard=event.hazard,
        onset_hours=None if onset is None else (onset - clock.now()).total_seconds() / 3600,
        edited=warning.edited,
        inside=bool(event.codes) and all(contains(county().division_id, code) for code in event.codes),
        recipients=recipients, repeated=sending.repeated(warning, laid_down.repeat), rehearsal=rehearsal,
    )  # fmt: skip
    return release.objections(case, laid_down)


@transaction.atomic
def run(*, event: Event) -> list[Warning]:
    """Draft an event's warnings and let go what the rules let go. Returns those that are out or held for the veto."""
    by = machine()
    drafts = actions.draft(event=event, by=by)
    recipients = len(queries.audience(event)) if drafts else 0
    gone = []
    for each in drafts:
        warning = Warning.objects.select_for_update(of=("self",)).select_related("event__alert").get(pk=each.pk)
        if warning.state != "draft":
            continue
        warning.objections = list(judge(warning, recipients))
        if warning.objections:
            warning.save(update_fields=["objections"])
            continue
        _let_go(warning, by)
        gone.append(warning)
    if gone:
        _call_desk(gone[0])
    return gone


def _let_go(warning: Warning, by: User) -> None:
    warning.green_at = clock.now()
    record("warn.green", about=rules.about(warning.code), by=by.username, level=warning.level)
    if warning.audience == VETOED:
        veto = release.rules(policy.on(clock.today())).veto
        sending.hold(warning, clock.now() + veto, by.username)
    else:
        sending.send(warning, by.username)


def _call_desk(warning: Warning) -> None:
    """The duty officers' telephones ring at the moment the green channel lets something go."""
    body = _("%(title)s：绿色通道已自动发布重点户和村干部预警，其余农户稍后发布。如有误，请立即登录取消。") % {
        "title": warning.event.title[:40]
    }
    enqueue(drafts=messages.to_desk(warning, holding("warn.release"), "voice", body))


# --- what the worker does ------------------------------------------------------------------------------
def go_green() -> int:
    """Draft for open events that nobody has drafted for yet, and let go what may. Returns how many events."""
    fresh = Event.objects.filter(closed_at__isnull=True, alert__isnull=False, level__gte=release.ORANGE,
                                 warnings__isnull=True, runs__isnull=False).distinct()  # fmt: skip
    found = list(fresh)
    for event in found:
        run(event=event)
    return Warning.objects.filter(event__in=found).values("event").distinct().count()  # one may reach nobody


def release_held() -> int:
    """Send what was held back and whose moment has come. Returns how many warnings."""
    return sum(_release_held(key) for key in _held().values_list("id", flat=True))


def _held() -> QuerySet[Warning]:
    now = clock.now()
    return Warning.objects.filter(
        state="held", hold_until__lte=now, expires_at__gt=now, event__closed_at__isnull=True
    ).order_by("hold_until", "id")


@transaction.atomic
def _release_held(key: int) -> bool:
    """The warning may have been vetoed since it was looked up, so it is looked at again under its lock."""
    warning = _held().select_for_update(of=("self",)).select_related("event").filter(pk=key).first()
    if warning is None:
        return False
    sending.send(warning, machine().username)
    return True


def ask_next() -> int:
    """Turn to the first approver for what waits, and to the next where one has let the time pass. Returns how many."""
    now = clock.now()
    over = now - release.rules(policy.on(clock.today())).ask
    waiting = Warning.objects.filter(state="draft", expires_at__gt=now, event__closed_at__isnull=True).filter(
        Q(asked_at__isnull=True) | Q(asked_at__lte=over)
    )
    keys = list(waiting.order_by("drafted_at", "id").values_list("id", flat=True))
    return sum(_ask(key, over) for key in keys)


@transaction.atomic
def _ask(key: int, over: datetime) -> bool:
    warning = Warning.objects.select_for_update(of=("self",)).select_related("event", "asked").get(pk=key)
    if warning.state != "draft" or (warning.asked_at is not None and warning.asked_at > over):
        return False
    approvers = [each for each in holding("warn.approve") if each.pk != warning.drafted_by_id]
    if not approvers:
        return False
    names = [each.username for each in approvers]
    last = warning.asked.username if warning.asked else ""
    place = names.index(last) + 1 if last in names else 0
    person = approvers[place % len(approvers)]
    warning.asked, warning.asked_at = person, clock.now()
    warning.save(update_fields=["asked", "asked_at"])
    body = _("%(title)s：有预警等您批准，请登录办理；逾时将转请下一位。") % {"title": warning.event.title[:30]}
    enqueue(drafts=messages.to_desk(warning, [person], "sms.ask", body))
    record("warn.ask", about=rules.about(warning.code), by=machine().username, asked=person.username)
    return True
