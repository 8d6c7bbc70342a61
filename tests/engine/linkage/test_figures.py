"""How many are found and how many wrongly, on lists with the truth; the figures promised are for longer lists."""

import pytest
from tests.engine.linkage.persons import World, make

from anlan.engine.linkage import compare

N = 20_000
ANONYMOUS = ("id_number", "sex", "born", "division", "household")


@pytest.mark.long
@pytest.mark.parametrize(
    ("world", "precision", "recall"),
    [
        (World(N, N, seed=1), 0.999, 0.985),
        (World(N, N, seed=2, damaged=0.5), 0.997, 0.97),
        (World(N, N, seed=3, damaged=0.3, outsiders=0.25), 0.996, 0.975),
        (World(N, N, seed=4, without=ANONYMOUS), 0.99, 0.88),
        (World(N, N, seed=5, damaged=0.5, without=("household",)), 0.997, 0.98),
        (World(N, 2_000, seed=6, without=("phone", "address", "sex", "born", "division", "household")), 0.998, 0.9),
    ],
    ids=[
        "usual",
        "half the numbers damaged",
        "a quarter outsiders",
        "no numbers",
        "birthdays known",
        "number and name only",
    ],
)
def test_precision_and_recall(world, precision, recall):
    lists = make(world)
    score = lists.score(compare(lists.listed, lists.register).links)
    assert score["precision"] >= precision
    assert score["recall"] >= recall


def test_the_same_world_gives_the_same_lists():
    one, other = make(World(500, 300, seed=9)), make(World(500, 300, seed=9))
    assert one.listed.equals(other.listed)
    assert one.register.equals(other.register)
    assert not one.listed.equals(make(World(500, 300, seed=10)).listed)
