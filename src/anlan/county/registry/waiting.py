"""Files that wait to be merged: where they lie, sealed, beside the database and readable to nobody else."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import IO

from django.conf import settings

from anlan.county import sealed_files
from anlan.county.sealed_files import Writer

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


def keep(batch: int, pieces: Iterable[bytes]) -> str:
    """Seal what was sent into a batch's folder. Returns its digest."""
    folder(batch).mkdir(parents=True, exist_ok=True, mode=0o700)
    whole = sha256()
    with writing(source(batch)) as file:
        for piece in pieces:
            whole.update(piece)
            file.write(piece)
    return whole.hexdigest()


def writing(path: Path) -> AbstractContextManager[Writer]:
    """One of these files, to be written."""
    return sealed_files.writing(path, _place(path))


def opened(path: Path) -> AbstractContextManager[Path]:
    """One of these files, to be read from a path."""
    return sealed_files.opened(path, _place(path))


def lines(path: Path) -> Iterator[str]:
    """The lines of one of these files; none where it is not there."""
    return sealed_files.lines(path, _place(path)) if path.exists() else iter(())


def given_out(path: Path) -> IO[bytes]:
    """One of these files as it is sent to a reader, who closes it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    for piece in sealed_files.pieces(path, _place(path)):
        file.write(piece)
    file.seek(0)
    return file


def kept() -> list[int]:
    """The batches of which something lies here."""
    place = Path(settings.IMPORTS)
    return sorted(int(each.name) for each in place.iterdir() if each.name.isdecimal()) if place.is_dir() else []


def written(batch: int) -> float:
    """When something was last put into a batch's folder, as the machine's clock has it."""
    return folder(batch).stat().st_mtime


def forget(batch: int, *, whole: bool) -> None:
    """Take away what was sent and what was shown; the returned rows stay until the whole is forgotten."""
    if whole:
        shutil.rmtree(folder(batch), ignore_errors=True)
        return
    for path in (source(batch), preview(batch)):
        path.unlink(missing_ok=True)


def seal_anew() -> int:
    """Seal what lies here under older keys with the current one. Returns how many files."""
    return sum(sealed_files.seal_anew(path, _place(path)) for path in _files())


def heads() -> set[bytes]:
    """The ids of the keys that are needed to read what lies here."""
    return {sealed_files.head(path) for path in _files()}


def _files() -> list[Path]:
    """What has its name; where a process was killed something may lie beside it that has none."""
    found = (name(batch) for batch in kept() for name in (source, preview, returned, refusals))
    return [path for path in found if path.exists()]


def _place(path: Path) -> str:
    """A file is sealed to its batch and its name."""
    return f"registry.import {path.parent.name} {path.name}"
