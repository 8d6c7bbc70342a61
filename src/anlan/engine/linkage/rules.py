"""The rules of the cascade, read from `rules.toml` and put into SQL that DuckDB, PostgreSQL and Spark run alike."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from string import Formatter

# Nothing that measures a distance, and nothing that only one of the three databases knows.
FORBIDDEN = re.compile(
    r"levenshtein|jaro|hamming|jaccard|soundex|similarity|regexp|::|\bQUALIFY\b|\bILIKE\b", re.IGNORECASE
)

OUTSIDERS, BORROWED = "outsiders", "borrowed"
SUFFERS = {"", OUTSIDERS, BORROWED}


class RuleInvalid(ValueError):
    """A rule that cannot be used as it is written."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of evidence: what must agree (`source`, `where`), and how far a link by it is trusted."""

    name: str
    evidence: str
    precision: float
    auto: bool
    needs: tuple[str, ...]
    source: str
    where: str = "1 = 1"
    suffers: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The cascade in its order, and how candidates of one rule are ranked."""

    cascade: tuple[Rule, ...]
    agreement: str
    outsiders: float
    least: float

    @property
    def automatic(self) -> tuple[Rule, ...]:
        """Rules that link."""
        return tuple(rule for rule in self.cascade if rule.auto)

    def precision(self, rule: Rule, shares: Mapping[str, float]) -> float:
        """How far a rule is trusted on a list with these shares of `outsiders` and `borrowed` numbers; never further
        than where it was measured. Its wrong links are outsiders: as many more as there are of them to each insider.
        """
        share = shares.get(rule.suffers)
        if share is None:
            return rule.precision
        if rule.suffers == BORROWED:
            return min(rule.precision, 1 - share)
        odds = share / max(1 - share, 1e-6) * (1 - self.outsiders) / self.outsiders
        return max(0.0, 1 - (1 - rule.precision) * max(1.0, odds))

    def candidates(self, rule: Rule) -> str:
        """Every pair (`l`, `r`) that fits a rule, with the register row's `person` and how far the pair agrees."""
        return (
            f"SELECT l.n AS l, r.n AS r, r.person AS person, {self.agreement} AS agreement"  # noqa: S608 (own rules)
            f" FROM {rule.source} WHERE ({rule.where})"
        )

    def links(self, rule: Rule) -> str:
        """For every row with candidates the first of those that agree most, and whether they are all one person."""
        return (
            "SELECT l, min(r) AS r, CASE WHEN min(person) = max(person) THEN 1 ELSE 0 END AS one FROM ("  # noqa: S608
            "SELECT l, r, person, agreement, max(agreement) OVER (PARTITION BY l) AS most"
            f" FROM ({self.candidates(rule)}) c) ranked WHERE agreement = most GROUP BY l"
        )

    def best(self, rule: Rule, most: int) -> str:
        """The few pairs of a rule that agree most, for every row of `asked` that is still there."""
        return (
            "SELECT l, r, agreement FROM ("  # noqa: S608 (own rules)
            "SELECT l, r, agreement, row_number() OVER (PARTITION BY l ORDER BY agreement DESC, r) AS place"
            f" FROM ({self.candidates(rule)} AND l.n IN (SELECT l FROM asked)) c) ranked WHERE place <= {most}"
        )


def read(text: str) -> Rules:
    """The rules of a TOML text. Raises RuleInvalid by the rule's name."""
    body = tomllib.loads(text)
    terms: Mapping[str, str] = body["terms"]
    cascade = tuple(_rule(fields, terms) for fields in body["rule"])
    names = [rule.name for rule in cascade]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise RuleInvalid(f"{', '.join(sorted(repeated))}: stands twice")
    odds = body["odds"]
    return Rules(cascade, terms["agreement"], odds["outsiders"], odds["least"])


@lru_cache
def rules() -> Rules:
    """The rules of this package."""
    return read(files("anlan.engine.linkage").joinpath("rules.toml").read_text(encoding="utf-8"))


def _rule(fields: Mapping[str, object], terms: Mapping[str, str]) -> Rule:
    name = str(fields["name"])
    filled = {key: _filled(value, terms, name) if isinstance(value, str) else value for key, value in fields.items()}
    rule = Rule(**{**filled, "needs": tuple(fields["needs"])})  # type: ignore[arg-type]
    if found := FORBIDDEN.search(f"{rule.source} {rule.where}"):
        raise RuleInvalid(f"{name}: {found.group()} is not the same on every database")
    if rule.suffers not in SUFFERS:
        raise RuleInvalid(f"{name}: suffers from {rule.suffers}, which nobody measures")
    if not 0 < rule.precision <= 1:
        raise RuleInvalid(f"{name}: a precision lies between 0 and 1")
    return rule


def _filled(text: str, terms: Mapping[str, str], name: str) -> str:
    unknown = {word for _text, word, _spec, _conv in Formatter().parse(text) if word} - terms.keys()
    if unknown:
        raise RuleInvalid(f"{name}: no term {', '.join(sorted(unknown))}")
    return text.format_map(terms)
