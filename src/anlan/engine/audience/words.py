"""The words of a warning, by hazard, level and audience, from pre-approved templates with slots (`words.toml`).

No text ever names what a household is to the authorities: whoever reads over a shoulder, or hears the loudspeaker,
learns of the hazard and of nothing else. A household's own words are in `closer.py`.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import Any

from anlan.engine.audience.speech import spell

AUDIENCES: tuple[str, ...] = ("danger", "key", "general", "cadre", "school")
LEVELS: tuple[int, ...] = (0, 1, 2, 3, 4)
SMS_UNITS = 70
OTHER = "other"
_COLOURS = ("", "蓝色", "黄色", "橙色", "红色")
_ACT_FROM = 3  # orange
_LONGEST_IN_HOURS = 72
_CLEARED = {"cadre": "cadre", "school": "school"}  # every other audience is households


class TooLong(ValueError):
    """A text that does not fit one short message; a shorter name for the area may make it fit."""


@dataclass(frozen=True, slots=True)
class Text:
    """One warning in two forms: a short message of at most seventy UCS-2 units, and what a loudspeaker says."""

    sms: str
    voice: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What a warning says to everybody alike. `level`: 0 unknown (spoken to as from orange), 1 blue … 4 red; `hours`:
    how long it holds; `sender`: the county's name for the signature."""

    hazard: str
    level: int
    hours: int
    sender: str

    @property
    def urgent(self) -> bool:
        """Whether people are told to act, and not only to prepare."""
        return self.level == 0 or self.level >= _ACT_FROM

    @property
    def kind(self) -> Mapping[str, str]:
        """The hazard's title, the kind of its advice, and its lead where it has one of its own."""
        found: Mapping[str, str] = _kind(self.hazard)
        return found

    def sms(self, area: str, advice: str) -> str:
        """The short message, of whatever length."""
        said: str = templates()["sms"].format(area=area, advice=advice, sender=self.sender, lead=self._lead())
        return said

    def voice(self, audience: str, area: str, advice: str) -> str:
        """What is spoken, numbers as words."""
        return spell(templates()["voice"][audience].format(area=area, advice=advice, lead=self._lead()))

    def _lead(self) -> str:
        lead: str = self.kind.get("lead", templates()["lead"])
        return lead.format(title=self.kind["title"], colour=_COLOURS[self.level], span=_span(self.hours))


def draft(hazard: str, level: int, audience: str, area: str, hours: int, sender: str) -> Text:
    """The pre-approved words for an audience; what the numbers mean is said at `Notice`.

    Raises TooLong, and ValueError for what has no words.
    """
    if level not in LEVELS or audience not in AUDIENCES or hours < 1:
        raise ValueError(f"no words for level {level}, audience {audience!r}, {hours} hours")
    notice = Notice(hazard, level, hours, sender)
    advice = templates()["advice"][notice.kind["advice"]][audience][int(notice.urgent)]
    return Text(fitting(notice.sms(area, advice)), notice.voice(audience, area, advice))


def cancellation(hazard: str, level: int, area: str, sender: str) -> str:
    """What those who got a warning are told when it is taken back. Raises TooLong, and ValueError as `draft` does."""
    if level not in LEVELS:
        raise ValueError(f"no words for level {level}")
    title = _kind(hazard)["title"]
    return fitting(templates()["cancellation"].format(sender=sender, area=area, title=title, colour=_COLOURS[level]))


def all_clear(hazard: str, level: int, audience: str, area: str, sender: str) -> Text:
    """What those who were told hear when the danger is over. Raises TooLong, and ValueError as `draft` does."""
    if level not in LEVELS or audience not in AUDIENCES:
        raise ValueError(f"no all-clear for level {level}, audience {audience!r}")
    data, kind = templates()["all_clear"], _kind(hazard)
    whom = _CLEARED.get(audience, "household")
    household, cadre = data["advice"].get(kind["advice"], data["advice"][OTHER])
    slots = {
        "area": area, "title": kind["title"], "colour": _COLOURS[level], "sender": sender,
        "whom": data["whom"][whom], "advice": {"cadre": cadre, "school": data["school"]}.get(whom, household),
    }  # fmt: skip
    return Text(fitting(data["sms"].format(**slots)), spell(data["voice"].format(**slots)))


def prompt() -> str:
    """What a telephone call ends with: which key says what."""
    return spell(templates()["call"])


def signed() -> str:
    """Who of the county approved the templates as they stand, and when; empty: nobody yet."""
    return str(templates()["signed"]).strip()


def faults(places: Sequence[str], sender: str) -> list[str]:
    """Why the templates could not be approved as they stand: what is too long with the longest of its slots, or tells
    what a household is to the authorities. Empty where nothing is wrong.

    `places`: every area a warning may have to name by itself. Each hazard, level, audience and length of time is tried.
    """
    found = []
    area = max(places, key=units)
    for hazard, level, audience in product(hazards(), LEVELS, AUDIENCES):
        place = f"{hazard}, level {level}, {audience}"
        try:
            texts = [draft(hazard, level, audience, area, hours, sender) for hours in (_LONGEST_IN_HOURS, 24 * 99)]
            texts.append(all_clear(hazard, level, audience, area, sender))
            said = "".join(each.sms + each.voice for each in texts) + cancellation(hazard, level, area, sender)
        except TooLong as error:
            found.append(f"{place}: {error}")
            continue
        found += [f"{place}: says {word}" for word in unfit(said.replace(sender, "") + prompt())]
    return found


def units(text: str) -> int:
    """How many UCS-2 units a text takes in a short message."""
    return len(text.encode("utf-16-be")) // 2


def fitting(sms: str) -> str:
    """The same text. Raises TooLong where it takes more than one short message."""
    if (length := units(sms)) > SMS_UNITS:
        raise TooLong(f"a short message holds {SMS_UNITS} characters, this one has {length}: {sms}")
    return sms


def unfit(text: str) -> tuple[str, ...]:
    """The words in a text that would tell what a household is to the authorities; none where it may go out."""
    return tuple(word for word in templates()["unfit"] if word in text)


def hazards() -> list[str]:
    """The hazards that have words of their own."""
    return list(templates()["hazards"])


@lru_cache(maxsize=1)
def templates() -> Mapping[str, Any]:
    """The pre-approved templates, read once."""
    return tomllib.loads(files("anlan.engine.audience").joinpath("words.toml").read_text(encoding="utf-8"))


def _kind(hazard: str) -> Any:
    known = templates()["hazards"]
    return known.get(hazard, known[OTHER])


def _span(hours: int) -> str:
    return f"{hours}小时" if hours <= _LONGEST_IN_HOURS else f"{round(hours / 24)}天"
