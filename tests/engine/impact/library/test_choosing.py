"""The most local valid entry applies, then the most exact one, then the latest; and it says which and why."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.impact.library.making import DAY, entry

from anlan.engine.impact.library import REGIONS, Case, Choice, CurveUnknown, Entry, Given, choose

AHEAD = DAY + timedelta(days=1)


def choice(*among: Entry, asset: str = "house.adobe.1", region: str = "anyi", **case: Any) -> Choice:
    return choose("flood_depth_m", asset, region, DAY, Case(**case), among)


def standings(found: Choice) -> dict[str, str]:
    return {each.entry.key: each.standing for each in found.considered}


def test_the_only_one_that_fits_is_taken_and_says_so() -> None:
    found = choice(entry())
    assert (found.entry.key, found.why) == ("plain", "only")


def test_the_most_local_wins_over_a_more_exact_one() -> None:
    found = choice(entry(key="local", region="anyi"), entry(key="exact", asset="house.adobe"))
    assert (found.entry.key, found.why) == ("local", "most_local")
    assert standings(found) == {"local": "chosen", "exact": "less_local"}


def test_at_one_level_the_more_exact_wins() -> None:
    wide, exact = entry(key="wide", since=date(2025, 1, 1)), entry(key="exact", asset="house.adobe")
    found = choice(wide, exact)
    assert (found.entry.key, found.why) == ("exact", "most_exact")
    assert standings(found)["wide"] == "less_exact"


def test_among_equals_the_latest_wins_and_the_old_version_is_still_there() -> None:
    found = choice(entry(key="old"), entry(key="new", version=2))
    assert (found.entry.key, found.why) == ("new", "latest")
    assert standings(found)["old"] == "superseded"
    later = choice(entry(key="later", since=date(2024, 1, 1)), entry(key="new", version=2))
    assert later.entry.key == "later"


def test_what_does_not_hold_on_the_day_is_told_and_not_taken() -> None:
    found = choice(entry(), entry(key="ahead", since=AHEAD), entry(key="past", until=DAY))
    assert standings(found) == {"plain": "chosen", "ahead": "not_yet", "past": "ended"}
    assert found.why == "only"


def test_a_countys_curve_is_not_the_provinces() -> None:
    found = choice(entry(), entry(key="county", region="anyi"), region="jx")
    assert standings(found) == {"plain": "chosen", "county": "elsewhere"}


def test_a_condition_must_be_known_to_hold() -> None:
    deep = entry(key="deep", given=(Given("flood_days", 3, 9),))
    assert standings(choice(entry(), deep)) == {"plain": "chosen", "deep": "unmet"}
    assert choice(entry(), deep, given={"flood_days": 4.0}).entry.key == "deep"


def test_other_effects_assets_kinds_and_hazards_are_not_even_looked_at() -> None:
    others = (
        entry(key="effect", effect="unsafe"), entry(key="asset", asset="crop"), entry(key="kind", kind="gust_ms"),
        entry(key="hazard", hazard="flood"), entry(key="deeper", asset="house.adobe.12"),
        entry(key="name", asset="house.ad"),
    )  # fmt: skip
    assert standings(choice(entry(), *others)) == {"plain": "chosen"}
    assert choice(entry(), others[3], hazard="flood").entry.key == "hazard"


def test_where_nothing_fits_it_says_what_was_asked() -> None:
    with pytest.raises(CurveUnknown, match=r"over flood_depth_m for yurt \(flood loss\) in anyi on 2026-06-18"):
        choice(entry(), asset="yurt", hazard="flood")


def test_severity_is_read_by_hazard_only() -> None:
    with pytest.raises(CurveUnknown):
        choose("severity", "crop", "anyi", DAY)
    assert choose("severity", "crop", "anyi", DAY, Case(hazard="hail")).entry.hazard == "hail"


regions = st.sampled_from(REGIONS)


@given(
    st.lists(st.tuples(regions, st.integers(1, 5)), min_size=1, max_size=6), regions, st.randoms(use_true_random=False)
)
def test_the_choice_is_the_most_local_at_hand_in_whatever_order(made: Any, region: str, shuffler: Any) -> None:
    among = [entry(key=f"e{n}", region=level, version=version) for n, (level, version) in enumerate(made)]
    levels = [REGIONS.index(each.region) for each in among if REGIONS.index(each.region) <= REGIONS.index(region)]
    mixed = list(among)
    shuffler.shuffle(mixed)
    if not levels:
        with pytest.raises(CurveUnknown):
            choice(*mixed, region=region)
        return
    chosen, again = choice(*among, region=region).entry, choice(*mixed, region=region).entry
    assert REGIONS.index(chosen.region) == max(levels)
    assert (chosen.region, chosen.version) == (again.region, again.version)
