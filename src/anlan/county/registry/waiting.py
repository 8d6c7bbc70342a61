"""Files that wait to be merged: where they lie, beside the database and readable to nobody else."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

SMALL_BYTES = 2 * 1024 * 1024  # what a page may read while its reader waits


def folder(batch: int) -> Path:
    """A batch's folder."""
    return Path(settings.IMPORTS) / str(batch)


def source(batch: int) -> Path:
    """The file as it was sent."""
    return folder(batch) / "source"


def preview(batch: int) -> Path:
    """What it would change."""
    return folder(batch) / "preview.jsonl"


def returned(batch: int) -> Path:
    """The refused rows, marked."""
    return folder(batch) / "refused.xlsx"


def refusals(batch: int) -> Path:
    """Why rows were refused, a line each."""
    return folder(batch) / "refusals.jsonl"


def large(batch: int) -> bool:
    """Whether a file is too large for a page to read while its reader waits."""
    path = source(batch)
    return path.exists() and path.stat().st_size > SMALL_BYTES


def keep(batch: int, pieces: Iterable[bytes]) -> Path:
    """Write what was sent to a batch's folder."""
    place = folder(batch)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with source(batch).open("wb") as file:
        for piece in pieces:
            file.write(piece)
    return source(batch)


def forget(batch: int, *, whole: bool) -> None:
    """Take away what was sent and what was shown; the returned rows stay until the whole is forgotten."""
    if whole:
        shutil.rmtree(folder(batch), ignore_errors=True)
        return
    for path in (source(batch), preview(batch)):
        path.unlink(missing_ok=True)
