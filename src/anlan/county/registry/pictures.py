"""Photographs that tell of a household: sealed files, each under a name that tells nothing."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from anlan.county import sealed_files

SUFFIX = ".photo"
KINDS = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "heic": "image/heic"}
LOOKED_AT = 12  # bytes a picture is known by


def kind(head: bytes) -> str:
    """Which kind of picture begins like this; empty where none does. Its name and what a browser says do not count."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return "heic" if head[4:8] == b"ftyp" and head[8:11] in {b"hei", b"hev", b"mif", b"msf"} else ""


def path(name: str) -> Path:
    """Where a photograph lies."""
    return Path(settings.PHOTOS) / f"{name}{SUFFIX}"


def keep(name: str, data: bytes) -> None:
    """Seal a photograph under its name; what lay there before is replaced."""
    where = path(name)
    where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with sealed_files.writing(where, place(where)) as file:
        file.write(data)


def read(name: str) -> Iterator[bytes]:
    """A photograph, piece by piece; nothing where it is not here (a copy of the database comes without them)."""
    where = path(name)
    return sealed_files.pieces(where, place(where)) if where.exists() else iter(())


def forget(name: str) -> None:
    """Take a photograph away."""
    path(name).unlink(missing_ok=True)


def seal_anew() -> int:
    """Seal what lies here under older keys with the current one. Returns how many files."""
    return sum(sealed_files.seal_anew(each, place(each)) for each in _files())


def heads() -> set[bytes]:
    """The ids of the keys that are needed to read what lies here."""
    return {sealed_files.head(each) for each in _files()}


def _files() -> list[Path]:
    return sorted(Path(settings.PHOTOS).glob(f"*{SUFFIX}"))


def place(where: Path) -> str:
    """What a photograph is sealed to: it cannot be read under another name."""
    return f"registry.picture {where.name}"
