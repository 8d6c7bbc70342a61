"""Place names in the words of an alert."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engine.values.gazetteer import Mention, meant, mentions

# A few of Anyi's townships by their real names; the codes only have to differ.
PLACES = [("360123101000", "龙津镇"), ("360123103000", "长埠镇"), ("360123102000", "石鼻镇"),
          ("360123104000", "万埠镇"), ("360123200000", "长均乡"), ("360123100000", "长埠镇街道")]  # fmt: skip


def words(text, places=PLACES):
    return [(each.word, *each.codes) for each in mentions(text, places)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("预计未来3小时长埠镇、石鼻镇降雨量将达100毫米", ["长埠镇", "石鼻镇"]),
        ("长埠、石鼻等镇山洪风险极高", ["长埠", "石鼻"]),
        ("长埠、石鼻和万埠镇将有暴雨", ["长埠", "石鼻", "万埠镇"]),
        ("长埠、石鼻等2个镇", ["长埠", "石鼻"]),
        ("长均乡和龙津镇", ["长均乡", "龙津镇"]),
        ("长埠镇街道有积水", ["长埠镇街道"]),
        ("我县大部有暴雨", []),
        ("长埠的群众", []),  # a short name alone may be anything
        ("", []),
    ],
)
def test_names_are_found_in_full_and_in_lists(text, named):
    assert [each.word for each in mentions(text, PLACES)] == named
    assert all(text.startswith(each.word, each.start) for each in mentions(text, PLACES))


def test_what_the_text_leaves_out_is_marked_and_not_meant():
    found = mentions("除长均乡以外，龙津镇、万埠镇有暴雨；不含石鼻镇之外", PLACES)
    assert [(each.word, each.left_out) for each in found] == [
        ("长均乡", True), ("龙津镇", False), ("万埠镇", False), ("石鼻镇", True)]  # fmt: skip
    assert meant(found) == ["360123101000", "360123104000"]


def test_a_name_that_two_places_bear_is_left_to_a_person():
    both = [("360123103000", "长埠镇"), ("360121103000", "长埠镇")]
    assert mentions("长埠镇", both) == [Mention("长埠镇", 0, ("360121103000", "360123103000"))]
    assert meant(mentions("长埠镇", both)) == []


def test_without_places_nothing_is_named():
    assert mentions("长埠镇", []) == mentions("长埠镇", [("1", "镇")]) == []
    assert words("长埠、石鼻等镇", [("360123200000", "长均乡")]) == []


@given(st.text(alphabet="长埠石鼻镇乡、和等除外龙津万均街道", max_size=40))
def test_each_word_it_shows_stands_where_it_says(text):
    found = mentions(text, PLACES)
    assert [each.start for each in found] == sorted(each.start for each in found)
    assert all(text[each.start : each.start + len(each.word)] == each.word for each in found)
