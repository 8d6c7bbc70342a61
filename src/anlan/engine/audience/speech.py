"""Texts put into words for loudspeakers and telephones: speech programs stumble over digits, signs and characters that
are read in two ways, and 119 is not a quantity.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files

_DIGITS = "零一二三四五六七八九"
_BY_DIGIT = "零幺二三四五六七八九"  # one is read 幺 in telephone numbers
_UNITS = ("", "十", "百", "千")
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?(个|户|次|天|层|座|条|周|倍)?")
_CALLED = {"110", "119", "120", "122", "12345", "12379", "12317"}
_LONGEST = 4  # digits of a number that is read as a quantity, where nothing is counted by it
_COUNTED = r"[户人亩元吨米头只栋间个次]|公里|公斤|千克|立方|平方"

_PLAIN = str.maketrans("０１２３４５６７８９％．～", "0123456789%.~")
_ROMAN = {"Ⅰ": "一", "Ⅱ": "二", "Ⅲ": "三", "Ⅳ": "四", "I": "一", "II": "二", "III": "三", "IV": "四"}
_VALUE = r"\d{1,8}(?:\.\d+)?"


def spell(text: str) -> str:
    """The text with every digit and unit in Chinese characters: quantities as quantities, telephone numbers by digit,
    days and times as they are said. It may be spelt again, and stays as it is."""
    return _NUMBER.sub(_words, _signs(text))


def pronounce(text: str) -> str:
    """The spelt text for a speech program: words of `speech.toml` that it would read wrongly stand as syllables."""
    _unit, _units, readings, wrong = _data()
    return wrong.sub(lambda found: f" {readings[found[0]]} ", spell(text))


def quantity(number: int) -> str:
    """A number from 0 to 99,999,999 as it is read: 24 → 二十四, 105 → 一百零五. Raises ValueError beyond."""
    if not 0 <= number < 10**8:
        raise ValueError(f"only 0 to 99999999 are read as quantities, not {number}")
    high, low = divmod(number, 10_000)
    if not high:
        return _to_ten_thousand(low)
    rest = _DIGITS[0] * (low < 1000) + re.sub("^十", "一十", _to_ten_thousand(low)) if low else ""
    return f"{_to_ten_thousand(high)}万{rest}"


def _to_ten_thousand(number: int) -> str:
    digits = [int(digit) for digit in str(number)]
    parts = [
        _DIGITS[digit] + _UNITS[len(digits) - 1 - place] if digit else _DIGITS[0] for place, digit in enumerate(digits)
    ]
    read = re.sub("零+", "零", "".join(parts)).rstrip("零") or "零"
    return read[1:] if read.startswith("一十") else read


def _words(found: re.Match[str]) -> str:
    whole, fraction, counter = found.groups()
    if whole in _CALLED or len(whole) > _LONGEST or (len(whole) > 1 and int(whole[0]) == 0):
        said = _by_digit(whole)
    elif counter and fraction is None and int(whole) == 2:
        said = "两"
    else:
        said = quantity(int(whole))
    return said + _fraction(fraction) + (counter or "")


def _by_digit(digits: str) -> str:
    return "".join(_BY_DIGIT[int(digit)] for digit in digits if digit.isdigit())


def _fraction(digits: str | None) -> str:
    return "点" + "".join(_DIGITS[int(digit)] for digit in digits) if digits else ""


def _value(text: str) -> str:
    """A number that measures something."""
    whole, _point, fraction = text.partition(".")
    return quantity(int(whole)) + _fraction(fraction)


# --- signs around numbers -------------------------------------------------------------------------------
def _signs(text: str) -> str:
    """Days, times, telephone numbers, temperatures, shares, ranges, units and levels."""
    said = text.translate(_PLAIN)
    for pattern, words in _SIGNS:
        said = pattern.sub(words, said)
    unit, units, _readings, _wrong = _data()
    said = unit.sub(lambda found: _value(found[1]) + units[found[2]], said)
    return _MANY.sub(lambda found: _value(found[0]), said)


def _day(found: re.Match[str]) -> str:
    return f"{_year(found[1])}年{quantity(int(found[2]))}月{quantity(int(found[3]))}日"


def _year(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    said = "两" if hour == 2 else quantity(hour)
    if not minute:
        return f"{said}点"
    return f"{said}点{_DIGITS[0] if minute < 10 else ''}{quantity(minute)}分"


def _warmth(found: re.Match[str]) -> str:
    low, high = found[1], found[2]
    first = f"{_degrees(low)}到" if low else ""
    return f"{first}{_degrees(high)}摄氏度"


def _degrees(text: str) -> str:
    return ("零下" if text[0] in "-−" else "") + _value(text.lstrip("-−"))


Words = Callable[[re.Match[str]], str]
_SIGNS: tuple[tuple[re.Pattern[str], Words], ...] = (
    (re.compile(r"(?<!\d)((?:19|20)\d\d)[-/.](0?[1-9]|1[0-2])[-/.](3[01]|[12]\d|0?[1-9])(?!\d)"), _day),
    (re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年)"), lambda found: _year(found[1])),
    (re.compile(r"(?<!\d)0?([1-9]|1[0-2])月0?([1-9]|[12]\d|3[01])(?=[日号])"),
     lambda found: f"{quantity(int(found[1]))}月{quantity(int(found[2]))}"),
    (re.compile(r"(?<![\d:：])([01]?\d|2[0-4])[:：]([0-5]\d)(?:[:：][0-5]\d)?(?![\d:：])"), _time),
    (re.compile(r"(?<!\d)(?:0\d{2,3}[- ]\d{7,8}|1\d{2}[- ]\d{4}[- ]\d{4}|[48]00[- ]\d{3}[- ]\d{4})(?!\d)"),
     lambda found: _by_digit(found[0])),
    (re.compile(r"(?<=[A-Z])\d+|\d+(?=国道|省道|县道|乡道)"), lambda found: _by_digit(found[0])),
    (re.compile(r"(?<![\d,])(?:\d{1,3}|\d{1,2},\d{3}),\d{3}(?![\d,])"),
     lambda found: quantity(int(found[0].replace(",", "")))),
    (re.compile(rf"(?:(?<![\d.])([-−]?{_VALUE}) ?[~—–至到-] ?)?((?<![\d.])[-−]?{_VALUE}) ?(?:℃|°C|摄氏度)"), _warmth),
    (re.compile(rf"(?<![\d.])({_VALUE}) ?%? ?[~—–-] ?({_VALUE}) ?%"),
     lambda found: f"百分之{_value(found[1])}到百分之{_value(found[2])}"),
    (re.compile(rf"(?<![\d.])({_VALUE}) ?%"), lambda found: f"百分之{_value(found[1])}"),
    (re.compile(rf"(?<![\d.])({_VALUE}) ?‰"), lambda found: f"千分之{_value(found[1])}"),
    (re.compile(r"(?<![\d.])(\d{1,4}(?:\.\d+)?) ?[~—–-] ?(?=\d{1,4}(?:\.\d+)?(?![\d-]))"),
     lambda found: f"{found[1]}到"),
    (re.compile(r"(Ⅰ|Ⅱ|Ⅲ|Ⅳ|(?<![A-Za-z])(?:IV|I{1,3}))(?=级)"), lambda found: _ROMAN[found[1]]),
)  # fmt: skip
_MANY = re.compile(rf"(?<![\d.])[1-9]\d{{4,7}}(?:\.\d+)?(?={_COUNTED})")


@lru_cache(maxsize=1)
def _data() -> tuple[re.Pattern[str], Mapping[str, str], Mapping[str, str], re.Pattern[str]]:
    """What finds a number with its unit, the units, the readings, and what finds a word that has one."""
    data = tomllib.loads((files("anlan.engine.audience") / "speech.toml").read_text(encoding="utf-8"))
    units, readings = data["units"], data["readings"]
    named = "|".join(map(re.escape, sorted(units, key=len, reverse=True)))
    unit = re.compile(rf"(?<![\d.])({_VALUE}) ?({named})(?![A-Za-z0-9²³/])")
    wrong = re.compile("|".join(map(re.escape, sorted(readings, key=len, reverse=True))))
    return unit, units, readings, wrong
