"""Asking services over HTTP: one connection for many requests, answers of bounded size, no address in any error."""

import json
import ssl
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from anlan.county.dispatch.channels.shape import TransportFailed
from anlan.county.dispatch.channels.wire import ProtocolError

TIMEOUT_S = 15.0
LONGEST = 1 << 20


class Poster:
    """A connection to a service. Addresses may hold tokens, so `what` names it in errors."""

    def __init__(self, what: str, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise TransportFailed(f"{what}: its address is not one of HTTP")
        self.what, self.host = what, parts.netloc.rpartition("@")[2]
        if parts.scheme == "https":
            secure = ssl.create_default_context()
            self.connection: HTTPConnection = HTTPSConnection(self.host, timeout=TIMEOUT_S, context=secure)
        else:
            self.connection = HTTPConnection(self.host, timeout=TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def ask(self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
        """GET, or POST where there is a body. Raises TransportFailed; a 4xx other than 408 and 429 is permanent."""
        try:
            self.connection.request("GET" if body is None else "POST", path, body, dict(headers or {}))
            answer = self.connection.getresponse()
            text = answer.read(LONGEST)
        except (OSError, HTTPException) as error:
            self.connection.close()
            raise TransportFailed(f"{self.what}: {type(error).__name__}") from None  # its text may name the address
        if answer.status >= 300:
            permanent = answer.status < 500 and answer.status not in (408, 429)
            raise TransportFailed(f"{self.what}: HTTP {answer.status}", permanent=permanent)
        return text

    def ask_json(self, path: str, document: Any = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The same in JSON. Raises TransportFailed, too, where the answer is no JSON object."""
        body = None if document is None else coded(document)
        given = self.ask(path, body, {"Content-Type": "application/json; charset=utf-8"} | dict(headers or {}))
        try:
            return decoded(given)
        except ProtocolError as error:
            raise TransportFailed(f"{self.what}: {error}") from None


def coded(document: Any) -> bytes:
    """A document as it goes over the wire."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def parsed(given: bytes) -> Any:
    """Whatever JSON says. Raises ProtocolError."""
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        raise ProtocolError("an answer that is not JSON") from None


def decoded(given: bytes) -> dict[str, Any]:
    """A JSON object. Raises ProtocolError."""
    document = parsed(given)
    if not isinstance(document, dict):
        raise ProtocolError("an answer that is no object")
    return document
