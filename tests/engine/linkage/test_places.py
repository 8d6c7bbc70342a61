"""Addresses in many forms are one place; codes get the names that clear rows teach."""

import polars as pl
import pytest

from anlan.engine.linkage import places
from anlan.engine.linkage.standard import standard

FORMS = [
    "江西省示例市示安县万埠镇下庄村3组12号",
    "示安县万埠镇下庄村委会三组",
    "万埠镇下庄村",
    "下庄村3组12号",
    "万埠下庄",
    "江西省示安县万埠镇下庄行政村",
    "示安万埠镇下庄",
    "示安县万埠镇人民政府下庄村",
    "万埠镇 下庄村，3组",
]


def where(addresses, divisions=None, gazetteer=None):
    """Where the engine puts rows with these cells, beside a register that writes one place clearly."""
    listed = {"address": addresses} | ({"division": divisions} if divisions else {})
    register = {"address": [FORMS[0]], "division": ["360123101203"]}
    rows = standard(listed, register, gazetteer)[0].rows
    return rows.select("town", "village").rows()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_one_place(form):
    assert where([form]) == [("万埠", "下庄")]


def test_a_code_is_put_into_the_words_others_write():
    assert where([None], ["360123101203"]) == [("万埠", "下庄")]
    assert where([None], ["360123101203.0"]) == [("万埠", "下庄")]


def test_a_code_nobody_explains_stands_for_itself():
    assert where([None], ["360123101204"]) == [(None, "360123101204")]


def test_a_gazetteer_explains_it():
    given = {"360123101204": "江西省示例市示安县万埠镇上庄村"}
    assert where([None, "上庄"], ["360123101204", ""], given) == [("万埠", "上庄"), ("万埠", "上庄")]


def test_a_division_in_words_stands_before_an_address_that_names_no_village():
    assert where(["3组12号", "下庄村"], ["万埠镇下庄村", "万埠镇"]) == [("万埠", "下庄"), ("万埠", "下庄")]


def test_a_village_name_of_two_townships_gives_no_township():
    assert where(["甲镇新村", "乙镇新村", "新村"])[-1] == (None, "新")


def test_nothing_known():
    assert where([None, "", "123"]) == [(None, None)] * 3


def test_nothing_to_learn_from():
    empty = pl.DataFrame(
        {"code": [None], "county": [None], "town": [None], "village": [None], "rest": ["某地"], "len": [1]}
    )
    parts = empty.with_columns(pl.col("code", "county", "town", "village").cast(pl.String))
    assert places.resolved(parts, places.learn(parts)).rows() == [(None, None)]


@pytest.mark.parametrize(
    ("written", "number"),
    [("下庄村3组", "3"), ("三组", "3"), ("第十二村民小组", "12"), ("二十组", "20"), ("十组", "10"), ("村", None)],
)
def test_the_number_of_a_group(written, number):
    assert places.group(pl.Series([written])).to_list() == [number]
