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
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Prefetch, Q, QuerySet, Value

from anlan.county import seal
from anlan.county.office.models import Scoped, User
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
WORDS = "SELECT rowid FROM registry_words WHERE registry_words MATCH %s"  # the index on SQLite
LEXEMES = (  # and that on PostgreSQL
    "SELECT id FROM registry_household WHERE to_tsvector('simple'::regconfig, names) @@"
    " to_tsquery('simple'::regconfig, %s) LIMIT %s"
)
UNPLACED = "NOT (%(expressions)s = 'point')"  # without a parameter, so that SQLite knows the partial index by it


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the register. `place` is a township's or a village's code."""

    words: str = ""
    place: str = ""
    category: str = ""  # one of CATEGORIES, or "monitored" for all three kinds under monitoring
    unplaced: bool = False

    @property
    def code(self) -> str:
        """The beginning of a household's code, where that is what the words are."""
        return self.words if self.words.isascii() and self.words.isdigit() else ""

    @property
    def kinds(self) -> Sequence[str]:
        """The categories one of which a household must be in; none for any."""
        return MONITORED if self.category == "monitored" else [self.category] if self.category else []


@dataclass(frozen=True, slots=True)
class Page:
    """Up to fifty households in the order of their codes, and where the next page begins."""

    households: Sequence[Household]
    total: int  # counted no further than `COUNT_UP_TO`
    past: str  # where it begins; empty on the first page
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
    counted = _codes(user, asked, on, "", COUNT_UP_TO + 1)
    ahead = (_codes(user, asked, on, past, PAGE + 1) if past else counted)[: PAGE + 1]
    return _page(Household.objects.filter(code__in=ahead[:PAGE]), on, len(counted), ahead, past)


def every(user: User, asked: Asked, *, on: date) -> Scoped[Household]:
    """All the households of what is asked that this person may see, however many: for a list that is given out."""
    spans, terms = _spans(user, asked, ""), [] if asked.code else _terms(asked.words)
    found = Household.objects.filter(spans, _unplaced(asked), _spelt(terms)) if spans else Household.objects.none()
    if asked.kinds:
        found = found.filter(Exists(Category.objects.on(on).filter(household=OuterRef("pk"), kind__in=asked.kinds)))
    return found


def listed(found: QuerySet[Household], *, on: date) -> Page:
    """What was found by a number, as one page."""
    codes = list(found.values_list("code", flat=True))
    return _page(Household.objects.filter(code__in=codes[:PAGE]), on, len(codes), [])


def _page(rows: QuerySet[Household], on: date, total: int, ahead: Sequence[str], past: str = "") -> Page:
    held = Prefetch("categories", Category.objects.on(on).order_by("kind"), to_attr="held")
    shown = rows.select_related("division__parent").prefetch_related(held).order_by("code")
    return Page(list(shown), total, past, ahead[PAGE - 1] if len(ahead) > PAGE else "")


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


def _codes(user: User, asked: Asked, on: date, past: str, most: int) -> list[str]:
    """The codes of the first so many households past a code, in order."""
    spans = _spans(user, asked, past)
    terms = [] if asked.code else _terms(asked.words)
    if spans is None or (asked.words and not terms and not asked.code):
        return []
    few = _few(terms) if terms else None
    if asked.kinds and few is None:
        held = Category.objects.on(on).filter(spans, _unplaced(asked, "household__")).order_by("code")
        if terms:
            held = held.filter(_spelt(terms, "household__") if asked.place else _bearing("household", terms))
        rows = [held.filter(kind=kind).values_list("code", flat=True)[:most] for kind in asked.kinds]
        return sorted({code for each in rows for code in each})[:most]
    found = Household.objects.filter(spans, _unplaced(asked))
    if terms:
        found = found.filter(few if few is not None else _spelt(terms))
    if asked.kinds:
        found = found.filter(Exists(Category.objects.on(on).filter(household=OuterRef("pk"), kind__in=asked.kinds)))
    return list(found.order_by("code").values_list("code", flat=True)[:most])


def _spans(user: User, asked: Asked, past: str) -> Q | None:
    """The ranges of codes that this person may see, of what is asked, past a code; none where nothing is left.

    Worked out here: a database given two ranges of one column may walk along the wider.
    """
    beginnings = [significant(asked.place) if asked.place else "", asked.code]
    found = None
    for scope in map(significant, user.scopes()):
        narrow = max([scope, *beginnings], key=len)
        if not all(map(narrow.startswith, [scope, *beginnings])):
            continue
        low = Q(code__gt=past) if past >= narrow else Q(code__gte=narrow)
        span = low & Q(code__lt=after(narrow))
        found = span if found is None else found | span
    return found


def _unplaced(asked: Asked, path: str = "") -> Q:
    """Those without a point of their own, where that is asked; by the partial index, but not from another table."""
    if not asked.unplaced:
        return Q()
    return (
        ~Q(**{f"{path}location": "point"})
        if path
        else Q(Func(F("location"), template=UNPLACED, output_field=BooleanField()))
    )


# --- names ------------------------------------------------------------------------------------------


def _terms(words: str) -> list[str]:
    """The words of a search as they stand in `names`: `三 丰` for a part of a name, `zs` for initials."""
    kept = ["".join(filter(str.isalnum, word)) for word in words.lower().split()]
    return [word if word.isascii() else " ".join(word) for word in kept if word]


def _spelt(terms: list[str], path: str = "") -> Q:
    """Those whose names are read and hold the words; initials begin a word."""
    parts = [f" {term}" if term.isascii() else term for term in terms]
    return Q(*(Q(**{f"{path}names__contains": part}) for part in parts))


def _few(terms: list[str]) -> Q | None:
    """Those who bear the names, where they are so few that to gather them first, and sort, is the shorter way."""
    if connection.vendor == "postgresql":
        pairs = [term if term.isascii() else term.replace(" ", "") for term in terms]
        asked = " & ".join(part for term in pairs for part in _lexemes(term))
        keys = _asked(LEXEMES, asked)
        told = Value(f"{{{','.join(map(str, keys))}}}")
        borne = Func(
            F("id"), told, arg_joiner=" = ANY(", template="%(expressions)s::bigint[])", output_field=BooleanField()
        )
        return Q(borne) & _spelt(terms) if len(keys) <= RARE else None
    keys = _asked(f"{WORDS} LIMIT %s", _phrases(terms))
    return _bearing("id", terms) if len(keys) <= RARE else None


def _bearing(key: str, terms: list[str]) -> Q:
    """Those whose key is among all who bear the names; on PostgreSQL it is as quick to look at their names."""
    if connection.vendor == "postgresql":
        return _spelt(terms, f"{key}__")
    before, after_ = WORDS.split("%s")
    return Q(Func(F(key), Value(_phrases(terms)), arg_joiner=f" IN ({before}", template=f"%(expressions)s{after_})",
                  output_field=BooleanField()))  # fmt: skip


def _lexemes(term: str) -> list[str]:
    """A word of the search as lexemes: initials by their beginning, a name by its pairs of characters."""
    if term.isascii():
        return [f"{term}:*"]
    return [term[at : at + 2] for at in range(max(1, len(term) - 1))]


def _phrases(terms: list[str]) -> str:
    return " AND ".join(f'"{term}" *' if term.isascii() else f'"{term}"' for term in terms)


def _asked(sql: str, words: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [words, RARE + 1])
        return [key for (key,) in cursor.fetchall()]
