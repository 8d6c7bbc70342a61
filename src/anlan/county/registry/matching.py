"""Which household of the register a file's household is, if any."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.registry import current
from anlan.county.registry.assembly import EVERYWHERE, Claims
from anlan.county.registry.current import Owner
from anlan.county.registry.workbook import Refusal


class NotMatched(Exception):
    """A household that cannot be told apart from others, or must not be touched by this person."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


@dataclass(slots=True)
class Register:
    """What the register knows of some households of a file, asked for all of them at once."""

    codes: dict[str, Owner]
    people: dict[str, Owner]
    numbers: dict[str, set[Owner]]
    heads: dict[tuple[str, str], list[int]]

    @classmethod
    def of(cls, households: Sequence[Claims]) -> "Register":
        """Everything that could be one of these households."""
        codes = current.by_codes(each.ours for each in households if each.ours)
        people = current.by_people(number for each in households for number in _ids(each))
        numbers = current.by_numbers(
            each.number for each in households if len(each.number) >= EVERYWHERE and not each.ours
        )
        strangers = [
            each
            for each in households
            if each.village and each.ours not in codes and not any(number in people for number in _ids(each))
        ]
        heads = current.by_heads(
            (each.village for each in strangers),
            (each.household["head_name"] for each in strangers if each.household.get("head_name")),
        )
        return cls(codes, people, numbers, heads)


@dataclass(slots=True)
class Matcher:
    """Finds households one by one. `may` says whether this person may touch a village."""

    may: Callable[[str], bool]
    seen: set[int] = field(default_factory=set)
    allowed: dict[str, bool] = field(default_factory=dict)

    def find(self, claims: Claims, register: Register) -> int | None:
        """The household's id in the register; None for a new one. Raises NotMatched."""
        owner = _owner(claims, register)
        village = owner[1] if owner else claims.village
        if village and not self._allows(village):
            raise NotMatched(claims.group.refuse(_place(claims), _("这不在您负责的区划内")))
        if owner is None:
            return None
        if claims.village and owner[1] != claims.village:
            raise NotMatched(claims.group.refuse(_place(claims), _("这一户在名册中属于另一个村")))
        if owner[0] in self.seen:
            raise NotMatched(claims.group.refuse("household", _("文件中有另一户对应名册中的同一户")))
        self.seen.add(owner[0])
        return owner[0]

    def _allows(self, village: str) -> bool:
        if village not in self.allowed:
            self.allowed[village] = self.may(village)
        return self.allowed[village]


def _owner(claims: Claims, register: Register) -> Owner | None:
    known = {number: register.people[number] for number in _ids(claims) if number in register.people}
    by_code = register.codes.get(claims.ours) if claims.ours else None
    owners = set(known.values()) | ({by_code} if by_code else set())
    if len(owners) > 1 or (known and claims.ours and not by_code):
        raise NotMatched(_elsewhere(claims, known, by_code))
    if owners:
        return owners.pop()
    numbered = register.numbers.get(claims.number, set())
    if len(numbered) == 1:
        return next(iter(numbered))
    named = register.heads.get((claims.village, claims.household.get("head_name", "")), [])
    if len(named) > 1 and not _ids(claims) and not claims.ours:
        raise NotMatched(claims.group.refuse("head_name", _("村里有几户同名，请填写身份证号或户编号")))
    return (named[0], claims.village) if len(named) == 1 and not claims.ours else None


def _elsewhere(claims: Claims, known: dict[str, Owner], by_code: Owner | None) -> Refusal:
    """The first person who is in the register under another household."""
    for row, who in claims.people:
        owner = known.get(who.get("id_number", ""))
        if owner is not None and owner != by_code:
            return row.refuse("id_number", _("这个人已经在册，属于另一户"))
    return claims.group.refuse("household", _("成员在名册中分属几户"))


def _ids(claims: Claims) -> list[str]:
    return [who["id_number"] for _row, who in claims.people if who.get("id_number")]


def _place(claims: Claims) -> str:
    said: Any = claims.group.merged
    return next((name for name in ("division", "village", "household") if name in said), "household")
