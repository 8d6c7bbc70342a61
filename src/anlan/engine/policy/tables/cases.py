"""Example cases: a household's facts and what the tables must answer, for officials to read, sign and run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from anlan.engine.policy import choosing
from anlan.engine.policy.parameters import LEVELS
from anlan.engine.policy.reading import fields_of, parsed
from anlan.engine.policy.tables import reading
from anlan.engine.policy.tables.answers import Answer, Value
from anlan.engine.policy.tables.facts import facts
from anlan.engine.policy.tables.rows import TableInvalid
from anlan.engine.policy.tables.rulebook import Rulebook
from anlan.engine.policy.tables.rules import on

_FILE = {"cases": list}
_CASE = {"title": str, "on": date, "facts": dict, "gives": dict, "signed": str}


@dataclass(frozen=True, slots=True)
class Case:
    """An example. `gives`: by table, the result, the rows that hold, or the values by row; "不明" for unknown."""

    place: str
    title: str
    on: date
    facts: Mapping[str, Value]
    gives: Mapping[str, object]
    signed: str

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that it speaks of."""
        return tuple(self.gives)


@dataclass(frozen=True, slots=True)
class Difference:
    """A case that a book answers otherwise than the case says (or than another book does)."""

    case: Case
    table: str
    expected: object
    found: object


UNKNOWN = "不明"


def read(folder: Traversable) -> tuple[Case, ...]:
    """Every case under `folder`/{cn,jx,anyi}/tables/*.cases.toml. Raises TableInvalid by file and number."""
    found = []
    for level in LEVELS:
        for file in sorted(reading.files(folder, level, cases=True), key=lambda each: each.name):
            place = f"{level}/tables/{file.name}"
            bodies = fields_of(place, parsed(file, f"{level}/tables"), _FILE, _FILE)["cases"]
            found += [_case(f"{place}: case {number}", body) for number, body in enumerate(bodies, start=1)]
    return tuple(found)


@lru_cache(maxsize=1)
def cases() -> tuple[Case, ...]:
    """The cases of the policy files, read once."""
    return read(files("anlan.engine.policy"))


def answers(case: Case, rulebook: Rulebook) -> dict[str, object]:
    """What a book answers to a case, table by table, in the form in which cases are written."""
    order = [key for key in rulebook.tables if key in reached(case.tables, rulebook)]
    judged = on(choosing.on(case.on), rulebook).judge(case.facts, order)
    return {key: _written(judged[key], rulebook.table(key).hit) for key in case.tables}


def reached(tables: Iterable[str], rulebook: Rulebook) -> set[str]:
    """These tables and all that stand before them: a table may use what an earlier one found."""
    order, wanted = list(rulebook.tables), set(tables)
    last = max((order.index(key) for key in wanted), default=-1)
    return set(order[: last + 1])


def moved(told: Iterable[Case], on: date) -> list[Case]:
    """The same cases on another day, to hold two books against each other there."""
    return [replace(each, on=on) for each in told]


def differences(told: Iterable[Case], rulebook: Rulebook, against: Rulebook | None = None) -> list[Difference]:
    """The cases that a book answers otherwise than they say; against another book, otherwise than that one does."""
    found = []
    for case in told:
        given = answers(case, rulebook)
        expected = case.gives if against is None else answers(case, against)
        found += [
            Difference(case, key, plain(expected[key], key, rulebook), given[key])
            for key in case.tables
            if not _same(plain(expected[key], key, rulebook), given[key])
        ]
    return found


def _case(place: str, body: object) -> Case:
    told = fields_of(place, body, _CASE, {"title", "on", "facts", "gives"})
    words = {each.word: key for key, each in facts().items()}
    given = {words.get(word, word): value for word, value in told["facts"].items()}
    if strange := sorted(set(given) - set(facts())):
        raise TableInvalid(f"{place}: {strange[0]} is no fact")
    return Case(place, told["title"], told["on"], given, told["gives"], told.get("signed", "").strip())


def _written(answer: Answer, hit: str) -> object:
    if hit == "first":
        return UNKNOWN if answer.result is None else answer.result
    if hit == "all":
        return [each.row for each in answer.fired]
    return {row: UNKNOWN if value is None else value for row, value in (answer.values or {}).items()}


def plain(expected: object, table: str, rulebook: Rulebook) -> object:
    """What a case expects, with the words of results put back into codes."""
    codes = {word: code for code, word in rulebook.table(table).results.items()}
    return codes.get(expected, expected) if isinstance(expected, str) else expected


def _same(expected: object, found: object) -> bool:
    """Of a table of `each` a case may name some rows only."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return all(found.get(row) == value for row, value in expected.items())
    return expected == found
