"""The same storm as in the room."""

from tests.county.decide.conftest import storm

__all__ = ["storm"]
