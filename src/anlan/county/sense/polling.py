"""The feeds that the settings name, asked again and again, each on a thread of its own: the worker has people to warn.

A feed that gives nothing, or something that cannot be taken in, says so on the page of alerts.
"""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from anlan.county import clock
from anlan.county.errors import Refused
from anlan.county.office.models import County
from anlan.county.office.queries import machine
from anlan.county.sense.actions import receive_alert
from anlan.county.sense.feeds.fetch import Document, documents
from anlan.county.sense.models import Alert, Feed

EVERY_S = 60.0


class Fetch(Thread):
    """One asking of a feed: `found` what it holds, `failure` why it gave nothing. Touches no database."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True, name="feed")
        self.address = address
        self.found: list[Document] = []
        self.failure = ""

    def run(self) -> None:
        """Wait for the feed, as long as `documents` lets it."""
        try:
            self.found = list(documents(self.address))
        except Refused as refusal:
            self.failure = str(refusal)


@dataclass
class Watch:
    """One feed under watch, in this process."""

    asked_s: float = float("-inf")  # on the machine's own clock: a drill's stands still
    fetch: Fetch | None = None
    refused: set[str] = field(default_factory=set)  # digests of documents that were looked at and not taken


WATCHES: dict[str, Watch] = {}


def poll() -> int:
    """Take in what has been fetched since, and ask again where it is time. Returns how many alerts were new."""
    if not settings.FEEDS or not County.objects.exists():
        return 0
    return sum(_turn(each, WATCHES.setdefault(each, Watch())) for each in dict.fromkeys(settings.FEEDS.split()))


def _turn(address: str, watch: Watch) -> int:
    fresh, done = 0, watch.fetch
    if done is not None and not done.is_alive():
        watch.fetch = None
        fresh = _take(done, watch)
    if watch.fetch is None and time.monotonic() - watch.asked_s >= EVERY_S:
        watch.asked_s, watch.fetch = time.monotonic(), Fetch(address)
        watch.fetch.start()
    return fresh


def _take(done: Fetch, watch: Watch) -> int:
    """Store what is new: the county vouches for the feeds it names. What cannot be taken is told on the page."""
    name, now = named(done.address), clock.now()
    fresh, troubles = _receive(done.found, name, watch.refused)
    if done.failure:
        troubles.insert(0, done.failure)
    told: dict[str, Any] = {"asked_at": now, "failed": bool(done.failure)}
    if not done.failure:
        told["heard_at"] = now
    if troubles:
        told |= {"trouble": troubles[0][:300], "trouble_at": now}
    Feed.objects.update_or_create(name=name, defaults=told)
    return fresh


def _receive(found: Iterable[Document], name: str, refused: set[str]) -> tuple[int, list[str]]:
    fresh, troubles, by = 0, [], machine()
    for document in found:
        digest = hashlib.sha256(document.data or document.name.encode()).hexdigest()
        if digest in refused or Alert.objects.filter(digest=digest).exists():
            continue
        try:
            if document.refusal:
                raise Refused(document.refusal)
            receive_alert(data=document.data, source=name, by=by)
            fresh += 1
        except Refused as refusal:
            refused.add(digest)
            troubles.append(f"{document.name}: {refusal}")
    return fresh, troubles


def named(address: str) -> str:
    """A feed as it may be shown: the address without the name and the password in it."""
    parts = urlsplit(address)
    return (f"{parts.hostname}{parts.path}" if parts.hostname else address)[:120]
