"""The parts of a zip, streamed under limits that no honest workbook meets."""

from collections.abc import Iterator
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

from django.utils.translation import gettext as _

from anlan.county.registry.files.table import BOMB_BYTES, BOMB_RATIO, MAX_PART_BYTES, Unreadable

CHUNK = 1 << 18


def stream(archive: ZipFile, info: ZipInfo, most: int = MAX_PART_BYTES) -> Iterator[bytes]:
    """A part's bytes, counted as they come and not as the zip's directory says. Raises Unreadable."""
    total = 0
    try:
        with archive.open(info) as part:
            while chunk := _read(part):
                total += len(chunk)
                if total > most or (total > BOMB_BYTES and total > BOMB_RATIO * max(1, info.compress_size)):
                    raise Unreadable(_("文件解压后过大，不像名册；没有读取"))
                yield chunk
    except (BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(_("文件已损坏，打不开")) from error


def _read(part: IO[bytes]) -> bytes:
    return part.read(CHUNK)
