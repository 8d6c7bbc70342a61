"""What a person confirmed is taken first, next month too, whatever rows have moved."""

import polars as pl

from anlan.engine.linkage import Options, compare

LISTED = {"name": ["王五", "张玮"], "address": ["万埠镇下庄村", "万埠镇下庄村"], "id_number": ["无", ""]}
REGISTER = {
    "name": ["张伟", "李四"],
    "address": ["万埠镇下庄村3组", "万埠镇上庄村"],
    "household": ["1", "2"],
    "id_number": ["990123197211110033", "990123194802292015"],
}


def confirmed():
    queue = compare(LISTED, REGISTER).review
    assert queue.select("left", "right", "rule").rows() == [(2, 1, "alike_village")]
    return queue.select("left_key", "right_key")


def turned(table):
    return {name: cells[::-1] for name, cells in table.items()}


def test_a_confirmed_pair_is_taken_first():
    found = compare(turned(LISTED), turned(REGISTER), Options(crosswalk=confirmed()))
    assert found.links.rows() == [(1, 2, "crosswalk", 1.0)]
    assert found.counts == {"crosswalk": 1}
    assert found.review.is_empty()


def test_it_holds_whichever_stands_on_the_left():
    keys = confirmed().rename({"left_key": "right_key", "right_key": "left_key"})
    assert compare(REGISTER, LISTED, Options(crosswalk=keys)).links.rows() == [(1, 2, "crosswalk", 1.0)]


def test_a_row_that_says_something_else_now_is_judged_anew():
    changed = {**LISTED, "phone": ["", "13912345678"]}
    assert compare(changed, REGISTER, Options(crosswalk=confirmed())).counts == {}


def test_a_key_tells_nobody_who_it_is():
    keys = confirmed().row(0)
    assert all(len(key) == 32 and not set(key) - set("0123456789abcdef") for key in keys)


def test_a_row_that_says_too_little_has_no_key():
    found = compare({"name": ["张伟"]}, {"name": ["张伟"], "household": ["1"]}).review
    assert found.select("left_key", "right_key").rows() == [(None, None)]
    nothing = pl.DataFrame(
        {"left_key": [None], "right_key": [None]}, schema={"left_key": pl.String, "right_key": pl.String}
    )
    assert compare({"name": ["张伟"]}, {"name": ["张伟"]}, Options(crosswalk=nothing)).links.is_empty()
