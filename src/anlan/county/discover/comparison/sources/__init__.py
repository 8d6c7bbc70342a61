"""The departments' lists as data: one file a source. Numbers, days and legal texts are parameters of the policy."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.errors import NotFound

KINDS = ("number", "share", "day", "choice", "text")
TESTS = ("any", "alone", "above", "reaching", "share", "among")
TOPICS = ("alive", "insured", "disability", "grade", "village")
SHARED = ("name", "id_number", "village", "categories", "lead")


class SourceInvalid(ValueError):
    """A source's file that cannot be used as it is written; the text names the file and the place."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list's layout: the headings it may have, and how its cells are read."""

    name: str
    headings: tuple[str, ...]
    kind: str
    needed: bool = False
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def words(self) -> dict[str, str]:
        """What each word of the list means."""
        return {word: meaning for meaning, words in self.choices.items() for word in words}


@dataclass(frozen=True, slots=True)
class Sign:
    """What in a row shows a risk. `key` and `general` name parameters; where one has no value, anything is a sign.

    `test`: any (something stands there), alone (something stands there and nothing in `besides`), above (more than
    the threshold), reaching (as much as the threshold), share (more than a multiple of last year's rural income),
    among (one of the threshold's words, or of `values`).
    """

    kind: str
    title: str
    column: str
    test: str
    key: str = ""
    general: str = ""
    unit: str = ""
    besides: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saying:
    """What a column says of a person on a topic; `words` turns the column's words into the topic's."""

    topic: str
    column: str
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DataSource:
    """A department's list: its layout, what may come of it, and the parameters for its days and texts."""

    key: str
    title: str
    department: str
    columns: tuple[Column, ...]
    signs: tuple[Sign, ...]
    says: tuple[Saying, ...]
    cadence: str
    retention: str
    basis: tuple[str, ...]
    share: tuple[str, ...]
    cadence_key: str = ""

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(each for each in self.columns if each.name == name)


def read(key: str, text: str) -> DataSource:
    """A source from the text of its file. Raises SourceInvalid."""
    body = tomllib.loads(text)
    columns = tuple(_column(name, fields) for name, fields in body["columns"].items())
    signs = tuple(Sign(**{**each, "values": tuple(each.get("values", ()))}) for each in body["signs"])
    says = tuple(_saying(topic, said) for topic, said in body["says"].items())
    plain = {name: body[name] for name in ("title", "department", "cadence", "retention")}
    found = DataSource(
        key=key, columns=columns, signs=signs, says=says, basis=tuple(body["basis"]), share=tuple(body["share"]),
        cadence_key=body.get("cadence_key", ""), **plain,
    )  # fmt: skip
    _check(found)
    return found


def _column(name: str, fields: Mapping[str, Any]) -> Column:
    choices = {meaning: tuple(words) for meaning, words in fields.get("choices", {}).items()}
    return Column(name, tuple(fields["headings"]), fields["kind"], bool(fields.get("needed")), choices)


def _saying(topic: str, said: Any) -> Saying:
    return Saying(topic, said) if isinstance(said, str) else Saying(topic, said["column"], said["words"])


def _check(found: DataSource) -> None:
    names = {column.name for column in found.columns}
    used = {sign.column for sign in found.signs} | {sign.besides for sign in found.signs if sign.besides}
    used |= {said.column for said in found.says} - {"village"}
    for wrong, place in (
        (used - names, "columns"),
        ({column.kind for column in found.columns} - set(KINDS), "kinds"),
        ({sign.test for sign in found.signs} - set(TESTS), "tests"),
        ({said.topic for said in found.says} - set(TOPICS), "topics"),
        (set(found.share) - set(SHARED), "shared fields"),
    ):
        if wrong:
            raise SourceInvalid(f"{found.key}: unknown {place}: {', '.join(sorted(wrong))}")


@lru_cache(maxsize=1)
def sources() -> Mapping[str, DataSource]:
    """Every source by its key, in the order of the keys."""
    folder = files("anlan.county.discover.comparison.sources")
    named = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    return {name[:-5]: read(name[:-5], folder.joinpath(name).read_text(encoding="utf-8")) for name in named}


def source(key: str) -> DataSource:
    """The source of this key; refused where there is none."""
    if key not in sources():
        raise NotFound(_("没有“%(key)s”这个数据来源；有：%(known)s。") % {"key": key, "known": "、".join(sources())})
    return sources()[key]
