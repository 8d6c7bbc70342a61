"""Giving out a report: it is kept as it stood, with its hash."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from anlan.county import clock
from anlan.county.account import queries
from anlan.county.account.models import Report
from anlan.county.ledger.actions import record
from anlan.county.ledger.rules import canonical
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.sense.models import Event


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
