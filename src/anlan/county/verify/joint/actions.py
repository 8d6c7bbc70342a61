"""Calling departments together, their opinions, and the conclusion."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.errors import BadInput, NotAllowed, NotFound, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.actions import start_clocks, stop_clocks
from anlan.county.office.models import Department, Division, User
from anlan.county.office.permissions import check
from anlan.county.office.queries import county
from anlan.county.sense.models import Event
from anlan.county.verify.joint import queries
from anlan.county.verify.joint.models import Determination, Opinion
from anlan.engine import policy

SAID_LENGTH = 300


class NotForDepartments(Refused):
    """The event is of a kind that its own office determines."""


class CalledBefore(Refused):
    """Departments have been called already."""


class OpinionsMissing(Refused):
    """A conclusion before every department has spoken."""


class Concluded(Refused):
    """The determination is over."""


@transaction.atomic
def call(*, event: Event, departments: Sequence[str], by: User) -> Determination:
    """Put an event before departments; each has its own clock from now on."""
    check(by, "verify.convene")
    if not queries.needed(event):
        raise NotForDepartments(_("这起灾害由主管部门认定，不需要部门联动认定。"))
    wanted = list(Department.objects.on(clock.today()).filter(pk__in=departments).order_by("pk"))
    if len(wanted) < len(set(departments)) or len(wanted) < 2:
        raise BadInput(_("请至少选择两个现有的部门。"))
    now, place = clock.now(), county()
    made, new = Determination.objects.get_or_create(event=event, defaults={"called_at": now, "called_by": by})
    if not new:
        raise CalledBefore(_("已经召集过部门认定这起灾害。"))
    Opinion.objects.bulk_create([Opinion(determination=made, department=each) for each in wanted])
    due = now + timedelta(days=policy.on(now.date()).number("clock_opinion_days"))
    for each in wanted:
        start_clocks(kind="opinion", things=[(queries.about(event.code, each.pk), place.division_id)], unit=each.pk,
                     at=now, due_at=due, event_code=event.code)  # fmt: skip
    record("verify.call", about=queries.about(event.code), by=by.username, departments=[each.pk for each in wanted])
    return made


@transaction.atomic
def opine(*, determination: Determination, department: Department, natural: bool, said: str, by: User) -> None:
    """A department says whether nature did it, and why it thinks so. Until the conclusion it may say otherwise."""
    check(by, "verify.opine")
    if not queries.speaks_for(by, department):
        raise NotAllowed(_("您不代表这个部门。"))
    words = said.strip()
    if not words or len(words) > SAID_LENGTH:
        raise BadInput(_("请写明部门意见，不超过 300 字。"))
    event = _open(determination).event
    now = clock.now()
    held = Opinion.objects.filter(determination=determination, department=department)
    if not held.update(natural=natural, said=words, at=now, by=by):
        raise NotFound(_("没有请这个部门参加认定。"))
    stop_clocks(kind="opinion", abouts=[queries.about(event.code, department.pk)], at=now)
    record("verify.opine", about=queries.about(event.code, department.pk), by=by.username, natural=natural)


@transaction.atomic
def conclude(*, determination: Determination, natural: bool, codes: Sequence[str], minutes: str, by: User) -> None:
    """Conclude what departments said, with minutes. Concluded as nature's, households of these divisions can enter."""
    check(by, "verify.convene")
    event = _open(determination).event
    given = list(Opinion.objects.filter(determination=determination))
    if missing := [each for each in given if each.at is None]:
        raise OpinionsMissing(_("还有 %(count)d 个部门没有反馈意见，不能形成结论。") % {"count": len(missing)})
    struck = sorted(set(codes))
    if not minutes.strip():
        raise BadInput(_("请填写会议纪要：哪些部门、什么时间、各自意见、结论。"))
    if natural and (not struck or Division.objects.filter(pk__in=struck).count() < len(struck)):
        raise BadInput(_("请选择受灾的乡镇或村。"))
    Determination.objects.filter(pk=determination.pk).update(
        natural=natural, codes=struck if natural else [], minutes=minutes.strip(), concluded_at=clock.now(),
        concluded_by=by,
    )  # fmt: skip
    against = sum(each.natural is not natural for each in given)
    record("verify.conclude", about=queries.about(event.code), by=by.username, natural=natural, codes=struck,
           against=against)  # fmt: skip


def _open(determination: Determination) -> Determination:
    held = Determination.objects.select_for_update(of=("self",)).select_related("event").get(pk=determination.pk)
    if held.concluded_at is not None:
        raise Concluded(_("这起灾害已经认定完毕。"))
    return held
