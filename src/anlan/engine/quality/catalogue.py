"""The rules' words: what each looks at, how grave a breach is, where it comes from. Read from `rules.toml`."""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from anlan.engine.policy import TRUSTS

SEVERITIES: tuple[str, ...] = ("must_fix", "suspicious", "note")
LOOKS: tuple[str, ...] = ("household", "member", "register")


class RulesInvalid(ValueError):
    """A file of rules that cannot be read as it stands; the text names the rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `when` and `unless` are facts that must all hold, and of which none may: a rule without code.

    `needs`: facts that must be known for the rule to be asked at all. `figures`: numbers it judges by.
    """

    key: str
    title: str
    title_en: str
    reason: str  # {a} and {b} are figures of the finding
    reason_en: str
    looks_at: str
    severity: str
    source: str
    trust: str
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    figures: Mapping[str, int] = field(default_factory=dict)


def read(text: str) -> Mapping[str, Rule]:
    """The rules in a text, by key. Raises RulesInvalid."""
    return {key: _rule(key, table) for key, table in tomllib.loads(text).items()}


def _rule(key: str, table: Mapping[str, Any]) -> Rule:
    lists = {name: tuple(table.get(name, ())) for name in ("when", "unless", "needs")}
    try:
        rule = Rule(key=key, **{**table, **lists})
    except TypeError as error:
        raise RulesInvalid(f"{key}: {error}") from error
    for name, value, allowed in (
        ("severity", rule.severity, SEVERITIES), ("looks_at", rule.looks_at, LOOKS), ("trust", rule.trust, TRUSTS),
    ):  # fmt: skip
        if value not in allowed:
            raise RulesInvalid(f"{key}: {name} is {value!r}, not one of {', '.join(allowed)}")
    return rule


def skipped(facts: Collection[str], rules: Iterable[Rule]) -> dict[str, list[str]]:
    """The rules that cannot be asked with these facts, and the facts that each lacks."""
    lacking = {rule.key: [need for need in rule.needs if need not in facts] for rule in rules}
    return {key: needs for key, needs in lacking.items() if needs}


RULES: Mapping[str, Rule] = read(files("anlan.engine.quality").joinpath("rules.toml").read_text(encoding="utf-8"))
