"""A county's register is narrowed before it is compared, and the outcome stays what it was."""

import polars as pl
import pytest
from tests.engine.linkage.persons import World, make

from anlan.county.discover.comparison import linking, narrowing
from anlan.county.discover.comparison.reading import Line, key


@pytest.fixture(scope="module")
def lists():
    return make(World(persons=12_000, rows=1_500, seed=11))


def lines_of(frame):
    told = ({name: cell for name, cell in row.items() if cell} for row in frame.iter_rows(named=True))
    return [Line(number, key("x", who), who) for number, who in enumerate(told, start=2)]


def register_of(frame):
    rows = pl.int_range(1, frame.height + 1, dtype=pl.Int64)
    return frame.with_columns(person=rows, home=rows)


def linked(lists, monkeypatch, narrow_from):
    monkeypatch.setattr(narrowing, "NARROW_FROM", narrow_from)
    return linking.compared(
        lines_of(lists.listed), register_of(lists.register), linking.Known(), least=0.98, places=linking.Places()
    )  # fmt: skip


@pytest.mark.clause("D3")
def test_narrowing_changes_next_to_nothing(lists, monkeypatch):
    whole, narrow = (linked(lists, monkeypatch, number) for number in (10**9, 1))
    pairs = [{(each.line.number, each.person) for each in found.links} for found in (whole, narrow)]
    assert len(pairs[0] ^ pairs[1]) <= 0.004 * len(pairs[0])
    score = lists.score_pairs(*(pl.Series(side).to_numpy() for side in zip(
        *((each.line.number - 1, each.person) for each in narrow.links), strict=True)))  # fmt: skip
    assert score["precision"] > 0.998
    assert score["recall"] > 0.98


def test_every_row_has_one_fate(lists, monkeypatch):
    found = linked(lists, monkeypatch, 1)
    fates = [{each.line.number for each in found.links}, {each.line.number for each in found.review},
             {line.number for line in found.not_found}]  # fmt: skip
    assert sum(map(len, fates)) == len(set.union(*fates)) == lists.listed.height


def people(*rows):
    columns = ("person", "home", "name", "id_number", "phone", "born", "division")
    return pl.DataFrame([dict(zip(columns, row, strict=True)) for row in rows])


REGISTER = people(
    (1, 1, "王一", "990123197001010010", "13800000001", "19700101", "V1"),
    (2, 1, "王二", "990123199002020020", "13800000001", "19900202", "V1"),
    (3, 2, "李三", "", "", "", "V2"),
    (4, 3, "赵四", "990123198003030030", "13900000009", "19800303", "V3"),
)


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ({"id_number": "990123197001010010"}, {1, 2}),  # and the household: a relative's number is used, too
        ({"id_number": "99012319800303003X"}, {4}),  # the birthday
        ({"id_number": "990123800303003"}, {4}),  # an old number's birthday
        ({"id_number": "990123198003030"}, {4}),
        ({"id_number": "990123198103030030"}, {4}),  # both ends
        ({"born": "1980-03-03"}, {4}),
        ({"phone": "8613900000009"}, {4}),
        ({"name": "李三"}, {3}),
        ({"name": "李山"}, {3}),  # nothing but a name and a village
        ({"name": "李山", "phone": "1"}, set()),
    ],
)
def test_whom_a_row_can_be(who, found):
    near = narrowing.candidates([Line(2, "k", who)], ["V2"], REGISTER)
    assert set(near["person"]) == found


def test_only_a_whole_number_with_its_name_is_exact():
    lines = [Line(2, "a", {"id_number": "990123197001010010", "name": "王一"}),
             Line(3, "b", {"id_number": "990123197001010010", "name": "王二"}),
             Line(4, "c", {"name": "李三"})]  # fmt: skip
    assert narrowing.exact(lines, REGISTER) == {0: 0}


def test_when_all_are_exact_nothing_is_left_to_the_rules(monkeypatch):
    monkeypatch.setattr(narrowing, "NARROW_FROM", 1)
    lines = [Line(2, "a", {"id_number": "990123197001010010", "name": "王一"})]
    found = linking.compared(lines, REGISTER, linking.Known(), least=0.98, places=linking.Places())
    assert [(each.person, each.rule) for each in found.links] == [(1, "id_name")]


def test_an_empty_register_finds_nobody():
    lines = [Line(2, "a", {"name": "王一"})]
    found = linking.compared(lines, REGISTER.clear(), linking.Known(), least=0.98, places=linking.Places())
    assert found.not_found == lines
