"""From TOML files to decision tables, level by level, refusing by file, table and row whatever could be misread."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from importlib.resources.abc import Traversable
from typing import Any

from anlan.engine.policy.parameters import LEVELS, TRUSTS
from anlan.engine.policy.reading import check_days, fields_of, parsed
from anlan.engine.policy.tables.rows import HITS, Row, Table, TableInvalid, Version

CASES = ".cases.toml"
_TABLE = {"title": str, "hit": str, "word": str, "about": str, "limit": str, "results": dict, "rows": list}
_ROW = {"row": str, "word": str, "after": str, "from": date, "until": date, "title": str, "when": str, "then": str,
        "axis": str, "line": str, "figures": dict, "basis": str, "source": str, "trust": str,
        "signed": str}  # fmt: skip
_NEEDED = {"row", "from", "title", "then", "basis", "source", "trust"}


def read(folder: Traversable) -> dict[str, Table]:
    """Every table under `folder`/{cn,jx,anyi}/tables/*.toml, in the order of reading. Raises TableInvalid."""
    found: dict[str, Table] = {}
    for level in LEVELS:
        for file in sorted(files(folder, level), key=lambda each: each.name):
            for key, body in parsed(file, f"{level}/tables").items():
                place = f"{level}/tables/{file.name}: {key}"
                found[key] = _local(place, found[key], body, level) if key in found else _table(place, key, body, level)
    return found


def files(folder: Traversable, level: str, *, cases: bool = False) -> list[Traversable]:
    """The files of a level that hold tables, or those beside them that hold the example cases."""
    there = folder.joinpath(level).joinpath("tables")
    toml = [each for each in there.iterdir() if each.name.endswith(".toml")] if there.is_dir() else []
    return [each for each in toml if each.name.endswith(CASES) == cases]


def with_version(table: Table, key: str, version: Version) -> Table:
    """The table with one more wording of a row, which ends the row's last one of that level. Raises TableInvalid.

    The past is never changed: a wording may begin only after every other of its level.
    """
    row = table.row(key)
    own = [each for each in row.versions if each.level == version.level]
    if any(each.since >= version.since for each in own):
        raise TableInvalid(f"{version.place}: the wording from {version.since} does not begin after the last one")
    ended = [replace(each, until=_sooner(each.until, version.since)) if each in own else each for each in row.versions]
    return _with_row(table, replace(row, versions=(*ended, version)))


def _sooner(until: date | None, since: date) -> date:
    return since if until is None else min(until, since)


def _table(place: str, key: str, body: object, level: str) -> Table:
    told = fields_of(place, body, _TABLE, {"title", "hit", "rows"})
    if told["hit"] not in HITS:
        raise TableInvalid(f"{place}: hit {told['hit']!r} is none of {', '.join(HITS)}")
    empty = Table(key, told["title"], told["hit"], (), told.get("word", ""), told.get("about", ""),
                  told.get("limit", ""), told.get("results", {}))  # fmt: skip
    return _with_rows(place, empty, told["rows"], level)


def _local(place: str, wider: Table, body: object, level: str) -> Table:
    told = fields_of(place, body, {"rows": list, "results": dict}, {"rows"})
    return _with_rows(place, replace(wider, results={**wider.results, **told.get("results", {})}), told["rows"], level)


def _with_rows(place: str, table: Table, bodies: Iterable[object], level: str) -> Table:
    own: dict[str, list[tuple[dict[str, Any], Version]]] = {}
    for number, body in enumerate(bodies, start=1):
        told = fields_of(f"{place}: row {number}", body, _ROW, _NEEDED)
        version = _version(f"{place}: row {told['row']}", told, level)
        own.setdefault(told["row"], []).append((told, version))
    for key, found in own.items():
        versions = tuple(sorted((version for _told, version in found), key=lambda each: each.since))
        check_days(f"{place}: row {key}", versions)
        told = found[0][0]
        table = _with_row(table, _merged(table, Row(key, told.get("word", ""), versions, told.get("after", ""))))
    return table


def _merged(table: Table, row: Row) -> Row:
    wider = next((each for each in table.rows if each.key == row.key), None)
    if wider is None:
        return row
    return replace(wider, versions=wider.versions + row.versions)


def _with_row(table: Table, row: Row) -> Table:
    """The table with a row in its place: where it stood, after the row it names, or last."""
    keys = [each.key for each in table.rows]
    if row.key in keys:
        return replace(table, rows=tuple(row if each.key == row.key else each for each in table.rows))
    if row.after and row.after not in keys:
        raise TableInvalid(f"{row.versions[0].place}: stands after {row.after}, which is no row of this table")
    at = keys.index(row.after) + 1 if row.after else len(keys)
    return replace(table, rows=(*table.rows[:at], row, *table.rows[at:]))


def _version(place: str, told: Mapping[str, Any], level: str) -> Version:
    if told["trust"] not in TRUSTS:
        raise TableInvalid(f"{place}: trust {told['trust']!r} is none of {', '.join(TRUSTS)}")
    for name in ("source", "basis"):
        if not told[name].strip():
            raise TableInvalid(f"{place}: the {name} is empty")
    return Version(
        level=level, since=told["from"], until=told.get("until"), title=told["title"], when=told.get("when", "是"),
        then=told["then"], basis=told["basis"], source=told["source"], trust=told["trust"], axis=told.get("axis", ""),
        line=told.get("line", ""), figures=told.get("figures", {}), signed=told.get("signed", "").strip(), place=place,
    )  # fmt: skip
