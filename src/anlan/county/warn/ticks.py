"""The paper list's two deeds: showing its telephones in full for a reason, and entering its ticks afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from unicodedata import normalize

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.errors import BadInput
from anlan.county.ledger.actions import record
from anlan.county.office.models import Division, User
from anlan.county.office.permissions import check
from anlan.county.registry.models import REASONS
from anlan.county.warn import actions, answers, rules
from anlan.county.warn.calls import CallList, Line, call_list
from anlan.county.warn.models import Warning  # noqa: A004 (the field's own word)


@dataclass(frozen=True, slots=True)
class Ticks:
    """What stands on a paper: its check letters, the numbers told and the numbers seen safe, when and where."""

    check: str
    told: str
    safe: str
    at: datetime
    place: str


@transaction.atomic
def show(*, warning: Warning, village: Division, reason: str, by: User) -> CallList:
    """A village's list with its telephones in full; the ledger says who had it, for what, and how many households."""
    check(by, "warn.acknowledge", village.code)
    if reason not in REASONS:
        raise BadInput(_("请选择查看的理由。"))
    found = call_list(warning, village, by, full=True)
    record("warn.show_calls", about=rules.about(warning.code), by=by.username, village=village.code, reason=reason,
           households=len(found.lines))  # fmt: skip
    return found


@transaction.atomic
def enter(*, warning: Warning, village: Division, ticks: Ticks, by: User) -> int:
    """Enter the ticks of a paper: a cadre's word for each household, with time and place. Returns how many were new."""
    check(by, "warn.acknowledge", village.code)
    found = call_list(warning, village, by)
    if ticks.check.strip().upper() != found.check:
        raise BadInput(
            _("纸上的核对码是“%(paper)s”，现在的名单是“%(now)s”：名单在打印后变动过，请重新打印核对后再录。")
            % {"paper": ticks.check.strip().upper()[:8], "now": found.check}
        )
    since = warning.released_at
    if since is None or not since.replace(second=0, microsecond=0) <= ticks.at <= clock.now():  # paper has no seconds
        raise BadInput(_("叫应时间应在预警发布之后、现在之前。"))
    safe = _lines(found, ticks.safe)
    told = {line.number: line for line in (*_lines(found, ticks.told), *safe)}
    if not told:
        raise BadInput(_("没有填写任何一户的序号。"))
    acks = [(target, ticks.at) for line in told.values() for target in line.targets]
    new = actions.acknowledge(acks=acks, how="cadre", by=by, place=ticks.place)
    return new + answers.settle(safe=[(target, ticks.at) for line in safe for target in line.targets])


def _lines(found: CallList, text: str) -> list[Line]:
    known = {line.number: line for line in found.lines}
    wanted = numbers(text)
    if missing := sorted(wanted - known.keys()):
        raise BadInput(
            _("名单上没有 %(number)d 号，最后一号是 %(last)d。") % {"number": missing[0], "last": len(known)}
        )
    return [known[number] for number in sorted(wanted)]


def numbers(text: str) -> set[int]:
    """The numbers in a text such as `1-5 8，12`. Raises BadInput for anything else."""
    found: set[int] = set()
    plain = normalize("NFKC", text)
    for sign in ",、;。":
        plain = plain.replace(sign, " ")
    for part in plain.split():
        found |= set(_range(part))
    return found


def _range(part: str) -> Iterable[int]:
    first, dash, last = part.partition("-")
    if (
        not first.isascii()
        or not first.isdigit()
        or len(first) > 5
        or (dash and not (last.isascii() and last.isdigit()))
    ):
        raise BadInput(_("“%(text)s”不是序号；请写成 1-5 8 12 这样。") % {"text": part[:12]})
    if not dash:
        return (int(first),)
    if len(last) > 5 or int(last) < int(first):
        raise BadInput(_("“%(text)s”不是序号；请写成 1-5 8 12 这样。") % {"text": part[:12]})
    return range(int(first), int(last) + 1)
