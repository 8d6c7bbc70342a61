"""From TOML files to entries, refusing by file and entry whatever could be misread."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources.abc import Traversable
from typing import Any

from anlan.engine.impact.library.curve import Curve, CurveInvalid
from anlan.engine.impact.library.entries import Entry, Given, LibraryInvalid, check
from anlan.engine.impact.library.forms import FORMS

_NEEDED = {"kind", "asset", "effect", "region", "source", "licence", "trust", "since"}
_KNOWN = {*_NEEDED, *FORMS, "version", "hazard", "until", "given", "rising", "note"}
_TEXTS = ("kind", "asset", "effect", "region", "source", "licence", "trust", "hazard", "note")


def read(folder: Traversable) -> dict[str, Entry]:
    """The entries in a folder's files by their ids. A curve that leans on another comes after it in the same file.

    Raises LibraryInvalid.
    """
    found: dict[str, Entry] = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml") and file.name != "kinds.toml":
            for key, table in _tables(file):
                entry = _entry(f"{file.name}: {key}", key, table, found)
                if entry.id in found:
                    raise LibraryInvalid(f"{file.name}: {key}: stands twice in one version")
                found[entry.id] = entry
    return found


def _tables(file: Traversable) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        parsed = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LibraryInvalid(f"{file.name}: {error}") from error
    for key, value in parsed.items():
        # Several versions of one curve stand as a list of tables.
        for table in value if isinstance(value, list) else [value]:
            yield key, table


def _entry(place: str, key: str, table: Mapping[str, Any], before: Mapping[str, Entry]) -> Entry:
    if missing := _NEEDED - set(table):
        raise LibraryInvalid(f"{place}: {min(missing)} is missing")
    if unknown := set(table) - _KNOWN:
        raise LibraryInvalid(f"{place}: {min(unknown)} is not a known field")
    for name in _TEXTS:
        if not isinstance(table.get(name, ""), str):
            raise LibraryInvalid(f"{place}: {name} is not a text")
    if not all(isinstance(table[name], date) for name in ("since", "until") if name in table):
        raise LibraryInvalid(f"{place}: since and until are days")
    version, rising = table.get("version", 1), table.get("rising", True)
    if type(version) is not int or type(rising) is not bool:
        raise LibraryInvalid(f"{place}: version is a whole number, and rising a yes or no")
    texts = {name: table.get(name, "") for name in _TEXTS}
    return check(
        place,
        Entry(
            key=key, version=version, curve=_curve(place, table, before), since=table["since"],
            until=table.get("until"), rising=rising, given=_given(place, table.get("given", {})), **texts,
        ),
    )  # fmt: skip


def _given(place: str, spans: object) -> tuple[Given, ...]:
    try:
        return tuple(Given(kind, float(low), float(high)) for kind, (low, high) in dict(spans).items())  # type: ignore[call-overload]
    except (TypeError, ValueError) as error:
        raise LibraryInvalid(f"{place}: given holds spans such as flood_depth_m = [0.5, 1.0]") from error


def _curve(place: str, table: Mapping[str, Any], before: Mapping[str, Entry]) -> Curve:
    forms = [name for name in FORMS if name in table]
    if len(forms) != 1:
        raise LibraryInvalid(f"{place}: needs exactly one of {', '.join(FORMS)}")
    (form,) = forms
    given = table[form]
    try:
        if form == "points":
            return FORMS[form](given)
        if form == "scaled":
            given = {**given, "base": before[given["base"]].curve}
        return FORMS[form](**given)
    except (CurveInvalid, ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise LibraryInvalid(f"{place}: {form}: {error}") from error
