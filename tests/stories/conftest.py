"""The county in the middle of a storm."""

import pytest
from tests.county.storm import make_storm
from tests.stories.midway import Midway, halfway


@pytest.fixture
def midway(people, now) -> Midway:
    """Something stands at every step of the plan."""
    return halfway(make_storm(now), people)
