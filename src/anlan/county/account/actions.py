"""Giving out a report, and looking back on what was foreseen: both are kept as they stood, with their hash."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.account import hindsight, queries
from anlan.county.account.models import Hindsight, Report
from anlan.county.errors import Refused
from anlan.county.ledger.actions import record
from anlan.county.ledger.rules import canonical
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.sense.models import Event


class NothingFound(Refused):
    """There is no estimate, or nobody has been visited, so that nothing can be compared yet."""


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
