"""What people write back."""

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engine.audience.replies import KNOWN, SAFE, UNKNOWN, key, meaning

DATA = tomllib.loads((files("anlan.engine.audience") / "replies.toml").read_text(encoding="utf-8"))
WORDS = {name: [word for word in DATA[name] if word not in "12"] for name in ("known", "safe", "polite")}


@pytest.mark.parametrize(
    "text",
    ["1", "１", " 1 ", "1。", "①", "1️⃣", "收到", "收 到", "收到！", "「收到」", "知道了", "收到，谢谢",
     "已收到1", "回复1", "OK", "ｏｋ",
     "好的👌", "领导好，收到", "11", "我们都知道了", "收到\n知道了", "一", "嗯" * 40],
)  # fmt: skip
def test_they_know(text: str) -> None:
    assert meaning(text) == KNOWN


@pytest.mark.parametrize(
    "text", ["2", "２", " 2.", "安全", "平安", "我们安全了", "收到，已转移", "全家都平安，放心", "已到安全处",
             "2安全", "SAFE"],
)  # fmt: skip
def test_they_are_safe(text: str) -> None:
    assert meaning(text) == SAFE


@pytest.mark.parametrize(
    "text",
    ["", " ", "3", "12", "1和2", "1 2", "2/1", "不安全", "没收到", "安全吗", "安全的地方都没了", "收到个屁",
     "救命", "水进屋了", "谢谢", "一家人",
     "领导好", "我们", "👌", "退订", "TD", "不知道", "1000", "收到" * 21, "1" + " " * 400 + "救命"],
)  # fmt: skip
def test_anything_else_stays_unknown(text: str) -> None:
    assert meaning(text) == UNKNOWN


@pytest.mark.parametrize(
    ("pressed", "said"), [("1", KNOWN), (" 2 ", SAFE), ("", UNKNOWN), ("3", UNKNOWN), ("#", UNKNOWN), ("12", UNKNOWN)]
)
def test_a_key_says_what_it_is_for_and_nothing_else(pressed: str, said: str) -> None:
    assert key(pressed) == said


def test_no_word_stands_twice_and_none_denies_or_asks() -> None:
    every = [word for name in ("known", "safe", "polite") for word in DATA[name]]
    assert len(every) == len(set(every))
    assert not [word for word in every for sign in "不没未无吗否别" if sign in word]


@given(
    st.lists(st.sampled_from(WORDS["known"] + WORDS["polite"]), max_size=4),
    st.sampled_from(WORDS["safe"]),
    st.sampled_from(["", " ", "，", "\u3000", "!!"]),
)
def test_whatever_is_polite_beside_it_safe_stays_safe(others: list[str], safe: str, between: str) -> None:
    text = between.join([*others, safe])
    assert meaning(text) in {SAFE, UNKNOWN}, "read together two words may be a third; never less than both"
    if between == "" and not others:
        assert meaning(text) == SAFE


@given(st.text(max_size=600))
def test_any_text_has_a_meaning(text: str) -> None:
    assert meaning(text) in {KNOWN, SAFE, UNKNOWN}


@given(st.sampled_from(WORDS["known"] + WORDS["safe"]), st.sampled_from("不没未"))
def test_a_denial_in_front_is_never_a_yes(word: str, denial: str) -> None:
    assert meaning(denial + word) == UNKNOWN
