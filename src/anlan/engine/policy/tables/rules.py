"""The tables as they stand on a day, compiled once: over columns, for one household, and explained row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import isnan, nan
from typing import Any

import numpy as np

from anlan.engine.policy.choosing import Policy
from anlan.engine.policy.parameters import PolicyUnknown
from anlan.engine.policy.tables import columns, single
from anlan.engine.policy.tables.answers import SAID, Answer, Explained, Fired, Judged, Used, Value
from anlan.engine.policy.tables.binding import NUMBER, TEXT, YES_NO, Meaning, bound
from anlan.engine.policy.tables.facts import facts
from anlan.engine.policy.tables.language import Node
from anlan.engine.policy.tables.rows import Row, Table, Version
from anlan.engine.policy.tables.rulebook import Rulebook, book

_UNKNOWN: Mapping[str, float] = {NUMBER: nan, TEXT: nan, YES_NO: single.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Rule:
    """A row on a day, compiled; `code` is its result's place among the table's results, from one on."""

    row: Row
    version: Version
    meanings: tuple[Meaning, ...]
    code: int
    kind: str
    condition: Node
    formula: Node
    holds: single.Reckoning
    gives: single.Reckoning
    figures: Mapping[str, tuple[str, single.Reckoning]]  # the fact told as it was given, or how it is reckoned


@dataclass(frozen=True, slots=True)
class Decision:
    """A table on a day, compiled."""

    table: Table
    rules: tuple[Rule, ...]
    results: tuple[str, ...]
    most: float


@dataclass(frozen=True, slots=True)
class Rules:
    """Every table on a day. What was not given of a household is unknown, and unknown never passes for an answer."""

    policy: Policy
    book: Rulebook
    _compiled: dict[str, Decision] = field(default_factory=dict, repr=False, compare=False)

    def decision(self, key: str) -> Decision:
        """A table as it stands, compiled when it is first asked for. Raises PolicyUnknown."""
        if key not in self._compiled:
            self._compiled[key] = _compiled(self.book.table(key), self.policy, self.book)
        return self._compiled[key]

    def columns(self, given: Mapping[str, Any], wanted: Sequence[str], count: int) -> dict[str, Any]:
        """The answers of some tables (in their order) for `count` households, by name.

        A table of `first`: int8 codes, places in `results(table)`, -1 unknown. A row of `all` under `table.row` and
        the table itself: int8 0 no, 1 unknown, 2 yes. A row of `each` under its own key, as amounts (NaN unknown) or
        as int8.
        """
        known = {key: _column(key, each) for key, each in given.items()}
        with np.errstate(all="ignore"):
            for key in wanted:
                _decide(self.decision(key), known, count)
        told = [(name, self.decision(key).table.hit) for key in wanted for name in _names(self.decision(key))]
        return {name: _told(np.broadcast_to(known[name], count), hit) for name, hit in told}

    def results(self, table: str) -> tuple[str, ...]:
        """The results of a table of `first` by their code in `columns`; the empty one is the first."""
        return self.decision(table).results

    def judge(self, given: Mapping[str, Value], wanted: Sequence[str]) -> Judged:
        """The answers of some tables (in their order) for one household."""
        known = _known(given)
        return {key: self._answer(self.decision(key), known, given) for key in wanted}

    def explain(self, given: Mapping[str, Value], wanted: Sequence[str]) -> dict[str, tuple[Explained, ...]]:
        """Every row of some tables for one household: whether it held, with every value and parameter it looked at."""
        known = _known(given)
        found = {}
        for key in wanted:
            decision = self.decision(key)
            truths = _decide_one(decision, known)
            decisive = _decisive(decision, truths, known)
            found[key] = tuple(
                self._explained(rule, (known, given), truth, decision, at in decisive)
                for at, (rule, truth) in enumerate(zip(decision.rules, truths, strict=True))
            )
        return found

    def _answer(self, decision: Decision, known: dict[str, float], given: Mapping[str, Value]) -> Answer:
        truths = list(zip(decision.rules, _decide_one(decision, known), strict=True))
        fired = tuple(_fired(rule, known, given) for rule, truth in truths if truth == single.YES)
        unknown = tuple(_fired(rule, known, given) for rule, truth in truths if truth == single.UNKNOWN)
        if decision.table.hit == "first":
            code = known[decision.table.key]
            return Answer(fired[:1], unknown, None if isnan(code) else decision.results[int(code)])
        if decision.table.hit == "all":
            return Answer(fired, unknown)
        values = {rule.row.key: _value(known[rule.row.key], rule.kind, ()) for rule, _truth in truths}
        return Answer(fired, unknown, values=values)

    def _explained(
        self, rule: Rule, of: tuple[Mapping[str, float], Mapping[str, Value]], truth: float, decision: Decision,
        decisive: bool,
    ) -> Explained:  # fmt: skip
        version, (known, given) = rule.version, of
        basis = self.policy.text(version.basis) if version.basis in self.policy else version.basis
        value = _value(known[rule.row.key], rule.kind, ()) if decision.table.hit == "each" else None
        used = tuple(self._used(meaning, known, given) for meaning in rule.meanings)
        return Explained(rule.row.key, version, basis, SAID[int(truth)], decisive, value, used)

    def _used(self, meaning: Meaning, known: Mapping[str, float], given: Mapping[str, Value]) -> Used:
        if meaning.parameter:
            found = self.policy.parameter(meaning.name)
            return Used(meaning.name, found.title, found.unit, found.value, found)
        if meaning.kind == "note":
            return Used(meaning.name, meaning.title, meaning.unit, given.get(meaning.name) or None, None)
        value = known.get(meaning.name, _UNKNOWN.get(meaning.kind, nan))
        told = _value(value, meaning.kind, tuple(meaning.choices))
        return Used(meaning.name, meaning.title, meaning.unit, told, None)


@lru_cache(maxsize=64)
def on(policy: Policy, rulebook: Rulebook | None = None) -> Rules:
    """The tables of a book (that of the files, where none is given) under a policy."""
    return Rules(policy, rulebook or book())


def _compiled(table: Table, policy: Policy, rulebook: Rulebook) -> Decision:
    results = tuple(dict.fromkeys(("", *table.results)))
    standing = [(row, version) for row in table.rows if (version := row.on(policy.day)) is not None]
    rules = tuple(_rule(row, version, policy, rulebook, results) for row, version in standing)
    return Decision(table, rules, results, policy.number(table.limit) if table.limit else float("inf"))


def _rule(row: Row, version: Version, policy: Policy, rulebook: Rulebook, results: tuple[str, ...]) -> Rule:
    cells, vocabulary = rulebook.cells[id(version)], rulebook.vocabulary
    try:
        condition = bound(cells.condition, vocabulary, policy.number)[0]
        formula = bound(cells.formula or Node("truth", True), vocabulary, policy.number)[0]
        figures = {name: bound(node, vocabulary, policy.number)[0] for name, node in cells.figures.items()}
    except PolicyUnknown as error:
        raise PolicyUnknown(f"{version.place}: {error}") from error
    told = {
        name: (str(node.value) if node.kind in {"amount", "yes"} else "", single.reckoning(node))
        for name, node in figures.items()
    }
    code = results.index(version.then) if version.then in results else 0
    return Rule(row, version, cells.meanings, code, cells.kind, condition, formula,
                single.reckoning(condition), single.reckoning(formula), told)  # fmt: skip


def _column(key: str, given: Any) -> Any:
    fact = facts().get(key)
    if fact is not None and fact.kind == YES_NO:
        return columns.yes(np.asarray(given))
    return columns.amount(given)


def _decide(decision: Decision, known: dict[str, Any], count: int) -> None:
    key, hit = decision.table.key, decision.table.hit
    if hit == "each":
        for rule in decision.rules:
            condition = columns.evaluate(rule.condition, known)
            formula = columns.evaluate(rule.formula, known)
            name = rule.row.key
            known[name] = columns.each(condition, formula, known.get(name), rule.kind == YES_NO)
        return
    conditions = [columns.evaluate(rule.condition, known) for rule in decision.rules]
    if hit == "first":
        codes = columns.first(conditions, [rule.code for rule in decision.rules], count)
        known[key] = np.where(codes < 0, np.nan, codes)
        return
    conditions = columns.limited(conditions, decision.most) if decision.most < len(conditions) else conditions
    known.update({f"{key}.{rule.row.key}": each for rule, each in zip(decision.rules, conditions, strict=True)})
    known[key] = np.maximum.reduce([np.broadcast_to(each, count) for each in (np.int8(0), *conditions)])


def _names(decision: Decision) -> list[str]:
    key, hit = decision.table.key, decision.table.hit
    if hit == "each":
        return [rule.row.key for rule in decision.rules]
    return [key] if hit == "first" else [key, *(f"{key}.{rule.row.key}" for rule in decision.rules)]


def _told(found: Any, hit: str) -> Any:
    return np.nan_to_num(found, nan=-1.0).astype(np.int8) if hit == "first" else found


def _decide_one(decision: Decision, known: dict[str, float]) -> list[float]:
    """Whether each row holds; what the table reckons is added to what is known."""
    key, hit = decision.table.key, decision.table.hit
    if hit == "each":
        return [_reckon(rule, known) for rule in decision.rules]
    truths = [rule.holds(known) for rule in decision.rules]
    if hit == "first":
        code = single.first(truths, [rule.code for rule in decision.rules])
        known[key] = nan if code < 0 else code
        return truths
    truths = single.limited(truths, decision.most)
    known.update({f"{key}.{rule.row.key}": each for rule, each in zip(decision.rules, truths, strict=True)})
    known[key] = max(truths, default=single.NO)
    return truths


def _decisive(decision: Decision, truths: list[float], known: Mapping[str, float]) -> list[int]:
    """The places of the rows that are reasons: all that hold; in a table of `first` the one that gave the result."""
    held = [at for at, truth in enumerate(truths) if truth == single.YES]
    if decision.table.hit != "first":
        return held
    return [] if isnan(known[decision.table.key]) else held[:1]


def _reckon(rule: Rule, known: dict[str, float]) -> float:
    condition, name = rule.holds(known), rule.row.key
    known[name] = single.each(condition, rule.gives(known), known.get(name), rule.kind == YES_NO)
    return condition


def _fired(rule: Rule, known: Mapping[str, float], given: Mapping[str, Value]) -> Fired:
    figures = {name: given[fact] if fact in given else reckon(known) for name, (fact, reckon) in rule.figures.items()}
    told = {name: None if _unknown(value) else value for name, value in figures.items()}
    return Fired(rule.row.key, rule.version, told)


def _known(given: Mapping[str, Value]) -> dict[str, float]:
    """What was given, as it is reckoned with. Raises ValueError for a text that is none of its fact's choices."""
    known: dict[str, float] = {}
    for key, value in given.items():
        fact = facts().get(key)
        kind = fact.kind if fact else NUMBER
        if value == "" or _unknown(value):
            known[key] = _UNKNOWN.get(kind, nan)
        elif kind == TEXT:
            known[key] = _place(key, str(value))
        elif kind == YES_NO:
            known[key] = single.YES if value else single.NO
        elif kind == NUMBER:
            known[key] = float(value or 0)
    return known


def _unknown(value: Value) -> bool:
    return value is None or (isinstance(value, float) and isnan(value))


def _place(key: str, value: str) -> float:
    for place, (code, word) in enumerate(facts()[key].choices.items()):
        if value in {code, word}:
            return place
    raise ValueError(f"{key}: {value!r} is none of {', '.join(facts()[key].choices)}")


def _value(value: float, kind: str, choices: tuple[str, ...]) -> Value:
    """A reckoned value as it is told; None where it is unknown."""
    if kind == YES_NO:
        return None if value == single.UNKNOWN else value == single.YES
    if isnan(value):
        return None
    return choices[int(value)] if kind == TEXT else value
