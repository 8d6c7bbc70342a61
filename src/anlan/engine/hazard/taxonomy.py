"""The hazards of the plan, and how alerts name them: Chinese headlines, national event codes, CAP severities."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

ROOTS = ("meteorological", "geological", "water", "other")
OTHER = "other"
COLOURS = {"蓝": 1, "黄": 2, "橙": 3, "红": 4, "blue": 1, "yellow": 2, "orange": 3, "red": 4}
_GRADES = {"Ⅳ": 1, "Ⅲ": 2, "Ⅱ": 3, "Ⅰ": 4, "IV": 1, "III": 2, "II": 3, "I": 4, "四": 1, "三": 2, "二": 3, "一": 4}
_SEVERITIES = {"Minor": 1, "Moderate": 2, "Severe": 3, "Extreme": 4}
_COLOUR = re.compile(r"(蓝|黄|橙|红)色?(?:预警|警报|$)|\b(blue|yellow|orange|red)\b", re.IGNORECASE)
# "阵风十二级" is a wind's force and "11级" too: a grade stands alone.
_GRADE = re.compile(r"(?<![A-Za-z\d十一二三四五六七八九至到-])(Ⅳ|Ⅲ|Ⅱ|Ⅰ|IV|III|II|I|四|三|二|一)\s*级(?!以|风)")
_GRAVITIES = {"一般": 1, "较重": 2, "较大": 2, "严重": 3, "重大": 3, "特别严重": 4, "特别重大": 4}
_GRAVITY = re.compile(r"[/／]\s*(一般|较重|较大|特别严重|特别重大|严重|重大)\s*[\]］】)）]")


@dataclass(frozen=True, slots=True)
class Hazard:
    """One kind of hazard; the fields are explained at the head of `taxonomy.toml`."""

    key: str
    root: str
    name: str
    name_en: str
    clause: str
    codes: tuple[str, ...]
    words: tuple[str, ...]
    sub_item: str
    element: str
    rapid: bool


def _read() -> Mapping[str, Hazard]:
    tables = tomllib.loads((files(__package__) / "taxonomy.toml").read_text(encoding="utf-8"))
    return {
        key: Hazard(key=key, **{**table, "codes": tuple(table["codes"]), "words": tuple(table["words"])})
        for key, table in tables.items()
    }


HAZARDS: Mapping[str, Hazard] = _read()
_BY_CODE = {code: hazard.key for hazard in HAZARDS.values() for code in hazard.codes}
_BY_WORD = [
    # English words stand alone, so that no pest is found in a tempest; Chinese knows no such border.
    (re.compile(rf"\b{re.escape(word)}s?\b" if word.isascii() else re.escape(word), re.IGNORECASE), key)
    for word, key in sorted(
        ((word, hazard.key) for hazard in HAZARDS.values() for word in hazard.words),
        key=lambda pair: (-len(pair[0]), pair[0]),
    )
]


@lru_cache(maxsize=4096)
def hazard_of(text: str, code: str = "") -> str:
    """The key of the hazard a headline or event names: by its code where that is known, else by the longest word.

    `other` where nothing is recognised: such an alert is kept and a person decides.
    """
    if code.upper() in _BY_CODE:
        return _BY_CODE[code.upper()]
    return next((key for word, key in _BY_WORD if word.search(text)), OTHER)


def level_of(text: str, severity: str = "") -> int:
    """The level an alert states: 1 blue, 2 yellow, 3 orange, 4 red, 0 unknown.

    The last colour in the text counts (an upgrade names the old one first), or its grade [Ⅰ级/特别重大]; of these and
    CAP's severity the highest. A text with neither colour nor grade falls back on the severity alone.
    """
    return max([*_stated(text), _SEVERITIES.get(severity, 0)])


def contradicts(text: str, severity: str) -> bool:
    """Whether a Chinese headline's colour, its grade and CAP's severity do not say the same.

    Other languages' colours follow other scales. A headline that lifts a warning names what was, not what is.
    """
    if text.isascii() or "解除" in text:
        return False
    said = {*_stated(text), _SEVERITIES.get(severity, 0)} - {0}
    return len(said) > 1


@lru_cache(maxsize=8)  # one headline is asked for twice: what it says, and whether it agrees with itself
def _stated(text: str) -> list[int]:
    colours = [COLOURS[(chinese or english).lower()] for chinese, english in _COLOUR.findall(text)]
    grades = [_GRADES[grade] for grade in _GRADE.findall(text)] if "级" in text else []
    gravities = [_GRAVITIES[gravity] for gravity in _GRAVITY.findall(text)]
    return [*colours[-1:], *grades[-1:], *gravities[-1:]]
