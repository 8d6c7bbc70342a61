"""Exposure tables as Parquet files: one pair a township, named by what is in it, so what is there need not be written.

A file that is there is never changed, and an older run's files stay, so that it can be explained later.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from anlan.county.errors import BadInput, NotFound
from anlan.county.foresee.exposure import Part

NAMED = 24  # characters of a digest in a file's name: no two parts will ever meet in as many
TABLES = ("households", "assets")


def paths(folder: Path, township: str, digest: str) -> dict[str, Path]:
    """Where a part's two tables lie."""
    return {table: folder / township / f"{table}-{digest[:NAMED]}.parquet" for table in TABLES}


def write(folder: Path, parts: Sequence[Part]) -> list[str]:
    """Write what is not there yet. Returns the townships that were written."""
    written = []
    for part in parts:
        missing = {
            table: path for table, path in paths(folder, part.township, part.digest).items() if not path.exists()
        }
        if missing:
            made = part.tables()
            for table, path in missing.items():
                _put(path, made[table])
            written.append(part.township)
    return written


def read(folder: Path, township: str, digest: str) -> dict[str, pa.Table]:
    """A part's two tables, refused where they are no longer there."""
    found = {}
    for table, path in paths(folder, township, digest).items():
        if not path.exists():
            raise NotFound(_("承灾体文件 %(name)s 不在了，这次研判无法再逐项说明；请重新研判。") % {"name": path.name})
        found[table] = pq.read_table(path)
    return found


def _put(path: Path, table: pa.Table) -> None:
    """Whole or not at all: another process may write the same."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, draft, compression="zstd")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise BadInput(_("写不了文件 %(name)s：%(error)s") % {"name": str(path), "error": error.strerror}) from error
