"""A storm over the small county."""

from typing import Any

import pytest
from tests.county.desk.storm import Storm
from tests.county.desk.storm import storm as storm_over


@pytest.fixture
def storm(county: Any, people: dict[str, Any]) -> Storm:
    """The event, a household hit and one that was not."""
    return storm_over(people)
