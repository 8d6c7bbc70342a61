"""What the room does on its own: the register is held against the rules after every change, and whole once a day."""

from collections.abc import Callable

from anlan.county import clock
from anlan.county.account.quality import KNOWN, facts_on
from anlan.county.office.models import County
from anlan.county.office.queries import machine
from anlan.county.registry import quality
from anlan.county.registry.mending import actions, queries
from anlan.county.registry.models import Judging


def judge_register() -> int:
    """Judge what has changed since the last time, or all of it. Returns how many tasks were opened or ended."""
    if not County.objects.exists():
        return 0
    codes = None if queries.due_whole() else queries.changed()
    if codes is not None and not codes:
        return 0
    judged = judge_all(None if codes is None or len(codes) > queries.MANY else codes)
    return judged.opened + judged.ended


def judge_all(codes: set[str] | None = None) -> Judging:
    """Every rule that can be asked, with what the rooms of deciding, helping and clearing know."""
    rules, facts = quality.rules_of(facts=KNOWN), facts_on(clock.today())
    return actions.judge(by=machine(), rules=rules, codes=codes, facts=facts)


JOBS: tuple[Callable[[], int], ...] = (judge_register,)
