"""How far a crop is on a day: the district's calendar, as dated data."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from anlan.engine.policy import TRUSTS

OTHER = "other"
_STAGE = {"from", "stage"}


class CalendarInvalid(ValueError):
    """A calendar that cannot be read as it stands; the text names the crop and what is wrong."""


@dataclass(frozen=True, slots=True)
class Crop:
    """One crop's year: (month, day) on which each stage begins, in the order of the year."""

    crop: str
    since: date
    stages: tuple[tuple[tuple[int, int], str], ...]
    source: str
    trust: str

    def stage(self, on: date) -> str:
        """How far the crop is on a day; before the year's first beginning the last one still lasts."""
        begun = [stage for begins, stage in self.stages if begins <= (on.month, on.day)]
        return begun[-1] if begun else self.stages[-1][1]


def stage(crop: str, on: date) -> str:
    """How far a crop is on a day, by its own calendar or by that of whatever has none."""
    return crops().get(crop, crops()[OTHER]).stage(on)


@lru_cache(maxsize=1)
def crops() -> Mapping[str, Crop]:
    """Every crop's calendar, read once."""
    return read(tomllib.loads((files(__package__) / "calendar.toml").read_text(encoding="utf-8")))


def read(tables: Mapping[str, Any]) -> dict[str, Crop]:
    """Calendars out of a file's tables. Raises CalendarInvalid."""
    return {crop: _crop(crop, table) for crop, table in tables.items()}


def _crop(crop: str, table: Mapping[str, Any]) -> Crop:
    if set(table) != {"since", "source", "trust", "stages"} or not table["stages"]:
        raise CalendarInvalid(f"{crop}: needs since, source, trust and stages")
    if table["trust"] not in TRUSTS or not table["source"]:
        raise CalendarInvalid(f"{crop}: needs a source and a trust of {', '.join(TRUSTS)}")
    stages = [_stage(crop, each) for each in table["stages"]]
    if len({begins for begins, _name in stages}) < len(stages):
        raise CalendarInvalid(f"{crop}: two stages begin on one day")
    return Crop(crop, table["since"], tuple(sorted(stages)), table["source"], table["trust"])


def _stage(crop: str, each: Mapping[str, str]) -> tuple[tuple[int, int], str]:
    if set(each) != _STAGE:
        raise CalendarInvalid(f"{crop}: a stage has from and stage")
    try:
        begins = date.fromisoformat(f"2024-{each['from']}")  # a leap year has every day
    except ValueError as error:
        raise CalendarInvalid(f"{crop}: {each['from']} is no day of the year") from error
    return (begins.month, begins.day), each["stage"]
