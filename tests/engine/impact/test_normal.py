"""The normal distribution."""

import math

import numpy as np
import pytest

from anlan.engine.impact.normal import cdf, nodes


def test_it_agrees_with_the_error_function() -> None:
    z = np.linspace(-9, 9, 5001)
    exact = np.array([0.5 * math.erfc(-each / math.sqrt(2)) for each in z])
    assert np.abs(cdf(z) - exact).max() < 1e-6


def test_it_never_falls_and_ends_at_nought_and_one() -> None:
    values = cdf(np.linspace(-12, 12, 20_001))
    assert (np.diff(values) >= 0).all()
    assert (values[0], values[-1]) == (0.0, 1.0)
    assert cdf(np.array([-np.inf, 0.0, np.inf])).tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("count", [1, 3, 5])
def test_the_nodes_average_polynomials_exactly(count: int) -> None:
    points, weights = nodes(count)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights * points).sum() == pytest.approx(0.0)
    if count > 1:
        assert (weights * points**2).sum() == pytest.approx(1.0)
    if count > 2:
        assert (weights * points**4).sum() == pytest.approx(3.0)
