"""The queue's weights by Splink: more for what agrees more; the queue, its order and the links stay what they are."""

import polars as pl
import pytest
from tests.engine.linkage.persons import World, make

from anlan.engine.linkage import Options, compare, ranking

ANONYMOUS = ("id_number", "sex", "born", "division", "household")


def test_whether_splink_is_there_is_known_without_loading_it(monkeypatch):
    monkeypatch.setattr(ranking, "find_spec", lambda name: None)
    assert not ranking.installed()
    monkeypatch.setattr(ranking, "find_spec", lambda name: name)
    assert ranking.installed()


def test_weights_are_asked_for_the_queues_pairs_and_stand_beside_them(monkeypatch):
    asked = []

    def weights(listed, register, pairs):
        asked.append(pairs.select("l", "r").rows())
        return pairs["r"].cast(pl.Float64)

    monkeypatch.setattr(ranking, "weights", weights)
    name = {"name": ["王一", "王一"], "household": ["1", "2"], "address": ["甲镇乙村", "甲镇乙村"]}
    found = compare({"name": ["王一"], "address": ["甲镇乙村"]}, name, Options(splink=True))
    assert asked == [[(1, 1), (1, 2)]]
    assert found.review["splink_weight"].to_list() == [1.0, 2.0]


@pytest.mark.needs("splink")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.long
@pytest.mark.parametrize("without", [("sex", "born", "division", "household"), ANONYMOUS], ids=["usual", "no numbers"])
def test_every_pair_of_the_queue_has_a_weight_and_nothing_else_changes(without):
    lists = make(World(4_000, 3_000, seed=51, damaged=0.5, without=without))
    plain, weighed = (compare(lists.listed, lists.register, Options(splink=each)) for each in (False, True))
    assert weighed.links.equals(plain.links)
    assert weighed.review.drop("splink_weight").equals(plain.review)
    assert weighed.review["splink_weight"].null_count() == 0


@pytest.mark.needs("splink")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.long
def test_who_lives_in_the_same_village_weighs_more_than_who_lives_elsewhere():
    lists = make(World(4_000, 3_000, seed=52, damaged=0.5))
    review = compare(lists.listed, lists.register, Options(splink=True)).review
    alone = review.filter(pl.col("reasons").list.contains("name_same"))
    same, differs = (
        alone.filter(pl.col("reasons").list.contains(word))["splink_weight"]
        for word in ("village_same", "village_differs")
    )
    assert len(same) > 5
    assert len(differs) > 5
    assert same.mean() > differs.mean()
