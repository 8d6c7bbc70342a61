"""Three versions of one finding, field by field: what the phone had, what stands now, what the phone sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anlan.county.verify import rules
from anlan.county.verify.causes import BLANKS, DETAILS, LOSS

Value = float | bool | str
Flat = dict[str, Value]
NUMBERS = ("income_per_head_yuan", "rigid_per_head_yuan")
# The details stand last: a text copied before there were any ends before them.
FIELDS = (*NUMBERS, "home_grade", *rules.AXES, *(LOSS + kind for kind in rules.LOSSES), *DETAILS)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that two people changed to different values: what both began with, what stands, what was sent."""

    field: str
    base: Value
    now: Value
    sent: Value


@dataclass(frozen=True, slots=True)
class Merged:
    """What holds after the merge; where two people disagree, what stood before still stands."""

    values: Flat
    conflicts: tuple[Conflict, ...]


def flat(finding: Any) -> Flat:
    """A finding (or a report of one) as single fields; a loss that was not named is zero."""
    values: Flat = {name: getattr(finding, name) for name in (*NUMBERS, "home_grade", *rules.AXES)}
    losses = {LOSS + kind: float(finding.losses_yuan.get(kind, 0.0)) for kind in rules.LOSSES}
    return values | losses | {name: finding.details.get(name, blank) for name, blank in BLANKS.items()}


def nested(values: Mapping[str, Value]) -> dict[str, Any]:
    """Single fields as a finding holds them; losses of zero are left out."""
    whole: dict[str, Any] = {
        name: value for name, value in values.items() if not name.startswith(LOSS) and name not in DETAILS
    }
    whole["details"] = {name: values[name] for name in DETAILS if values.get(name)}
    whole["losses_yuan"] = {kind: values[LOSS + kind] for kind in rules.LOSSES if values.get(LOSS + kind)}
    return whole


def merge(base: Mapping[str, Value], now: Mapping[str, Value], sent: Mapping[str, Value]) -> Merged:
    """Each field from whoever changed it; where both did, and differently, a conflict, and `now` stays.

    A field that the base does not name counts as changed by both.
    """
    values: Flat = {}
    conflicts = []
    for field in FIELDS:
        began, stands, said = base.get(field), now[field], sent[field]
        if stands in (began, said):
            values[field] = said
        else:
            values[field] = stands
            if said != began:
                conflicts.append(Conflict(field, "" if began is None else began, stands, said))
    return Merged(values, tuple(conflicts))
