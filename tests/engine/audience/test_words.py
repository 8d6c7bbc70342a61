"""The words of warnings: every combination of hazard, level and audience is looked at."""

import re
from copy import deepcopy
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.audience import words as words_module
from anlan.engine.audience.words import (
    AUDIENCES,
    LEVELS,
    TooLong,
    cancellation,
    draft,
    faults,
    hazards,
    prompt,
    signed,
    templates,
    unfit,
    units,
)
from anlan.engine.hazard.taxonomy import HAZARDS

COUNTY = "安义县"
SIGNATURE = "【安义县应急】"
ADVICE = 28
EVERY = list(product(HAZARDS, LEVELS, AUDIENCES))


def text(hazard: str = "rainstorm", level: int = 4, audience: str = "danger", area: str = "石鼻镇", hours: int = 24):  # type: ignore[no-untyped-def]
    return draft(hazard, level, audience, area, hours, COUNTY)


def test_a_warning_says_who_sends_it_where_what_how_long_and_what_to_do() -> None:
    assert text().sms == (
        "【安义县应急】石鼻镇未来24小时暴雨红色预警。靠山近水、房屋不稳的请马上到安置点，走不动请呼救。收到回1。"
    )
    assert text().voice == (
        "石鼻镇的乡亲请注意：未来二十四小时暴雨红色预警。靠山近水、房屋不稳的请马上到安置点，走不动请呼救。"
        "听到广播请互相转告，帮一把行动不便的邻居。"
    )


@pytest.mark.clause("W2", "W4")
@pytest.mark.parametrize("area", [COUNTY, "石鼻镇等10个乡镇"])
def test_every_combination_fits_one_short_message(area: str) -> None:
    for hazard, level, audience in EVERY:
        for hours in (1, 24, 72, 720):
            sms = draft(hazard, level, audience, area, hours, COUNTY).sms
            assert units(sms) <= 70
            assert sms.startswith(SIGNATURE)
            assert area in sms


def test_no_text_says_what_a_household_is_to_the_authorities() -> None:
    for hazard, level, audience in EVERY:
        words = draft(hazard, level, audience, COUNTY, 24, COUNTY)
        for said in (words.sms.removeprefix(SIGNATURE), words.voice):
            assert unfit(said) == ()
            assert not re.search("贫|低保|特困|监测|帮扶|残疾|五保", said)


@pytest.mark.clause("H3")
def test_no_loudspeaker_is_given_a_digit_or_a_bracket() -> None:
    for hazard, level, audience in EVERY:
        voice = draft(hazard, level, audience, "石鼻镇等2个乡镇", 240, COUNTY).voice
        assert not re.search(r"[0-9０-９【】{}]", voice)
        assert "两个乡镇" in voice


def test_every_hazard_of_the_taxonomy_has_words_of_its_own_and_no_other_has() -> None:
    assert set(hazards()) == set(HAZARDS)


def test_every_advice_is_used_short_and_a_sentence() -> None:
    data = templates()
    assert {kind["advice"] for kind in data["hazards"].values()} == set(data["advice"])
    for by_audience in data["advice"].values():
        assert set(by_audience) == set(AUDIENCES)
        for advice in by_audience.values():
            assert len(advice) == 2
            for sentence in advice:
                assert "请" in sentence
                assert sentence.endswith("。")
                assert units(sentence) <= ADVICE


def test_a_call_says_which_key_says_what() -> None:
    assert "请按一" in prompt()
    assert "请按二" in prompt()
    assert not unfit(prompt())


@pytest.mark.parametrize("hazard", ["rainstorm", "flood", "earthquake"])
def test_from_orange_on_people_are_told_to_act_and_so_they_are_where_the_level_is_unknown(hazard: str) -> None:
    blue, yellow, orange, red = (text(hazard, level).sms for level in (1, 2, 3, 4))
    advice = [sms.split("。")[1] for sms in (blue, yellow, orange, red, text(hazard, 0).sms)]
    assert advice[0] == advice[1] != advice[2] == advice[3] == advice[4]


def test_an_unknown_level_names_no_colour() -> None:
    assert "暴雨预警" in text(level=0).sms


def test_what_has_happened_is_not_announced_as_coming() -> None:
    for hazard in ("earthquake", "animal_disease", "pollution"):
        assert "未来" not in text(hazard).sms
        assert "发生" in text(hazard).sms


@pytest.mark.parametrize(("hours", "span"), [(1, "1小时"), (72, "72小时"), (73, "3天"), (240, "10天")])
def test_long_times_are_told_in_days(hours: int, span: str) -> None:
    assert f"未来{span}暴雨" in text(hours=hours).sms


def test_an_unknown_hazard_is_announced_as_a_disaster() -> None:
    assert "灾害红色预警" in text("meteorite").sms


def test_a_text_that_does_not_fit_is_refused_with_its_length() -> None:
    with pytest.raises(TooLong, match=r"holds 70 characters, this one has 7\d"):
        text(area="龙津镇、万埠镇、石鼻镇、鼎湖镇、长埠镇、东阳镇")


@pytest.mark.parametrize("wrong", [{"level": 5}, {"level": -1}, {"audience": "everyone"}, {"hours": 0}])
def test_what_has_no_words_is_refused(wrong: dict[str, int | str]) -> None:
    with pytest.raises(ValueError, match="no words for"):
        text(**wrong)


def test_unfit_words_are_named_so_that_an_edited_text_can_be_sent_back() -> None:
    assert unfit("请各脱贫户和监测户转移") == ("贫", "监测")
    assert unfit("请转移") == ()


@settings(max_examples=50)
@given(st.text(alphabet="镇村乡、甲乙𠮷1", min_size=1, max_size=60), st.sampled_from(EVERY), st.integers(1, 1000))
def test_whatever_the_area_a_text_is_one_message_or_refused(area: str, case: tuple[str, int, str], hours: int) -> None:
    hazard, level, audience = case
    try:
        sms = draft(hazard, level, audience, area, hours, COUNTY).sms
    except TooLong:
        longest = units(area) + len(SIGNATURE) + ADVICE + len("未来42天农作物病虫害黄色预警。收到回1。") + 4
        assert longest > 70
    else:
        assert len(sms.encode("utf-16-be")) <= 140


@pytest.mark.clause("W2", "W4")
@pytest.mark.parametrize("area", [COUNTY, "石鼻镇等10个乡镇"])
def test_every_cancellation_is_ready_and_fits_one_short_message(area: str) -> None:
    for hazard, level in product([*HAZARDS, "meteorite"], LEVELS):
        said = cancellation(hazard, level, area, COUNTY)
        assert units(said) <= 70
        assert said.startswith(SIGNATURE)
        assert "已取消" in said
        assert unfit(said) == ()


def test_a_cancellation_that_does_not_fit_or_has_no_level_is_refused() -> None:
    with pytest.raises(TooLong):
        cancellation("rainstorm", 4, "龙津镇、万埠镇、石鼻镇、鼎湖镇、长埠镇、东阳镇、黄洲镇、新民乡、乔乐乡", COUNTY)
    with pytest.raises(ValueError, match="level 9"):
        cancellation("rainstorm", 9, COUNTY, COUNTY)


TOWNS = ("龙津镇", "万埠镇", "石鼻镇", "鼎湖镇", "长埠镇", "东阳镇", "黄洲镇", "乔乐乡", "长均乡", "新民乡")


@pytest.mark.clause("W2", "W4")
def test_the_templates_could_be_approved_as_they_stand_and_are_dated_and_unsigned() -> None:
    assert faults([*TOWNS, COUNTY, "石鼻镇等10个乡镇"], COUNTY) == []
    assert signed() == ""
    assert templates()["from"].isoformat() == "2023-02-17"


def test_a_template_too_long_or_naming_poverty_is_refused_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = deepcopy(dict(templates()))
    changed["advice"]["hail"]["general"][1] = "请" + "快" * 45 + "。"
    changed["advice"]["drought"]["key"][0] = "请低保户存水。"
    monkeypatch.setattr(words_module, "templates", lambda: changed)
    found = faults(TOWNS, COUNTY)
    assert [each.split(":")[0] for each in found if "hail" in each] == [f"hail, level {n}, general" for n in (0, 3, 4)]
    assert [each for each in found if "hail" not in each] == [f"drought, level {n}, key: says 低保" for n in (1, 2)]


def test_an_area_that_leaves_no_room_is_a_fault_of_every_long_sentence() -> None:
    assert any("holds 70 characters" in each for each in faults(["某" * 20], COUNTY))
