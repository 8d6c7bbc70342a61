"""What the file channel has written, given out with whole addresses to somebody who says why."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county.dispatch.queries import by_keys
from anlan.county.errors import BadInput
from anlan.county.ledger.actions import record
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.registry.models import REASONS
from anlan.engine.values.divisions import significant


@dataclass(frozen=True, slots=True)
class Opened:
    """The lines with whole addresses. `closed`: of other divisions, or no message's; `torn`: half a line."""

    lines: list[dict[str, Any]]
    closed: int
    torn: int


@transaction.atomic
def open_lines(*, name: str, lines: Iterable[str], reason: str, by: User) -> Opened:
    """Give a file's messages out with their addresses, those of one's own divisions. The ledger's line holds none.

    The addresses are not in the file: they come from the outbox, by each message's key.
    """
    check(by, "warn.acknowledge")
    if reason not in REASONS:
        raise BadInput(_("请选择查看的理由。"))
    read, torn = _read(lines)
    addresses = {key: (address, place) for key, address, place in
                 by_keys(line["key"] for line in read).values_list("key", "address", "division_id")}  # fmt: skip
    scopes = tuple(significant(code) for code in by.scopes())
    mine = [line for line in read if line["key"] in addresses and addresses[line["key"]][1].startswith(scopes)]
    opened = [line | {"address": addresses[line["key"]][0]} for line in mine]
    record("dispatch.open", about="message:*", by=by.username, file=name, reason=reason, count=len(opened))
    return Opened(opened, len(read) - len(mine), torn)


def _read(lines: Iterable[str]) -> tuple[list[dict[str, Any]], int]:
    read, torn = [], 0
    for line in lines:
        try:
            document = json.loads(line)
        except ValueError:
            document = None
        if isinstance(document, dict) and isinstance(document.get("key"), str):
            read.append(document)
        else:
            torn += 1
    return read, torn
