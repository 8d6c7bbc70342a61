"""What a decision table is: rows in an order, each with its versions by level and day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from anlan.engine.policy.parameters import LEVELS, PolicyInvalid

# first: the first row that holds gives the one result. all: every row that holds gives its own.
# each: every row is an amount or a yes, by a formula, under its own name.
HITS: tuple[str, ...] = ("first", "all", "each")


class TableInvalid(PolicyInvalid):
    """A decision table that cannot be read as it stands; the text names the file, the table and the row."""


@dataclass(frozen=True, slots=True)
class Version:
    """One wording of a row at one level, from a day until the day before `until`."""

    level: str
    since: date
    until: date | None
    title: str
    when: str
    then: str  # the result's code; in a table of `each`, the formula
    basis: str  # a document, or the name of the parameter that holds it
    source: str
    trust: str
    axis: str = ""
    line: str = ""  # the policy parameter that draws the line
    figures: Mapping[str, str] = field(default_factory=dict)  # what a reason tells, by the name it is told under
    signed: str = ""  # who of the county signed for it, and when; empty: nobody
    place: str = ""  # file, table and row, for faults

    def holds(self, day: date) -> bool:
        """Whether the wording holds on a day, were it the only one."""
        return self.since <= day and (self.until is None or day < self.until)

    @property
    def verified(self) -> bool:
        """Read in a source that binds here, or signed by the county."""
        return self.trust == "seen" or bool(self.signed)


@dataclass(frozen=True, slots=True)
class Row:
    """A row with all its wordings; `word` is what other rows call its outcome, `after` the row it stands after."""

    key: str
    word: str
    versions: tuple[Version, ...]
    after: str = ""

    def on(self, day: date) -> Version | None:
        """The wording that applies on a day: the most local level's latest."""
        holding = [each for each in self.versions if each.holds(day)]
        return max(holding, key=lambda each: (LEVELS.index(each.level), each.since), default=None)


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table. `word` is what later tables call its outcome; `results` puts codes into words."""

    key: str
    title: str
    hit: str
    rows: tuple[Row, ...]
    word: str = ""
    about: str = ""
    limit: str = ""  # the parameter that says how many results one household has at most
    results: Mapping[str, str] = field(default_factory=dict)

    def row(self, key: str) -> Row:
        """A row by its key. Raises KeyError."""
        return next((each for each in self.rows if each.key == key), None) or _missing(key)


def _missing(key: str) -> Row:
    raise KeyError(key)
