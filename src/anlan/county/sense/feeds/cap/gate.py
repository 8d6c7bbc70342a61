"""The gate: bytes become text under a declared encoding, or stay outside. Nothing here parses XML.

A document type can make a parser fetch files, or swell a kilobyte into gigabytes; some builds of libxml2 die of
it. So it is looked for before any parser sees the document, in the same text that the parser is then given.
"""

import codecs
import re
from dataclasses import dataclass

from anlan.county.sense.feeds.cap.findings import Finding

LARGEST_BYTES = 4 * 1024 * 1024
_MARKS = (  # the longer first: UTF-32's begins like UTF-16's
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BARE = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))  # UTF-16 without its mark
_NAMES = frozenset({
    "utf-8", "ascii", "utf-16", "utf-16-le", "utf-16-be", "gb2312", "gbk", "gb18030", "big5", "big5hkscs", "euc_jp",
    "shift_jis", "euc_kr", "koi8-r", *(f"iso8859-{part}" for part in range(1, 17)),
    *(f"cp{page}" for page in range(1250, 1259)),
})  # fmt: skip
_PACKED = ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"),
           (b"(\xb5/\xfd", "zstd"), (b"7z\xbc\xaf", "7z"), (b"Rar!", "rar"))  # fmt: skip
_STARTS = tuple(start for start, _name in _PACKED)
_DECLARED = re.compile(rb"""\A<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,40})["']""")
_DECLARATION = re.compile(r"\A<\?xml\s[^>]{0,400}?\?>")


@dataclass(frozen=True, slots=True)
class Admitted:
    """The document as text without its XML declaration, or the finding that keeps it out."""

    text: str = ""
    finding: Finding | None = None


def admit(data: bytes) -> Admitted:
    """Let a document through, or say why not. Never raises."""
    if len(data) > LARGEST_BYTES:
        return _kept_out("exception:size", f"{len(data)} > {LARGEST_BYTES}")
    if not data.strip(b" \t\r\n\0"):
        return _kept_out("exception:empty")
    if data.startswith(_STARTS):
        packed = next(name for start, name in _PACKED if data.startswith(start))
        return _kept_out("exception:packed", packed)  # what would swell is never unpacked
    encoding, mark = _encoding(data)
    try:
        text = data[mark:].decode(encoding) if encoding else None
    except UnicodeDecodeError as error:
        return _kept_out("exception:encoding", f"{encoding} @ {error.start}")
    if text is None:
        return _kept_out("exception:encoding")
    text = _DECLARATION.sub("", text, count=1)
    return _kept_out("exception:doctype") if _declares(text) else Admitted(text)


def _kept_out(code: str, detail: str = "") -> Admitted:
    return Admitted(finding=Finding(code, detail))


def _encoding(data: bytes) -> tuple[str, int]:
    """The codec to read with ("" for one that is not accepted) and how many bytes its mark takes."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, len(mark)
    for start, encoding in _BARE:
        if data.startswith(start):
            return encoding, 0
    declared = _DECLARED.match(data)
    if declared is None:
        return "utf-8", 0
    try:
        name = codecs.lookup(declared[1].decode("ascii")).name
    except LookupError:
        return "", 0
    # A document that says UTF-16 in letters of one byte is not UTF-16; it fails to decode, or says nothing.
    return (name if name in _NAMES else ""), 0


def _declares(text: str) -> bool:
    """Whether a declaration stands before the root element; behind it none can, that is not well-formed XML."""
    at = 0
    while True:
        at = _after_space(text, at)
        if text.startswith("<!--", at):
            end = text.find("-->", at + 4)
        elif text.startswith("<?", at):
            end = text.find("?>", at + 2) + 1
        else:
            return text.startswith("<!", at)
        if end <= 0:
            return False  # never closed: the parser will say so
        at = end + (3 if text.startswith("-->", end) else 1)


_SPACE = re.compile(r"[ \t\r\n\ufeff]*")


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
