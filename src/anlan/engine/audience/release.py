"""May a warning go out by itself, and when: the green channel and the quiet hours (预警信息“绿色通道”).

The program sends nothing by itself unless every rule allows it; each rule that does not is given as a reason, and the
warning then waits for a person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.engine.audience import words
from anlan.engine.policy import Policy

ORANGE, RED = 3, 4
QUIET_LEVELS = (1, 2)  # blue and yellow

# Why a warning waits for a person, in the order in which they are told.
OBJECTIONS: tuple[str, ...] = (
    "unsigned", "untrusted", "not_actual", "all_clear", "level", "not_near", "edited", "outside", "too_many",
    "repeated",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """What the county has laid down, as it stands on a day. `signed`: it signed for the channel and the templates."""

    senders: frozenset[str]
    recipients_max: float
    onset_hours: float
    onset_hazards: frozenset[str]
    repeat: timedelta
    veto: timedelta
    ask: timedelta
    quiet_from_hour: int
    quiet_until_hour: int
    signed: bool


GREEN = (
    "warn_green_senders", "warn_green_recipients_max", "warn_green_onset_hours", "warn_green_onset_hazards",
    "warn_repeat_minutes", "warn_veto_minutes",
)  # fmt: skip


def rules(policy: Policy) -> Rules:
    """The rules of a day. Raises PolicyUnknown where one is missing."""
    return Rules(
        senders=frozenset(policy.text("warn_green_senders").split()),
        recipients_max=policy.number("warn_green_recipients_max"),
        onset_hours=policy.number("warn_green_onset_hours"),
        onset_hazards=frozenset(policy.text("warn_green_onset_hazards").split()),
        repeat=timedelta(minutes=policy.number("warn_repeat_minutes")),
        veto=timedelta(minutes=policy.number("warn_veto_minutes")),
        ask=timedelta(minutes=policy.number("warn_approve_minutes")),
        quiet_from_hour=int(policy.number("warn_quiet_from_hour")),
        quiet_until_hour=int(policy.number("warn_quiet_until_hour")),
        signed=bool(words.signed()) and all(policy.parameter(key).signed for key in GREEN),
    )


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a warning. `onset_hours`: until it begins, None unknown, negative where it has begun.

    `rehearsal`: nothing of it leaves the county's machine, so that nobody need have signed.
    """

    trusted: bool
    actual: bool
    all_clear: bool
    level: int  # 0 unknown, 1 blue … 4 red
    hazard: str
    onset_hours: float | None
    edited: bool  # the words are not the approved template's
    inside: bool  # the whole area lies in the county
    recipients: int
    repeated: bool  # the same was sent a short while ago
    rehearsal: bool


def objections(case: Case, rules: Rules) -> tuple[str, ...]:
    """Every reason why a person must approve; none where the warning may go out by itself."""
    near = (
        case.hazard in rules.onset_hazards
        and case.onset_hours is not None
        and case.onset_hours <= rules.onset_hours
    )  # fmt: skip
    against = {
        "unsigned": not (rules.signed or case.rehearsal),
        "untrusted": not case.trusted,
        "not_actual": not case.actual,
        "all_clear": case.all_clear,
        "level": case.level not in (ORANGE, RED),
        "not_near": case.level == ORANGE and not near,
        "edited": case.edited,
        "outside": not case.inside,
        "too_many": case.recipients > rules.recipients_max,
        "repeated": case.repeated,
    }
    return tuple(reason for reason in OBJECTIONS if against[reason])


def quiet_until(level: int, tier: int, at: datetime, rules: Rules) -> datetime | None:
    """When a warning may go out that would wake people for little; None where it goes at once.

    Only blue and yellow, and only to households of tier 2. `at` in the county's own time zone.
    """
    start, end = rules.quiet_from_hour, rules.quiet_until_hour
    if level not in QUIET_LEVELS or tier < 2 or start == end:
        return None
    late, early = at.hour >= start, at.hour < end
    if not ((late or early) if start > end else (late and early)):
        return None
    morning = at.replace(hour=end, minute=0, second=0, microsecond=0)
    return morning if morning > at else morning + timedelta(days=1)
