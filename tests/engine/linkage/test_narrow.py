"""Of a long list only those are compared whom a short one can mean, and nothing else comes of it."""

import numpy as np
import polars as pl
import pytest
from tests.engine.linkage.damage import damaged_ids, damaged_names
from tests.engine.linkage.persons import World, make

from anlan.engine.linkage import Options, compare, crosswalk
from anlan.engine.linkage import standard as standards

ANONYMOUS = ("id_number", "sex", "born", "division", "household")
WORLDS = {
    "usual": World(12_000, 900, seed=31),
    "every column": World(12_000, 900, seed=32, damaged=0.5, without=()),
    "no numbers": World(12_000, 900, seed=33, without=ANONYMOUS),
    "many outsiders": World(12_000, 900, seed=34, damaged=0.5, outsiders=0.5),
}
LONG = {"no numbers", "many outsiders"}


@pytest.fixture(autouse=True)
def narrow_soon(monkeypatch):
    monkeypatch.setattr(standards, "NARROW_FROM", 1000)


def worn(register, seed):
    """A register that is as dirty as a list."""
    rng = np.random.default_rng(seed)
    numbers = np.array(register["id_number"].to_list())
    names = damaged_names(rng, np.array(register["name"].to_list()), 1.0)
    return register.with_columns(
        id_number=pl.Series(damaged_ids(rng, numbers, numbers[::-1], 0.2)), name=pl.Series(names)
    )


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long if name in LONG else ()) for name in WORLDS]
)
@pytest.mark.parametrize(
    "dirty", [pytest.param(False, marks=pytest.mark.long), True], ids=["clean register", "dirty register"]
)
def test_the_outcome_is_that_of_comparing_everybody(name, dirty):
    lists = make(WORLDS[name])
    register = worn(lists.register, 1) if dirty else lists.register
    for sides in ((lists.listed, register), (register, lists.listed)):
        narrow, whole = (compare(*sides, Options(whole=each)) for each in (False, True))
        assert narrow.links.equals(whole.links)
        assert narrow.review.equals(whole.review)
        assert narrow.links.height > 300


def test_few_are_left_to_compare():
    lists = make(WORLDS["usual"])
    listed, register = standards.standard(lists.listed, lists.register)
    assert register.rows.height < lists.register.height / 2
    assert (register.height, register.names.height) == (lists.register.height, lists.register.height)
    assert (listed.rows.height, listed.height) == (900, 900)


def test_a_list_of_a_quarter_is_long_enough_to_be_compared_whole():
    lists = make(World(2_000, 900, seed=35))
    _listed, register = standards.standard(lists.listed, lists.register)
    assert register.rows.height == lists.register.height


def test_a_confirmed_pair_that_shares_nothing_is_found_in_a_long_list():
    lists = make(WORLDS["usual"])
    row = {"name": "赵钱孙", "id_number": None, "phone": "13912345678"}
    listed = pl.DataFrame([row], schema=dict.fromkeys(row, pl.String))
    found = compare(listed, lists.register)
    assert found.links.is_empty()
    left, right = standards.standard(listed, lists.register, whole=True)
    known = pl.DataFrame({"left_key": crosswalk.keys(left.rows), "right_key": crosswalk.keys(right.rows[:1])})
    linked = compare(listed, lists.register, Options(crosswalk=known)).links
    assert linked.select("left", "right", "rule").rows() == [(1, 1, "crosswalk")]
