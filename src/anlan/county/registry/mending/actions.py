"""Deeds on what is wrong in the register: opening and ending tasks, saying that something doubtful is right."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.errors import BadInput, NotFound, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.actions import start_clocks_each, stop_clocks
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.office.queries import county
from anlan.county.registry.mending import queries
from anlan.county.registry.mending.queries import KIND, VILLAGE, Broken, Standing
from anlan.county.registry.mendings import Judging, Mending
from anlan.county.registry.models import Household
from anlan.county.registry.quality import Facts
from anlan.engine import policy
from anlan.engine.quality import RULES, Rule

MENDING = ("household_id", "rule", "number", "opened_at", "due_at", "checked_at", "checked_by_id", "note", "ended_at")
CHECKERS = ("registry.write", "verify.visit")
UNIT = "township"  # whoever may change the register


class MustBeMended(Refused):
    """A rule that leaves no room for an exception."""


class Over(Refused):
    """The rule holds again, or somebody has looked already."""


@transaction.atomic
def judge(
    *, by: User, rules: Sequence[Rule], codes: Collection[str] | None = None, facts: Facts | None = None
) -> Judging:
    """Hold households, or all, against rules: a task for each new breach, an end to those that are mended.

    What somebody said to be right stays so until the number of breaches changes. Notes are no tasks. Only for who may
    change the whole county's register: what one does not see must not pass for mended.
    """
    check(by, "registry.write", county().division_id)
    upto, now = queries.last_change(), clock.now()
    asked = queries.tasks(rules)
    within = Household.objects.visible_to(by)
    if codes is not None:
        within = within.filter(code__among=list(codes))
    count, found = queries.broken(within, now.date(), asked, whole=codes is None, facts=facts)
    held = queries.standing(codes, asked)
    fresh = {each: number for each, number in found.items() if each not in held}
    over = {each: known for each, known in held.items() if each not in found}
    _open(fresh, now)
    bulk.update(Mending, ("ended_at",), [(now, each.pk) for each in over.values()])
    turned = _change(found, held, now)
    touched = {code[:VILLAGE] for code, _rule in [*fresh, *over, *turned]}
    _run_clocks(touched if codes is not None else touched | queries.watched(), now)
    whole = codes is None and facts is not None  # the rules of other rooms were asked, too
    judged = Judging.objects.create(
        at=now, whole=whole, upto=upto, households=count, opened=len(fresh), ended=len(over)
    )
    if fresh or over:
        record("registry.judge", about="household:*", by=by.username, households=count, opened=len(fresh),
               ended=len(over), by_rule=dict(sorted(Counter(rule for _code, rule in fresh).items())))  # fmt: skip
    return judged


def _open(fresh: Mapping[Broken, int], now: datetime) -> None:
    known = queries.ids({code for code, _rule in fresh})
    rows = [
        (known[code], rule, number, now, _due(rule, now), None, None, "", None)
        for (code, rule), number in sorted(fresh.items())
    ]
    bulk.insert(Mending, MENDING, rows)


def _change(found: Mapping[Broken, int], held: Mapping[Broken, Standing], now: datetime) -> set[Broken]:
    """Where the number of breaches has changed, what somebody said of the old ones no longer stands."""
    turned = {each: held[each] for each, number in found.items() if each in held and held[each].number != number}
    rows = [(found[each], None, None, "", known.pk) for each, known in turned.items()]
    bulk.update(Mending, ("number", "checked_at", "checked_by_id", "note"), rows)
    again = [(_due(each[1], now), known.pk) for each, known in turned.items() if known.checked]
    bulk.update(Mending, ("due_at",), again)
    return set(turned)


def _run_clocks(villages: Collection[str], now: datetime) -> None:
    """A village's clock runs until the first day on which something of it is due; none where nothing is left."""
    pressing = queries.pressing(villages)
    start_clocks_each(kind=KIND, things=((_about(each.village), *astuple(each)) for each in pressing), unit=UNIT)
    still = {each.village for each in pressing}
    stop_clocks(kind=KIND, abouts=[_about(village) for village in sorted(set(villages) - still)], at=now)


def _due(rule: str, now: datetime) -> datetime:
    return now + timedelta(days=policy.on(now.date()).number(f"mend_{RULES[rule].severity}_days"))


def _about(village: str) -> str:
    return f"{KIND}:{village}"


@transaction.atomic
def accept(*, mending: Mending, note: str, by: User) -> Mending:
    """Say that something doubtful was looked at and is right as it stands. What must be mended cannot be accepted."""
    held = Mending.objects.select_for_update(of=("self",)).select_related("household").filter(pk=mending.pk).first()
    if held is None:
        raise NotFound(_("没有这一项。"))
    permission = next((each for each in CHECKERS if by.may(each)), CHECKERS[0])
    check(by, permission, held.household.division_id)
    if RULES[held.rule].severity == "must_fix":
        raise MustBeMended(_("这一项必须改正，改正以后自动消除，不能核实放行。"))
    if held.ended_at is not None or held.checked_at is not None:
        raise Over(_("这一项已经改正或核实过，请刷新页面。"))
    if not note.strip() or len(note) > 300:
        raise BadInput(_("请写明核实的情况，不超过 300 字。"))
    held.checked_at, held.checked_by, held.note = clock.now(), by, note.strip()
    held.save(update_fields=["checked_at", "checked_by", "note"])
    _run_clocks({held.household.code[:VILLAGE]}, held.checked_at)
    record("registry.accept", about=f"household:{held.household.code}", by=by.username, rule=held.rule)
    return held
