"""Pictures that came with reports: where they lie, sealed, and what counts as one. No database here."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import gettext as _

from anlan.county import sealed_files
from anlan.county.errors import BadInput
from anlan.county.registry import pictures
from anlan.county.registry.exif import LOOKED_AT, Evidence, bare, told

LARGEST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that lies sealed: the file's name, what it is, and its digest."""

    file: str
    kind: str
    digest: str
    evidence: Evidence


def keep(pieces: Iterable[bytes]) -> Kept:
    """Seal a picture. Raises BadInput for what is none, or too large; then nothing is left behind."""
    name, whole, size, head = uuid.uuid4().hex, sha256(), 0, b""
    where = pictures.path(name)
    where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with sealed_files.writing(where, pictures.place(where)) as file:
        for piece in pieces:
            head += piece[: LOOKED_AT - len(head)]
            size += len(piece)
            if size > LARGEST_BYTES:
                raise BadInput(too_large())
            whole.update(piece)
            file.write(piece)
        kind = pictures.kind(head[: pictures.LOOKED_AT])
        if not kind:
            raise BadInput(no_picture())
    return Kept(name, kind, whole.hexdigest(), told(head))


def shown(name: str) -> bytes:
    """A picture as others see it: without what its camera wrote into it."""
    return bare(b"".join(pictures.read(name)))


def forget(name: str) -> None:
    """Take a picture away."""
    pictures.forget(name)


def too_large() -> str:
    """The sentence for a picture that is too large."""
    return _("照片太大，最大 %(size)d MB。您填的都还在；请换一张小一点的，或者不带照片提交。") % {
        "size": LARGEST_BYTES >> 20
    }


def no_picture() -> str:
    """The sentence for a file that is no picture."""
    return _("这个文件不是照片（可用 jpg、png、webp、heic）。请重新拍一张，或者不带照片提交。")
