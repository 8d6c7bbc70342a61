"""Households and their members as arrays, the way the rules read them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Words = NDArray[np.str_]

# GB 11643-1999: seventeen digits by these weights, modulo eleven, give the eighteenth character.
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
CHECK_DIGITS = np.array([ord(each) for each in "10X98765432"], dtype=np.int64)
_BODY, _WHOLE, _WIDTH = 17, 18, 22
_CERTIFICATES = (_WHOLE, 20, 22)  # a disability certificate's number is the bearer's with two or four digits more
_NO_DIGIT = re.compile(r"[^0-9]")
_POWERS = 10 ** np.arange(_BODY - 1, -1, -1, dtype=np.int64)


@dataclass(frozen=True)
class Roll:
    """n households and m members. A member's `home` is the place of its household in the arrays of households.

    Days are whole numbers (20260618). Unknown is an empty word, or 0 for a day. `facts` are flags by household that
    only some callers know: risks, measures, whether the water was found unsafe.
    """

    day: int
    head_name: Words  # n
    size: Ints
    labourers: Ints
    phone: Words
    location: Words  # point, group, village, area
    placed: Flags  # in a village that exists, under a code of that village
    income_until: Ints
    subsistence: Flags  # 低保 or 特困
    disabled: Flags  # in the category 残疾人家庭
    home: Ints  # m
    name: Words
    id_number: Words
    sex: Words  # m, f
    born: Ints
    relation: Words
    health: Words
    labour: Words
    student: Flags
    insured: Flags
    education: Words
    facts: Mapping[str, Flags] = field(default_factory=dict)
    knows_education: bool = False

    @classmethod
    def of(cls, day: int, households: Sequence[Sequence[Any]], members: Sequence[Sequence[Any]], **more: Any) -> "Roll":
        """From rows in the order of the fields; a member's first value is the place of its household."""
        columns: list[Any] = [*_columns(households, _HOUSEHOLD), *_columns(members, _MEMBER)]
        return cls(day=day, **dict(zip(_NAMES, columns, strict=True)), **more)

    def of_homes(self, members: Flags) -> Ints:
        """How many of these members each household has."""
        return np.bincount(self.home[members], minlength=len(self.size)).astype(np.int64)

    @cached_property
    def members(self) -> Ints:
        """How many members each household has."""
        return self.of_homes(np.ones(len(self.home), dtype=np.bool_))

    @cached_property
    def identities(self) -> "Identities":
        """What the members' identity numbers say."""
        return identities(self.id_number)


_HOUSEHOLD: tuple[Any, ...] = (
    np.str_, np.int64, np.int64, np.str_, np.str_, np.bool_, np.int64, np.bool_, np.bool_,
)  # fmt: skip
_MEMBER: tuple[Any, ...] = (
    np.int64, np.str_, np.str_, np.str_, np.int64, np.str_, np.str_, np.str_, np.bool_, np.bool_, np.str_,
)  # fmt: skip


_NAMES = tuple(each.name for each in fields(Roll))[1 : 1 + len(_HOUSEHOLD) + len(_MEMBER)]


def _columns(rows: Sequence[Sequence[Any]], kinds: Sequence[Any]) -> list[NDArray[Any]]:
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(kinds)
    return [np.array(values, dtype=kind) for values, kind in zip(columns, kinds, strict=True)]


@dataclass(frozen=True, slots=True)
class Register:
    """What can only be seen across households: each row a number and whose it is; the place -1 is somebody else's.

    A number of 0 is none. `house` tells households apart, those of others too.
    """

    id_key: Ints  # one row a person
    id_home: Ints
    id_house: Ints
    phone_key: Ints  # one row a household
    phone_home: Ints
    phone_house: Ints


@dataclass(frozen=True, slots=True)
class Identities:
    """What identity numbers say: whether they are whole, whether the check digit fits, sex and birthday."""

    known: Flags
    shaped: Flags
    checked: Flags
    male: Flags
    born: Ints


def identities(numbers: Words) -> Identities:
    """Read n identity numbers at once (GB 11643)."""
    letters = np.zeros((len(numbers), _WIDTH), dtype=np.int64)
    wide = numbers.astype(f"U{_WIDTH}")
    if len(numbers):
        letters[:] = wide.view(np.uint32).reshape(len(numbers), _WIDTH)
    length = np.char.str_len(numbers)
    digit = (letters >= ord("0")) & (letters <= ord("9"))
    tail = digit[:, _WHOLE:] | (letters[:, _WHOLE:] == 0)
    last = letters[:, _BODY]
    shaped = np.isin(length, _CERTIFICATES) & digit[:, :_BODY].all(axis=1) & tail.all(axis=1)
    shaped &= digit[:, _BODY] | (last == ord("X"))
    figures = np.where(shaped[:, None], letters[:, :_BODY] - ord("0"), 0)
    return Identities(
        length > 0, shaped, shaped & (CHECK_DIGITS[figures @ WEIGHTS % 11] == last), figures[:, 16] % 2 == 1,
        figures[:, 6:14] @ _POWERS[-8:],
    )  # fmt: skip


def identity_keys(numbers: Words) -> Ints:
    """A whole number for each identity number, the same for the same bearer; 0 where it cannot be one."""
    read = identities(numbers)
    letters = np.zeros(len(numbers), dtype=np.int64)
    figures = np.array(
        [number[:_BODY] if good else "0" for number, good in zip(numbers.tolist(), read.shaped.tolist(), strict=True)]
    )
    letters[:] = figures.astype(np.int64) if len(figures) else 0
    return letters


def number_keys(numbers: Words) -> Ints:
    """A whole number for each telephone number, spaces and dashes aside; 0 where it is none."""
    plain = [_NO_DIGIT.sub("", number)[:_WHOLE] for number in numbers.tolist()]
    return np.array([int(each) if each else 0 for each in plain], dtype=np.int64)
