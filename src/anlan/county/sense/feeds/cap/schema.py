"""From admitted text to a tree that is a CAP 1.2 alert, or to what it is instead."""

from functools import lru_cache
from importlib.resources import files
from threading import Lock, local

from lxml import etree

from anlan.county.sense.feeds.cap.findings import MOST, Finding

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_LIKE_CAP = "urn:oasis:names:tc:emergency:cap:"
# libxml2 counts an element's siblings anew for every fault it finds: a hundred thousand would keep it busy for an hour.
MOST_CHILDREN, LONG = 5000, 50_000
_ONE_AT_A_TIME = Lock()  # the compiled schema is shared, and so is the log in which it leaves its errors
_KINDS = {
    "{http://www.w3.org/2005/Atom}feed": "Atom",
    "rss": "RSS",
    "{urn:oasis:names:tc:emergency:EDXL:DE:1.0}EDXLDistribution": "EDXL-DE",
    "EBD": "应急广播 EBD",
    "html": "HTML",
    "{http://www.w3.org/1999/xhtml}html": "HTML",
    "alert": "alert 无命名空间",
}


@lru_cache(maxsize=1)
def schema() -> etree.XMLSchema:
    """Our schema, compiled once."""
    return etree.XMLSchema(etree.fromstring((files(__package__) / "cap12.xsd").read_bytes()))


def tree(text: str) -> tuple[etree._Element | None, list[Finding]]:
    """The root element, if this is a CAP 1.2 alert at all, and what is wrong with its shape."""
    try:
        root = _parsed(text)
    except (etree.XMLSyntaxError, UnicodeEncodeError, ValueError) as error:
        return None, [Finding("exception:xml", str(error)[:200])]
    if root.getroottree().docinfo.internalDTD is not None:
        return None, [Finding("exception:doctype")]
    if root.tag != f"{{{CAP}}}alert":
        return None, [_instead(str(root.tag))]
    if len(text) > LONG and any(len(element) > MOST_CHILDREN for element in root.iter()):
        return None, [Finding("exception:elements", f"> {MOST_CHILDREN}")]
    return root, _shape(root)


def root_of(text: str) -> etree._Element | None:
    """The root element of any admitted text that is well formed."""
    try:
        return _parsed(text)
    except (etree.XMLSyntaxError, UnicodeEncodeError, ValueError):
        return None


class _Own(local):
    """A parser for each thread: lxml's are not for several at once, and a new one for every document takes time."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip


_OWN = _Own()


def _parsed(text: str) -> etree._Element:
    return etree.fromstring(text.encode("utf-8"), _OWN.parser)


def _instead(tag: str) -> Finding:
    """What a document is that is not a CAP 1.2 alert."""
    if tag.startswith(f"{{{_LIKE_CAP}") and tag.endswith("}alert"):
        return Finding("other-version", "CAP " + tag.removeprefix(f"{{{_LIKE_CAP}").removesuffix("}alert")[:20])
    return Finding("not-cap", _KINDS.get(tag, tag[:80]))


def _shape(root: etree._Element) -> list[Finding]:
    with _ONE_AT_A_TIME:
        if schema()(root):
            return []
        entries = list(schema().error_log)  # type: ignore[call-overload]  # the stubs do not know it is iterable
    # libxml2 names elements with their namespace in braces; a reader wants the name alone.
    lines = [f"{entry.line}: {entry.message}".replace(f"{{{CAP}}}", "") for entry in entries[:MOST]]
    return [Finding("xsd", line[:200]) for line in lines] or [Finding("xsd")]
