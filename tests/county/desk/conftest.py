"""A storm over the small county."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from tests.county.desk.storm import Storm
from tests.county.desk.storm import storm as storm_over


@pytest.fixture
def storm(county: Any, people: dict[str, Any]) -> Storm:
    """The event, a household hit and one that was not."""
    return storm_over(people)


@pytest.fixture(autouse=True)
def _the_language_is_put_back() -> Iterator[None]:
    """A page asked for in English leaves its thread in English."""
    yield
    translation.deactivate()
