"""Where snapshots lie: `FOLDER/county=360123/people.parquet`, whole or not at all, and a manifest of what is there."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from anlan.county.errors import BadInput, NotFound
from anlan.county.registry.snapshots.tables import TABLES, rows
from anlan.engine.values.divisions import significant

FORMAT = 1
MANIFEST = "manifest.json"


def write(folder: Path, county: str, at: datetime, *, synthetic: bool) -> dict[str, Any]:
    """Write a county's tables beside where they go, and put them there when they are whole. Returns the manifest."""
    target = folder / f"county={significant(county)}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = Path(tempfile.mkdtemp(dir=folder, prefix=f".{target.name}."))
    try:
        manifest = {
            "county": significant(county), "at": at.isoformat(), "format": FORMAT, "synthetic": synthetic,
            "tables": _tables(aside, county),
        }  # fmt: skip
        (aside / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
        _put(aside, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return manifest


def _tables(folder: Path, county: str) -> dict[str, Any]:
    with ExitStack() as files:
        writers = {
            table.name: files.enter_context(
                pq.ParquetWriter(folder / f"{table.name}.parquet", table.schema, compression="zstd")
            )
            for table in TABLES
        }
        counts = dict.fromkeys(writers, 0)
        for chunk in rows(county):
            for name, table in chunk.items():
                writers[name].write_table(table)
                counts[name] += table.num_rows
    return {name: {"rows": count, **_file(folder / f"{name}.parquet")} for name, count in counts.items()}


def _file(path: Path) -> dict[str, Any]:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
        whole = sha256()
        while piece := file.read(1 << 20):
            whole.update(piece)
        return {"bytes": file.tell(), "digest": whole.hexdigest()}


def _put(aside: Path, target: Path) -> None:
    """Give a whole folder its name. One that had it before steps aside for the moment of two renamings."""
    if not target.exists():
        aside.rename(target)
        return
    old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    target.rename(old / "old")
    try:
        aside.rename(target)
    except OSError:
        (old / "old").rename(target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def manifests(folder: Path, county: str = "") -> list[dict[str, Any]]:
    """What lies in a folder, by county. Refused where there is nothing, or a file is not as long as it was written."""
    there = sorted(folder.glob(f"county=*/{MANIFEST}"))
    found = [json.loads(path.read_text()) for path in there if path.parent.name == f"county={county[:6]}" or not county]
    if not found:
        raise NotFound(_("“%(folder)s”里没有这样的快照。请先运行 anlan registry snapshot。") % {"folder": folder})
    for each in found:
        for table, told in each["tables"].items():
            path = folder / f"county={each['county']}" / f"{table}.parquet"
            if each["format"] != FORMAT or not path.exists() or path.stat().st_size != told["bytes"]:
                raise BadInput(_("%(file)s 与清单不符；请重新生成快照。") % {"file": path})
    return found


def days(folder: Path) -> Iterator[tuple[date, Path]]:
    """The nights of which a snapshot lies in a folder, the oldest first."""
    for path in sorted(folder.glob("????-??-??")) if folder.is_dir() else ():
        try:
            yield date.fromisoformat(path.name), path
        except ValueError:
            continue  # not ours


def forget(folder: Path, until: date) -> None:
    """Delete snapshots of nights up to one, and what broken nights left."""
    old = [path for day, path in days(folder) if day <= until]
    for path in (*old, *folder.glob(".????-??-??")):
        shutil.rmtree(path, ignore_errors=True)
