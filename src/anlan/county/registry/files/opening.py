"""Which kind of file it truly is, by its first bytes and not by its name, and its tables."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from anlan.county.registry.files import html, text, xls, xlsx
from anlan.county.registry.files.parts import stream
from anlan.county.registry.files.table import MAX_MEMBERS, MAX_PART_BYTES, Table, Unreadable
from anlan.county.sealed_files import unnamed

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OTHERS = {
    b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"Rar!": "RAR", b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip", b"{\\rtf": "RTF",
}  # fmt: skip
KINDS = {"xlsx": xlsx.tables, "xls": xls.tables, "html": html.tables, "csv": text.tables}
NO_TEXT = bytes({*range(32)} - {9, 10, 12, 13, 26, 27})


@contextmanager
def opened(path: Path) -> Iterator[list[Table]]:
    """The tables of a file, or of every file in a zip, while they are read. Raises Unreadable.

    Nothing in a zip is ever written under a name, its own or ours: each file is gone with whoever reads it.
    """
    try:
        kind = kind_of(path)
        if kind != "zip":
            yield KINDS[kind](path)
            return
        with ZipFile(path) as archive, ExitStack() as files:
            yield list(_members(archive, files))
    except (OSError, BadZipFile) as error:
        raise Unreadable(_("这不是能打开的 Excel 文件；请另存为 xlsx 再交")) from error


def kind_of(path: Path) -> str:
    """xlsx, xls, html, csv or zip. Raises Unreadable for anything else, saying what it is where that is known."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\0 \r\n\t"):
        raise Unreadable(_("这是一个空文件，不是 Excel 文件"))
    if head.startswith(OLE):
        return _of_ole(path)
    if head.startswith(ZIP):
        return _of_zip(path)
    for beginning, name in OTHERS.items():
        if head.startswith(beginning):
            raise Unreadable(_("这是 %(kind)s 文件，不是 Excel 文件；请另存为 xlsx 再交") % {"kind": name})
    if head.startswith((b"\x09\x08", b"\x09\x04", b"\x09\x02")):
        return "xls"  # older than its container
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith(
        (b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta", b"<style", b"<div", b"<head", b"<!--")
    ):
        return "html"
    if any(byte in NO_TEXT for byte in head):
        raise Unreadable(_("这不是能打开的 Excel 文件；请另存为 xlsx 再交"))
    return "csv"


def _of_ole(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(64 * 1024 * 1024)
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Unreadable(_("文件有密码；请去掉密码另存后再交"))
    if "WordDocument".encode("utf-16-le") in content:
        raise Unreadable(_("这是 %(kind)s 文件，不是 Excel 文件；请另存为 xlsx 再交") % {"kind": "Word"})
    return "xls"


def _of_zip(path: Path) -> str:
    try:
        with ZipFile(path) as archive:
            names = {name.lower().replace("\\", "/") for name in archive.namelist()}
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable(_("这不是能打开的 Excel 文件：文件已损坏")) from error
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise Unreadable(_("这是 %(kind)s 文件，不是 Excel 文件；请另存为 xlsx 再交") % {"kind": "xlsb"})
    if "word/document.xml" in names:
        raise Unreadable(_("这是 %(kind)s 文件，不是 Excel 文件；请另存为 xlsx 再交") % {"kind": "Word"})
    if "mimetype" in names and "content.xml" in names:
        raise Unreadable(_("这是 %(kind)s 文件，不是 Excel 文件；请另存为 xlsx 再交") % {"kind": "ods"})
    return "zip"


def _members(archive: ZipFile, files: ExitStack) -> Iterator[Table]:
    infos = [info for info in archive.infolist() if not info.is_dir() and not _leftover(info)]
    if not infos:
        raise Unreadable(_("压缩包里没有文件"))
    if len(infos) > MAX_MEMBERS:
        raise Unreadable(_("压缩包里超过 %(count)d 个文件") % {"count": MAX_MEMBERS})
    left = MAX_PART_BYTES
    for number, info in enumerate(sorted(infos, key=_name)):
        name = _name(info)
        if info.flag_bits & 1:
            raise Unreadable(_("压缩包有密码；请去掉密码再交"), name)
        file, path = files.enter_context(unnamed())
        for chunk in stream(archive, info, left):
            file.write(chunk)
        file.flush()
        left -= path.stat().st_size
        try:
            kind = kind_of(path)
            if kind == "zip":
                raise Unreadable(_("压缩包里还有压缩包；请只压缩一层"))
            found = KINDS[kind](path, f"{name}/")
        except Unreadable as error:
            raise Unreadable(error.reason, name, error.row) from error
        yield from (replace(table, source=number) for table in found)


def _leftover(info: ZipInfo) -> bool:
    """What systems leave in a zip beside what was put there."""
    name = info.filename.replace("\\", "/")
    return "__MACOSX/" in name or name.split("/")[-1] in {".DS_Store", "Thumbs.db", "desktop.ini"}


def _name(info: ZipInfo) -> str:
    """A file's own name, without the folders it says it lies in. Old zips keep Chinese names as bytes of GBK."""
    name = info.filename
    if not info.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = info.filename
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(character for character in last if character.isprintable())[:80] or "?"
