"""Ratios where there may be nothing to divide by."""

import numpy as np

from anlan.engine.welfare.ratios import shares


def test_a_share_of_nothing_is_what_is_said_and_of_next_to_nothing_infinite() -> None:
    found = shares(np.array([1.0, 5.0, 0.0, 9.0]), np.array([4.0, 0.0, 0.0, 1e-310]), 7.0)
    assert found.tolist() == [0.25, 7.0, 7.0, np.inf]
