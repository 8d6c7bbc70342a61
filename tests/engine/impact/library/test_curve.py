"""A curve: from nothing at nothing, along straight lines, no further than its end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.impact.library.making import curve

from anlan.engine.impact.library import Curve, CurveInvalid

shares = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def test_between_points_it_is_a_straight_line_and_beyond_the_last_it_stays() -> None:
    found = curve(0, 0.2, 0.6).at(np.array([0.0, 0.5, 1.5, 2.0, 99.0]))
    assert found.tolist() == pytest.approx([0, 0.1, 0.4, 0.6, 0.6])


def test_the_deviation_is_read_the_same_way_and_is_nothing_where_it_is_not_known() -> None:
    where = np.array([0.5, 9.0])
    assert curve(0, 0.2, 0.6, std=[0, 0.1, 0.3]).spread(where).tolist() == pytest.approx([0.05, 0.3])
    assert curve(0, 0.2).spread(where).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("intensity", "ratio", "std", "complaint"),
    [
        ([0.0], [0.0], None, "intensity needs two figures"),
        ([0.0, 1.0], [0.0], None, "ratio needs two figures or more, as many"),
        ([0.0, 1.0], [0.0, np.nan], None, "ratio needs"),
        ([0.0, np.inf], [0.0, 1.0], None, "intensity needs"),
        ([0.5, 1.0], [0.0, 1.0], None, "intensity begins with 0"),
        ([0.0, 1.0], [0.1, 1.0], None, "ratio begins with 0"),
        ([0.0, 1.0], [0.0, -0.1], None, "ratio begins with 0 and is never below"),
        ([0.0, 1.0], [0.0, 1.0], [0.0, -0.1], "std begins with 0"),
        ([0.0, 1.0], [0.0, 1.0], [0.0], "std needs"),
        ([0.0, 1.0, 1.0], [0.0, 0.5, 1.0], None, "must rise from point to point"),
    ],
)
def test_points_that_make_no_curve_are_refused(intensity, ratio, std, complaint) -> None:
    with pytest.raises(CurveInvalid, match=complaint):
        Curve(np.array(intensity), np.array(ratio), None if std is None else np.array(std))


def test_a_curve_knows_whether_it_rises_and_whether_it_is_of_shares() -> None:
    assert curve(0, 0.2, 0.2, 0.4).monotone
    assert not curve(0, 0.4, 0.2).monotone
    assert curve(0, 1).share
    assert not curve(0, 3).share


def test_a_deviation_too_large_for_its_mean_is_no_betas() -> None:
    assert curve(0, 0.5, 1, std=[0, 0.49, 0]).feasible
    assert not curve(0, 0.5, 1, std=[0, 0.5, 0]).feasible
    assert not curve(0, 0.5, 1, std=[0, 0.4, 0.1]).feasible
    assert curve(0, 0.5).feasible


@given(shares, st.lists(st.floats(0, 9.99), min_size=1, max_size=9))
def test_a_rising_curve_never_takes_less_for_more(ratios: list[float], where: list[float]) -> None:
    found = curve(0, *sorted(ratios)).at(np.sort(np.array(where)))
    assert (np.diff(found) >= -1e-12).all()


@given(shares, st.floats(0, 0.999), st.floats(0, 8))
def test_what_is_feasible_at_the_points_is_feasible_between_them(ratios: list[float], tight: float, at: float) -> None:
    means = np.array([0.0, *ratios])
    made = Curve(np.arange(float(len(means))), means, tight * np.sqrt(means * (1 - means)))
    mean, deviation = made.at(np.array([at]))[0], made.spread(np.array([at]))[0]
    assert deviation**2 <= mean * (1 - mean) + 1e-12
