"""All decision tables together: those of the files, and the county's own signed wordings on top."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from anlan.engine.policy.choosing import entries
from anlan.engine.policy.parameters import PolicyUnknown
from anlan.engine.policy.tables.binding import NUMBER, SAID, YES_NO, Meaning, Vocabulary, bound, extend
from anlan.engine.policy.tables.language import Node, Unreadable, parse
from anlan.engine.policy.tables.reading import read, with_version
from anlan.engine.policy.tables.rows import Row, Table, TableInvalid, Version


@dataclass(frozen=True, slots=True)
class Cells:
    """A wording's cells, parsed: its condition, its formula in a table of `each`, its figures, what its words mean."""

    condition: Node
    formula: Node | None
    kind: str
    figures: Mapping[str, Node]
    meanings: tuple[Meaning, ...]


@dataclass(frozen=True, eq=False)
class Rulebook:
    """Tables in their order, every cell checked once. Two books are the same only where they are one."""

    tables: Mapping[str, Table]
    vocabulary: Vocabulary = field(default_factory=Vocabulary, repr=False)
    cells: dict[int, Cells] = field(default_factory=dict, repr=False)  # by the identity of the version

    def __post_init__(self) -> None:
        for table in self.tables.values():
            self._check(table)

    def table(self, key: str) -> Table:
        """A table by its key. Raises PolicyUnknown."""
        try:
            return self.tables[key]
        except KeyError:
            raise PolicyUnknown(f"no decision table {key!r}; there are {', '.join(self.tables)}") from None

    def revised(self, changes: Iterable[tuple[str, str, Version]]) -> "Rulebook":
        """The book with more wordings (table, row, wording), in order of days. Raises TableInvalid, PolicyUnknown."""
        tables = dict(self.tables)
        for key, row, version in changes:
            if row not in {each.key for each in self.table(key).rows}:
                raise TableInvalid(f"{version.place}: {key} has no row {row}")
            tables[key] = with_version(tables[key], row, version)
        return Rulebook(tables)

    def _check(self, table: Table) -> None:
        place = f"{table.key}"
        try:
            if table.limit and table.limit not in entries():
                raise Unreadable("limit", word=table.limit)
            for row in table.rows:
                for version in row.versions:
                    place = version.place
                    self.cells[id(version)] = self._cells(table, row, version)
                self._name(table, row)
            extend(self.vocabulary, table)
        except Unreadable as error:
            raise TableInvalid(f"{place}: {error}") from error

    def _cells(self, table: Table, row: Row, version: Version) -> Cells:
        condition, kind = self._bound(version.when)
        if kind != YES_NO:
            raise Unreadable("condition", given=SAID[kind])
        formula = None
        if table.hit == "each":
            formula, kind = self._bound(version.then)
            self._check_kind(row, kind)
        elif table.results and version.then not in table.results:
            raise Unreadable("result", word=version.then, choices=", ".join(table.results))
        if version.line and version.line not in entries():
            raise Unreadable("line", word=version.line)
        figures = {name: self._bound(text)[0] for name, text in version.figures.items()}
        nodes = [condition, *filter(None, [formula]), *figures.values()]
        meanings = {each.name: each for node in nodes for each in self.vocabulary.meanings(node)}
        return Cells(condition, formula, kind, figures, tuple(meanings.values()))

    def _bound(self, text: str) -> tuple[Node, str]:
        node = parse(text)
        return node, bound(node, self.vocabulary, lambda _key: 1.0)[1]

    def _check_kind(self, row: Row, kind: str) -> None:
        if kind not in {NUMBER, YES_NO}:
            raise Unreadable("formula")
        earlier = {self.cells[id(each)].kind for each in row.versions if id(each) in self.cells}
        if earlier - {kind}:
            raise Unreadable("wordings")

    def _name(self, table: Table, row: Row) -> None:
        """What a row of a table of `each` reckons may be used from the next row on."""
        if table.hit == "each":
            kind = self.cells[id(row.versions[0])].kind
            self.vocabulary.add((row.key, row.word), Meaning(row.key, kind, row.versions[0].title))


def load(folder: Traversable) -> Rulebook:
    """The book of a folder with {cn,jx,anyi}/tables/*.toml. Raises TableInvalid by file, table and row."""
    return Rulebook(read(folder))


@lru_cache(maxsize=1)
def book() -> Rulebook:
    """The book of the policy files, read once."""
    return load(files("anlan.engine.policy"))
