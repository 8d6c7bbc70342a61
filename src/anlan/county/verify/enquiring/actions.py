"""Asking departments about a household, and their answers."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.discover import rules as leads
from anlan.county.errors import BadInput, NotAllowed, NotFound, Refused
from anlan.county.ledger.actions import Line, record, record_many
from anlan.county.office.actions import start_clocks, stop_clocks
from anlan.county.office.models import Department, User
from anlan.county.office.permissions import check
from anlan.county.verify import queries as verify
from anlan.county.verify.enquiring import queries
from anlan.county.verify.enquiring.rules import SAID_LENGTH, TOPICS, about
from anlan.county.verify.models import Enquiry
from anlan.engine import policy


class NotToBeAsked(Refused):
    """A finding that was compared already, or whose household has not consented."""


class AnsweredBefore(Refused):
    """The department has answered already."""


@transaction.atomic
def ask(*, findings: Sequence[int], department: str, topics: Sequence[str], by: User) -> int:
    """Ask a department about these findings, each by a clock of its own. Returns how many it was not asked about yet.

    Whoever was asked and has not answered is asked once.
    """
    wanted = Department.objects.on(clock.today()).filter(pk=department).first()
    if wanted is None or not topics or set(topics) - set(TOPICS):
        raise BadInput(_("请选择一个部门，并至少选一项要查的内容。"))
    held = verify.held(findings)
    if len(held) < len(set(findings)):
        raise NotFound(_("有 %(count)d 条核实结果不存在。") % {"count": len(set(findings)) - len(held)})
    for division in sorted({each.place.division for each in held.values()}):
        check(by, "verify.match", division)
    for each in held.values():
        if each.matched or not each.consent:
            raise NotToBeAsked(
                _("农户 %(code)s 已经比对完成，或没有签承诺授权书，不能请部门协查。") % {"code": each.place.code}
            )
    waiting = set(Enquiry.objects.filter(finding__among=list(held), department=wanted, answered_at__isnull=True)
                  .values_list("finding_id", flat=True))  # fmt: skip
    now, lines = clock.now(), []
    due_at = now + timedelta(days=policy.on(clock.today()).number("clock_match_days"))
    for key, each in sorted(held.items()):
        if key in waiting:
            continue
        made = Enquiry.objects.create(
            finding_id=key, department=wanted, topics=sorted(set(topics)), asked_at=now, asked_by=by, due_at=due_at
        )
        start_clocks(kind="enquiry", things=[(about(made.pk), each.place.division)], unit=wanted.pk, at=now,
                     due_at=due_at, event_code=each.event)  # fmt: skip
        said = {"department": wanted.pk, "topics": made.topics, "enquiry": made.pk}
        lines.append(Line("verify.ask", leads.about(each.event, each.place.code), said))
    record_many(lines, by=by.username)
    return len(lines)


@transaction.atomic
def ask_named(*, by: User) -> int:
    """Ask the departments that support the plan's checks about every finding they know nothing of. Returns how many.

    A department with nobody to answer is not asked: its clock would run against nobody, and hold the household up.
    """
    return sum(
        ask(findings=findings, department=department, topics=topics, by=by)
        for department, topics in queries.asked_by_itself().items()
        if (findings := queries.unasked(by, department))
    )


@transaction.atomic
def agree(*, enquiries: Sequence[int], by: User) -> int:
    """A department's records agree with what the visits found, for several households at once. Returns how many."""
    found = Enquiry.objects.visible_to(by).filter(pk__in=enquiries, answered_at__isnull=True).order_by("pk")
    return len([answer(enquiry=each, differs=False, said="", by=by) for each in found])


@transaction.atomic
def answer(*, enquiry: Enquiry, differs: bool, said: str, by: User) -> Enquiry:
    """A department says whether its records differ from what the visit found, and in what."""
    held = Enquiry.objects.select_for_update(of=("self",)).select_related("finding__lead__household").get(pk=enquiry.pk)
    check(by, "verify.match", held.finding.lead.household.division_id)
    if not queries.speaks_for(by, held.department_id):
        raise NotAllowed(_("您不代表这个部门。"))
    words = said.strip()
    if (differs and not words) or len(words) > SAID_LENGTH:
        raise BadInput(_("与核实不一致的，请写明哪里不一致，不超过 300 字。"))
    if held.answered_at is not None:
        raise AnsweredBefore(_("这个部门已经回复过。"))
    held.differs, held.said, held.answered_at, held.answered_by = differs, words, clock.now(), by
    held.save(update_fields=["differs", "said", "answered_at", "answered_by"])
    stop_clocks(kind="enquiry", abouts=[about(held.pk)], at=held.answered_at)
    record("verify.answer", about=about(held.pk), by=by.username, department=held.department_id, differs=differs)
    return held
