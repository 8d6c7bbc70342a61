"""An entry says what it is about, whence it comes and since when it holds; otherwise it is refused by name."""

from datetime import date
from typing import Any

import pytest
from tests.engine.impact.library.making import curve, entry

from anlan.engine.impact.library import BUNDLEABLE, TRUSTS, Given, LibraryInvalid, check
from anlan.engine.policy import TRUSTS as POLICY_TRUSTS


def test_a_sound_entry_comes_back_as_it_is() -> None:
    sound = entry()
    assert check("here", sound) is sound
    assert sound.id == "plain@1"


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"kind": "moon_phase"}, "kind 'moon_phase' is not known"),
        ({"asset": "yacht.sail"}, "asset 'yacht' is not known"),
        ({"effect": "gloom"}, "effect 'gloom' is not known"),
        ({"region": "mars"}, "region 'mars' is not known"),
        ({"trust": "sure"}, "trust 'sure' is not known"),
        ({"hazard": "meteorite"}, "hazard 'meteorite' is not known"),
        ({"kind": "severity"}, "a curve over severity needs a hazard"),
        ({"source": "  "}, "the source is empty"),
        ({"licence": "CC-BY-NC-SA-4.0"}, "may be handed on"),
        ({"licence": "GPL-3.0"}, "may be handed on"),
        ({"version": 0}, "versions count from 1"),
        ({"until": date(2020, 1, 1)}, "ends before it begins"),
        ({"given": (Given("moon_phase", 0, 1),)}, "the condition on 'moon_phase'"),
        ({"given": (Given("flood_days", 2, 2),)}, "the condition on 'flood_days'"),
        ({"curve": curve(0, 0.5, 0.4)}, "the mean falls somewhere"),
        ({"effect": "days"}, "days are lost of labour"),
        ({"asset": "labour"}, "days are lost of labour"),
        ({"curve": curve(0, 1.2)}, "above 1"),
        ({"curve": curve(0, 0.5, std=[0, 0.6])}, "too large for its mean"),
    ],
)
def test_what_could_mislead_is_refused_by_name(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(LibraryInvalid, match=f"^here: .*{complaint}"):
        check("here", entry(**fields))


def test_days_may_be_more_than_one_and_a_curve_may_fall_where_nobody_says_it_rises() -> None:
    check("here", entry(asset="labour", effect="days", curve=curve(0, 30, std=[0, 40])))
    check("here", entry(curve=curve(0, 0.5, 0.4), rising=False))


def test_a_users_own_may_be_under_any_licence() -> None:
    assert check("here", entry(licence="CC-BY-NC-SA-4.0", own=True)).own
    assert not any("NC" in licence or "GPL" in licence for licence in BUNDLEABLE)


def test_an_entry_holds_from_its_day_until_the_day_before_its_end() -> None:
    ends = entry(since=date(2020, 1, 1), until=date(2021, 1, 1))
    days = (date(2019, 12, 31), date(2020, 1, 1), date(2020, 12, 31), date(2021, 1, 1))
    assert [ends.holds(day) for day in days] == [False, True, True, False]
    assert entry().holds(date(2999, 1, 1))


def test_only_what_was_read_in_a_binding_source_counts_as_verified() -> None:
    assert [trust for trust in TRUSTS if entry(trust=trust).verified] == ["seen"]
    assert set(TRUSTS) == {*POLICY_TRUSTS, "memory"}


def test_a_condition_is_met_only_by_what_is_known() -> None:
    shallow = Given("flood_depth_m", 0.0, 0.5)
    assert [shallow.met({"flood_depth_m": depth}) for depth in (0.0, 0.49, 0.5)] == [True, True, False]
    assert not shallow.met({})
    assert not shallow.met({"flood_days": 0.1})
