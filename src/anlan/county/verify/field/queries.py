"""Questions about phones, about what they handed in, and about what somebody must choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.discover import rules as leads
from anlan.county.discover.models import Lead
from anlan.county.office.models import Appointment, Scoped, User
from anlan.county.registry.models import Household
from anlan.county.verify import causes, rules
from anlan.county.verify.causes import DETAILS, LOSS
from anlan.county.verify.field.merging import flat
from anlan.county.verify.field.rules import FAR_M, FLAGS, OUTCOME
from anlan.county.verify.models import Device, Finding, Photo, Submission, Visit
from anlan.engine.values.ground import apart_m


def held(user: User) -> Scoped[Submission]:
    """What waits for a choice within this person's divisions, the oldest first."""
    found = Submission.objects.visible_to(user).filter(state="held")
    return found.select_related("event", "household__division", "by", "visit").order_by("received_at", "id")


def submissions(user: User) -> Scoped[Submission]:
    """What phones handed in within this person's divisions."""
    found = Submission.objects.visible_to(user)
    return found.select_related("event", "household__division", "by", "visit", "settled_by")


def unexplained(user: User) -> Scoped[Submission]:
    """Records made far from the house for which nobody has said why, the oldest first."""
    beyond = Submission.objects.visible_to(user).filter(distance_m__gt=F("accuracy_m") + FAR_M, explained="")
    return beyond.select_related("event", "household__division", "by", "visit").order_by("received_at", "id")


def photos(user: User) -> Scoped[Photo]:
    """The photographs this person may look at."""
    return Photo.objects.visible_to(user).select_related("submission")


def photo_name(submission: Submission | str, number: int) -> str:
    """The name a photograph's file has."""
    return f"{submission}-{number}"


def devices(user: User) -> QuerySet[Device]:
    """A person's own phones; for who may revoke others' those of everybody appointed in their divisions, too."""
    mine = Q(user=user)
    if user.may("verify.settle"):
        staff = Appointment.objects.on(clock.today()).visible_to(user)
        mine |= Q(user__in=staff.values("user"))
    return Device.objects.filter(mine).select_related("user", "revoked_by")


def revoked(device: str, user: User) -> bool:
    """Whether this phone may no longer be used by this person."""
    return Device.objects.filter(uuid=device, user=user, revoked_at__isnull=False).exists()


def outcome_of(lead: Lead | None) -> str:
    """What visits or the township have made of a lead so far; empty while it is still to be found out."""
    if lead is None:
        return ""
    return "harmed" if lead.state == "found" else lead.outcome if lead.state in leads.OVER else ""


def finding_of(lead: Lead | None) -> Finding | None:
    """The finding of a lead, if there is one."""
    return None if lead is None else Finding.objects.filter(lead=lead).first()


def standing(submission: Submission) -> dict[str, Any]:
    """What stands now in the fields on which a submission differs."""
    lead = Lead.objects.filter(event=submission.event, household=submission.household).first()
    finding = finding_of(lead)
    values: dict[str, Any] = flat(finding) if finding else {}
    values[OUTCOME] = outcome_of(lead)
    return {each["field"]: values.get(each["field"], "") for each in submission.conflicts}


@dataclass(frozen=True, slots=True)
class Choice:
    """One field on which two accounts differ, in words."""

    field: str
    title: str
    base: str
    now: str
    sent: str


def choices(submission: Submission) -> list[Choice]:
    """What an official has to choose between: what both began with, what stands now, what the phone sent."""
    now = standing(submission)
    return [
        Choice(field, title_of(field), *(word_of(field, value) for value in (each["base"], now[field], each["sent"])))
        for each in submission.conflicts
        for field in (each["field"],)
    ]


def title_of(field: str) -> str:
    """A field's name on the page."""
    names: Mapping[str, Any] = {
        OUTCOME: _("入户结果"), "income_per_head_yuan": _("预计人均纯收入（元）"),
        "rigid_per_head_yuan": _("人均刚性支出（元）"), "home_grade": _("房屋鉴定等级"), **rules.AXES,
        **{name: detail.title for name, detail in DETAILS.items()},
        **{LOSS + kind: _("%(kind)s损失（元）") % {"kind": title} for kind, title in rules.LOSSES.items()},
    }  # fmt: skip
    return str(names[field])


def word_of(field: str, value: Any) -> str:
    """A field's value on the page."""
    if value in ("", None):
        return _("未登记")
    if isinstance(value, bool):
        return _("没有问题") if value else _("有问题")
    if field in DETAILS:
        return causes.word(field, value)
    if field == OUTCOME:
        return str(leads.OUTCOMES.get(value, rules.OUTCOMES.get(value, value)))
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)


@dataclass(frozen=True, slots=True)
class Picture:
    """A photograph beside its visit: when it was taken, and how far from the house."""

    photo: Photo
    distance_m: float | None


@dataclass(frozen=True, slots=True)
class Look:
    """One visit with its evidence: what the phone said of place and time, and its photographs."""

    visit: Visit
    submission: Submission | None
    flags: list[str]
    pictures: list[Picture]


def looks(lead: Lead) -> list[Look]:
    """Every visit of a lead with its evidence, the oldest first, in three queries."""
    handed_in = {
        each.visit_id: each
        for each in Submission.objects.filter(visit__lead=lead).prefetch_related(
            Prefetch("photos", Photo.objects.all())
        )
    }
    return [
        _look(visit, handed_in.get(visit.pk), lead.household)
        for visit in Visit.objects.filter(lead=lead).select_related("by").order_by("at", "id")
    ]


def _look(visit: Visit, submission: Submission | None, home: Household) -> Look:
    if submission is None:
        return Look(visit, None, [], [])
    pictures = [Picture(each, apart_m(each.lon, each.lat, home.lon, home.lat)) for each in submission.photos.all()]
    return Look(visit, submission, flags_of(submission), pictures)


def flags_of(submission: Submission) -> list[str]:
    """What hangs on a submission, in words."""
    return [str(FLAGS[flag]) for flag in submission.flags]
