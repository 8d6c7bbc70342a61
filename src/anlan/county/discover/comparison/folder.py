"""Departments' lists that were put into a folder: the worker compares them, monthly ones and those of a disaster.

`SOURCE.xlsx` is this month's list, `SOURCE.2026-06.xlsx` a month's, `SOURCE.EVENT.xlsx` that of a disaster by its code.
A list that was compared is deleted, for its rows lie sealed now, and what came of it stands in `done/`; one that cannot
be read lies in `refused/` beside the sentence that says why.
"""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

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
DONE, REFUSED = "done", "refused"


def take_up(by: User) -> int:
    """Compare every list that lies in the folder. Returns how many files it took away."""
    where = Path(settings.LISTS)
    waiting = [each for each in sorted(where.glob("*.*")) if each.suffix.lower() in SUFFIXES and each.is_file()]
    for path in waiting:
        _take_up(path, by)
    return len(waiting)


def _take_up(path: Path, by: User) -> None:
    try:
        told = _compared(path, by)
    except Refused as refused:
        aside = _folder(path, REFUSED)
        (aside / f"{path.name}.txt").write_text(f"{refused}\n", encoding="utf-8")
        path.replace(aside / path.name)
    else:
        told_of = _folder(path, DONE) / f"{clock.now():%Y%m%d-%H%M%S}-{path.stem}.json"
        told_of.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
        path.unlink()


def _compared(path: Path, by: User) -> dict[str, Any]:
    key, _dot, about = path.stem.partition(".")
    found = source(key)
    month = _month(about)
    disaster = event(about) if about and month is None else None
    outcome = actions.compare(source=found, path=path, by=by, event=disaster, month=month)
    return {
        "source": key, "about": about, **outcome.counts, "not_found": outcome.not_found, "refused": outcome.refused,
        "again": outcome.again,
    }  # fmt: skip


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
