"""Who is turned to, and when, while a household has not answered (叫应): from its own phone up to the county's desk."""

from dataclasses import dataclass
from datetime import timedelta

from anlan.engine.audience.release import ORANGE, RED
from anlan.engine.policy import Policy

# Rung 0 is the release itself: short message and loudspeaker.
RUNGS: tuple[str, ...] = ("household", "other", "cadre", "village", "town", "county")
_MINUTES = {name: f"warn_{name}_minutes" for name in RUNGS[1:]}


@dataclass(frozen=True, slots=True)
class Ladder:
    """How long after the release each rung's turn comes, rung 0 first."""

    after: tuple[timedelta, ...]

    def following(self, rung: int) -> timedelta | None:
        """When the rung after this one has its turn; None above the last."""
        return self.after[rung + 1] if rung + 1 < len(self.after) else None


def ladder(policy: Policy, level: int) -> Ladder | None:
    """The ladder of a level: red, or unknown, as laid down; orange slower; none for yellow and blue."""
    if level not in (0, ORANGE, RED):
        return None
    ratio = policy.number("warn_orange_ratio") if level == ORANGE else 1.0
    minutes = (policy.number(_MINUTES[name]) * ratio for name in RUNGS[1:])
    return Ladder((timedelta(0), *(timedelta(minutes=each) for each in minutes)))


def state(*, handed: bool, delivered: bool, heard: bool, acknowledged: bool, safe: bool) -> str:
    """How far a warning got with a household: the furthest that anybody has shown. Nothing is inferred."""
    for name, shown in (("safe", safe), ("acknowledged", acknowledged), ("heard", heard), ("delivered", delivered)):
        if shown:
            return name
    return "handed" if handed else "planned"
