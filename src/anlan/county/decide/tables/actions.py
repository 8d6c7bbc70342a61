"""Deeds of the rules: drafting the county's own wording of a row, signing it, dropping it."""

from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.decide.models import Wording
from anlan.county.decide.tables import queries
from anlan.county.decide.tables.comparing import compare
from anlan.county.decide.tables.wordings import county_book, revised
from anlan.county.decide.tables.wrong import sentence
from anlan.county.errors import BadInput, NotAllowed, Refused
from anlan.county.ledger.actions import Line, record_many
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.office.queries import county
from anlan.engine import policy
from anlan.engine.policy import PolicyInvalid, PolicyUnknown, tables
from anlan.engine.policy.tables import Rulebook


class DraftedAlready(Refused):
    """A row has one draft at a time."""


class DecidedAlready(Refused):
    """What was signed or dropped is not signed or dropped again."""


class SignedOneself(NotAllowed):
    """Whoever drafted a wording does not also sign it."""


class NotAhead(BadInput):
    """A wording that would change the past, or today."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A wording as somebody wants it, from a day to come."""

    table: str
    row: str
    since: date
    title: str
    when: str
    then: str
    basis: str
    source: str


@transaction.atomic
def draft(*, wanted: Draft, by: User) -> Wording:
    """Keep a wording with what it would change, for somebody else to sign. It holds nowhere yet.

    Refused: a day that is not to come, a cell that cannot be read, a row with a draft already.
    """
    check(by, "decide.draft", county().division_id)
    _check_ahead(wanted.since)
    if queries.open_draft(wanted.table, wanted.row) is not None:
        raise DraftedAlready(_("这一行已有一份待签署的修改，请先签署或撤回。"))
    effect = _effect(wanted, by)
    kept = Wording.objects.create(**asdict(wanted), effect=effect, drafted_by=by, drafted_at=clock.now())
    _record("decide.draft", kept, by)
    return kept


@transaction.atomic
def sign(*, wording: int, by: User) -> Wording:
    """Make a draft the county's own wording from its day on. Refused to its drafter, and once its day has come."""
    check(by, "decide.sign", county().division_id)
    kept = queries.locked(wording)
    _check_open(kept)
    if kept.drafted_by_id == by.pk:
        raise SignedOneself(_("起草的人不能自己签署，请由另一人签署。"))
    _check_ahead(kept.since)
    _tried(Draft(*(getattr(kept, name) for name in Draft.__dataclass_fields__)))
    kept.signed_by, kept.signed_at = by, clock.now()
    kept.save(update_fields=["signed_by", "signed_at"])
    _record("decide.sign", kept, by)
    return kept


@transaction.atomic
def drop(*, wording: int, by: User) -> Wording:
    """Take a draft back; it is kept and holds nowhere."""
    check(by, "decide.draft", county().division_id)
    kept = queries.locked(wording)
    _check_open(kept)
    kept.dropped_at = clock.now()
    kept.save(update_fields=["dropped_at"])
    _record("decide.drop", kept, by)
    return kept


def _check_ahead(since: date) -> None:
    if since <= clock.today():
        raise NotAhead(_("新规定最早从明天起生效：过去的认定按当时的规定，不能改。"))


def _check_open(kept: Wording) -> None:
    if kept.signed_at is not None or kept.dropped_at is not None:
        raise DecidedAlready(_("这份修改已经签署或撤回，请刷新页面。"))


def _tried(wanted: Draft) -> tuple[Rulebook, Rulebook]:
    """The county's book as it is and as it would be; refused where the wording makes no sense."""
    book = county_book()
    try:
        after = revised(book, astuple(wanted))
        tables.on(policy.on(wanted.since), after).decision(wanted.table)
    except (PolicyInvalid, PolicyUnknown) as error:
        raise BadInput(sentence(error)) from error
    except KeyError:
        raise BadInput(_("没有这张表或这一行。")) from None
    return book, after


def _effect(wanted: Draft, by: User) -> dict[str, Any]:
    """What would change on the first day: example cases by their titles, households in numbers."""
    book, after = _tried(wanted)
    rules = policy.on(wanted.since)
    changed = compare(by, tables.on(rules, book), tables.on(rules, after))
    cases = tables.moved(tables.cases(), wanted.since)
    differences = tables.differences(cases, after, book)
    return {**asdict(changed), "cases": [_told(each) for each in differences], "looked_at": len(cases)}


def _told(each: tables.Difference) -> Mapping[str, Any]:
    return {"title": each.case.title, "table": each.table, "before": each.expected, "after": each.found}


def _record(verb: str, kept: Wording, by: User) -> None:
    told = {"since": str(kept.since), "when": kept.when, "then": kept.then, "basis": kept.basis}
    record_many([Line(verb, f"rule:{kept.table}/{kept.row}", {"wording": kept.pk, **told})], by=by.username)
