"""What the service of an official account pushes, in plain mode: its signature, and its XML."""

import hashlib
from datetime import UTC, datetime, timedelta

from lxml import etree

from anlan.county.dispatch.channels.pieces import shown
from anlan.county.dispatch.channels.shape import Receipt
from anlan.county.dispatch.channels.wire import ProtocolError, Reply

LONGEST = 16_384
SKEW = timedelta(minutes=10)
FINISHED = "TEMPLATESENDJOBFINISH"


def signature(token: str, timestamp: str, nonce: str) -> str:
    """The proof that the service's contract prescribes: SHA-1 of the three, sorted and put together."""
    joined = "".join(sorted((token, timestamp, nonce))).encode("utf-8", "replace")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def fresh(timestamp: str, now: datetime) -> bool:
    """Whether a push was signed about now: an old one may be somebody's who overheard it."""
    at = _moment(timestamp)
    return at is not None and abs(now - at) <= SKEW


def said(body: bytes, account: str) -> tuple[list[Receipt], list[Reply]]:
    """What became of a template message, or what a reader wrote; nothing for other events. Raises ProtocolError."""
    root = _document(body)
    kind, named = _text(root, "MsgType"), _text(root, "MsgID") or _text(root, "MsgId")
    if kind == "event" and _text(root, "Event") == FINISHED:
        if not named.isdecimal():
            raise ProtocolError("an event that does not say of what")
        status = _text(root, "Status")
        return [Receipt(account, named[:80], "" if status == "success" else f"wechat: {status}"[:120])], []
    if kind != "text":
        return [], []
    reader, at = _text(root, "FromUserName"), _moment(_text(root, "CreateTime"))
    if not reader or not named.isdecimal():
        raise ProtocolError("a message without a reader or a number")
    return [], [Reply(reader[:64], shown(_text(root, "Content")), account, named[:80], at=at)]


def _document(body: bytes) -> etree._Element:
    if len(body) > LONGEST or b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ProtocolError("a document too long, or with a type of its own")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise ProtocolError("a document that is not XML") from None
    if root is None or root.tag != "xml":
        raise ProtocolError("a document that is not the service's")
    if root.find("Encrypt") is not None and root.find("MsgType") is None:
        raise ProtocolError("an encrypted message: choose the plain mode for this address")
    return root


def _text(root: etree._Element, name: str) -> str:
    return shown(root.findtext(name) or "").strip()


def _moment(seconds: str) -> datetime | None:
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 10):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
