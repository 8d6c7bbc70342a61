"""The words of a warning, by hazard, level and audience, from pre-approved templates with slots (`words.toml`).

No text ever names what a household is to the authorities: whoever reads over a shoulder, or hears the loudspeaker,
learns of the hazard and of nothing else.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import Any

from anlan.engine.audience.speech import spell

AUDIENCES: tuple[str, ...] = ("danger", "key", "general", "cadre")
LEVELS: tuple[int, ...] = (0, 1, 2, 3, 4)
SMS_UNITS = 70
OTHER = "other"
_COLOURS = ("", "蓝色", "黄色", "橙色", "红色")
_ACT_FROM = 3  # orange
_LONGEST_IN_HOURS = 72


class TooLong(ValueError):
    """A text that does not fit one short message; a shorter name for the area may make it fit."""


@dataclass(frozen=True, slots=True)
class Text:
    """One warning in two forms: a short message of at most seventy UCS-2 units, and what a loudspeaker says."""

    sms: str
    voice: str


def draft(hazard: str, level: int, audience: str, area: str, hours: int, sender: str) -> Text:
    """The pre-approved words for an audience.

    `level`: 0 unknown (spoken to as from orange), 1 blue … 4 red; `hours`: how long the warning holds; `sender`: the
    county's name for the signature. Raises TooLong, and ValueError for what has no words.
    """
    if level not in LEVELS or audience not in AUDIENCES or hours < 1:
        raise ValueError(f"no words for level {level}, audience {audience!r}, {hours} hours")
    data = templates()
    kind = data["hazards"].get(hazard, data["hazards"][OTHER])
    urgent = level == 0 or level >= _ACT_FROM
    advice = data["advice"][kind["advice"]][audience][int(urgent)]
    slots = {"area": area, "advice": advice, "sender": sender}
    slots["lead"] = kind.get("lead", data["lead"]).format(
        title=kind["title"], colour=_COLOURS[level], span=_span(hours)
    )
    sms = data["sms"].format(**slots)
    if (length := units(sms)) > SMS_UNITS:
        raise TooLong(f"a short message holds {SMS_UNITS} characters, this one has {length}: {sms}")
    return Text(sms, spell(data["voice"][audience].format(**slots)))


def cancellation(hazard: str, level: int, area: str, sender: str) -> str:
    """What those who got a warning are told when it is taken back. Raises TooLong, and ValueError as `draft` does."""
    if level not in LEVELS:
        raise ValueError(f"no words for level {level}")
    data = templates()
    kind = data["hazards"].get(hazard, data["hazards"][OTHER])
    sms: str = data["cancellation"].format(sender=sender, area=area, title=kind["title"], colour=_COLOURS[level])
    if (length := units(sms)) > SMS_UNITS:
        raise TooLong(f"a short message holds {SMS_UNITS} characters, this one has {length}: {sms}")
    return sms


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
            said = "".join(each.sms + each.voice for each in texts) + cancellation(hazard, level, area, sender)
        except TooLong as error:
            found.append(f"{place}: {error}")
            continue
        found += [f"{place}: says {word}" for word in unfit(said.replace(sender, "") + prompt())]
    return found


def units(text: str) -> int:
    """How many UCS-2 units a text takes in a short message."""
    return len(text.encode("utf-16-be")) // 2


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


def _span(hours: int) -> str:
    return f"{hours}小时" if hours <= _LONGEST_IN_HOURS else f"{round(hours / 24)}天"
