"""From the words of a condition to what they mean: facts, outcomes of rows, figures of policy. Kinds are checked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from anlan.engine.policy.choosing import entries
from anlan.engine.policy.tables.facts import facts
from anlan.engine.policy.tables.language import Node, Unreadable, words
from anlan.engine.policy.tables.rows import Table

NUMBER, YES_NO, TEXT, NOTE = "number", "yes_no", "text", "note"
_COMPARED = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word stands for: a thing that is known of the household (`name`), or a parameter of policy."""

    name: str
    kind: str
    title: str
    unit: str = ""
    parameter: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)


class Vocabulary:
    """Every word that cells may use, in the order in which tables make new ones."""

    def __init__(self) -> None:
        self._meanings: dict[str, Meaning] = {}
        for key, each in facts().items():
            self.add((key, each.word), Meaning(key, each.kind, each.title, each.unit, choices=each.choices))
        for key, entry in entries().items():
            kind = TEXT if isinstance(entry.values[0].value, str) else NUMBER
            self.add((key, entry.word), Meaning(key, kind, entry.title, entry.unit, parameter=True))

    def add(self, names: Iterable[str], meaning: Meaning) -> None:
        """A meaning under these words; what a table reckons under a fact's own name is that fact. Raises Unreadable."""
        for word in filter(None, names):
            held = self._meanings.setdefault(word, meaning)
            if (held.name, held.parameter) != (meaning.name, meaning.parameter):
                raise Unreadable("twice", word=word)

    def meaning(self, word: str) -> Meaning:
        """What a word means. Raises Unreadable."""
        try:
            return self._meanings[word]
        except KeyError:
            raise Unreadable("word", word=word) from None

    def meanings(self, node: Node) -> list[Meaning]:
        """What the words of a condition mean, each once; words that are choices of a text are left out."""
        found = {word: self._meanings[word] for word in words(node) if word in self._meanings}
        return list({each.name: each for each in found.values()}.values())


def bound(node: Node, vocabulary: Vocabulary, value: Callable[[str], float]) -> tuple[Node, str]:
    """The condition with its words resolved and policy's figures put in, and its kind. Raises Unreadable.

    What is left: numbers, truths, `amount` and `yes` for things known, and operations on them. A text's choices are
    numbers from zero on, in the order in which the fact lists them.
    """
    if node.kind == "word":
        return _named(str(node.value), vocabulary, value)
    if node.kind in {"number", "truth"}:
        return node, NUMBER if node.kind == "number" else YES_NO
    if node.kind in {"in", "=", "!="}:
        return _equal(node, vocabulary, value), YES_NO
    wanted, given = _signature(node.kind)
    parts = tuple(_of_kind(part, wanted, node.kind, vocabulary, value) for part in node.parts)
    return Node(node.kind, parts=parts), given


def _signature(kind: str) -> tuple[str, str]:
    if kind in {"and", "or", "not"}:
        return YES_NO, YES_NO
    return NUMBER, YES_NO if kind in _COMPARED else NUMBER


def _named(word: str, vocabulary: Vocabulary, value: Callable[[str], float]) -> tuple[Node, str]:
    meaning = vocabulary.meaning(word)
    if not meaning.parameter:
        return Node("yes" if meaning.kind == YES_NO else "amount", meaning.name), meaning.kind
    if meaning.kind != NUMBER:
        raise Unreadable("policy_text", word=word)
    return Node("number", value(meaning.name)), NUMBER


def _of_kind(
    node: Node, wanted: str, sign: str, vocabulary: Vocabulary, value: Callable[[str], float]
) -> Node:  # fmt: skip
    found, kind = bound(node, vocabulary, value)
    if kind != wanted:
        raise Unreadable("kind", sign=sign, wanted=SAID[wanted], given=SAID[kind])
    return found


SAID = {NUMBER: "a number", YES_NO: "a yes or no", TEXT: "a text", NOTE: "a note that is only told"}


def _equal(node: Node, vocabulary: Vocabulary, value: Callable[[str], float]) -> Node:
    left, kind = bound(node.parts[0], vocabulary, value)
    if kind == TEXT:
        choices = vocabulary.meaning(str(node.parts[0].value)).choices
        right = tuple(_choice(each, choices) for each in node.parts[1:])
    elif kind == NUMBER:
        right = tuple(_of_kind(each, NUMBER, node.kind, vocabulary, value) for each in node.parts[1:])
    else:
        raise Unreadable("kind", sign=node.kind, wanted="a number or a text", given=SAID[kind])
    if node.kind == "in":
        equal = tuple(Node("=", parts=(left, each)) for each in right)
        return equal[0] if len(equal) == 1 else Node("or", parts=equal)
    return Node(node.kind, parts=(left, *right))


def _choice(node: Node, choices: Mapping[str, str]) -> Node:
    word = str(node.value)
    for number, (code, shown) in enumerate(choices.items()):
        if node.kind == "word" and word in {code, shown}:
            return Node("number", float(number))
    raise Unreadable("choice", word=word or node.kind, choices=", ".join(choices.values()))


def extend(vocabulary: Vocabulary, table: Table) -> None:
    """Add what a table decides to the words that later tables may use. Raises Unreadable."""
    if table.hit == "all":
        for row in table.rows:
            name = f"{table.key}.{row.key}"
            vocabulary.add((name, row.word), Meaning(name, YES_NO, row.versions[0].title))
        vocabulary.add((table.key, table.word), Meaning(table.key, YES_NO, table.title))
    if table.hit == "first":
        choices = {"": "", **table.results}
        vocabulary.add((table.key, table.word), Meaning(table.key, TEXT, table.title, choices=choices))
