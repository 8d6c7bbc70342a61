"""What a resident's identity number says (GB 11643): whether it can be one, and its bearer's sex and birthday."""

import re
from datetime import date
from operator import mul

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
_SHAPE = re.compile(r"\d{17}[\dX]", re.ASCII)


class NotAnIdentity(ValueError):
    """A text that cannot be an identity number; its argument says why, in one word."""


def check_digit(body: str) -> str:
    """The eighteenth character for the first seventeen."""
    return CHECK_DIGITS[sum(map(mul, WEIGHTS, map(int, body))) % 11]


def normal(text: str) -> str:
    """The number without spaces, its X a capital."""
    return "".join(text.split()).upper()


def read(number: str) -> tuple[str, date]:
    """Sex ("m" or "f") and birthday of an eighteen-character number. Raises NotAnIdentity: shape, check or birthday."""
    if not _SHAPE.fullmatch(number):
        raise NotAnIdentity("shape")
    if check_digit(number[:17]) != number[17]:
        raise NotAnIdentity("check")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise NotAnIdentity("birthday") from error
    return ("m" if int(number[16]) % 2 else "f"), born


def bearer(number: str) -> str:
    """The identity number inside a longer one: a disability certificate's is it with two or four digits more."""
    return number[:18] if len(number) in {20, 22} else number
