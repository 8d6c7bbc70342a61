"""Comparing a department's list, deciding who a row is, forgetting lists, handing back what a department may see."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.discover.comparison import asking, linking, people, queries, reading, reporting
from anlan.county.discover.comparison.contradictions import Contradiction, against_register
from anlan.county.discover.comparison.linking import Compared, Match
from anlan.county.discover.comparison.reading import Read
from anlan.county.discover.comparison.sources import DataSource, source
from anlan.county.discover.comparison.words import HIDDEN
from anlan.county.discover.models import Batch, Link, ListRow, Pair, Review, Statement
from anlan.county.errors import BadInput, NotAllowed, NotFound, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.actions import start_clocks
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.office.queries import county
from anlan.county.registry.actions import unmask as unmask_registered
from anlan.county.sense.actions import open_screening
from anlan.county.sense.models import Event
from anlan.engine import policy

DECISIONS = ("same", "different", "unsure")
ROW = ("batch_id", "number", "key", "fate", "cells")
REVIEW = ("batch_id", "number", "key", "household_id", "person_id", "rule", "probability", "reasons", "decision", "at",
          "by_id")  # fmt: skip


class Decided(Refused):
    """A pair that somebody has decided already, or whose list is gone."""


class OtherDepartment(NotAllowed):
    """A list of a department this person does not work for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a list. `again`: the same list had come before, and nothing is new."""

    batch: Batch | None  # None of a trial
    counts: dict[str, Any]
    not_found: list[int]
    refused: list[dict[str, Any]]
    conflicts: list[queries.Conflict]
    against_register: list[Contradiction]
    seconds: float
    again: bool = False


def compare(
    *, source: DataSource, path: Path, by: User, event: Event | None = None, month: date | None = None,
    trial: bool = False,
) -> Outcome:  # fmt: skip
    """Link a list's rows to the register, report households whose rows show a risk. The same list again adds nothing.

    Without an event the leads belong to the month's screening. Rows that no rule links surely wait for a person.
    A trial writes nothing.
    """
    _check_department(source, by)
    begun = perf_counter()
    digest = _digest(path)
    month = queries.first_of(month or clock.today())
    if month > clock.today():
        raise BadInput(_("所属月份 %(month)s 还没有到。") % {"month": f"{month:%Y-%m}"})
    if (known := _same(source, digest, month, event, by)) is not None:
        return _again(known, by, perf_counter() - begun)
    read = reading.read(path, source)
    found = linking.compared(
        read.lines, people.register(by), queries.known(source.key),
        least=policy.on(clock.today()).number("compare_link_precision_min"), gazetteer=people.gazetteer(),
    )  # fmt: skip
    given = _Given(source, month, event, digest, by)
    with transaction.atomic():
        lock = event or open_screening(month=month, by=by)
        Event.objects.select_for_update().get(pk=lock.pk)
        if (known := _same(source, digest, month, event, by)) is not None:  # somebody else was as quick
            return _again(known, by, perf_counter() - begun)
        outcome = _kept(given, lock, read, found, begun)
        transaction.set_rollback(trial)
    return outcome if not trial else Outcome(None, outcome.counts, outcome.not_found, outcome.refused,
                                             outcome.conflicts, outcome.against_register, outcome.seconds)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Given:
    """A list as it was handed in."""

    source: DataSource
    month: date
    event: Event | None
    digest: str
    by: User


def _check_department(source: DataSource, by: User) -> None:
    check(by, "discover.screen")
    if not by.speaks_for(source.department):
        raise OtherDepartment(_("“%(title)s”不是您所在部门的名单。") % {"title": source.title})


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BadInput(_("%(file)s：文件打不开。") % {"file": path.name}) from error


def _same(source: DataSource, digest: str, month: date, event: Event | None, by: User) -> Batch | None:
    code = {"event": event} if event else {"event__hazard": "screening", "month": month}
    same = Batch.objects.visible_to(by).filter(source=source.key, digest=digest, **code)
    return same.select_related("event", "department").first()


def _again(batch: Batch, by: User, seconds: float) -> Outcome:
    counts = {**batch.counts, "leads": 0, "merged": 0}
    missing = list(queries.not_found(batch).values_list("number", flat=True))
    linked = list(batch.links.filter(person__isnull=False).values_list("person_id", flat=True))
    conflicts, others = queries.conflicts(by, linked), against_register(by, linked, batch.source)
    return Outcome(batch, counts, missing, batch.refused, conflicts, others, round(seconds, 3), again=True)


def _kept(given: _Given, event: Event, read: Read, found: Compared, begun: float) -> Outcome:
    at, by, source = clock.now(), given.by, given.source
    days = policy.on(clock.today()).number(source.retention)
    batch = Batch.objects.create(
        source=source.key, department_id=source.department, division_id=_division(by), month=given.month, event=event,
        digest=given.digest, received_at=at, by=by, refused=read.refused,
        delete_after=clock.today() + timedelta(days=days),
    )  # fmt: skip
    _keep_rows(batch, found)
    told = reporting.report(batch, found.links, event if given.event else None, by)
    waiting = _keep_reviews(batch, found.review)
    by_rule: dict[str, int] = {}
    for each in found.links:
        by_rule[each.rule] = by_rule.get(each.rule, 0) + 1
    batch.counts = {
        "rows": read.rows, "linked": len(found.links), "by_rule": by_rule, "review": waiting,
        "not_found": len(found.not_found), "below_threshold": told.below, "leads": told.leads, "merged": told.merged,
        "refused": len({each["row"] for each in read.refused}),
    }  # fmt: skip
    batch.save(update_fields=["counts"])
    _start_clock(batch, source)
    asking.answered(batch)
    record("discover.compare", about=f"list:{batch.pk}", by=by.username, source=source.key, event=event.code,
           month=f"{given.month:%Y-%m}", digest=given.digest, **batch.counts)  # fmt: skip
    linked = [each.person for each in found.links]
    conflicts, others = queries.conflicts(by, linked), against_register(by, linked, source.key)
    missing = [line.number for line in found.not_found]
    return Outcome(batch, batch.counts, missing, read.refused, conflicts, others, round(perf_counter() - begun, 3))


def _division(by: User) -> str:
    """Where a list belongs: the county's for whoever works for the county, else the person's own division."""
    whole = county().division_id
    own = by.scopes()
    return whole if whole in own or not own else own[0]


def _keep_rows(batch: Batch, found: Compared) -> None:
    waiting = {each.line.number: each.line for each in found.review}
    lines = [(each.line, "linked") for each in found.links]
    lines += [(line, "review") for line in waiting.values()] + [(line, "not_found") for line in found.not_found]
    rows = ((batch.pk, line.number, line.key, fate, reporting.cells(line)) for line, fate in lines)
    bulk.insert(ListRow, ROW, rows)


def _keep_reviews(batch: Batch, proposed: Sequence[Match]) -> int:
    """Write the questions; the same ones of an earlier list are asked there no more. Returns of how many rows."""
    keys = sorted({each.line.key for each in proposed})
    Review.objects.filter(batch__source=batch.source, decision__in=("", "unsure"), key__among=keys).delete()
    rows = (
        (batch.pk, each.line.number, each.line.key, each.home, each.person, each.rule, each.probability,
         list(each.reasons), "", None, None)
        for each in proposed
    )  # fmt: skip
    bulk.insert(Review, REVIEW, rows)
    return len({each.line.number for each in proposed})


def _start_clock(batch: Batch, source: DataSource) -> None:
    due = batch.received_at + timedelta(days=queries.cadence_days(source, clock.today()))
    start_clocks(
        kind="list", things=[(f"list:{source.key}", batch.division_id)], unit=source.department, at=batch.received_at,
        due_at=due,
    )  # fmt: skip


# --- who a row is ------------------------------------------------------------------------------------
@transaction.atomic
def decide(*, review: Review, decision: str, by: User) -> Review:
    """Say whether a row is the person proposed. "same" and "different" are kept for the lists to come.

    Who is the same is linked at once, and reported where the row shows a risk. "unsure" leaves the question open.
    """
    if decision not in DECISIONS:
        raise BadInput(_("请选择：同一人、不是同一人或不确定。"))
    Batch.objects.select_for_update().get(pk=review.batch_id)  # the lock on all its questions
    review = Review.objects.select_related("batch", "household").get(pk=review.pk)
    check(by, "discover.screen", _place(review))
    _check_department(source(review.batch.source), by)
    row = ListRow.objects.filter(batch=review.batch_id, number=review.number).first()
    linked = Link.objects.filter(batch=review.batch_id, number=review.number).exists()
    if review.decision in {"same", "different"} or linked or row is None or review.person_id is None:
        raise Decided(_("这一对已有结论，或者名单已经删除。"))
    review.decision, review.at, review.by = decision, clock.now(), by
    review.save(update_fields=["decision", "at", "by"])
    if decision != "unsure":
        _keep_pair(review, same=decision == "same", by=by)
    if decision == "same":
        _link(review, row, by)
    if decision == "different":
        _nobody(review, row)
    record("discover.decide_pair", about=f"list:{review.batch_id}", by=by.username, row=review.number,
           rule=review.rule, decision=decision)  # fmt: skip
    return review


@transaction.atomic
def unmask(*, review: Review, field: str, reason: str, by: User) -> None:
    """Let somebody see a number or a telephone of a pair in full, on both sides; write down who asked, and for what."""
    if field not in HIDDEN or review.person is None:
        raise BadInput(_("没有这一项个人信息。"))
    _check_department(source(review.batch.source), by)
    person = None if field == "phone" else review.person
    unmask_registered(household=review.household, person=person, field=field, reason=reason, by=by)
    record("discover.unmask_row", about=f"list:{review.batch_id}", by=by.username, row=review.number, field=field,
           reason=reason)  # fmt: skip


def _place(review: Review) -> str:
    return review.household.division_id


def _keep_pair(review: Review, *, same: bool, by: User) -> None:
    source_key, person = review.batch.source, review.person_id
    if same:  # a key is one person: an earlier word to the contrary gives way
        Pair.objects.filter(source=source_key, key=review.key, same=True).exclude(person=person).delete()
    said = {"household_id": review.household_id, "same": same, "at": review.at, "by": by}
    Pair.objects.update_or_create(source=source_key, key=review.key, person_id=person or 0, defaults=said)


def _link(review: Review, row: ListRow, by: User) -> None:
    batch = Batch.objects.select_related("event").get(pk=review.batch_id)
    line = reporting.line(row)
    match = Match(line, review.person_id or 0, review.household_id, linking.CROSSWALK, 1.0)
    told = reporting.report(batch, [match], None if batch.event.hazard == "screening" else batch.event, by)
    ListRow.objects.filter(pk=row.pk).update(fate="linked")
    added = {"linked": 1, "leads": told.leads, "merged": told.merged, "below_threshold": told.below, "review": -1}
    _count(batch, added)


def _nobody(review: Review, row: ListRow) -> None:
    """When the last person proposed is not the row's, the row is nobody in the register."""
    others = Review.objects.filter(batch=review.batch_id, number=review.number, decision__in=("", "unsure"))
    if not others.exists():
        ListRow.objects.filter(pk=row.pk).update(fate="not_found")
        _count(review.batch, {"review": -1, "not_found": 1})


def _count(batch: Batch, added: Mapping[str, int]) -> None:
    batch.counts = {**batch.counts, **{name: batch.counts[name] + more for name, more in added.items()}}
    batch.save(update_fields=["counts"])


# --- lists are not kept longer than needed ---------------------------------------------------------------
@transaction.atomic
def forget(*, by: User, on: date | None = None) -> int:
    """Delete the rows of lists whose retention is over, with what they said and the questions they left open.

    Links, leads, confirmed pairs and counts stay. Returns how many lists.
    """
    day = on or clock.today()
    over = Batch.objects.select_for_update(of=("self",)).filter(deleted_at__isnull=True, delete_after__lt=day)
    gone = list(over.order_by("pk"))
    for batch in gone:
        rows, _each = ListRow.objects.filter(batch=batch).delete()
        Review.objects.filter(batch=batch).filter(~Q(decision__in=("same", "different"))).delete()
        Statement.objects.filter(batch=batch).delete()
        batch.deleted_at = clock.now()
        batch.save(update_fields=["deleted_at"])
        record("discover.forget_list", about=f"list:{batch.pk}", by=by.username, source=batch.source, rows=rows)
    return len(gone)


# --- sharing back ------------------------------------------------------------------------------------------
def share(*, department: str, by: User) -> "reporting.Shared":
    """What a department may see of its own lists' people: a sheet's rows, headings first. Written into the ledger."""
    check(by, "discover.screen")
    if not by.speaks_for(department):
        raise OtherDepartment(_("只能导出本部门的反馈名单。"))
    shared = reporting.shared(department, by)
    if shared is None:
        raise NotFound(_("没有部门“%(key)s”的名单来源。") % {"key": department})
    record("discover.share", about=f"department:{department}", by=by.username, rows=len(shared.rows) - 1,
           fields=shared.fields)  # fmt: skip
    return shared
