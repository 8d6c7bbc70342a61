"""A storm over a small county."""

import pytest
from tests.county.storm import Storm, make_storm


@pytest.fixture
def storm(people, now) -> Storm:
    """Twenty households in four villages under an orange rainstorm, with an impact run."""
    return make_storm(now)
