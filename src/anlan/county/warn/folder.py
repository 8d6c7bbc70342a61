"""The county's alerts as files with a feed, in a folder that any web server can show."""

import os
from pathlib import Path

from anlan.county.warn import bulletins

FEED = "feed.xml"


def publish(folder: Path) -> list[str]:
    """Write the public alerts that are not in the folder yet, then the feed. Returns their identifiers.

    A document that has been written stays as it is: readers may have it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    new = [(warning, name) for warning, name in bulletins.public() if not (folder / f"{name}.xml").exists()]
    for warning, name in new:
        _write(folder / f"{name}.xml", bulletins.document(bulletins.bulletin(warning, name)))
    if new or not (folder / FEED).exists():
        _write(folder / FEED, bulletins.feed())
    return [name for _warning, name in new]


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    beside = path.with_suffix(".part")
    beside.write_bytes(data)
    os.replace(beside, path)
