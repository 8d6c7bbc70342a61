"""Files that tell of people: sealed while they lie on this machine, and without a name while they are read.

A sealed file is `key id (4) | salt (16) | piece …`; each piece is a quarter of a megabyte under a tag of its own, and
its nonce is its number and whether it is the last. So a file may be of any size and is read in little memory, and no
piece can be changed, left out, put elsewhere or cut off. The file's place is authenticated with it, as a column's is.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from anlan.county import seal

PIECE = 1 << 18
SALT, TAG = 16, 16
DESCRIPTORS = Path("/proc/self/fd")


class Writer(RawIOBase):
    """Seals what is written to it. It cannot go back, and what follows the last whole piece waits for `finish`."""

    def __init__(self, file: IO[bytes], place: str) -> None:
        super().__init__()
        keys, salt = seal.ring(), os.urandom(SALT)
        self._file, self._place, self._waits, self._number = file, place.encode(), bytearray(), 0
        self._cipher = keys.of_file(keys.current, salt)
        file.write(keys.current + salt)

    def write(self, data: Any) -> int:
        self._waits += data
        whole = max(0, len(self._waits) - 1) // PIECE * PIECE  # a last piece is never empty but in an empty file
        for start in range(0, whole, PIECE):
            self._seal(bytes(self._waits[start : start + PIECE]), last=False)
        del self._waits[:whole]
        return len(data)

    def finish(self) -> None:
        """Write the last piece; without it the file is no file."""
        self._seal(bytes(self._waits), last=True)

    def _seal(self, data: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), data, self._place))
        self._number += 1


@contextmanager
def writing(path: Path, place: str) -> Iterator[Writer]:
    """A sealed file, to be written from its beginning to its end; it takes its name when it is whole."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            writer = Writer(file, place)
            yield writer
            writer.finish()
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def pieces(path: Path, place: str) -> Iterator[bytes]:
    """What a sealed file holds, a piece at a time. Raises KeyMissing, or KeyWrong where it is not as it was sealed."""
    with path.open("rb") as file:
        head = file.read(seal.KEY_ID + SALT)
        fingerprint, salt = head[: seal.KEY_ID], head[seal.KEY_ID :]
        cipher = seal.ring_with(fingerprint).of_file(fingerprint, salt)
        number, piece = 0, file.read(PIECE + TAG)
        while piece or not number:
            following = file.read(PIECE + TAG)
            try:
                plain = cipher.decrypt(_nonce(number, last=not following), piece, place.encode())
            except Exception as error:
                if type(error).__name__ not in {"InvalidTag", "ValueError"}:
                    raise
                raise seal.KeyWrong(_("一份文件与密钥不符或已被改动，拒绝读取。请重新上传。")) from None
            yield plain
            number, piece = number + 1, following


def lines(path: Path, place: str) -> Iterator[str]:
    """The lines of a sealed text."""
    rest = b""
    for piece in pieces(path, place):
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode() for line in whole)
    if rest:
        yield rest.decode()


def seal_anew(path: Path, place: str) -> bool:
    """Seal a file with the current key; false where it already is, or where no key here opens it."""
    keys = seal.ring()
    if (held := head(path)) == keys.current or held not in keys.ciphers:
        return False
    with writing(path, place) as out:
        for piece in pieces(path, place):
            out.write(piece)
    return True


def head(path: Path) -> bytes:
    """The id of the key a file is sealed with."""
    with path.open("rb") as file:
        return file.read(seal.KEY_ID)


def named(folder: Path) -> list[Path]:
    """The files of a folder that are whole; what a killed process left has a dot in its name."""
    return sorted(path for path in folder.iterdir() if "." not in path.name) if folder.is_dir() else []


@contextmanager
def unnamed() -> Iterator[tuple[IO[bytes], Path]]:
    """A file to write and to read while the block lasts, and the path that opens it: in this process, and no other's.

    It has no name in any folder, so it is gone with the process, however that ends. Where the system has no such
    paths it has a name, readable to this user alone, until the block ends.
    """
    if not DESCRIPTORS.is_dir():
        with tempfile.NamedTemporaryFile() as named:
            yield named, Path(named.name)
        return
    with tempfile.TemporaryFile() as file:
        yield file, DESCRIPTORS / str(file.fileno())


@contextmanager
def opened(path: Path, place: str) -> Iterator[Path]:
    """A sealed file's content under a path, for what can only read from paths."""
    with unnamed() as (file, plain):
        for piece in pieces(path, place):
            file.write(piece)
        file.flush()
        yield plain


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(seal.NONCE - 1, "big") + bytes([last])
