"""A list's rows and a long register: every row has one fate."""

import polars as pl
import pytest
from tests.engine.linkage.persons import World, make

from anlan.county.discover.comparison import linking
from anlan.county.discover.comparison.reading import Line, key
from anlan.engine.linkage import standard


def lines_of(frame):
    told = ({name: cell for name, cell in row.items() if cell} for row in frame.iter_rows(named=True))
    return [Line(number, key("x", who), who) for number, who in enumerate(told, start=2)]


def register_of(frame):
    rows = pl.int_range(1, frame.height + 1, dtype=pl.Int64)
    return frame.with_columns(person=rows, home=rows)


@pytest.mark.clause("D3")
def test_every_row_of_a_list_against_a_whole_register_has_one_fate(monkeypatch):
    lists = make(World(persons=6_000, rows=800, seed=11))
    found = []
    for narrow_from in (10**9, 1):
        monkeypatch.setattr(standard, "NARROW_FROM", narrow_from)
        found.append(linking.compared(
            lines_of(lists.listed), register_of(lists.register), linking.Known(), least=0.98, gazetteer={}
        ))  # fmt: skip
    assert found[0] == found[1]
    fates = [{each.line.number for each in found[1].links}, {each.line.number for each in found[1].review},
             {line.number for line in found[1].not_found}]  # fmt: skip
    assert sum(map(len, fates)) == len(set.union(*fates)) == lists.listed.height
    score = lists.score_pairs(*(pl.Series(side).to_numpy() for side in zip(
        *((each.line.number - 1, each.person) for each in found[1].links), strict=True)))  # fmt: skip
    assert score["precision"] > 0.998
    assert score["recall"] > 0.98


def test_an_empty_register_finds_nobody():
    lines = [Line(2, "a", {"name": "王一"})]
    register = register_of(pl.DataFrame({"name": ["王一"]})).clear()
    assert linking.compared(lines, register, linking.Known(), least=0.98, gazetteer={}).not_found == lines
