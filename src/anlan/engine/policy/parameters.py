"""What a parameter is: a title, a unit, and values with a day, a source and a degree of trust."""

from dataclasses import dataclass
from datetime import date

LEVELS: tuple[str, ...] = ("cn", "jx", "anyi")  # the more local, the later

# seen: read in a source that binds here. general: common knowledge of the field, or another place's rule.
# weak: a recollection, or a figure of another place that stands in. design: ours, where the plan leaves it open.
TRUSTS: tuple[str, ...] = ("seen", "general", "weak", "design")


class PolicyUnknown(LookupError):
    """No such parameter, or no value of it holds on that day."""


class PolicyInvalid(ValueError):
    """A policy file that cannot be read as it stands; the text names the file and the parameter."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a parameter at one level, from a day until the day before `until`."""

    value: float | str
    level: str
    since: date
    until: date | None
    source: str
    trust: str
    stale_from: date | None  # from this day on the source no longer vouches for it, though nothing replaced it
    signed: str = ""  # who of the county signed for it, and when; empty: nobody

    def holds(self, day: date) -> bool:
        """Whether the value holds on a day, were it the only one."""
        return self.since <= day and (self.until is None or day < self.until)

    def stale(self, day: date) -> bool:
        """Whether the source no longer vouches for the value on a day."""
        return self.stale_from is not None and day >= self.stale_from


@dataclass(frozen=True, slots=True)
class Entry:
    """A parameter with all its values: level by level from the country down, each in order of days."""

    key: str
    title: str
    unit: str
    values: tuple[Value, ...]
    word: str = ""  # what the cells of decision tables call it; its key serves as well


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as it stands on a day: its value, whence, and whether that can be shown as verified."""

    key: str
    title: str
    value: float | str
    unit: str
    level: str
    since: date
    until: date | None
    source: str
    trust: str
    verified: bool  # read in a source that binds here, or signed by the county, and still vouched for
    stale: bool
    signed: str = ""


def parameter(entry: Entry, value: Value, day: date) -> Parameter:
    """The parameter with one of its values, as seen on a day."""
    stale = value.stale(day)
    return Parameter(
        key=entry.key, title=entry.title, value=value.value, unit=entry.unit, level=value.level, since=value.since,
        until=value.until, source=value.source, trust=value.trust,
        verified=(value.trust == "seen" or bool(value.signed)) and not stale, stale=stale, signed=value.signed,
    )  # fmt: skip
