"""Names: notes, masks, older characters; what sounds or looks alike has one key, what belongs to a sibling has not."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.linkage import names
from anlan.engine.linkage.text import lines, plain


def read(*cells):
    return names.read(pl.Series(cells, dtype=pl.String)).rows(named=True)


@pytest.mark.parametrize(
    "cell",
    [
        "张伟",
        "张 伟",
        " 张　伟 ",
        "张伟（户主）",
        "张伟(户主)",
        "张伟【残】",
        "户主：张伟",
        "张伟户主",
        "張偉",
        "张伟1",
        "张·伟",
        "张伟(外出",
    ],
)
def test_one_name_in_many_dresses(cell):
    assert read(cell)[0]["name"] == "张伟"


@pytest.mark.parametrize(
    "cell", [None, "", "未知", "无名氏", "不详", "某某", "***", "N/A", "无", "张伟之妻", "张伟的儿子"]
)
def test_what_names_nobody_is_no_name(cell):
    (row,) = read(cell)
    assert (row["name"], row["name_like"], row["surname"]) == (None, None, None)


@pytest.mark.parametrize(
    ("cell", "like", "surname"),
    [
        ("王*", "王%", "王"),
        ("王某某", "王%", "王"),
        ("王XX", "王%", "王"),
        ("王?明", "王_明", "王"),
        ("*明", "_明", None),
        ("李", "李%", "李"),
    ],
)
def test_a_masked_name_says_what_it_still_shows(cell, like, surname):
    (row,) = read(cell)
    assert (row["name"], row["name_like"], row["surname"], row["sound"]) == (None, like, surname, None)


def test_surnames_of_two_characters():
    assert [(row["surname"], row["given"]) for row in read("欧阳修", "欧明", "司马光")] == [
        ("欧阳", "修"),
        ("欧", "明"),
        ("司马", "光"),
    ]


def test_a_name_in_letters_keeps_its_x():
    assert read("Xi Max")[0]["name"] == "XIMAX"


@pytest.mark.parametrize(
    ("one", "other", "key"),
    [
        ("张伟", "张玮", "sound"),
        ("李建国", "李健国", "sound"),
        ("曾明", "增明", "sound"),
        ("单芳", "山芳", "sound"),
        ("陈英", "陈因", "near"),
        ("黄兰", "方南", "near"),
        ("胡林", "扶宁", "near"),
        ("王冶", "王治", "look"),
        ("刘未", "刘末", "look"),
        ("王贵", "王责", "look"),
    ],
)
def test_slips_of_ear_and_eye_have_one_key(one, other, key):
    a, b = read(one, other)
    assert a["name"] != b["name"]
    assert a[key] == b[key]


@pytest.mark.parametrize(
    ("one", "other"), [("李建国", "李建华"), ("王德明", "王德福"), ("张三", "张四"), ("罗春兰", "罗春梅")]
)
def test_siblings_share_no_key(one, other):
    a, b = read(one, other)
    assert not [key for key in ("name", "sound", "near", "look") if a[key] == b[key]]


def test_a_character_nobody_can_pronounce_stands_for_itself():
    strange, other, plain = read("王\U0003134a明", "汪\U0003134a名", "王明")
    assert strange["sound"] == other["sound"] != plain["sound"]


@given(
    st.lists(
        st.one_of(st.none(), st.text(alphabet="张王李伟明建国欧阳*某?（户主） 　Xx1·之妻張", max_size=8)), max_size=12
    )
)
@settings(max_examples=30, deadline=None)
def test_names_stand_for_themselves_and_are_read_once(cells):
    together = read(*cells)
    assert together == [read(cell)[0] for cell in cells]
    assert read(*reversed(cells)) == together[::-1]
    written = names.text(pl.Series(cells, dtype=pl.String))
    assert names.text(written).to_list() == written.to_list()


def test_reading_leaves_the_cells_as_they_were():
    cells = pl.Series([" 张 伟", "王*"])
    names.read(cells)
    assert cells.to_list() == [" 张 伟", "王*"]


def test_no_character_has_two_standard_forms():
    others, standard = names.variants()
    assert len(others) == len(set(others))
    assert not set(others) & set(standard)


def test_word_lists_leave_out_comments():
    assert all(line[0] != "#" for name in ("variants.txt", "lookalikes.txt") for line in lines(name))


def test_plain_makes_one_width_and_drops_what_cannot_be_seen():
    assert plain(pl.Series(["Ａ\u200b b\t", "", None, " 'x"])).to_list() == ["Ab", None, None, "x"]
