"""Recording visits and what was found; comparing findings with the departments' data."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, time, timedelta
from math import inf, isfinite
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.discover import queries as discover
from anlan.county.discover import rules as leads
from anlan.county.discover.actions import settle
from anlan.county.discover.models import Lead
from anlan.county.discover.queries import Settled, Standing
from anlan.county.errors import BadInput, NotFound, Refused
from anlan.county.foresee import actions as foresee
from anlan.county.foresee.models import Lesson
from anlan.county.ledger.actions import Line, record_many
from anlan.county.office.actions import start_clocks_each, stop_clocks
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.sense.models import Event
from anlan.county.verify import causes, queries, rules
from anlan.county.verify.enquiring import queries as enquiring
from anlan.county.verify.models import Finding, Visit
from anlan.engine import policy
from anlan.engine.values.states import WrongState

VISIT = ("id", "lead_id", "uuid", "at", "by_id", "outcome", "consent", "note", "again_on", "why")
NOTE_LENGTH = 300


class LeadOver(Refused):
    """The lead has been closed or dismissed; a new report opens it again."""


class NumberTaken(Refused):
    """Another household's visit has this uuid: passed over, what was seen at this door would be lost."""


class AlreadyMatched(Refused):
    """The finding has been compared already."""


class EnquiriesOpen(Refused):
    """A department that was asked about the household has not answered yet."""


class ConsentMissing(Refused):
    """Without the household's signed consent nobody may look into its data."""


@dataclass(frozen=True, slots=True)
class FindingReport:
    """What was found at a harmed household; the names are those of the model."""

    income_per_head_yuan: float
    losses_yuan: Mapping[str, float] = field(default_factory=dict)
    rigid_per_head_yuan: float = 0.0
    food_secured: bool = True
    clothing_secured: bool = True
    schooling_secured: bool = True
    medical_secured: bool = True
    home_safe: bool = True
    water_safe: bool = True
    home_grade: str = ""
    details: Mapping[str, float | str] = field(default_factory=dict)  # by the keys of causes.DETAILS


@dataclass(frozen=True, slots=True)
class VisitReport:
    """One time someone stood at a door. `uuid` is made where the form is, so sending it twice stores it once."""

    uuid: str
    lead_id: int
    visitor_id: int
    at: datetime
    outcome: str  # harmed, unharmed, absent, moved
    consent: bool = False
    note: str = ""
    again_on: date | None = None
    finding: FindingReport | None = None
    why: str = ""  # nobody was met: a key of rules.ABSENCES


FOUND = tuple(each.name for each in fields(FindingReport))
FINDING = ("lead_id", "visit_id", "made_at", *FOUND, "matched_at", "matched_by_id", "match_notes")


@transaction.atomic
def record_visits(*, visits: Sequence[VisitReport], by: User) -> int:
    """Store visits and findings, and move their leads on. Returns how many were new.

    A known uuid is passed over, so a phone may send until it hears an answer. A harmed household's lead goes on to
    matching; an unharmed or moved one's closes; an absent one keeps a date on which somebody comes again.
    """
    standing = _leads(visits, by)
    known = queries.known_uuids(visit.uuid for visit in visits)
    taken = dict(known)
    if any(taken.setdefault(visit.uuid, visit.lead_id) != visit.lead_id for visit in visits):
        raise NumberTaken(_("这份入户记录的编号已经用在另一户上，没有保存。请重新打开这一户的入户页面，再填一次。"))
    fresh = {visit.uuid: visit for visit in reversed(visits) if visit.uuid not in known}
    ordered = sorted(fresh.values(), key=lambda visit: (visit.at, visit.uuid))
    last = _walk(ordered, standing)
    stored = dict(zip(bulk.reserve(Visit, len(ordered)), ordered, strict=True))
    bulk.insert(Visit, VISIT, (_row(key, visit) for key, visit in stored.items()))
    _find(stored, standing, by)
    settle(settled=[_settled(visit, standing[visit.lead_id]) for visit in last.values()], by=by)
    record_many([_line(visit, standing[visit.lead_id]) for visit in ordered], by=by.username)
    return len(ordered)


def _leads(visits: Sequence[VisitReport], by: User) -> dict[int, Standing]:
    standing = discover.standing(visit.lead_id for visit in visits)
    if missing := {visit.lead_id for visit in visits} - set(standing):
        raise NotFound(_("有 %(count)d 条线索不存在。") % {"count": len(missing)})
    for division in sorted({each.place.division for each in standing.values()}):
        check(by, "verify.visit", division)
    return standing


def _walk(ordered: Sequence[VisitReport], standing: Mapping[int, Standing]) -> dict[int, VisitReport]:
    """Check every visit in the order of time. Returns the last of each lead, which decides where it stands."""
    today = clock.today()
    state = {key: each.state for key, each in standing.items()}
    last: dict[int, VisitReport] = {}
    for visit in ordered:
        _check(visit, today)
        after = rules.LEAD_AFTER.get(visit.outcome, "")
        try:
            leads.MACHINE.check(state[visit.lead_id], after)
        except WrongState as error:
            code = standing[visit.lead_id].place.code
            raise LeadOver(
                _("农户 %(code)s 的线索已经办结或已有核实结果，请先重新登记线索。") % {"code": code}
            ) from error
        state[visit.lead_id] = after
        last[visit.lead_id] = visit
    return last


def _check(visit: VisitReport, today: date) -> None:
    for wrong in _wrongs(visit, today):
        raise BadInput(wrong)
    if visit.finding is not None:
        _check_finding(visit.finding)


def _wrongs(visit: VisitReport, today: date) -> Iterator[str]:
    """What is wrong with a report of a visit, in words; most have nothing wrong, and cost none."""
    day = timezone.localdate(visit.at)
    if visit.outcome not in rules.OUTCOMES:
        yield _("请选择入户结果。")
    if day > today:
        yield _("入户时间不能晚于今天。")
    if len(visit.note) > NOTE_LENGTH:
        yield _("备注不能超过 300 字。")
    if (visit.outcome == "harmed") != (visit.finding is not None):
        yield _("受灾的必须填写核实结果，未受灾的不填。")
    if visit.outcome == "absent" and visit.again_on is None:
        yield _("家中无人的，请填写下次入户日期。")
    if visit.why and visit.outcome != "absent":
        yield _("见到人的，不填未遇的原因。")
    if visit.why not in rules.ABSENCES:
        yield _("请从列表中选择没有见到人的原因。")
    if visit.again_on is not None and visit.again_on < day:
        yield _("下次入户日期不能早于本次入户。")


def _check_finding(finding: FindingReport) -> None:
    if unknown := sorted(set(finding.losses_yuan) - set(rules.LOSSES)):
        raise BadInput(_("没有“%(kind)s”这类损失。") % {"kind": unknown[0]})
    amounts = (*finding.losses_yuan.values(), finding.rigid_per_head_yuan)
    if not (all(0 <= yuan < inf for yuan in amounts) and isfinite(finding.income_per_head_yuan)):
        raise BadInput(_("金额必须是不小于 0 的数。"))
    if finding.home_grade not in rules.GRADES:
        raise BadInput(_("房屋等级只能是 A、B、C、D。"))
    if wrong := [name for name, value in finding.details.items() if not causes.fits(name, value)]:
        title = causes.DETAILS[wrong[0]].title if wrong[0] in causes.DETAILS else wrong[0]
        raise BadInput(_("“%(title)s”填得不对，请更正。") % {"title": title})


def _row(key: int, visit: VisitReport) -> Sequence[Any]:
    again_on = visit.again_on if visit.outcome == "absent" else None
    return (key, visit.lead_id, visit.uuid, visit.at, visit.visitor_id, visit.outcome, visit.consent, visit.note,
            again_on, visit.why)  # fmt: skip


def _find(stored: Mapping[int, VisitReport], standing: Mapping[int, Standing], by: User) -> None:
    """Write the findings of these visits; where a lead has one already the later visit makes it anew."""
    harmed = {visit.lead_id: (key, visit, visit.finding) for key, visit in stored.items() if visit.finding is not None}
    before = queries.findings_of(sorted(harmed))
    rows = {
        lead: (lead, key, visit.at, *_values(finding), None, None, []) for lead, (key, visit, finding) in harmed.items()
    }
    bulk.insert(Finding, FINDING, (row for lead, row in rows.items() if lead not in before))
    bulk.update(Finding, FINDING, ((*rows[lead], pk) for lead, pk in before.items()))
    days = timedelta(days=policy.on(clock.today()).number("clock_match_days"))
    for event in sorted({standing[lead].event for lead in harmed}):
        things = (
            (standing[lead].about, standing[lead].place.division, visit.at, visit.at + days)
            for lead, (_key, visit, _finding) in harmed.items()
            if standing[lead].event == event
        )
        start_clocks_each(kind="match", things=things, unit="county", event_code=event)


def _values(finding: FindingReport) -> Iterable[Any]:
    return (getattr(finding, name) for name in FOUND)


def _settled(visit: VisitReport, lead: Standing) -> Settled:
    again_at = None
    if visit.outcome == "absent" and visit.again_on is not None:
        end_of_day = datetime.combine(visit.again_on, time(23, 59, 59))
        again_at = timezone.make_aware(end_of_day)
    outcome = "" if visit.outcome == "absent" else visit.outcome
    return Settled(lead, rules.LEAD_AFTER[visit.outcome], outcome, visit.at, again_at)


def _line(visit: VisitReport, lead: Standing) -> Line:
    payload: dict[str, Any] = {"outcome": visit.outcome, "at": visit.at.isoformat(), "consent": visit.consent}
    if visit.outcome == "absent" and visit.again_on is not None:
        payload |= {"again_on": visit.again_on.isoformat()} | ({"why": visit.why} if visit.why else {})
    if visit.finding is not None:
        payload["finding"] = {name: value for name, value in asdict(visit.finding).items() if name != "details"}
    return Line("verify.visit", lead.about, payload)


@transaction.atomic
def amend(*, lead: Lead, values: Mapping[str, Any], by: User) -> None:
    """Put single values (a loss as `loss_crop`) into a finding that departments have not compared yet.

    Called inside the deed that chose them, so it writes no line of its own.
    """
    check(by, "verify.visit", lead.household.division_id)
    found = Finding.objects.select_for_update().filter(lead=lead).first()
    if found is None or found.matched_at is not None:
        raise AlreadyMatched(
            _("农户 %(code)s 的核实结果已经比对，不能直接改。请保留现有结果，需要更正的安排再次入户。")
            % {"code": lead.household.code}
        )
    losses, details = dict(found.losses_yuan), dict(found.details)
    changed = {}
    for name, value in values.items():
        if name.startswith("loss_"):
            losses[name.removeprefix("loss_")] = value
        elif name in causes.DETAILS:
            details[name] = value
        else:
            changed[name] = value
    changed["losses_yuan"] = {kind: yuan for kind, yuan in losses.items() if yuan}
    changed["details"] = {name: value for name, value in details.items() if value}
    report = FindingReport(**{name: getattr(found, name) for name in FOUND} | changed)
    _check_finding(report)
    Finding.objects.filter(pk=found.pk).update(**changed)


@transaction.atomic
def learn(*, event: Event, by: User) -> Lesson:
    """Hold the estimate against what visits found, and say whom to visit from now on."""
    return foresee.learn(event=event, visits=queries.doors(event), by=by)


def _answered(held: Mapping[int, queries.Waiting]) -> None:
    if waiting := enquiring.unanswered(held):
        first = min(waiting)
        raise EnquiriesOpen(
            _("农户 %(code)s 还有 %(count)d 个部门没有回复协查，不能办结比对。")
            % {"code": held[first].place.code, "count": waiting[first]}
        )


@transaction.atomic
def match(
    *,
    findings: Sequence[int],
    by: User,
    notes: Mapping[int, str] | None = None,
    incomes: Mapping[int, float] | None = None,
) -> int:
    """Note that findings were compared with the departments' data, with what differed. Returns how many.

    `incomes`: income per head as the data have it, in yuan, where it is not what the visitor wrote. The visitor's own
    figure stays in the ledger. Whoever would now be left out by little is visited by somebody else first.
    """
    said, corrected = notes or {}, incomes or {}
    if any(not isfinite(yuan) for yuan in corrected.values()):
        raise BadInput(_("金额必须是不小于 0 的数。"))
    held = queries.held(findings)
    if len(held) < len(set(findings)):
        raise NotFound(_("有 %(count)d 条核实结果不存在。") % {"count": len(set(findings)) - len(held)})
    for division in sorted({each.place.division for each in held.values()}):
        check(by, "verify.match", division)
    for each in held.values():
        if each.matched:
            raise AlreadyMatched(_("农户 %(code)s 的信息已经比对过。") % {"code": each.place.code})
        if not each.consent:
            raise ConsentMissing(_("农户 %(code)s 还没有签承诺授权书，不能比对信息。") % {"code": each.place.code})
    _answered(held)
    at = clock.now()
    silent = Finding.objects.filter(pk__among=[key for key in held if key not in said])
    silent.update(matched_at=at, matched_by=by)
    noted = ((at, by.pk, [said[key]], key) for key in held if key in said)
    bulk.update(Finding, ("matched_at", "matched_by_id", "match_notes"), noted)
    bulk.update(Finding, ("income_per_head_yuan",), ((corrected[key], key) for key in held if key in corrected))
    abouts = sorted((leads.about(each.event, each.place.code), key) for key, each in held.items())
    stop_clocks(kind="match", abouts=[about for about, _key in abouts], at=at)
    alone = set(queries.second_looks(by).filter(pk__among=list(held)).values_list("pk", flat=True))
    _send_another({key: held[key] for key in sorted(alone)}, at)
    lines = [
        Line("verify.match", about, {"noted": key in said}
             | ({"income_per_head_yuan": corrected[key]} if key in corrected else {})
             | ({"second_visitor": True} if key in alone else {}))
        for about, key in abouts
    ]  # fmt: skip
    return record_many(lines, by=by.username)


def _send_another(alone: Mapping[int, queries.Waiting], at: datetime) -> None:
    """Findings that no one visitor may leave out: the village sends somebody else, by the clock of a visit."""
    due_at = at + timedelta(days=policy.on(clock.today()).number("clock_visit_days"))
    for event in sorted({each.event for each in alone.values()}):
        things = ((leads.about(event, each.place.code), each.place.division, at, due_at)
                  for each in alone.values() if each.event == event)  # fmt: skip
        start_clocks_each(kind="revisit", things=things, unit="village", event_code=event)
