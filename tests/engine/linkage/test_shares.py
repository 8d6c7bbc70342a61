"""What a list shows of itself: outsiders, borrowed numbers, house groups that are not the register's."""

import polars as pl
import pytest
from tests.engine.linkage.persons import World, make

from anlan.engine.linkage import compare
from anlan.engine.linkage.shares import ENOUGH, shares, vague
from anlan.engine.linkage.standard import standard

USUAL = World(6_000, 3_000, seed=41)


def shown(lists, listed=None):
    listed = lists.listed if listed is None else listed
    found = compare(listed, lists.register).links
    whole = ("id_name", "relative_id", "id_alike", "relative_id_alike")
    links = found.filter(pl.col("rule").is_in(whole)).select(l="left", rule="rule")
    return shares(*standard(listed, lists.register), [links])


@pytest.mark.parametrize("outsiders", [0.0, 0.1, 0.4])
def test_how_many_are_in_no_register(outsiders):
    found = shown(make(World(6_000, 3_000, seed=42, outsiders=outsiders)))
    assert found["outsiders"] == pytest.approx(outsiders, abs=0.04)


def test_a_register_without_half_its_numbers_does_not_make_outsiders_of_its_people():
    lists = make(USUAL)
    lacking = pl.int_range(pl.len()) % 2 == 0
    register = lists.register.with_columns(id_number=pl.when(lacking).then("id_number"))
    found = compare(lists.listed, register).links.filter(pl.col("rule").is_in(["id_name", "id_alike"]))
    links = [found.select(l="left", rule="rule")]
    assert shares(*standard(lists.listed, register), links)["outsiders"] == pytest.approx(0.1, abs=0.05)


def test_numbers_of_others_are_counted():
    lists = make(World(6_000, 3_000, seed=43, damaged=0.9))
    relatives = sum(lists.truth >= 0) * 0.9 * 0.8 / 19.9
    whole = 3_000 * (0.1 + 0.9 * 2.4 / 19.9) * 0.9  # clean, of fifteen digits, or a relative's, and in the register
    assert shown(lists)["borrowed"] == pytest.approx(relatives / whole, abs=0.06)
    assert shown(make(World(6_000, 3_000, seed=43, damaged=0.0)))["borrowed"] < 0.02


def test_a_short_list_shows_nothing():
    lists = make(World(2_000, ENOUGH // 2, seed=44))
    assert shown(lists) == {}


def test_a_rule_that_this_list_makes_doubtful_only_proposes():
    few, many = (compare(*sides(outsiders)) for outsiders in (0.05, 0.7))
    assert few.counts["name_village"] > 20
    assert "name_village" not in many.counts
    proposed = many.review.filter(pl.col("rule") == "name_village")
    assert proposed.height > 20
    assert proposed["probability"].max() < 0.98


def sides(outsiders):
    lists = make(World(6_000, 3_000, seed=45, damaged=0.5, outsiders=outsiders))
    return lists.listed, lists.register


def test_house_groups_that_are_numbered_otherwise_tell_nothing():
    lists = make(USUAL)
    assert vague(*standard(lists.listed, lists.register))["house_group"].null_count() < 1500
    other = lists.listed.with_columns(pl.col("address").str.replace(r"[0-9]+组", "13组"))
    assert vague(*standard(other, lists.register))["house_group"].null_count() == 3000
    few = standard(other[:50], lists.register)
    assert vague(*few)["house_group"].null_count() < 50


def test_without_numbers_telephones_show_whether_groups_are_the_same():
    lists = make(USUAL)
    other = lists.listed.drop("id_number").with_columns(pl.col("address").str.replace(r"[0-9]+组", "13组"))
    assert vague(*standard(other, lists.register))["house_group"].null_count() == 3000
