"""Every hazard of the plan, and how alerts name it and its level."""

import json
import re
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.hazard import severity
from anlan.engine.hazard.taxonomy import HAZARDS, OTHER, ROOTS, contradicts, hazard_of, level_of
from anlan.engine.impact import fragility

SUB_ITEMS = {"0201", "0202", "0203", "0204", "0205", "0206", "0299"}


@pytest.mark.clause("S1", "S2", "S3", "S4")
@pytest.mark.parametrize(
    ("clause", "root", "keys"),
    [
        ("S1", "meteorological", {"rainstorm", "typhoon", "convection", "hail", "low_temperature", "lightning"}),
        ("S2", "geological", {"earthquake", "debris_flow", "landslide", "pollution", "subsidence"}),
        ("S3", "water", {"flash_flood", "flood", "drought"}),
        ("S4", "other", {"fire", "animal_disease", "pest", "other"}),
    ],
)  # fmt: skip
def test_every_hazard_the_plan_names_is_there(clause, root, keys):
    assert keys <= {hazard.key for hazard in HAZARDS.values() if hazard.clause == clause and hazard.root == root}


def test_every_hazard_is_told_apart_and_told_whole():
    codes = [code for hazard in HAZARDS.values() for code in hazard.codes]
    words = [word for hazard in HAZARDS.values() for word in hazard.words]
    assert len(codes) == len(set(codes))
    assert len(words) == len(set(words))
    for key, hazard in HAZARDS.items():
        assert hazard.key == key
        assert hazard.root in ROOTS
        assert hazard.name
        assert hazard.name_en
        assert hazard.sub_item in SUB_ITEMS
        assert hazard.element in {"", *severity.elements()}
        assert all(re.fullmatch(r"11[A-D]\d\d", code) for code in hazard.codes)


def test_every_hazard_has_a_curve_to_be_estimated_with():
    assert set(fragility.curves()) == set(HAZARDS)


@pytest.mark.parametrize("hazard", [hazard for hazard in HAZARDS.values() if hazard.key != OTHER], ids=lambda h: h.key)
def test_a_hazard_is_recognised_by_its_own_words_and_codes(hazard):
    for word in hazard.words:
        headline = f"A {word.title()} warning" if word.isascii() else f"县气象台发布{word}黄色预警"
        assert hazard_of(headline) == hazard.key
    assert all(hazard_of("", code) == hazard_of("", code.lower()) == hazard.key for code in hazard.codes)


@pytest.mark.parametrize(
    ("text", "code", "hazard"),
    [
        ("雷雨大风蓝色预警", "", "convection"),  # not a gale
        ("低温雨雪冰冻黄色预警", "", "freeze"),  # not a low temperature
        ("山洪灾害气象预警", "", "flash_flood"),
        ("地质灾害气象风险橙色预警", "", "landslide"),
        ("暴雨红色预警", "11A06", "flash_flood"),  # a known code speaks before the words
        ("暴雨红色预警", "NEWEC", "rainstorm"),
        ("Tempest over the wheat fields", "", OTHER),  # neither pest nor heat
        ("", "", OTHER),
        ("空袭警报", "", OTHER),
    ],
)
def test_the_longest_word_decides_and_a_code_before_it(text, code, hazard):
    assert hazard_of(text, code) == hazard


@pytest.mark.parametrize(
    ("text", "severity", "level"),
    [
        ("安义县气象台发布暴雨红色预警信号[Ⅰ级/特别严重]", "", 4),
        ("天津市气象局发布道路结冰黄色预警/III/较重", "", 2),
        ("将高温橙色预警信号升级为高温红色预警信号", "", 4),  # the last one counts
        ("将暴雨红色预警信号降级为暴雨蓝色预警信号", "", 1),
        ("暴雨预警[Ⅱ级/严重]", "", 3),
        ("暴雨黄色预警", "Severe", 3),  # of two that disagree the higher
        ("暴雨红色预警", "Minor", 4),
        ("red warning signal for high temperatures [Level I]", "", 4),
        ("大风蓝色预警：阵风十二级", "", 1),  # a wind's force is no grade
        ("阵风11级", "", 0),
        ("四级以上地震", "", 0),
        ("Shredded documents", "", 0),
        ("", "Extreme", 4),
        ("", "Moderate", 2),
        ("", "Unknown", 0),
        ("通知", "", 0),
    ],
)
def test_the_level_is_read_from_the_colour_the_grade_or_the_severity(text, severity, level):
    assert level_of(text, severity) == level


@settings(max_examples=50)
@given(st.text(max_size=60), st.text(max_size=8), st.sampled_from(["", "Minor", "Moderate", "Severe", "Extreme", "x"]))
def test_any_text_at_all_has_a_hazard_and_a_level(text, code, severity):
    assert hazard_of(text, code) in HAZARDS
    assert level_of("", severity) <= level_of(text, severity) <= 4


@pytest.mark.data
def test_real_headlines_are_recognised(real_data):
    lines = (real_data / "cap/cma/titles.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    colours = {"蓝": 1, "黄": 2, "橙": 3, "红": 4}
    assert rows
    for row in rows:
        assert hazard_of(row["title"], row.get("eventType", "")) != OTHER, row["title"]
        if row.get("color"):
            assert level_of(row["title"]) == colours[row["color"]], row["title"]


def test_the_files_say_where_their_numbers_come_from():
    text = (severity.files(severity.__package__) / "severity.toml").read_text(encoding="utf-8")
    for element, table in tomllib.loads(text).items():
        assert table["source"], element
        assert table["trust"] in {"seen", "general", "design"}, element


@pytest.mark.parametrize(
    ("text", "severity", "level", "contradiction"),
    [
        ("示例县发布暴雨红色预警信号[Ⅰ级/特别重大]", "Extreme", 4, False),
        ("示例县发布暴雨红色预警信号[Ⅰ级/特别严重]", "Unknown", 4, False),
        ("示例县发布大雾橙色预警信号[II级/严重]", "Severe", 3, False),
        ("示例县发布大风蓝色预警[Ⅳ级/一般]", "Minor", 1, False),
        ("示例县发布暴雨黄色预警[Ⅲ级/较大]", "Extreme", 4, True),
        ("示例县发布暴雨黄色预警[Ⅰ级]", "", 4, True),
        ("示例县发布暴雨黄色预警[特别重大]", "", 2, False),  # the word alone, without its stroke, is not a grade
        ("示例县发布暴雨预警（/特别重大）", "Minor", 4, True),
        ("示例市发布道路结冰黄色预警/III/较重", "Moderate", 2, False),
        ("示例县解除暴雨红色预警信号", "Minor", 4, False),
        ("Yellow wind warning", "Severe", 3, False),  # other countries' colours follow other scales
        ("", "Minor", 1, False),
    ],
)
def test_colour_grade_and_severity_are_compared_and_the_highest_counts(text, severity, level, contradiction):
    assert level_of(text, severity) == level
    assert contradicts(text, severity) == contradiction
