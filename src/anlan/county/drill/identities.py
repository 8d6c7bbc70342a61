"""Names and ID numbers of people who do not exist.

The area prefix 990123 was never assigned, so no real number can match; check digits are right (GB 11643).
"""

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from anlan.county.drill.chance import chance
from anlan.county.drill.households import Households, Ints
from anlan.county.registry.records import PersonRecord

PREFIX = "990123"
SURNAMES = "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志文斌海波春花生根水金木火土荣福贵"
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECKS = "10X98765432"
RELATIONS = ("head", "spouse", "child", "child", "grandchild", "parent", "grandchild")


def people_of(seed: int, households: Households, year: int) -> Iterator[tuple[PersonRecord, ...]]:
    """The people of every household, in the households' order, as old as they are when a year begins."""
    luck = chance(seed, "people")
    count = int(households.size.sum())
    owner = np.repeat(np.arange(len(households.size)), households.size)
    place = np.arange(count) - (np.cumsum(households.size) - households.size)[owner]
    age = _ages(luck, place, households.head_age[owner])
    female = np.where(place == 0, luck.random(count) < 0.22, luck.random(count) < 0.5)
    female = np.where(place == 1, ~female[np.maximum(0, np.arange(count) - 1)], female)
    born = _births(luck, age, year)
    numbers = id_numbers(born, female)
    names = _names(luck, households, owner, place)
    health = luck.choice(np.array(["healthy", "chronic", "grave"], dtype="U8"), count, p=[0.86, 0.12, 0.02])
    health[(place == 0) & households.category["disabled"][owner]] = "disabled"
    labour = _labour(age, owner, households.labourers)
    uninsured = luck.random(count) < 0.01
    columns = (
        names, numbers, np.where(female, "f", "m").tolist(), born.tolist(), health.tolist(),
        labour.tolist(), ((age >= 6) & (age < 18)).tolist(), (~uninsured).tolist(),
    )  # fmt: skip
    everyone = zip(*columns, strict=True)
    for size in households.size.tolist():
        yield tuple(
            PersonRecord(name, number, sex, day, relation, ill, works, student, insured)
            for relation, (name, number, sex, day, ill, works, student, insured) in zip(
                RELATIONS, islice(everyone, size), strict=False
            )
        )


def _ages(luck: np.random.Generator, place: Ints, head: Ints) -> Ints:
    """From the head's age and the place in the household: spouse, children, grandchildren, a parent."""
    shift = np.array([0, -2, -27, -29, -52, 25, -54])[place]
    age = head + shift + np.where(place == 0, 0, luck.integers(-4, 5, len(place)))
    return np.asarray(np.clip(age, 0, 99))


def _labour(age: Ints, owner: Ints, labourers: Ints) -> NDArray[np.str_]:
    """As many who can work as the household is said to have, those under sixty-three first."""
    fit = np.where((age < 16) | (age > 72), 0, np.where(age > 62, 1, 2))
    order = np.lexsort((-fit, owner))
    turn = np.empty(len(age), dtype=int)
    turn[order] = np.arange(len(age)) - np.searchsorted(owner, owner)
    able = (fit > 0) & (turn < labourers[owner])
    return np.where(able, np.where(fit > 1, "ordinary", "weak"), "none")


def _births(luck: np.random.Generator, age: Ints, year: int) -> NDArray[np.datetime64]:
    """Days of birth for ages on the first of January; never in the future."""
    first = (year - 1970 - age - 1).astype("datetime64[Y]").astype("datetime64[D]")
    return np.asarray(first + luck.integers(0, 365, len(age)).astype("timedelta64[D]"))


def id_numbers(born: NDArray[np.datetime64], female: NDArray[np.bool_]) -> list[str]:
    """Eighteen-character numbers, all different: prefix, day of birth, a serial whose parity is the sex, check."""
    group = born.astype(int) * 2 + female
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], group[order], side="left")
    within = np.empty(len(group), dtype=int)
    within[order] = np.arange(len(group)) - starts
    serial = within * 2 + ~female
    if len(serial) and serial.max() > 999:
        raise ValueError("more than 500 people of one sex born on one day")
    days = np.datetime_as_string(born, unit="D").tolist()
    numbers = zip(days, serial.tolist(), strict=True)
    bodies = [f"{PREFIX}{day[:4]}{day[5:7]}{day[8:]}{number:03d}" for day, number in numbers]
    digits = np.frombuffer("".join(bodies).encode(), dtype=np.uint8).reshape(-1, 17) - ord("0")
    remainders = (digits @ WEIGHTS % 11).tolist()
    return [body + CHECKS[remainder] for body, remainder in zip(bodies, remainders, strict=True)]


def _names(luck: np.random.Generator, households: Households, owner: Ints, place: Ints) -> list[str]:
    surname = luck.integers(0, len(SURNAMES), len(households.size))[owner]
    married_in = (place == 1) | (luck.random(len(place)) < 0.03)
    surname = np.where(married_in, luck.integers(0, len(SURNAMES), len(place)), surname)
    first, second = luck.integers(0, len(GIVEN), (2, len(place)))
    single = luck.random(len(place)) < 0.15
    return [
        SURNAMES[s] + GIVEN[a] + ("" if one else GIVEN[b])
        for s, a, b, one in zip(surname.tolist(), first.tolist(), second.tolist(), single.tolist(), strict=True)
    ]
