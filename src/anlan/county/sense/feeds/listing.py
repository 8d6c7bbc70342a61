"""Which documents a listing names: an Atom or RSS feed, or the HTML page of a directory."""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from lxml import etree
from lxml.etree import _Element

from anlan.county.sense.feeds.cap import gate, schema

ATOM = "{http://www.w3.org/2005/Atom}"
ALERT_TYPE = "application/cap+xml"


@dataclass(frozen=True, slots=True)
class Listing:
    """Links as they are written, and alerts that stand in the feed itself.

    `certain` where every link is an alert's; a directory's page links to anything.
    """

    links: tuple[str, ...] = ()
    inline: tuple[bytes, ...] = ()
    certain: bool = True


def listed(data: bytes) -> Listing | None:
    """What a listing names; None for a document that is no listing. Never raises."""
    if data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html")):
        page = _Page()
        page.feed(data.decode("utf-8", "replace"))
        return Listing(tuple(page.links), certain=False)
    admitted = gate.admit(data)
    root = schema.root_of(admitted.text) if admitted.finding is None else None
    if root is None or root.tag not in {f"{ATOM}feed", "rss"}:
        return None
    alerts = tuple(etree.tostring(alert, encoding="utf-8") for alert in root.iter("{*}alert"))
    return Listing(tuple(_linked(root)), alerts)


def _linked(root: _Element) -> Iterator[str]:
    """One link an entry: to the alert where its type says so, else the first; none where the alert stands inside."""
    for entry in [*root.iter(f"{ATOM}entry"), *root.iter("item")]:
        if entry.find(".//{*}alert") is not None:
            continue
        links = [*entry.iterfind(f"{ATOM}link"), *entry.iterfind(f"{ATOM}content[@src]"), *entry.iterfind("link")]
        links.sort(key=lambda link: link.get("type") != ALERT_TYPE)
        addresses = (link.get("href") or link.get("src") or (link.text or "").strip() for link in links)
        first = next((address for address in addresses if address), None)
        if first:
            yield first


class _Page(HTMLParser):
    """Collects where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if tag == "a" and name == "href" and value]
