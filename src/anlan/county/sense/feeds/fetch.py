"""Fetching documents: a file, the files of a folder, an address on the web. Bounded in time and size."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from django.utils.translation import gettext as _

from anlan.county.errors import BadInput, Refused
from anlan.county.sense.feeds.cap.gate import LARGEST_BYTES
from anlan.county.sense.feeds.listing import Listing, listed

TIMEOUT_S = 20.0
WHOLE_S = 60.0  # for one document; a server that drips a byte a second would never time out
MOST_DOCUMENTS = 500
PIECE = 64 * 1024
ENDINGS = (".xml", ".cap")


class NotFetched(Refused):
    """An address or a file that gave nothing."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document by its name, or why it could not be had. One byte over the limit is enough to be refused by it."""

    name: str
    data: bytes = b""
    refusal: str = ""


def documents(source: str) -> Iterator[Document]:
    """The documents of a source: a path, `file://` or `http(s)://`; of a folder, listing or feed every one in it.

    Raises BadInput for a source that cannot be understood, NotFetched where the source itself gives nothing. What
    it leads to is given as a Document with a refusal, so that one broken link does not hide the others.
    """
    if "://" not in source:
        return _on_disk(Path(source))
    try:
        scheme, host, path, _query, _fragment = urlsplit(source)
    except ValueError as error:
        raise BadInput(_("不是一个地址：%(source)s") % {"source": source}) from error
    if scheme in {"http", "https"} and host:
        return _on_the_web(source)
    if scheme == "file" and host in {"", "localhost"}:
        return _on_disk(Path(unquote(path)))
    raise BadInput(_("只能从文件、文件夹或 http(s) 地址接收：%(source)s") % {"source": source})


def _on_disk(path: Path) -> Iterator[Document]:
    if not path.is_dir():
        yield Document(path.name, _file(path))
        return
    for each in sorted(path.iterdir()):
        if each.suffix.lower() in ENDINGS and each.is_file():
            yield _tried(each.name, partial(_file, each))


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise NotFetched(_("打不开 %(name)s：%(reason)s") % {"name": path, "reason": _reason(error)}) from error


def _on_the_web(address: str) -> Iterator[Document]:
    data = fetch(address)
    found = listed(data)
    if found is None:
        yield Document(_name(address), data)
        return
    for number, alert in enumerate(found.inline, start=1):
        yield Document(f"{_name(address)}#{number}", alert)
    for link in _links(address, found):
        if urlsplit(link)[:2] != urlsplit(address)[:2]:
            yield Document(_name(link), refusal=_("链接指向另一个网站，没有跟过去：%(link)s") % {"link": link})
            continue
        yield _tried(_name(link), partial(fetch, link))


def _links(address: str, found: Listing) -> list[str]:
    """The addresses a listing leads to, each once; of a listing in HTML only those that end like alerts."""
    links = []
    for relative in found.links:
        with suppress(ValueError):  # an address that is none
            link = urljoin(address, relative)
            if found.certain or urlsplit(link).path.lower().endswith(ENDINGS):
                links.append(link)
    return list(dict.fromkeys(links))[:MOST_DOCUMENTS]


def _tried(name: str, get: Callable[[], bytes]) -> Document:
    try:
        return Document(name, get())
    except Refused as refusal:
        return Document(name, refusal=str(refusal))


def _name(address: str) -> str:
    return urlsplit(address).path.rpartition("/")[2] or urlsplit(address).netloc


def fetch(address: str) -> bytes:
    """What an address gives, at most one byte over the limit. Raises NotFetched with the reason."""
    try:
        request = urllib.request.Request(address, headers={"User-Agent": "anlan"})  # noqa: S310 (http and https alone)
        with _opener().open(request, timeout=TIMEOUT_S) as response:
            return _read(response)
    except (OSError, HTTPException, ValueError) as error:
        raise NotFetched(
            _("取不到 %(address)s：%(reason)s") % {"address": address, "reason": _reason(error)}
        ) from error


def _read(response: Any) -> bytes:
    until, pieces, size = time.monotonic() + WHOLE_S, [], 0
    while size <= LARGEST_BYTES and (piece := response.read(PIECE)):
        pieces.append(piece)
        size += len(piece)
        if time.monotonic() > until:
            raise TimeoutError(_("对方传得太慢"))
    return b"".join(pieces)[: LARGEST_BYTES + 1]


class _SameSite(urllib.request.HTTPRedirectHandler):
    """Follows a redirection only within the site, so that a feed cannot send us into the county's own network."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl)[1] != urlsplit(req.full_url)[1]:
            raise urllib.error.URLError(_("被转到另一个网站 %(site)s") % {"site": urlsplit(newurl)[1]})
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_SameSite)


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code}"
    return str(getattr(error, "reason", "") or getattr(error, "strerror", "") or error)
