"""Drafting, approving, releasing and cancelling warnings; recording who was told."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.errors import BadInput, NotFound, Refused
from anlan.county.foresee.queries import latest
from anlan.county.ledger.actions import Line, record, record_many
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.office.queries import county
from anlan.county.registry.shelters.queries import schools_in
from anlan.county.sense.models import Event
from anlan.county.warn import queries, rules, sending, wording
from anlan.county.warn.models import Target, Warning  # noqa: A004 (the field's own word)
from anlan.county.warn.queries import Audience
from anlan.engine.audience import release as release_rules
from anlan.engine.audience import words
from anlan.engine.values.states import WrongState


class EventClosed(Refused):
    """The event is over; nobody is warned of it any more."""


class NotForeseen(Refused):
    """Without an impact run nobody knows whom to warn."""


class NotInThisState(Refused):
    """The warning has moved on, or not come so far."""


class SameHand(Refused):
    """Whoever wrote a warning does not approve it."""


class WarningExpired(Refused):
    """The warning's time is over."""


# --- from draft to approval --------------------------------------------------------------------------
@transaction.atomic
def draft(*, event: Event, by: User) -> list[Warning]:
    """Write one warning for each audience the latest run reaches, and one for the cadres.

    An audience whose warning still waits for approval or release keeps that one. Returns them in the order in
    which people are told.
    """
    _check_county(by, "warn.draft")
    event = Event.objects.select_for_update(of=("self",)).select_related("alert").get(pk=event.pk)
    _check_open(event)
    if latest(event) is None:
        raise NotForeseen(_("请先对事件 %(code)s 开展影响研判，再起草预警。") % {"code": event.code})
    reached = queries.audience(event)
    waiting = {
        each.audience: each
        for each in Warning.objects.filter(event=event, state__in=rules.WAITING, clears__isnull=True)
    }
    present = [name for name in rules.AUDIENCES if len(reached.of(name))]
    if present:
        present += [rules.CADRE, *([rules.SCHOOL] if schools_in(reached.villages()) else [])]
    drafts = [waiting.get(name) or _draft(event, name, reached, by) for name in present]
    lines = [
        Line("warn.draft", rules.about(each.code), {"event": event.code, "level": each.level})
        for each in drafts
        if each.audience not in waiting
    ]
    record_many(lines, by=by.username)
    return drafts


def _draft(event: Event, audience: str, reached: Audience, by: User) -> Warning:
    at = clock.now()
    ends = event.alert.expires_at if event.alert is not None else None
    expires_at = ends if ends is not None and ends > at else at + rules.USUAL_HOURS
    text, cancellation = wording.drafted(event, audience, queries.townships(reached.villages()), expires_at - at)
    return Warning.objects.create(
        event=event, code=_next_code(event, audience), audience=audience, level=event.level, sms=text.sms,
        voice=text.voice, cancellation=cancellation, drafted_by=by, drafted_at=at, expires_at=expires_at,
    )  # fmt: skip


def _next_code(event: Event, audience: str) -> str:
    return rules.code(event.code, audience, Warning.objects.filter(event=event, audience=audience).count() + 1)


@transaction.atomic
def all_clear(*, warning: Warning, by: User) -> Warning:
    """Write the words with which a red or orange warning's danger is said to be over; another person approves them.

    They go out as any other warning does, to everybody who was told, and never by themselves.
    """
    _check_county(by, "warn.draft")
    warning = Warning.objects.select_for_update(of=("self",)).select_related("event").get(pk=warning.pk)
    if warning.level in release_rules.QUIET_LEVELS:
        raise NotInThisState(
            _("蓝色、黄色预警 %(code)s 到期自行失效，不另发解除；要提前收回请取消它。") % {"code": warning.code}
        )
    if warning.released_at is None or not rules.clearable(
        warning.state, warning.level, all_clear=warning.clears_id is not None
    ):
        state = rules.STATES[warning.state]
        raise NotInThisState(_("预警 %(code)s %(state)s，不能解除。") % {"code": warning.code, "state": state})
    if there := warning.all_clears.filter(state__in=rules.WAITING).first():
        raise NotInThisState(_("解除 %(code)s 已经起草，请办理那一份。") % {"code": there.code})
    text, at = wording.over(warning, queries.townships(queries.villages_told(warning))), clock.now()
    drafted = Warning.objects.create(
        event=warning.event, code=_next_code(warning.event, warning.audience), audience=warning.audience,
        level=warning.level, sms=text.sms, voice=text.voice, clears=warning, drafted_by=by, drafted_at=at,
        expires_at=at + rules.USUAL_HOURS,
    )  # fmt: skip
    record("warn.all_clear", about=rules.about(drafted.code), by=by.username, clears=warning.code)
    return drafted


@transaction.atomic
def edit(*, warning: Warning, sms: str, voice: str, by: User) -> Warning:
    """Change a warning's words. Whoever does has written it, so an approval given before is void."""
    _check_county(by, "warn.draft")
    sms, voice = sms.strip(), voice.strip()
    if not sms or not voice:
        raise BadInput(_("短信和语音文字都要填写。"))
    if words.units(sms) > words.SMS_UNITS:
        raise BadInput(_("短信有 %(count)d 个字，最多 70 个。") % {"count": words.units(sms)})
    if unfit := words.unfit(sms + voice):
        raise BadInput(_("预警里不能出现“%(word)s”，那会暴露农户的情况。") % {"word": unfit[0]})
    warning = _moved(warning, "draft")
    warning.sms, warning.voice, warning.drafted_by = sms, voice, by
    warning.edited = True
    _unapproved(warning)
    warning.save()
    record("warn.edit", about=rules.about(warning.code), by=by.username, units=words.units(sms))
    return warning


@transaction.atomic
def approve(*, warning: Warning, by: User) -> Warning:
    """Let a warning go out. Not by the one who wrote it, and not after its time."""
    _check_county(by, "warn.approve")
    warning = _moved(warning, "approved")
    if warning.drafted_by_id == by.pk:
        raise SameHand(_("起草人不能批准自己起草的预警，请由另一人批准。"))
    _check_timely(warning)
    warning.approved_by, warning.approved_at = by, clock.now()
    warning.save()
    record("warn.approve", about=rules.about(warning.code), by=by.username, level=warning.level)
    return warning


@transaction.atomic
def send_back(*, warning: Warning, reason: str, by: User) -> Warning:
    """Return a warning to whoever wrote it, for a reason of the list in rules.py."""
    _check_county(by, "warn.approve")
    if reason not in rules.RETURNS:
        raise BadInput(_("请从列表中选择退回的理由。"))
    warning = _moved(warning, "returned")
    _unapproved(warning)
    warning.save()
    record("warn.send_back", about=rules.about(warning.code), by=by.username, reason=reason)
    return warning


# --- out to the people ---------------------------------------------------------------------------------
@transaction.atomic
def release(*, warning: Warning, by: User) -> Warning:
    """Send an approved warning to every household of its audience in the latest run, urgent ones first.

    Blue and yellow wait for the morning (`held`) where they would wake people who are in no danger; the worker then
    sends them.
    A household without a phone becomes a target too: it stays in the denominator until somebody has told it. The
    messages leave after this deed has committed.
    """
    _check_county(by, "warn.release")
    warning = _moved(warning, "released")
    _check_timely(warning)
    if warning.clears is not None:
        return _end(warning, warning.clears, by)
    _check_open(warning.event)
    if (until := sending.quiet_until(warning)) is None:
        sending.send(warning, by.username)
    elif until >= warning.expires_at:
        raise WarningExpired(
            _("安静时段内不向一般农户发送，而预警 %(code)s 在 %(hour)d 时前失效：请取消它，或重新起草。")
            % {"code": warning.code, "hour": timezone.localtime(until).hour}
        )
    else:
        sending.hold(warning, until, by.username)
    return warning


def _end(warning: Warning, over: Warning, by: User) -> Warning:
    """Tell everybody who was told that it is over, and turn to nobody any more."""
    over = _moved(over, "cleared")
    over.save(update_fields=["state"])
    sending.send(warning, by.username)
    record("warn.clear", about=rules.about(over.code), by=by.username, by_warning=warning.code)
    return warning


@transaction.atomic
def cancel(*, warning: Warning, reason: str, by: User) -> Warning:
    """Take a warning back, and every message of it that has not left yet; whoever got it is told so."""
    _check_county(by, "warn.cancel")
    reason = reason.strip()
    if not 0 < len(reason) <= 120:
        raise BadInput(_("请写明取消的理由，不超过 120 字。"))
    said = warning.state == "released" and warning.clears_id is not None
    warning = _moved(warning, "cancelled")
    if said:
        raise NotInThisState(
            _("解除 %(code)s 已经发出，不能取消；如又有危险，请重新起草预警。") % {"code": warning.code}
        )
    caught, told = sending.take_back(warning)
    warning.cancelled_at, warning.cancel_reason, warning.hold_until = clock.now(), reason, None
    warning.save()
    record("warn.cancel", about=rules.about(warning.code), by=by.username, messages=caught, told=told)
    return warning


@transaction.atomic
def expire(*, by: User) -> int:
    """End warnings whose time is over. Returns how many."""
    _check_county(by, "warn.cancel")
    over = list(queries.overdue(clock.now()))
    Warning.objects.filter(pk__in=[each.pk for each in over]).update(state="expired")
    sending.off_the_ladder(over)
    return record_many([Line("warn.expire", rules.about(each.code)) for each in over], by=by.username)


@transaction.atomic
def acknowledge(*, acks: Sequence[tuple[int, datetime]], how: str, by: User, place: str = "") -> int:
    """Note that households know: (target id, when), by their own reply, by a key they pressed, by their page, or by a
    cadre who told them, `place` saying where. The first counts, and ends the household's ladder.

    A cadre's word is kept household by household, so that it can be checked. Returns how many were new.
    """
    if how not in rules.ACKNOWLEDGED_HOW:
        raise BadInput(_("没有“%(how)s”这种回执方式。") % {"how": how})
    told: dict[int, datetime] = {}
    for target, at in acks:
        told[target] = min(at, told.get(target, at))
    fresh = _unacknowledged(told, by)
    rows = ((told[key], how, by.username, place.strip()[:60], key) for key, _code, _warning in fresh)
    bulk.update(Target, ("acknowledged_at", "acknowledged_how", "acknowledged_by", "acknowledged_place"), rows)
    if how == "cadre":
        lines = [Line("warn.acknowledge", f"household:{code}", {"warning": warning, "how": how})
                 for _key, code, warning in fresh]  # fmt: skip
    else:
        counts: dict[str, int] = {}
        for _key, _code, warning in fresh:
            counts[warning] = counts.get(warning, 0) + 1
        lines = [Line("warn.acknowledge", rules.about(warning), {"how": how, "count": count})
                 for warning, count in sorted(counts.items())]  # fmt: skip
    record_many(lines, by=by.username)
    return len(fresh)


def _unacknowledged(told: dict[int, datetime], by: User) -> list[tuple[int, str, str]]:
    """Target, household and warning of those nobody has acknowledged, in the order of household codes."""
    columns = ("id", "household__code", "warning__code", "household__division_id", "acknowledged_at")
    found = list(Target.objects.filter(pk__among=list(told)).values_list(*columns))
    if len(found) < len(told):
        raise NotFound(_("有 %(count)d 户不在预警名单中。") % {"count": len(told) - len(found)})
    for division in sorted({row[3] for row in found}):
        check(by, "warn.acknowledge", division)
    return sorted(((row[0], row[1], row[2]) for row in found if row[4] is None), key=lambda row: (row[1], row[2]))


def _unapproved(warning: Warning) -> None:
    """What a person or the rules allowed before holds no more; the first approver is asked again."""
    warning.approved_by = warning.approved_at = warning.green_at = warning.hold_until = None
    warning.asked = warning.asked_at = None


# --- shared ----------------------------------------------------------------------------------------------
def _check_county(by: User, permission: str) -> None:
    check(by, permission, county().division_id)


def _check_open(event: Event) -> None:
    if event.closed_at is not None:
        raise EventClosed(_("事件 %(code)s 已结束，不能再发预警。") % {"code": event.code})


def _check_timely(warning: Warning) -> None:
    if warning.expires_at <= clock.now():
        raise WarningExpired(_("预警 %(code)s 已过有效期，请重新起草。") % {"code": warning.code})


def _moved(warning: Warning, after: str) -> Warning:
    """The warning as it stands now, locked, in its new state; not yet saved."""
    fresh = (
        Warning.objects.select_for_update(of=("self",))
        .select_related("event", "drafted_by", "clears")
        .get(pk=warning.pk)
    )
    try:
        rules.MACHINE.check(fresh.state, after)
    except WrongState as error:
        state = rules.STATES[fresh.state]
        raise NotInThisState(
            _("预警 %(code)s %(state)s，不能这样做。") % {"code": fresh.code, "state": state}
        ) from error
    fresh.state = after
    return fresh
