"""Who is linked to whom, and who is not: each rule at work, and the traps of the countryside."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.linkage.persons import World, make

from anlan.engine.linkage import Options, compare
from anlan.engine.linkage.rules import rules

WEI = {"name": "张伟", "id_number": "990123197211110033", "phone": "13912345678", "address": "万埠镇下庄村3组"}
SON = {"name": "张建国", "id_number": "990123201006061040", "phone": "13912345678", "address": "万埠镇下庄村3组"}
GIVEN = [f"{a}{b}" for a in "春夏秋冬东南西北" for b in "一二三四五六七八"]
HOME = {"household": "990123000001"}


def table(*rows):
    fields = sorted({field for row in rows for field in row})
    return {field: [row.get(field) for row in rows] for field in fields}


def linked(listed, *register, **options):
    """The rule that links a row to the first of the register, if one does."""
    found = compare(table(listed), table(*register), Options(**options))
    return {row["rule"] for row in found.links.rows(named=True) if row["right"] == 1} or set(found.review["rule"])


def rule_of(change, *others, **options):
    (rule,) = linked({**WEI, **change}, {**WEI, **HOME}, *({**other, **HOME} for other in others), **options)
    return rule


@pytest.mark.parametrize(
    ("number", "name", "rule"),
    [
        ("990123201006061041", "张伟", "relative_slip"),  # the son's number, and one digit wrong
        ("990123201006061***", "张伟", "relative_head"),
        ("990123201006061***", "张大伟", "phone_surname"),  # somebody else of the household
    ],
)
def test_a_relatives_number_that_is_damaged_finds_whom_the_name_says(number, name, rule):
    assert rule_of({"id_number": number, "name": name}, SON) == rule


@pytest.mark.parametrize(
    ("number", "linked_by"),
    [
        ("99012319721111939", "name_village"),  # a digit is missing and two are wrong: the birthday still agrees
        ("990123196502030933", "name_alone"),  # nothing agrees but the county
        ("990123197212220133", "name_alone"),  # the year alone says nothing
        ("990888197222220033", "name_village"),  # the year and the end
    ],
)
def test_a_number_beyond_repair_may_still_contradict(number, linked_by):
    found = linked({**WEI, "id_number": number, "phone": None}, {**WEI, **HOME})
    assert found == ({linked_by} if linked_by == "name_village" else set())


def test_another_group_of_the_village_is_another_person():
    assert rule_of({"id_number": None, "phone": None, "address": "万埠镇下庄村4组"}) == "alike_village"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, "id_name"),
        ({"name": "张 玮"}, "id_alike"),
        ({"name": "张*"}, "id_alike"),
        ({"name": "阿伟"}, "id_alike"),
        ({"name": None}, "id_unnamed"),
        ({"id_number": "990123197211110034"}, "id_slip"),
        ({"id_number": "99012319721111033"}, "id_slip"),
        ({"id_number": "990123197211110303"}, "id_slip"),
        ({"id_number": "990123197211110000"}, "id_head"),
        ({"id_number": "990123********0033"}, "id_mask"),
        ({"id_number": "990123197211110034", "name": "张玮"}, "id_slip_alike"),
        ({"id_number": "990123197211110000", "name": "张玮"}, "id_head_alike"),
        ({"id_number": "990123197211110034", "name": None}, "id_slip_here"),
        ({"id_number": "990123197211110000", "name": None}, "id_head_here"),
        ({"id_number": "990123********0033", "name": "张玮"}, "id_mask_phone"),
        ({"id_number": None}, "name_phone"),
        ({"id_number": None, "phone": None, "born": "1972-11-11"}, "name_born"),
        ({"id_number": None, "name": "张玮"}, "alike_phone"),
        ({"id_number": None, "phone": None}, "name_village"),
        ({"id_number": None, "phone": None, "address": None, **HOME}, "name_household"),
        ({"name": "张大"}, "id_one_character"),
        ({"name": "李明"}, "id_other_name"),
        ({"id_number": None, "phone": None, "name": "张玮"}, "alike_village"),
        ({"id_number": None, "phone": None, "name": "张*"}, "mask_village"),
        ({"id_number": None, "phone": None, "address": None}, "name_alone"),
        ({"id_number": None, "name": "张大"}, "phone_surname"),
        ({"id_number": "990123197211110034", "name": "张大", "phone": None, "address": None}, "slip_other_name"),
    ],
)
def test_each_rule_at_work(change, rule):
    assert rule_of(change) == rule


def test_a_slip_in_the_register_is_found_too():
    assert linked(WEI, {**WEI, **HOME, "id_number": "990123197211110034"}) == {"id_slip_there"}


def test_a_rare_name_alone_is_enough_and_a_common_one_is_not():
    crowd = [{"name": f"{s}{g}", "id_number": f"no{s}{g}"} for s in "王李赵钱孙周吴郑" for g in GIVEN]
    rare = [{"name": "欧阳春一"}, *crowd, {"name": "欧阳二"}, *({**row, "phone": "1"} for row in crowd)]
    assert compare(table({"name": "欧阳春一"}), table(*rare)).links["rule"].to_list() == ["name_rare"]
    assert compare(table({"name": "王春一"}), table(*rare)).links.is_empty()


def test_a_relatives_number_leads_to_the_one_who_is_named():
    found = compare(table({**SON, "id_number": WEI["id_number"]}), table({**WEI, **HOME}, {**SON, **HOME}))
    assert found.links.rows() == [(1, 2, "relative_id", 0.9998)]


def test_a_relatives_number_and_a_slip_in_the_name():
    found = compare(table({"name": "张健国", "id_number": WEI["id_number"]}), table({**WEI, **HOME}, {**SON, **HOME}))
    assert found.links.rows() == [(1, 2, "relative_id_alike", 0.98)]


def test_a_sibling_is_not_a_typing_mistake():
    brother = {"name": "张建华", "phone": SON["phone"], "address": SON["address"]}
    found = compare(table(brother), table({**SON, **HOME}))
    assert found.links.is_empty()
    assert found.review["rule"].to_list() == ["phone_surname"]


def test_twins_are_told_apart_by_their_numbers():
    twins = [
        {**SON, "name": "张小红", "id_number": "990123201006061040"},
        {**SON, "name": "张晓红", "id_number": "990123201006061067"},
    ]
    found = compare(table(*twins), table(*({**twin, **HOME} for twin in reversed(twins))))
    assert [(left, right) for left, right, *_ in found.links.rows()] == [(1, 2), (2, 1)]


def test_two_of_one_name_in_a_village_are_left_to_a_person():
    other = {**WEI, "id_number": "990123194802292015", "phone": "13100000001"}
    row = {"name": "张伟", "address": WEI["address"]}
    found = compare(table(row), table({**WEI, **HOME}, {**other, **HOME}))
    assert found.links.is_empty()
    assert found.review["right"].to_list() == [1, 2]
    assert found.review["probability"].to_list() == [0.995 / 2] * 2


def test_of_two_of_one_name_the_one_who_agrees_more_is_linked():
    other = {**WEI, "id_number": "990123194802292015", "address": "万埠镇下庄村9组"}
    found = compare(table({"name": "张伟", "address": "下庄村9组"}), table({**WEI, **HOME}, {**other, **HOME}))
    assert found.links["right"].to_list() == [2]


def test_a_person_in_two_households_is_one_person():
    found = compare(table(WEI), table({**WEI, "household": "1"}, {**WEI, "household": "2"}))
    assert found.links.rows() == [(1, 1, "id_name", 0.9999)]


def test_one_who_shows_another_number_is_another():
    stranger = {**WEI, "id_number": "990123194802292015"}
    assert compare(table(stranger), table({**WEI, **HOME})).links.is_empty()


def test_a_list_may_name_somebody_twice_but_not_where_it_is_one_to_one():
    register = table({**WEI, **HOME}, {**SON, **HOME})
    twice = table({**WEI, "id_number": None}, WEI, SON)
    assert compare(twice, register).links["right"].to_list() == [1, 1, 2]
    single = compare(twice, register, Options(one_to_one=True))
    assert [(left, right) for left, right, *_ in single.links.rows()] == [(2, 1), (3, 2)]
    assert [(row["left"], row["reasons"]) for row in single.review.rows(named=True)] == [(1, ["taken"])]


def test_the_register_may_stand_on_the_left():
    listed, register = table(SON, WEI, WEI), table({**WEI, **HOME}, {**SON, **HOME})
    found = compare(register, listed)
    assert [(left, right) for left, right, *_ in found.links.rows()] == [(1, 2), (2, 1)]
    assert found.links.columns == ["left", "right", "rule", "probability"]


def test_a_look_alike_in_the_village_is_proposed():
    found = compare(table({"name": "王治", "address": WEI["address"]}), table({**WEI, **HOME, "name": "王冶"}))
    assert found.links.is_empty()
    assert found.review.select("rule", "reasons").rows()[0][0] == "look_village"


def test_reasons_say_what_agrees_and_what_does_not():
    row = {"name": "张玮", "address": WEI["address"], "phone": "13100000001", "sex": "男"}
    found = compare(table(row), table({**WEI, **HOME}))
    assert found.review["reasons"].to_list() == [
        ["name_sound", "sex_same", "phone_differs", "town_same", "village_same", "house_group_same"]
    ]


@pytest.mark.parametrize(("name", "reason"), [("张*", "name_masked"), ("李四", "name_differs")])
def test_reasons_for_names(name, reason):
    row = {"name": name, "id_number": WEI["id_number"], "born": "2001-01-01"}
    found = compare(
        table({**row, "id_number": None, "address": WEI["address"]} if "*" in name else row), table({**WEI, **HOME})
    )
    assert found.review.is_empty() or found.review["reasons"].to_list()[0][0] == reason


def test_what_is_filled_in_for_everybody_tells_nobody_apart():
    crowd = [{"name": f"王{name}", "phone": WEI["phone"], "id_number": WEI["id_number"]} for name in GIVEN]
    found = compare(table(*crowd), table(*({**row, "name": row["name"].replace("王", "李"), **HOME} for row in crowd)))
    assert found.links.is_empty()
    assert found.review.is_empty()


def test_nothing_to_compare():
    empty = {"name": [], "id_number": []}
    for left, right in ((empty, table(WEI)), (table(WEI), empty), (empty, empty)):
        found = compare(left, right)
        assert found.links.is_empty()
        assert found.review.is_empty()
        assert found.counts == {}


def test_arrow_and_polars_are_as_good_as_columns():
    left, right = pl.DataFrame(table(WEI)), pl.DataFrame(table({**WEI, **HOME}))
    assert compare(left.to_arrow(), right).links.equals(compare(table(WEI), table({**WEI, **HOME})).links)


def test_counts_are_in_the_cascades_order():
    found = compare(table({**WEI, "id_number": None}, WEI), table({**WEI, **HOME}))
    assert list(found.counts.items()) == [("id_name", 1), ("name_phone", 1)]


LISTS = make(World(persons=600, rows=400, seed=11, damaged=0.5))


def pairs(found, left, right):
    return {(left[a - 1], right[b - 1], rule) for a, b, rule, _p in found.links.rows()}


@pytest.mark.long
@given(st.randoms(use_true_random=False))
@settings(max_examples=6, deadline=None)
def test_the_order_of_rows_changes_nothing(dice):
    left, right = list(range(LISTS.listed.height)), list(range(LISTS.register.height))
    straight = pairs(compare(LISTS.listed, LISTS.register), left, right)
    dice.shuffle(left)
    once = (
        LISTS.register.with_columns(pl.Series("person", LISTS.person))
        .with_row_index("at")
        .unique("person", keep="first")
    )
    kept = sorted(once["at"].to_list())
    register = LISTS.register[kept]
    shuffled = list(range(len(kept)))
    dice.shuffle(shuffled)
    found = pairs(compare(LISTS.listed[left], register[shuffled]), left, [kept[place] for place in shuffled])
    plain = pairs(compare(LISTS.listed, register), range(LISTS.listed.height), kept)
    assert found == plain
    assert {(a, LISTS.person[b]) for a, b, _rule in straight} == {(a, LISTS.person[b]) for a, b, _rule in plain}


def test_columns_in_another_order_and_columns_nobody_knows_change_nothing():
    columns = LISTS.listed.select(reversed(LISTS.listed.columns)).with_columns(note=pl.lit("x"))
    assert compare(columns, LISTS.register).links.equals(compare(LISTS.listed, LISTS.register).links)


def test_left_and_right_may_change_places():
    there = compare(LISTS.listed, LISTS.register, Options(one_to_one=True)).links
    back = compare(LISTS.register, LISTS.listed, Options(one_to_one=True)).links
    assert set(back.select("right", "left", "rule").rows()) == set(there.select("left", "right", "rule").rows())


def test_every_link_names_a_rule_that_links():
    automatic = {rule.name: rule.precision for rule in rules().automatic}
    found = compare(LISTS.listed, LISTS.register)
    assert all(0.98 <= row["probability"] <= automatic[row["rule"]] for row in found.links.rows(named=True))
    assert not set(found.review["left"]) & set(found.links["left"])
    assert found.review.group_by("left").len()["len"].max() <= 3


def test_of_two_lists_with_households_the_one_with_more_is_the_register():
    listed = table({**WEI, **HOME}, {**WEI, **HOME})
    register = table({**SON, **HOME}, {**WEI, "household": "990123000002"}, {**WEI, "household": "990123000003"})
    found = compare(register, listed).links
    assert found.select("left", "right").rows() == [(2, 1), (2, 2)] or found["left"].is_unique().all()
    assert compare(listed, register).links.select("left", "right").rows() == [(1, 2), (2, 2)]


@pytest.mark.parametrize("written", ["990123000001", " 990123000001", "990123000001.0", "９９０１２３０００００１"])
def test_a_households_number_is_read_however_it_is_written(written):
    change = {"id_number": None, "phone": None, "address": None, "household": written}
    assert rule_of(change) == "name_household"
