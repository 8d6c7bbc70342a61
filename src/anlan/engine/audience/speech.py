"""Numbers put into words, for loudspeakers: speech engines stumble over digits, and 119 is not a quantity."""

import re

_DIGITS = "零一二三四五六七八九"
_BY_DIGIT = "零幺二三四五六七八九"  # one is read 幺 in telephone numbers
_UNITS = ("", "十", "百", "千")
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?(个?)")
_CALLED = {"110", "119", "120", "122", "12345", "12379", "12317"}
_LONGEST = 4  # digits of a number that is read as a quantity


def spell(text: str) -> str:
    """The text with every run of digits in Chinese characters: quantities as quantities, telephone numbers by digit."""
    return _NUMBER.sub(_words, text)


def quantity(number: int) -> str:
    """A number from 0 to 9999 as it is read: 24 → 二十四, 105 → 一百零五. Raises ValueError beyond."""
    if not 0 <= number < 10**_LONGEST:
        raise ValueError(f"only 0 to 9999 are read as quantities, not {number}")
    digits = [int(digit) for digit in str(number)]
    parts = [
        _DIGITS[digit] + _UNITS[len(digits) - 1 - place] if digit else _DIGITS[0] for place, digit in enumerate(digits)
    ]
    read = re.sub("零+", "零", "".join(parts)).rstrip("零") or "零"
    return read[1:] if read.startswith("一十") else read


def _words(found: re.Match[str]) -> str:
    whole, fraction, counter = found.groups()
    if whole in _CALLED or len(whole) > _LONGEST or (len(whole) > 1 and int(whole[0]) == 0):
        said = "".join(_BY_DIGIT[int(digit)] for digit in whole)
    elif counter and fraction is None and int(whole) == 2:
        said = "两"
    else:
        said = quantity(int(whole))
    rest = "点" + "".join(_DIGITS[int(digit)] for digit in fraction) if fraction else ""
    return said + rest + counter
