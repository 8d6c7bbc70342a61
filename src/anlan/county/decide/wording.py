"""The reasons of a proposal as sentences a villager can follow."""

from typing import Any


def sentence(reason: dict[str, Any]) -> str:
    """A stored reason in words."""
    return str(reason["code"])


def short(code: str) -> str:
    """A reason's code in a few words; words that a person wrote stay as they are."""
    return code
