"""Finding households: by place, category, name, initials, code and number, fifty at a time, at a million as at ten.

The way to the first page is chosen by what is rare. A name most people do not have comes from the index of words, a
number from its blind index, a category from its own range of codes; what is common is met soon by walking along the
codes. Counting stops at `COUNT_UP_TO`, and the next page begins at a key.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Prefetch, Q, QuerySet

from anlan.county import seal
from anlan.county.office.models import User
from anlan.county.registry.models import MONITORED, Category, Household, Person
from anlan.engine.values.divisions import after, significant

PAGE = 50
COUNT_UP_TO = 1000
RARE = 10_000  # so many households may bear a name for their keys to be gathered first
NUMBERS = {  # what is looked for by a blind index, and must not stand in a URL
    "tail": re.compile(r"\d{4}"),
    "phone": re.compile(r"1\d{10}|0\d{9,11}"),
    "id": re.compile(r"\d{17}[\dX]"),
}
UNPLACED = "NOT (%(expressions)s = 'point')"  # without a parameter, so that SQLite knows the partial index by it


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the register. `place` is a township's or a village's code."""

    words: str = ""
    place: str = ""
    category: str = ""  # one of CATEGORIES, or "monitored" for all three kinds under monitoring
    unplaced: bool = False

    @property
    def kinds(self) -> Sequence[str]:
        """The categories one of which a household must be in; none for any."""
        return MONITORED if self.category == "monitored" else [self.category] if self.category else []


@dataclass(frozen=True, slots=True)
class Page:
    """Up to fifty households in the order of their codes, and where the next page begins."""

    households: Sequence[Household]
    total: int  # counted no further than `COUNT_UP_TO`
    following: str  # the `past` of the next page; empty on the last

    @property
    def capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.total > COUNT_UP_TO


def kind_of_number(words: str) -> str:
    """Which number of a person this reads as: `id`, `phone`, the `tail` of a telephone number, or none."""
    plain = seal.plain(words)
    return next((kind for kind, shape in NUMBERS.items() if shape.fullmatch(plain)), "")


def page(user: User, asked: Asked, *, on: date, past: str = "") -> Page:
    """The fifty households past a code that this person may see, each with its categories of a day in `held`."""
    ids = _candidates(asked.words)
    counted = _codes(user, asked, on, ids, "", COUNT_UP_TO + 1)
    ahead = _codes(user, asked, on, ids, past, PAGE + 1) if past or len(counted) < PAGE else counted[: PAGE + 1]
    return _page(Household.objects.filter(code__in=ahead[:PAGE]), on, len(counted), ahead)


def listed(found: QuerySet[Household], *, on: date) -> Page:
    """What was found by a number, as one page."""
    codes = list(found.values_list("code", flat=True))
    return _page(Household.objects.filter(code__in=codes[:PAGE]), on, len(codes), [])


def _page(rows: QuerySet[Household], on: date, total: int, ahead: Sequence[str]) -> Page:
    held = Prefetch("categories", Category.objects.on(on).order_by("kind"), to_attr="held")
    shown = rows.select_related("division__parent").prefetch_related(held).order_by("code")
    return Page(list(shown), total, ahead[PAGE - 1] if len(ahead) > PAGE else "")


def by_number(user: User, words: str) -> QuerySet[Household]:
    """The households this person may see with this ID number, telephone number or end of one; up to fifty-one."""
    kind, plain = kind_of_number(words), seal.plain(words)
    if kind == "id":
        found = Q(pk__in=list(Person.objects.filter(id_number=plain).values_list("household_id", flat=True)))
    elif kind == "phone":
        found = Q(phone=plain)
    else:
        found = Q(phone_tail=seal.blinder("registry.household.phone", tail=True)(plain))
    return Household.objects.visible_to(user).filter(found).order_by("code")[: PAGE + 1]


def _codes(
    user: User, asked: Asked, on: date, ids: Sequence[int] | None, past: str, most: int
) -> list[str]:
    """The codes of the first so many households past a code, in order."""
    spans = _spans(user, asked.place, past)
    if spans is None:
        return []
    if ids is None and asked.kinds:
        held = Category.objects.on(on).filter(spans, *_rest(asked, "household__")).order_by("code")
        rows = [held.filter(kind=kind).values_list("code", flat=True)[:most] for kind in asked.kinds]
        return sorted({code for each in rows for code in each})[:most]
    found = Household.objects.filter(spans, *_rest(asked))
    if ids is not None:
        found = found.filter(pk__in=ids)
    if asked.kinds:
        found = found.filter(Exists(Category.objects.on(on).filter(household=OuterRef("pk"), kind__in=asked.kinds)))
    return list(found.order_by("code").values_list("code", flat=True)[:most])


def _spans(user: User, place: str, past: str) -> Q | None:
    """The ranges of codes that this person may see, within a place and past a code; none where nothing is left.

    Worked out here: a database given two ranges of one column may walk along the wider.
    """
    prefix = significant(place) if place else ""
    found = None
    for scope in map(significant, user.scopes()):
        if not (scope.startswith(prefix) or prefix.startswith(scope)):
            continue
        narrow = max(scope, prefix, key=len)
        low = Q(code__gt=past) if past >= narrow else Q(code__gte=narrow)
        span = low & Q(code__lt=after(narrow))
        found = span if found is None else found | span
    return found


def _rest(asked: Asked, path: str = "") -> list[Q]:
    """What else a household must be, row by row; `path` leads to it."""
    rest = [Q(Func(F(f"{path}location"), template=UNPLACED, output_field=BooleanField()))] if asked.unplaced else []
    if asked.words.isdigit():
        return [*rest, Q(code__gte=asked.words, code__lt=after(asked.words))]
    terms = _terms(asked.words)
    if asked.words and not terms:  # nothing in it that a name is made of
        return [Q(pk__in=[])]
    return rest + [
        Q(**{f"{path}names__contains": term if _is_name(term) else f" {term}"}) for term in terms
    ]


def _terms(words: str) -> list[str]:
    """The words of a search as they stand in `names`: `三 丰` for a part of a name, `zs` for initials."""
    kept = ["".join(filter(str.isalnum, word)) for word in words.lower().split()]
    return [word if word.isascii() else " ".join(word) for word in kept if word]


def _is_name(term: str) -> bool:
    return not term.isascii()


def _candidates(words: str) -> list[int] | None:
    """The households in whose names the words may be, where that is few of them; None where it is not, or no name."""
    terms = _terms(words)
    if not terms or words.isdigit():
        return None
    if connection.vendor == "postgresql":
        asked = " & ".join(" <-> ".join(term.split()) if _is_name(term) else f"{term}:*" for term in terms)
        sql = (
            "SELECT id FROM registry_household"
            " WHERE to_tsvector('simple'::regconfig, names) @@ to_tsquery('simple'::regconfig, %s) LIMIT %s"
        )
    else:
        asked = " AND ".join(f'"{term}"' if _is_name(term) else f'"{term}" *' for term in terms)
        sql = "SELECT rowid FROM registry_words WHERE registry_words MATCH %s LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [asked, RARE + 1])
        ids = [key for (key,) in cursor.fetchall()]
    return None if len(ids) > RARE else ids
