"""The facts about a household that conditions may speak of: words, units and kinds, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from anlan.engine.policy.reading import fields_of, parsed
from anlan.engine.policy.tables.rows import TableInvalid

KINDS: tuple[str, ...] = ("number", "yes_no", "text", "note")  # a note is told and not reckoned with
_FIELDS = {"word": str, "title": str, "unit": str, "kind": str, "choices": dict}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known of a household, or not. A text is one of its choices (code → word)."""

    key: str
    word: str
    title: str
    unit: str
    kind: str
    choices: Mapping[str, str]


@lru_cache(maxsize=1)
def facts() -> Mapping[str, Fact]:
    """Every fact, by key, read once."""
    file = files("anlan.engine.policy.tables").joinpath("facts.toml")
    return {key: fact(key, body) for key, body in parsed(file, "tables").items()}


def fact(key: str, body: object) -> Fact:
    """A fact as the file has it. Raises TableInvalid."""
    told = fields_of(f"tables/facts.toml: {key}", body, _FIELDS, {"word", "title", "kind"})
    if told["kind"] not in KINDS or (told["kind"] == "text") != ("choices" in told):
        raise TableInvalid(f"tables/facts.toml: {key}: kind {told['kind']!r} with these choices makes no sense")
    return Fact(key, told["word"], told["title"], told.get("unit", ""), told["kind"], told.get("choices", {}))
