"""The language of a table's cells: what an official writes as a condition, and nothing more.

    人均收入 < 监测线 且 非 脱贫户
    危房等级 在 (C, D) 或 未参保人数 > 0

Words are facts, results of other rows and policy parameters. There are comparisons, 且 或 非, 在, the four kinds of
arithmetic, and nothing that could read a file, loop or call. English and or not in, and <= for ≤, are understood.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

LENGTH_MAX = 400  # characters of a cell; nobody signs what nobody can read
DEPTH_MAX = 20  # brackets, 非 and signs within each other

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?%?)|([^\W\d]\w*)|(<=|>=|!=|==|[<>=+\-*/×÷(),≤≥≠（），−]))")
_SAME = {"≤": "<=", "≥": ">=", "≠": "!=", "==": "=", "×": "*", "÷": "/", "（": "(", "）": ")", "，": ",", "−": "-",
         "且": "and", "或": "or", "非": "not", "在": "in", "是": "true", "否": "false"}  # fmt: skip
_WORDS = {"and", "or", "not", "in", "true", "false"}
_COMPARED = {"<", "<=", ">", ">=", "=", "!="}


# Why a cell cannot be read, by a code that screens put into their own words.
FAULTS: Mapping[str, str] = {
    "long": "longer than {most} characters",
    "strange": "character {at}: {text!r} has no meaning here",
    "missing": "character {at}, at {text}: a word or a number is missing",
    "expected": "character {at}, at {text}: {sign} is expected",
    "too_much": "character {at}, at {text}: nothing more is expected",
    "one": "character {at}, at {text}: one comparison at a time, joined by 且",
    "deep": "character {at}, at {text}: more than {most} within each other",
    "word": "{word} is no fact, no earlier result and no policy parameter",
    "twice": "{word} has two meanings",
    "policy_text": "{word} is a text of policy and cannot be reckoned with",
    "kind": "{sign} takes {wanted}, and here is {given}",
    "choice": "{word} is none of {choices}",
    "condition": "the condition is {given}, and must be a yes or no",
    "formula": "a formula gives an amount or a yes or no",
    "wordings": "its other wordings give something of another kind",
    "result": "the result {word} is none of {choices}",
    "line": "the line {word} is no policy parameter",
    "limit": "the limit {word} is no policy parameter",
}


class Unreadable(ValueError):
    """A cell that is no condition: a code of `FAULTS`, and what fills it in (`at` is the character, from one on)."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(FAULTS[code].format(**values))
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a condition: an operation on parts, or a leaf (number, truth, word) with its value."""

    kind: str
    value: float | bool | str = ""
    parts: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, word, or the sign itself
    text: str
    at: int


def parse(text: str) -> Node:
    """The condition that a cell holds. Raises Unreadable."""
    if len(text) > LENGTH_MAX:
        raise Unreadable("long", most=LENGTH_MAX)
    reader = _Reader(list(_tokens(text)))
    found = reader.choice()
    reader.end()
    return found


def words(node: Node) -> Iterator[str]:
    """Every word of a condition, in the order of writing, some of them more than once."""
    if node.kind == "word":
        yield str(node.value)
    for part in node.parts:
        yield from words(part)


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            here = at + len(text[at:]) - len(text[at:].lstrip())
            raise Unreadable("strange", at=here + 1, text=text[here])
        number, word, sign = found.groups()
        shown = number or word or sign
        kind = "number" if number else _SAME.get(shown, shown)
        yield _Token("word" if word and kind not in _WORDS else kind, shown, found.end() - len(shown))
        at = found.end()
    yield _Token("end", "the end", len(text))


class _Reader:
    """Reads tokens from the loosest bond (或) to the tightest (a sign before a number)."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def end(self) -> None:
        """Nothing may be left."""
        self._take("end")

    def choice(self) -> Node:
        """One thing or another."""
        return self._joined("or", self._both)

    def _both(self) -> Node:
        return self._joined("and", self._denied)

    def _joined(self, sign: str, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self._met(sign):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Node(sign, parts=tuple(parts))

    def _denied(self) -> Node:
        if self._met("not"):
            return Node("not", parts=(self._deeper(self._denied),))
        left = self._sum()
        if self._met("in"):
            return Node("in", parts=(left, *self._listed()))
        if self._now.kind in _COMPARED:
            sign = self._next().kind
            found = Node(sign, parts=(left, self._sum()))
            if self._now.kind in _COMPARED:
                raise self._wrong("one")
            return found
        return left

    def _listed(self) -> list[Node]:
        self._take("(")
        found = [self._leaf()]
        while self._met(","):
            found.append(self._leaf())
        self._take(")")
        return found

    def _sum(self) -> Node:
        return self._chained(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._chained(("*", "/"), self._signed)

    def _chained(self, signs: tuple[str, ...], part: Callable[[], Node]) -> Node:
        found = part()
        while self._now.kind in signs:
            sign = self._next().kind
            found = Node(sign, parts=(found, part()))
        return found

    def _signed(self) -> Node:
        if self._met("-"):
            return Node("minus", parts=(self._deeper(self._signed),))
        if self._met("("):
            found = self._deeper(self.choice)
            self._take(")")
            return found
        return self._leaf()

    def _deeper(self, part: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self._wrong("deep", most=DEPTH_MAX)
        found = part()
        self._depth -= 1
        return found

    def _leaf(self) -> Node:
        if self._now.kind not in {"number", "true", "false", "word"}:
            raise self._wrong("missing")
        token = self._next()
        if token.kind == "number":
            return Node("number", _number(token.text))
        if token.kind == "word":
            return Node("word", token.text)
        return Node("truth", token.kind == "true")

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._now
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _met(self, kind: str) -> bool:
        if self._now.kind != kind:
            return False
        self._next()
        return True

    def _take(self, kind: str) -> None:
        if not self._met(kind):
            raise self._wrong("too_much") if kind == "end" else self._wrong("expected", sign=kind)

    def _wrong(self, code: str, **values: object) -> Unreadable:
        return Unreadable(code, at=self._now.at + 1, text=self._now.text, **values)


def _number(text: str) -> float:
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)
