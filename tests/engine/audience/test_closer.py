"""A household's own words: every hazard, level, crop and length of a shelter's name is looked at."""

import re
from copy import deepcopy
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.engine.audience import closer
from anlan.engine.audience import words as words_module
from anlan.engine.audience.closer import Refuge, announced, farming, faults, has_farm_words, sheltered
from anlan.engine.audience.words import AUDIENCES, LEVELS, Notice, all_clear, templates, unfit, units
from anlan.engine.exposure.calendar import crops
from anlan.engine.hazard.taxonomy import HAZARDS

COUNTY, VILLAGE = "安义县", "示例甲村"
SCHOOL = Refuge("甲村小学", "甲村小学", "村东水泥路")
HOLDINGS = list(templates()["farm"]["of"])


def notice(hazard: str = "flash_flood", level: int = 4, hours: int = 24) -> Notice:
    return Notice(hazard, level, hours, COUNTY)


# --- shelters ------------------------------------------------------------------------------------------
@pytest.mark.clause("H4", "G2")
def test_the_shelter_and_the_way_are_named_and_the_voice_says_more() -> None:
    text = sheltered(notice(), VILLAGE, SCHOOL)
    assert text is not None
    assert text.sms == (
        "【安义县应急】示例甲村未来24小时山洪红色预警。请马上转移到甲村小学，走村东水泥路，不回头，走不动请呼救。收到回1。"
    )
    assert "药品" in text.voice
    assert text.voice.startswith("示例甲村的乡亲请注意：未来二十四小时")


@pytest.mark.parametrize(
    ("refuge", "has", "lacks"),
    [
        (Refuge("甲村小学", "甲村小学", "路" * 30), ["示例甲村", "甲村小学"], ["路路"]),
        (Refuge("名" * 26, "甲村小学", "路"), ["名" * 26], ["示例甲村", "走路"]),
        (Refuge("名" * 40, "甲村小学", "路"), ["甲村小学"], ["示例甲村", "名名"]),
    ],
)
def test_what_does_not_fit_gives_way_in_its_order(refuge: Refuge, has: list[str], lacks: list[str]) -> None:
    text = sheltered(notice(), VILLAGE, refuge)
    assert text is not None
    assert units(text.sms) <= 70
    assert all(each in text.sms for each in has)
    assert not any(each in text.sms for each in lacks)
    assert refuge.name in text.voice
    assert refuge.route in text.voice


def test_where_not_even_the_short_name_fits_there_are_no_own_words() -> None:
    assert sheltered(notice(), VILLAGE, Refuge("名" * 60, "名" * 60)) is None


def test_from_what_nobody_flees_nobody_is_sent_away() -> None:
    for hazard in ("drought", "hail", "lightning", "heat"):
        assert sheltered(notice(hazard), VILLAGE, SCHOOL) is None


def test_before_orange_one_gets_ready_and_from_orange_on_one_goes() -> None:
    said = [sheltered(notice("landslide", level), VILLAGE, SCHOOL) for level in LEVELS]
    told = ["通知时" in each.sms for each in said if each is not None]
    assert told == [False, True, True, False, False]


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the words
@given(
    st.text(alphabet="镇村𠮷小学1", min_size=1, max_size=40), st.text(alphabet="村𠮷小学", min_size=1, max_size=12),
    st.text(alphabet="路桥𠮷 ", max_size=60), st.sampled_from(list(product(HAZARDS, LEVELS))), st.integers(1, 2000),
)  # fmt: skip
def test_whatever_a_shelter_is_called_it_is_one_message_or_the_general_words(
    name: str, short: str, route: str, case: tuple[str, int], hours: int
) -> None:
    text = sheltered(notice(*case, hours), VILLAGE, Refuge(name, short, route))
    assert text is None or (units(text.sms) <= 70 and (name in text.sms or short in text.sms))


@pytest.mark.clause("H3", "H4")
def test_a_loudspeaker_says_who_goes_where_in_words() -> None:
    said = announced(notice(), [("2组", SCHOOL), ("其他组", Refuge("祠堂", "祠堂"))], "请注意。")
    assert said == "请注意。二组的到甲村小学，走村东水泥路；其他组的到祠堂。"
    assert announced(notice(), [], "请注意。") == "请注意。"
    assert announced(notice("drought"), [("全村", SCHOOL)], "请注意。") == "请注意。"


# --- farmers -------------------------------------------------------------------------------------------
@pytest.mark.clause("W1")
@pytest.mark.parametrize(
    ("hazard", "holding", "word"),
    [
        ("drought", "rice", "孕穗"), ("drought", "pigs", "畜"), ("frost", "fruit", "熏烟"), ("pest", "rice", "用药"),
        ("heat", "fish", "增氧"), ("cold_wave", "vegetables", "大棚"), ("animal_disease", "poultry", "病死"),
    ],
)  # fmt: skip
def test_each_farmer_hears_what_this_crop_needs(hazard: str, holding: str, word: str) -> None:
    text = farming(notice(hazard), VILLAGE, [(holding, "standing")])
    assert text is not None
    assert word in text.sms
    assert word in text.voice


def test_what_brings_in_most_counts_and_what_has_no_words_is_passed_over() -> None:
    both = farming(notice("drought"), VILLAGE, [("equipment", "standing"), ("pigs", "standing"), ("rice", "booting")])
    assert both == farming(notice("drought"), VILLAGE, [("pigs", "standing")])
    assert farming(notice("drought"), VILLAGE, [("rice", "fallow"), ("pigs", "standing")]) == both
    assert farming(notice("drought"), VILLAGE, [("rice", "fallow"), ("equipment", "standing")]) is None
    assert farming(notice("drought"), VILLAGE, []) is None


def test_the_ripe_is_brought_in_first() -> None:
    ripe, green = (farming(notice("frost", 1), VILLAGE, [("rice", stage)]) for stage in ("ripe", "filling"))
    assert ripe is not None
    assert green is not None
    assert "收割" in ripe.sms
    assert "收割" not in green.sms


@pytest.mark.parametrize("hazard", ["rainstorm", "flash_flood", "typhoon", "gale", "hail", "landslide", "earthquake"])
def test_from_orange_on_people_come_before_crops(hazard: str) -> None:
    assert not has_farm_words(notice(hazard))
    assert farming(notice(hazard), VILLAGE, [("rice", "ripe")]) is None


def test_there_are_words_for_farmers_where_the_plan_wants_them() -> None:
    for hazard in ("drought", "frost", "pest", "heat", "low_temperature", "animal_disease"):
        assert has_farm_words(notice(hazard))
    for hazard in ("hail", "flood", "rainstorm"):
        assert has_farm_words(notice(hazard, 2))


def test_a_long_name_of_a_place_gives_way_before_the_advice() -> None:
    text = farming(notice("drought"), "很长的名字" * 6, [("rice", "standing")])
    assert text is not None
    assert "孕穗" in text.sms
    assert "很长的名字" not in text.sms


def test_a_sentence_too_long_for_any_message_leaves_the_general_words(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = deepcopy(dict(templates()))
    changed["farm"]["drought"]["grain"][1] = "请" + "快" * 60 + "。"
    monkeypatch.setattr(words_module, "templates", lambda: changed)
    assert farming(notice("drought"), VILLAGE, [("rice", "standing")]) is None


def test_every_group_of_holdings_has_three_sentences_for_each_advice_that_farmers_have() -> None:
    data = templates()["farm"]
    groups = set(data["of"].values())
    for name, by_group in data.items():
        if name != "of":
            assert name in templates()["advice"]
            assert set(by_group) == groups
            for sentences in by_group.values():
                assert len(sentences) == 3
                for each in filter(None, sentences):
                    assert each.startswith("请")
                    assert each.endswith("。")
                    assert units(each) <= 28
    assert set(crops()) - {"other"} <= set(data["of"])


# --- all of it -----------------------------------------------------------------------------------------
@pytest.mark.clause("W2", "W4")
def test_the_own_words_could_be_approved_as_they_stand() -> None:
    assert faults("示例十二字的长村名", COUNTY) == []


def test_a_word_that_tells_too_much_or_a_sentence_without_room_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = deepcopy(dict(templates()))
    changed["farm"]["drought"]["animals"][0] = "请帮扶户存水。"
    changed["shelter"]["advice"]["flood"][1] = "请" + "快" * 45 + "{to}。"
    monkeypatch.setattr(words_module, "templates", lambda: changed)
    found = faults(VILLAGE, COUNTY)
    assert "drought, level 1, pigs: says 帮扶" in found
    assert "flood, level 4: no room for the short name of a shelter" in found
    assert {each.split(",")[0] for each in found} == {"drought", "flood", "flash_flood"}


def test_no_own_word_has_a_digit_or_tells_what_somebody_is_to_the_authorities() -> None:
    for hazard, level, holding in product(HAZARDS, LEVELS, HOLDINGS):
        text = farming(notice(hazard, level), VILLAGE, [(holding, "standing")])
        if text is not None:
            assert not re.search(r"[0-9{}]", text.voice)
            assert unfit(text.sms + text.voice) == ()
    assert closer.SHORT_UNITS == 12


# --- over ----------------------------------------------------------------------------------------------
@pytest.mark.clause("W2")
@pytest.mark.parametrize("area", [COUNTY, "石鼻镇等10个乡镇"])
def test_every_all_clear_fits_and_speaks_to_whom_it_is_for(area: str) -> None:
    for hazard, level, audience in product([*HAZARDS, "meteorite"], LEVELS, AUDIENCES):
        text = all_clear(hazard, level, audience, area, COUNTY)
        assert units(text.sms) <= 70
        assert "已解除" in text.sms
        assert unfit(text.sms + text.voice) == ()
        assert {"cadre": "村干部请注意", "school": "幼儿园请注意"}.get(audience, "乡亲请注意") in text.voice
        assert not re.search("[0-9【】]", text.voice)


def test_an_all_clear_without_level_or_audience_or_room_is_refused() -> None:
    for wrong in ({"level": 9}, {"audience": "everyone"}):
        with pytest.raises(ValueError, match="no all-clear"):
            all_clear(**({"hazard": "flood", "level": 4, "audience": "key", "area": "镇", "sender": COUNTY} | wrong))
    with pytest.raises(words_module.TooLong):
        all_clear("flood", 4, "key", "镇" * 40, COUNTY)
