"""From bytes to a parsed document, or to the reason why not. Whatever the bytes, nothing is raised.

A document type declaration is refused before any parser sees it: entity bombs crash some builds of libxml2 when a
schema is attached. What is left goes to a parser that resolves nothing and reaches for nothing.
"""

import re
from functools import cache
from importlib.resources import files

from lxml import etree

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MOST_BYTES = 4 * 1024 * 1024
# Encodings of alerts seen and of China's own; an exotic one (UTF-7, EBCDIC) could hide a declaration from our look.
_ENCODINGS = re.compile(
    rb"utf-?8|utf-?16(le|be)?|us-ascii|ascii|iso-?8859-\d+|latin-?1|windows-125\d|gbk|gb2312|gb18030|big5",
    re.IGNORECASE,
)
_DECLARED = re.compile(rb"^<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
_ELEMENT = re.compile(rb"<[A-Za-z_:\x80-\xff]")
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Unreadable(ValueError):
    """Bytes that are no document we read; the message is a finding's code, with a colon and more where it helps."""


def root_of(data: bytes) -> etree._Element:
    """The root element of a document. Raises Unreadable."""
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable("empty")
    if len(data) > MOST_BYTES:
        raise Unreadable("too-large")
    _check_prolog(data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise Unreadable(f"exception:xml line {line}" if line else "exception:xml") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("exception:doctype")
    return root


def _check_prolog(data: bytes) -> None:
    """Look at what stands before the first element, in whatever width its characters are written."""
    narrow = data.replace(b"\0", b"")
    for mark in _MARKS:
        narrow = narrow.removeprefix(mark)
    declared = _DECLARED.match(narrow)
    if declared and not _ENCODINGS.fullmatch(declared.group(1)):
        raise Unreadable("exception:encoding")
    if not narrow.lstrip().startswith(b"<"):
        raise Unreadable("not-xml")
    element = _ELEMENT.search(narrow)
    prolog = narrow[: element.start()] if element else narrow
    if b"<!DOCTYPE" in prolog.upper() or b"<!ENTITY" in prolog.upper():
        raise Unreadable("exception:doctype")


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring((files(__package__) / "cap12.xsd").read_bytes()))


def check_kind(root: etree._Element) -> None:
    """Raise Unreadable, naming what it is, for anything but a CAP 1.2 alert."""
    name = etree.QName(root)
    if name.localname != "alert":
        raise Unreadable(f"not-cap:{name.localname}")
    if name.namespace != NAMESPACE:
        version = str(name.namespace or "").rpartition("cap:")[2]
        raise Unreadable(f"other-version:{version}" if version else "no-namespace")


def schema_errors(root: etree._Element) -> list[str]:
    """What of the document's structure is against CAP 1.2, as `line: what`; empty where it is valid."""
    schema = _schema()
    if schema.validate(root):
        return []
    return [f"{error.line}: {error.message.replace('{' + NAMESPACE + '}', '')}" for error in list(schema.error_log)]  # type: ignore[call-overload]
