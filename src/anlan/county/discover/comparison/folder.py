"""Departments' lists that were put into a folder: the worker compares them, monthly ones and those of a disaster.

`SOURCE.xlsx` is this month's list, `SOURCE.2026-06.xlsx` a month's, `SOURCE.EVENT.xlsx` that of a disaster by its code.
A list is touched only once it has stood unchanged from one look to a later one: nobody's copy is read half. One that
cannot be read is tried again, and then lies in `refused/` beside the sentence that says why, which the desk shows. A
list that was compared is deleted, for its rows lie sealed now, and what came of it stands in `done/`.
"""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.discover.comparison import actions
from anlan.county.discover.comparison.sources import source
from anlan.county.errors import BadInput, Refused
from anlan.county.office.models import User
from anlan.county.sense.queries import event

SUFFIXES = (".xlsx", ".xls", ".csv")
MONTH = re.compile(r"(\d{4})-(\d{2})")
DONE, REFUSED, LOOKS = "done", "refused", ".looks"
REST_S = 10.0  # so long a file must have stood unchanged
RETRY_S, TRIES = 60.0, 3


class Look(NamedTuple):
    """A file as it was seen: size, time of change, since when it looks so (or was last tried), and how often tried."""

    size: int
    changed_ns: int
    since: float
    tries: int = 0

    def same(self, other: "Look") -> bool:
        """Whether nobody has written to it between the two."""
        return self[:2] == other[:2]


def take_up(by: User, at: datetime | None = None) -> int:
    """Compare the lists that stand still in the folder. Returns how many files it took away.

    What a look saw is kept in the folder, so that a worker that was started anew, or runs once an hour, knows it.
    `at` is the machine's time: a drill's stands still.
    """
    where, now = Path(settings.LISTS), (at or clock.machine()).timestamp()
    before, seen, taken = _remembered(where), {}, 0
    for path in _waiting(where):
        look, known = _look(path, now), before.get(path.name)
        if look is None:
            continue
        if known is None or not known.same(look):
            seen[path.name] = look
        elif now - known.since < (RETRY_S if known.tries else REST_S):
            seen[path.name] = known
        elif _take_up(path, look, by, last=known.tries + 1 >= TRIES):
            taken += 1
        else:
            seen[path.name] = look._replace(tries=known.tries + 1)
    if seen != before:
        (where / LOOKS).write_text(json.dumps(seen))
    return taken


def _waiting(where: Path) -> list[Path]:
    return [each for each in sorted(where.glob("*.*")) if each.suffix.lower() in SUFFIXES and each.is_file()]


def _remembered(where: Path) -> dict[str, Look]:
    try:
        return {name: Look(*look) for name, look in json.loads((where / LOOKS).read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):  # there is none, or it was written half itself
        return {}


def _look(path: Path, now: float) -> Look | None:
    try:
        found = path.stat()
    except OSError:  # gone since the folder was listed
        return None
    return Look(found.st_size, found.st_mtime_ns, now)


def _take_up(path: Path, look: Look, by: User, *, last: bool) -> bool:
    """Compare one list. Returns whether it is gone: not while it may still be read another time."""
    try:
        given = _named(path)
    except Refused as refused:
        return _refuse(path, refused)
    try:
        outcome = actions.compare(path=path, by=by, **given)
    except Refused as refused:
        return _refuse(path, refused) if last else False
    told = {"source": given["source"].key, "about": path.stem.partition(".")[2], **outcome.counts,
            "not_found": outcome.not_found, "refused": outcome.refused, "again": outcome.again}  # fmt: skip
    told_of = _folder(path, DONE) / f"{clock.now():%Y%m%d-%H%M%S}-{path.stem}.json"
    told_of.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    after = _look(path, look.since)
    if after is not None and not after.same(look):
        return False  # somebody wrote on while it was read: what they wrote is another list
    path.unlink(missing_ok=True)
    return True


def _refuse(path: Path, why: Refused) -> bool:
    aside = _folder(path, REFUSED)
    (aside / f"{path.name}.txt").write_text(f"{why}\n", encoding="utf-8")
    path.replace(aside / path.name)
    return True


def _named(path: Path) -> dict[str, Any]:
    """What a file's name says: which list it is, of which month or disaster."""
    key, _dot, about = path.stem.partition(".")
    found, month = source(key), _month(about)
    return {"source": found, "month": month, "event": event(about) if about and month is None else None}


@dataclass(frozen=True, slots=True)
class Unread:
    """A file of the folder that came to nothing, and why."""

    name: str
    why: str


def unread() -> list[Unread]:
    """The lists that nobody could read, with the sentence that lies beside each."""
    aside = Path(settings.LISTS) / REFUSED
    beside = [each for each in sorted(aside.glob("*.txt")) if each.with_suffix("").exists()] if aside.is_dir() else []
    return [Unread(each.stem, each.read_text(encoding="utf-8").strip()) for each in beside]


def _month(text: str) -> date | None:
    found = MONTH.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), 1)
    except ValueError as error:
        raise BadInput(_("月份应写成 2026-06 这样。")) from error


def _folder(path: Path, name: str) -> Path:
    aside = path.parent / name
    aside.mkdir(mode=0o700, exist_ok=True)
    return aside
