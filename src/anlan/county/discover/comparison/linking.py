"""A list's rows and the register's people: what people confirmed first, then the cascade. No database here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anlan.county.discover.comparison.reading import Line

if TYPE_CHECKING:
    import polars as pl

CROSSWALK = "crosswalk"
LIST = ("name", "id_number", "sex", "born", "phone", "address")


@dataclass(frozen=True, slots=True)
class Known:
    """What people have said of earlier lists of the source: who a key is, and who it is not."""

    same: Mapping[str, int] = field(default_factory=dict)
    different: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """A row and a person of the register, by which rule, and how sure that is."""

    line: Line
    person: int
    home: int
    rule: str
    probability: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """Rows that are somebody, rows that a person must decide with whom they may be, and rows that are nobody."""

    links: list[Match]
    review: list[Match]
    not_found: list[Line]


def compared(
    lines: Sequence[Line], register: "pl.DataFrame", known: Known, *, least: float, gazetteer: Mapping[str, str]
) -> Compared:
    """Link each row to at most one person. `least`: the precision under which a rule only proposes; `gazetteer`: the
    full names of the county's division codes.
    """
    homes = dict(zip(register["person"].to_list(), register["home"].to_list(), strict=True))
    confirmed = {line.number: known.same[line.key] for line in lines if known.same.get(line.key) in homes}
    links = [
        Match(line, confirmed[line.number], homes[confirmed[line.number]], CROSSWALK, 1.0)
        for line in lines
        if line.number in confirmed
    ]
    rest = [line for line in lines if line.number not in confirmed]
    found = _cascade(rest, register, gazetteer) if rest and register.height else []
    found = [each for each in found if (each.line.key, each.person) not in known.different]
    links += [each for each in found if not each.reasons and each.probability >= least]
    linked = {each.line.number for each in links}
    review = [each for each in found if each.line.number not in linked]
    open_ = linked | {each.line.number for each in review}
    return Compared(
        sorted(links, key=lambda each: each.line.number), review, [line for line in rest if line.number not in open_]
    )


def _cascade(lines: Sequence[Line], register: "pl.DataFrame", gazetteer: Mapping[str, str]) -> list[Match]:
    """What the rules say of the rows: links, then proposals with their reasons, the most probable first."""
    import polars as pl

    from anlan.engine.linkage import Options, compare

    schema = dict.fromkeys((*LIST, "division"), pl.String)
    listed = pl.DataFrame([{**_cells(line), "division": _division(line)} for line in lines], schema=schema)
    result = compare(listed, register, Options(gazetteer=gazetteer))
    people, homes = register["person"].to_list(), register["home"].to_list()
    links = [
        Match(lines[left - 1], people[right - 1], homes[right - 1], rule, probability)
        for left, right, rule, probability in result.links.iter_rows()
    ]
    proposed = result.review.select("left", "right", "rule", "probability", "reasons").iter_rows()
    return links + [
        Match(lines[left - 1], people[right - 1], homes[right - 1], rule, probability, tuple(reasons) or ("alike",))
        for left, right, rule, probability, reasons in proposed
    ]


def _cells(line: Line) -> dict[str, str | None]:
    return {name: line.who.get(name) for name in LIST}


def _division(line: Line) -> str | None:
    return "".join(line.who.get(name, "") for name in ("division", "township", "village")) or None
