"""What tables answer about one household, and every reason for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from anlan.engine.policy.parameters import Parameter
from anlan.engine.policy.tables.rows import Version

Value = float | bool | str | None

SAID = ("no", "unknown", "yes")


@dataclass(frozen=True, slots=True)
class Fired:
    """A row that held (or may hold), with the figures it tells; None for one that is unknown."""

    row: str
    version: Version
    figures: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Answer:
    """One table's answer: the rows that hold, those that cannot be told, and the result of a table of `first`.

    `result` is empty where no row holds, and None where it cannot be told. In a table of `each`, `values` has what
    every row gave (None where that is unknown).
    """

    fired: tuple[Fired, ...]
    unknown: tuple[Fired, ...]
    result: str | None = ""
    values: Mapping[str, Value] | None = None


Judged = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Used:
    """What a word of a condition stood for: a thing known of the household, or a parameter with its source."""

    name: str
    title: str
    unit: str
    value: Value
    parameter: Parameter | None


@dataclass(frozen=True, slots=True)
class Explained:
    """A row of a table on a day: its wording, whether it held, and everything its condition looked at."""

    row: str
    version: Version
    basis: str  # the document, looked up where the row names a parameter
    outcome: str  # yes, no, unknown
    decisive: bool  # it is a reason for the result; in a table of `first`, the row that gave it
    value: Value  # what a row of a table of `each` gave
    used: tuple[Used, ...]
