"""Reports given out, balances signed, what was foreseen looked back on: each is kept as it stood, with its hash."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.account import balance, hindsight, listing, queries
from anlan.county.account.models import Hindsight, Proof, ProofLine, Report
from anlan.county.account.recount import differences
from anlan.county.account.rules import ADDED, UNACCOUNTED
from anlan.county.discover.actions import admit, open_sweeps
from anlan.county.discover.rules import about, sweep_about
from anlan.county.errors import NotFound, Refused
from anlan.county.ledger.actions import Line, record, record_many
from anlan.county.ledger.queries import verify
from anlan.county.ledger.rules import canonical
from anlan.county.office.actions import start_clocks, stop_clocks
from anlan.county.office.models import Clock, User
from anlan.county.office.permissions import check
from anlan.county.office.queries import machine
from anlan.county.sense.models import Event
from anlan.engine import policy

COVER = "cover"  # the clock of a household that waits and has none of its own
PROOF_LINE = ("proof_id", "household_id", *queries.LINE, "added")
NAMED = 3  # how many a refusal names


class NothingFound(Refused):
    """There is no estimate, or nobody has been visited, so that nothing can be compared yet."""


class NotProven(Refused):
    """The balance does not close, or the tables and the ledger do not say the same."""


@transaction.atomic
def report(*, event: Event, by: User, extra: Mapping[str, Any] | None = None) -> Report:
    """Make the after-action report of an event as it stands now and keep it. `extra` adds blocks (a drill's truth)."""
    check(by, "account.report")
    now = clock.now()
    body = {**queries.after_action(event, now), **(extra or {})}
    sha = hashlib.sha256(canonical(body).encode()).hexdigest()
    made = Report.objects.create(event=event, made_at=now, body=body, sha=sha)
    record("account.report", about=f"event:{event.code}", by=by.username, sha=sha)
    return made


@transaction.atomic
def look_back(*, event: Event, by: User) -> Hindsight:
    """Hold what was foreseen of an event against what has been found, and keep the comparison."""
    check(by, "account.report")
    body, run = hindsight.compare(event), hindsight.run_of(event)
    if body is None or run is None:
        raise NothingFound(_("事件 %(code)s 还没有研判，或者还没有入户核实的结果，无从检验。") % {"code": event.code})
    sha = hashlib.sha256(canonical(body).encode()).hexdigest()
    made = Hindsight.objects.create(event=event, run=run, made_at=clock.now(), body=body, sha=sha)
    record("account.look_back", about=f"event:{event.code}", by=by.username, sha=sha, method=run.method)
    return made


@transaction.atomic
def take_up(*, event: Event) -> int:
    """Give everybody of an event who stands nowhere a task with a clock and an owner. Returns how many there were.

    The program's own deed, harmless to repeat: the villages of households that came in are gone through (again), and
    what waits without a clock gets one, which ends with the waiting.
    """
    admit(event=event, by=machine())
    found = balance.positions(event).values()
    left = [(each, raw) for each, raw in found if each.where in {UNACCOUNTED, ADDED}]
    now = clock.now()
    if any(raw == UNACCOUNTED for _each, raw in left):
        open_sweeps(event=event, by=machine())
    due_at = now + timedelta(days=policy.on(clock.today()).number("clock_sweep_days"))
    sweeps = {(sweep_about(event.code, each.division), each.division) for each, raw in left if raw == "sweep"}
    waits = {(about(event.code, each.code), each.division) for each, raw in left if raw not in {UNACCOUNTED, "sweep"}}
    start_clocks(kind="sweep", things=sorted(sweeps), unit="village", event_code=event.code, at=now, due_at=due_at)
    start_clocks(kind=COVER, things=sorted(waits), unit="township", event_code=event.code, at=now, due_at=due_at)
    _let_go(event, now)
    record_many([Line("account.take_up", each) for each, _village in sorted(sweeps | waits)], by=machine().username)
    return len(left)


def _let_go(event: Event, now: datetime) -> None:
    """A clock that was lent to a household ends when it has one of its own, or waits no more."""
    running = Clock.objects.filter(event_code=event.code, stopped_at__isnull=True)
    lent = set(running.filter(kind=COVER).values_list("about", flat=True))
    if lent:
        waiting = {about(event.code, each.code) for each, _raw in balance.positions(event).values() if each.due}
        own = set(running.exclude(kind=COVER).values_list("about", flat=True))
        stop_clocks(kind=COVER, abouts=sorted((lent - waiting) | (lent & own)), at=now)


@transaction.atomic
def prove(*, event: Event, by: User) -> Proof:
    """Sign the balance of an event: everybody has a place, and the ledger, recounted, says the same.

    Refused where somebody stands nowhere, where the ledger's chain is broken or where tables and ledger disagree.
    Nothing new, no new proof: then the one that holds is returned.
    """
    check(by, "account.report")
    Event.objects.select_for_update().get(pk=event.pk)
    _check_proven(event)  # before anything is put right
    take_up(event=event)
    found = balance.positions(event)
    covered = balance.coverage(each for each, _raw in found.values())
    if not covered.closes:
        raise NotProven(_("还有 %(count)d 户没有着落，不能签署。") % {"count": covered.unaccounted})
    last = queries.last_proof(event)
    if last is not None and last.sha == covered.sha:
        return last
    known = set(last.lines.values_list("household_id", flat=True)) if last else set(found)
    added = set(found) - known
    made = Proof.objects.create(
        event=event, previous=last, made_at=clock.now(), by=by, exposed=covered.exposed, disposed=covered.disposed,
        open=covered.open, hashes=balance.villages(each for each, _raw in found.values()), sha=covered.sha,
        entry=verify().entries, added=len(added),
    )  # fmt: skip
    rows = ((made.pk, key, *each, key in added) for key, (each, _raw) in found.items())
    bulk.insert(ProofLine, PROOF_LINE, rows)
    record(
        "account.prove", about=f"event:{event.code}", by=by.username, sha=made.sha, exposed=made.exposed,
        disposed=covered.disposed_total, open=covered.open_total, added=made.added,
        previous=last.sha if last else "",
    )  # fmt: skip
    return made


def _check_proven(event: Event) -> None:
    verdict = verify()
    if not verdict.verified:
        raise NotProven(_("台账在第 %(line)d 条断开，覆盖证明不能签署。") % {"line": verdict.first_broken or 0})
    if wrong := differences(event):
        named = "、".join(each.about.partition(":")[2] for each in wrong[:NAMED])
        raise NotProven(
            _("数据与台账有 %(count)d 处不一致（%(named)s），查明之前不能签署。")
            % {"count": len(wrong), "named": named}
        )


@transaction.atomic
def reopen(*, event: Event) -> Proof | None:
    """Open the last proof again where it lacks a household, or one of its own lost its disposition. The program's deed.

    Returns the proof that was opened; None where it holds, or is open already.
    """
    last = queries.last_proof(event)
    if last is None or last.reopened_at is not None:
        return None
    changed = queries.changed(balance.positions(event), last)
    number = len(changed.added) + len(changed.opened)
    if not number:
        return None
    last.reopened_at, last.reopened_by = clock.now(), number
    last.save(update_fields=["reopened_at", "reopened_by"])
    record("account.reopen", about=f"event:{event.code}", by=machine().username, sha=last.sha,
           added=len(changed.added), opened=len(changed.opened))  # fmt: skip
    return last


@transaction.atomic
def export(*, event: Event, by: User, out: Path | IO[bytes], sha: str = "", as_csv: bool = False) -> int:
    """Write the list of an event's households within this person's divisions: as they stand, or as they were signed.

    Returns how many there are. That somebody took the list away is kept.
    """
    check(by, "account.read")
    proof = queries.proof(sha).filter(event=event).first() if sha else None
    if sha and proof is None:
        raise NotFound(_("没有校验值为 %(sha)s 的覆盖证明。") % {"sha": sha[:12]})
    every = queries.lines_of(proof) if proof else balance.standing(event)
    listed = queries.mine(every, by)
    of = listing.signed(event.code, every, proof.made_at if proof else clock.now())
    listing.write(listing.tables(listed, of, by), out, as_csv=as_csv)
    record("account.export", about=f"event:{event.code}", by=by.username, sha=of.sha, households=len(listed))
    return len(listed)
