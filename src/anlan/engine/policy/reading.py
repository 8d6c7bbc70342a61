"""From TOML files to parameters, refusing by file and key whatever could be misread."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Any, Protocol

from anlan.engine.policy.parameters import LEVELS, TRUSTS, Entry, PolicyInvalid, Value

_ENTRY = {"title": str, "unit": str, "yearly": bool, "values": list, "word": str}
_VALUE = {"from": date, "until": date, "stale_from": date, "value": (int, float, str), "source": str, "trust": str,
          "signed": str}  # fmt: skip
_NEEDED = ({"title", "unit", "values"}, {"from", "value", "source", "trust"})


def read(folder: Traversable) -> dict[str, Entry]:
    """Every parameter under `folder`/{cn,jx,anyi}/*.toml. Raises PolicyInvalid."""
    entries: dict[str, Entry] = {}
    for level in LEVELS:
        for key, found in _level(folder.joinpath(level), level).items():
            entries[key] = _joined(entries[key], found, level) if key in entries else found
    return entries


def _level(folder: Traversable, level: str) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")] if folder.is_dir() else []
    for file in sorted(files, key=lambda each: each.name):
        for key, body in parsed(file, level).items():
            place = f"{level}/{file.name}: {key}"
            if key in entries:
                raise PolicyInvalid(f"{place}: stands twice at the level {level}")
            entries[key] = _entry(place, key, body, level)
    return entries


def parsed(file: Traversable, level: str) -> dict[str, Any]:
    """A TOML file of a level. Raises PolicyInvalid."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PolicyInvalid(f"{level}/{file.name}: {error}") from error


def _entry(place: str, key: str, body: object, level: str) -> Entry:
    fields = fields_of(place, body, _ENTRY, _NEEDED[0])
    yearly = fields.get("yearly", False)
    values = sorted((_value(place, each, level, yearly=yearly) for each in fields["values"]), key=lambda v: v.since)
    if not values:
        raise PolicyInvalid(f"{place}: has no values")
    if len({type(value.value) for value in values}) > 1:
        raise PolicyInvalid(f"{place}: has both numbers and texts")
    check_days(place, values)
    return Entry(key, fields["title"], fields["unit"], tuple(values), fields.get("word", ""))


def _value(place: str, body: object, level: str, *, yearly: bool) -> Value:
    fields = fields_of(place, body, _VALUE, _NEEDED[1])
    value, since = fields["value"], fields["from"]
    if fields["trust"] not in TRUSTS:
        raise PolicyInvalid(f"{place}: trust {fields['trust']!r} is none of {', '.join(TRUSTS)}")
    if not fields["source"].strip():
        raise PolicyInvalid(f"{place}: the source is empty")
    return Value(
        value=value if isinstance(value, str) else float(value),
        level=level,
        since=since,
        until=fields.get("until"),
        source=fields["source"],
        trust=fields["trust"],
        # A yearly value is vouched for in the calendar year it begins in.
        stale_from=fields.get("stale_from", date(since.year + 1, 1, 1) if yearly else None),
        signed=fields.get("signed", "").strip(),
    )


def fields_of(place: str, body: object, kinds: Mapping[str, Any], needed: Iterable[str]) -> dict[str, Any]:
    """A TOML table's fields, all of them known, of their type, and none of the needed missing. Raises PolicyInvalid."""
    if not isinstance(body, dict):
        raise PolicyInvalid(f"{place}: is not a table")
    for problem in _problems(body, kinds, needed):
        raise PolicyInvalid(f"{place}: {problem}")
    return body


def _problems(body: Mapping[str, object], kinds: Mapping[str, Any], needed: Iterable[str]) -> Iterator[str]:
    yield from (f"{name} is missing" for name in sorted(set(needed) - set(body)))
    yield from (f"{name} is not a known field" for name in sorted(set(body) - set(kinds)))
    yield from (f"{name} is of the wrong type" for name in body if not _is(body[name], kinds[name]))


def _is(value: object, kind: Any) -> bool:
    # To Python a yes is a number and a moment is a day; to a policy file neither is.
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, kind) and not isinstance(value, datetime)


class Dated(Protocol):
    """What holds from a day until the day before another."""

    @property
    def since(self) -> date:
        """The first day."""

    @property
    def until(self) -> date | None:
        """The first day on which it no longer holds; None where that is open."""


def check_days(place: str, values: Iterable[Dated]) -> None:
    """Refuse values (in order of days) that end before they begin, or that overlap. Raises PolicyInvalid."""
    for value in values:
        if value.until is not None and value.until <= value.since:
            raise PolicyInvalid(f"{place}: the value from {value.since} ends before it begins")
    for earlier, later in pairwise(values):
        if earlier.since == later.since or (earlier.until is not None and earlier.until > later.since):
            raise PolicyInvalid(f"{place}: the values from {earlier.since} and from {later.since} overlap")


def _joined(wider: Entry, local: Entry, level: str) -> Entry:
    same_kind = type(wider.values[0].value) is type(local.values[0].value)
    if wider.unit != local.unit or not same_kind:
        raise PolicyInvalid(f"{level}: {local.key}: is {local.unit!r} here but {wider.unit!r} at a wider level")
    return Entry(local.key, local.title, local.unit, wider.values + local.values, local.word or wider.word)
