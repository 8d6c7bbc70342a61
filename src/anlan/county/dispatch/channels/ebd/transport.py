"""Loudspeakers of the emergency broadcast. One `[[ebd]]` in the file that ANLAN_CHANNELS names.

What was played is asked for, message by message, until it is known. It is that village's, and nobody's acknowledgement.
"""

import logging
import subprocess
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from anlan.county import clock
from anlan.county.dispatch.channels.accounts import accounts, needed
from anlan.county.dispatch.channels.ebd import codec
from anlan.county.dispatch.channels.posting import Poster
from anlan.county.dispatch.channels.shape import Health, Outcome, Outgoing, Receipt, TransportFailed, fail_all
from anlan.county.dispatch.channels.wire import ProtocolError
from anlan.county.dispatch.models import Segment

log = logging.getLogger(__name__)
BOUNDARY, SIGNING_S = "anlan-ebd-9c1f7e55d0b2", 10.0
ASK_EVERY_S, CHECK_EVERY_S, AT_ONCE = 10.0, 60.0, 200
QUESTIONS = 10**15


@dataclass(frozen=True, slots=True)
class Settings:
    """The platform's settings."""

    name: str
    url: str
    source: str
    target: str
    tag: str = "EBRID"
    event: str = "00000"
    certificate: str = ""
    signer: str = ""

    def place(self) -> codec.Place:
        """Who speaks to whom."""
        return codec.Place(self.source, self.target, self.tag)


class Channel:
    """One package a message, on one connection."""

    name = "ebd"
    kinds = frozenset({"loudspeaker"})
    safe_for_exercise = False
    batch = 50

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self.tick, self.asked_at, self.sequence = tick, float("-inf"), 0
        self.given: list[Receipt] = []
        self.used, self.trouble = True, ""
        self.checked_at, self.seen_at, self.handed_at = float("-inf"), float("-inf"), float("-inf")

    def names(self) -> list[str]:
        """The platform, where one is set."""
        return [own.name for own in accounts(self.name, Settings)[:1]]

    def use(self, names: Collection[str]) -> None:
        """Keep to the platform, or leave it."""
        self.used = bool(set(names) & set(self.names()))

    def beat(self) -> list[Health]:
        """Whether the platform is there: it is asked now and then, whether or not anything is to be said."""
        found = accounts(self.name, Settings)[:1] if self.used else []
        for own in found:
            if self.tick() - self.checked_at >= CHECK_EVERY_S:
                self.checked_at = self.tick()
                self._check(own)
        return [self._health(own) for own in found]

    def _check(self, own: Settings) -> None:
        try:
            with Poster("ebd", own.url) as platform:
                number = self._number()
                said = codec.verdict(_posted(platform, own, number, codec.check(own.place(), number, clock.now())))
        except (TransportFailed, ProtocolError) as error:
            self.trouble = str(error)
        else:
            self.seen_at, self.trouble = self.tick(), said.failure

    def _health(self, own: Settings) -> Health:
        now, seen, handed = self.tick(), self.seen_at, self.handed_at
        return Health(
            own.name, not self.trouble, None if seen < 0 else now - seen, None if handed < 0 else now - handed,
            self.trouble,
        )  # fmt: skip

    def _number(self) -> int:
        """Of a question: numbered apart from messages."""
        self.sequence += 1
        return QUESTIONS + int(clock.now().timestamp()) * 1000 + self.sequence

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Send each; where the platform is lost, what was not sent yet fails for now."""
        own, outcomes = needed(self.name, Settings)[0], list[Outcome]()
        with Poster("ebd", own.url) as platform:
            try:
                for message in messages:
                    outcomes.append(_send_one(platform, own, message))
                    self.seen_at = self.handed_at = self.tick()
            except TransportFailed as error:
                if not outcomes:
                    raise
                return outcomes + fail_all(messages[len(outcomes) :], str(error), permanent=False)
        return outcomes

    def receipts(self) -> list[Receipt]:
        """What was played since, asked for now and then."""
        found = accounts(self.name, Settings)
        if found and self.used and not self.given and self.tick() - self.asked_at >= ASK_EVERY_S:
            self.asked_at = self.tick()
            self.given = self._ask(found[0])
        return self.given

    def stored(self) -> None:
        """The platform is not asked for these again."""
        self.given = []

    def _ask(self, own: Settings) -> list[Receipt]:
        waiting = Segment.objects.filter(account=own.name, reported_at__isnull=True, message__isnull=False)
        given = list[Receipt]()
        with Poster("ebd", own.url) as platform:
            for reference in waiting.order_by("-id").values_list("reference", flat=True)[:AT_ONCE]:
                number = self._number()
                document = codec.question(own.place(), reference, number, clock.now())
                try:
                    said = codec.state(_posted(platform, own, number, document))
                except ProtocolError as error:
                    log.warning("ebd: %s", error)
                    continue
                if said.kind == "report" and said.reference == reference:
                    given.append(Receipt(own.name, reference, said.failure))
        return given


def _send_one(platform: Poster, own: Settings, message: Outgoing) -> Outcome:
    document = codec.broadcast(own.place(), message, own.event, clock.now())
    try:
        said = codec.verdict(_posted(platform, own, message.pk, document))
    except ProtocolError as error:
        return Outcome(message.pk, f"ebd: {error}")
    if said.failure:
        return Outcome(message.pk, said.failure, said.permanent)
    return Outcome(message.pk, account=own.name, references=(codec.message_id(own.source, message),))


def _posted(platform: Poster, own: Settings, number: int, document: bytes) -> etree._Element:
    """One package over, and the document that comes back. Raises TransportFailed and ProtocolError."""
    ebdid = codec.package_id(own.source, number)
    name, package = codec.packed(ebdid, document, _signature(own, document), own.certificate)
    body = codec.multipart(name, package, BOUNDARY)
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return codec.document_of(platform.ask(urlsplit(own.url).path or "/", body, headers))


def _signature(own: Settings, document: bytes) -> str:
    """What the signing device says, or nothing where none is set: then the platform must not ask for signatures."""
    if not own.signer:
        return ""
    try:
        done = subprocess.run([own.signer], input=document, capture_output=True, timeout=SIGNING_S, check=True)  # noqa: S603 (the county's own program)
    except (OSError, subprocess.SubprocessError) as error:
        raise TransportFailed(f"ebd: the signing program failed ({type(error).__name__})") from None
    return done.stdout.decode("ascii", "replace").strip()
