"""Same person, two lists: rules from the surest to the weakest, each on what the earlier ones left.

A row of the list is linked to one person of the register, or to nobody: where two persons fit equally well, a person
decides. What no rule may link on its own is proposed in a ranked queue, with both sides' agreements and the rule.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from anlan.engine.linkage import crosswalk
from anlan.engine.linkage.backends import Backend, Local
from anlan.engine.linkage.reasons import reasons
from anlan.engine.linkage.rules import Rule, Rules, rules
from anlan.engine.linkage.shares import shares, vague
from anlan.engine.linkage.standard import Standard, Table, standard

CROSSWALK = "crosswalk"
TAKEN = "taken"
PROPOSALS = 3  # candidates a reviewer is shown for one row
_SIDES = ("left", "right")
_QUEUE = ("left", "right", "rule", "probability", "reasons")
_PAIRS = {"l": pl.Int64, "r": pl.Int64}
_LINKS = {**_PAIRS, "rule": pl.String, "probability": pl.Float64}
_REVIEW = {**_LINKS, "agreement": pl.Int64}
# Names nobody else is to be expected to have: by chance, surname and given name would meet in less than one person
# of twenty lists as long as the longer one.
_RARE = """
SELECT once.name AS name FROM (
  SELECT name, min(surname) AS surname, min(given) AS given FROM r WHERE name IN (SELECT name FROM l)
  GROUP BY name HAVING min(person) = max(person)) once
JOIN surnames s ON s.surname = once.surname JOIN givens g ON g.given = once.given
WHERE s.many * g.many * {scale} < {square}
"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of two lists, rows counted from 1.

    `links`: `left`, `right`, `rule`, `probability`, each left row at most once. `review`: the same and `reasons`,
    what agrees and what does not, most probable first, and the keys a confirmed pair is kept by; only rows that are
    not linked.
    """

    links: pl.DataFrame
    review: pl.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """Links by rule, in the cascade's order."""
        found = dict(self.links.group_by("rule").len().iter_rows())
        return {name: found[name] for name in (CROSSWALK, *(rule.name for rule in rules().cascade)) if name in found}


@dataclass(frozen=True, slots=True)
class Options:
    """How to compare. `crosswalk`: keys (`left_key`, `right_key`) of pairs that were confirmed, which are taken first.
    `one_to_one`: no right row twice, either. `gazetteer`: full names of division codes. `whole`: look at every row of
    a list that is far longer than the other, which finds the same (a crosswalk needs every row, too). `splink`: give
    every pair of the queue its weight by Splink, which is then needed.
    """

    crosswalk: pl.DataFrame | None = None
    one_to_one: bool = False
    gazetteer: Mapping[str, str] | None = None
    whole: bool = False
    splink: bool = False


def compare(left: Table, right: Table, options: Options | None = None, backend: Backend | None = None) -> Comparison:
    """Link the rows of two lists (Polars frames, Arrow tables or columns of the fields in `standard.FIELDS`).

    Which of the two is the register, with one row a person, is found out; it makes no difference to a pair.
    """
    options = options or Options()
    sides = standard(left, right, options.gazetteer, whole=options.whole or options.crosswalk is not None)
    turned = sides[0].weight > sides[1].weight
    names = {"l": "right", "r": "left"} if turned else {"l": "left", "r": "right"}
    listed, register = sides[::-1] if turned else sides
    known = pl.DataFrame(schema=_PAIRS)
    if options.crosswalk is not None:
        confirmed = crosswalk.pairs(options.crosswalk, sides[0].rows, sides[1].rows)
        known = confirmed.rename({given: own for own, given in names.items()}).select("l", "r")
    run = _Run(listed, register, backend or Local(), rules())
    links, review = run.links(known), run.review()
    why = reasons(review, listed.rows, register.rows)
    review = review.rename(names).with_columns(reasons=why)
    links, taken = _single(links.rename(names), one_to_one=options.one_to_one)
    taken = taken.with_columns(reasons=pl.lit([TAKEN], dtype=pl.List(pl.String)))
    queue = pl.concat([table.select(_QUEUE) for table in (review, taken)])
    marks = {
        f"{side}_key": crosswalk.keys(queue.select(n=side).join(rows.rows, on="n", how="left", maintain_order="left"))
        for side, rows in zip(_SIDES, sides, strict=True)
    }
    if options.splink:
        from anlan.engine.linkage import ranking

        pairs = queue.rename({given: own for own, given in names.items()})
        marks["splink_weight"] = ranking.weights(listed, register, pairs)
    return Comparison(links.select(_QUEUE[:4]), queue.with_columns(**marks))


def _single(links: pl.DataFrame, *, one_to_one: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Links with each left row once (and each right row, where asked), the surest kept; and what that leaves out."""
    ranked = links.with_row_index("place")  # rules ran from the surest on
    kept = ranked.sort("place", "right").unique("left", keep="first", maintain_order=True)
    if not one_to_one:
        return kept.drop("place").sort("left"), links.clear()
    single = kept.unique("right", keep="first", maintain_order=True)
    taken = kept.join(single, on="left", how="anti")
    return single.drop("place").sort("left"), taken.drop("place").sort("left")


class _Run:
    """One pass of the cascade over `l` and `r`, tables of the backend."""

    def __init__(self, listed: Standard, register: Standard, backend: Backend, given: Rules) -> None:
        self._backend, self._rules = backend, given
        size = register.height
        self._rare = _RARE.format(scale=20 * max(listed.height, size), square=size * size)
        self._names: pl.DataFrame | None = register.names
        self._tied: dict[str, pl.DataFrame] = {}
        self._shares: dict[str, float] = {}
        self._sides = listed, register
        self._open = listed.rows.select(l="n")
        filled = [_filled(listed), _filled(register)]
        self._present = (filled[0] & filled[1]) | {f"{n}.{f}" for n, fs in zip("lr", filled, strict=True) for f in fs}
        for name, rows in (("l", vague(listed, register)), ("r", register.rows)):
            backend.load(name, rows.to_arrow())
        for name, side in (("l", listed), ("r", register)):
            backend.load(f"{name}_repairs", side.repairs.to_arrow())

    def links(self, known: pl.DataFrame) -> pl.DataFrame:
        """Pairs (`l`, `r`, `rule`, `probability`) by the crosswalk, then rule by rule."""
        found = [known.with_columns(rule=pl.lit(CROSSWALK), probability=pl.lit(1.0))]
        self._take(known)
        for rule in self._possible(self._rules.automatic):
            if rule.suffers and not self._shares:
                self._shares = shares(*self._sides, found)
            trust = self._rules.precision(rule, self._shares)
            if trust < self._rules.least:
                continue  # it proposes
            pairs = self._fetch(self._rules.links(rule), {**_PAIRS, "one": pl.Int64})
            sure = pairs.filter(pl.col("one") == 1).drop("one")
            self._tied[rule.name] = pairs.filter(pl.col("one") == 0).select("l")
            self._take(sure)
            found.append(sure.sort("l").with_columns(rule=pl.lit(rule.name), probability=pl.lit(trust)))
        links = pl.concat([table.cast(pl.Schema(_LINKS)) for table in found])
        self._open = self._open.join(links, on="l", how="anti")
        return links

    def review(self) -> pl.DataFrame:
        """The best few candidates of every row that is not linked; one of several equals has its share of the odds."""
        found = [pl.DataFrame(schema=_REVIEW)]
        for rule in self._possible(self._rules.cascade):
            # A rule that linked has nothing left to say but of rows where several persons fit alike.
            tied = self._tied.get(rule.name)
            asked = self._open if tied is None else tied.join(self._open, on="l", how="semi")
            if asked.is_empty():
                continue
            self._backend.load("asked", asked.to_arrow())
            pairs = self._fetch(self._rules.best(rule, PROPOSALS), {**_PAIRS, "agreement": pl.Int64})
            odds = pl.lit(self._rules.precision(rule, self._shares)) / pl.len().over("l")
            found.append(pairs.with_columns(rule=pl.lit(rule.name), probability=odds).select(_REVIEW.keys()))
        ranked = _ranked(pl.concat(found).unique(["l", "r"], keep="first", maintain_order=True))
        return _ranked(ranked.group_by("l", maintain_order=True).head(PROPOSALS).select(_REVIEW.keys()))

    def _possible(self, given: tuple[Rule, ...]) -> Iterator[Rule]:
        """The rules whose columns both lists have something in."""
        for rule in given:
            if self._present.issuperset(rule.needs):
                if " rare " in rule.source:
                    self._keep_rare()
                yield rule

    def _keep_rare(self) -> None:
        """The names nobody else is expected to have, by how common surnames and given names are in the register."""
        if self._names is not None:
            for part in ("surname", "given"):
                counts = self._names.group_by(part).agg(many=pl.len().cast(pl.Int64)).drop_nulls()
                self._backend.load(f"{part}s", counts.to_arrow())
            self._names = None
        self._backend.keep("rare", self._rare)

    def _fetch(self, sql: str, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
        table = pl.DataFrame(self._backend.fetch(sql))
        return table.select(pl.col(name).cast(kind) for name, kind in schema.items())

    def _take(self, pairs: pl.DataFrame) -> None:
        """Rows that are linked take no further part."""
        if pairs.height:
            self._backend.drop("l", "n", pairs["l"].to_arrow())


def _ranked(review: pl.DataFrame) -> pl.DataFrame:
    return review.sort("probability", "agreement", "l", "r", descending=[True, True, False, False])


def _filled(side: Standard) -> set[str]:
    """The columns in which anything stands at all."""
    filled = {column.name for column in side.rows if column.null_count() < len(column)}
    named = {"named"} if filled & {"name", "name_like"} else set()  # a list may mask every name
    return filled | named | ({"repairs"} if side.repairs.height else set())
