"""A warning on its way: held back until its moment, sent, or taken back from those it reached."""

from datetime import datetime, timedelta

from django.utils import timezone

from anlan.county import bulk, clock
from anlan.county.dispatch.actions import cancel as cancel_messages
from anlan.county.dispatch.actions import enqueue
from anlan.county.dispatch.models import Message
from anlan.county.ledger.actions import record
from anlan.county.warn import messages, queries, rules
from anlan.county.warn.models import Target, Warning  # noqa: A004 (the field's own word)
from anlan.county.warn.queries import Audience
from anlan.engine import policy
from anlan.engine.audience import ladder, release

TARGET = (
    "warning_id", "household_id", "tier", "group", "message_id", "rung", "next_at", "acknowledged_at",
    "acknowledged_how", "acknowledged_by", "acknowledged_place",
)  # fmt: skip


def quiet_until(warning: Warning) -> datetime | None:
    """When a warning may go out that would wake people for little; None where it goes at once."""
    tier = rules.AUDIENCES.index(warning.audience) if warning.audience in rules.AUDIENCES else 0
    laid_down = release.rules(policy.on(clock.today()))
    return release.quiet_until(warning.level, tier, timezone.localtime(clock.now()), laid_down)


def hold(warning: Warning, until: datetime, by: str) -> None:
    """Let a warning wait for its moment. The worker sends it then."""
    warning.state, warning.hold_until = "held", until
    warning.save()
    record("warn.hold", about=rules.about(warning.code), by=by, until=until.isoformat())


def send(warning: Warning, by: str) -> None:
    """Queue a warning's messages, make its households targets, and start the ladder where its level has one."""
    if warning.clears is not None:
        targeted, numbers = 0, _say_it_is_over(warning, warning.clears)
    elif warning.audience == rules.CADRE:
        targeted = 0
        numbers = enqueue(drafts=messages.to_cadres(warning, queries.audience(warning.event)))
    elif warning.audience == rules.SCHOOL:
        targeted = 0
        numbers = enqueue(drafts=messages.to_schools(warning, queries.audience(warning.event).villages()))
    else:
        reached = queries.audience(warning.event, warning.audience)
        targeted = len(reached)
        numbers = enqueue(drafts=messages.to_households(warning, reached))
        _target(warning, reached, numbers)
    warning.state, warning.released_at, warning.hold_until = "released", clock.now(), None
    warning.save()
    record("warn.release", about=rules.about(warning.code), by=by, targets=targeted, messages=len(numbers),
           expires_at=warning.expires_at.isoformat())  # fmt: skip


def _say_it_is_over(warning: Warning, over: Warning) -> dict[str, int]:
    """Stop what has not left of the warning that is over, and tell everybody whose message has."""
    off_the_ladder([over])
    sent = Message.objects.filter(key__startswith=f"{over.code}/", handed_at__isnull=True)
    cancel_messages(keys=list(sent.values_list("key", flat=True)))
    gone = queries.told(over).filter(handed_at__isnull=False).order_by("priority", "id")
    return enqueue(drafts=messages.all_clears(warning, over, gone))


def _target(warning: Warning, reached: Audience, numbers: dict[str, int]) -> None:
    steps = ladder.ladder(policy.on(clock.today()), warning.level)
    after = steps.following(0) if steps else None
    due = clock.now() + after if after is not None else None
    rows = (reached.id.tolist(), reached.code.tolist(), reached.tier.tolist(), reached.group.tolist())
    bulk.insert(
        Target,
        TARGET,
        (
            (warning.pk, key, tier, group, numbers.get(messages.key(warning, "sms", code)), 0, due, None, "", "", "")
            for key, code, tier, group in zip(*rows, strict=True)
        ),
    )


def off_the_ladder(warnings: list[Warning]) -> None:
    """Nobody is turned to any more for warnings that have ended; their timers must not be looked at for ever."""
    Target.objects.filter(warning__in=warnings, next_at__isnull=False).update(next_at=None)


def take_back(warning: Warning) -> tuple[int, int]:
    """Stop what has not left, and tell those whose message has. Returns how many of each."""
    off_the_ladder([warning])
    sent = Message.objects.filter(key__startswith=f"{warning.code}/")
    caught = cancel_messages(keys=list(sent.filter(handed_at__isnull=True).values_list("key", flat=True)))
    if not warning.cancellation:
        return caught, 0
    gone = sent.filter(handed_at__isnull=False, kind__in=("sms", "loudspeaker")).order_by("priority", "id")
    told = enqueue(drafts=messages.cancellations(warning, gone, clock.now() + rules.USUAL_HOURS))
    return caught, len(told)


def repeated(warning: Warning, within: timedelta) -> bool:
    """Whether the same words went to the same audience of the same event a short while ago."""
    since = clock.now() - within
    alike = Warning.objects.filter(event=warning.event, audience=warning.audience, sms=warning.sms)
    return alike.filter(released_at__gt=since).exclude(pk=warning.pk).exists()
