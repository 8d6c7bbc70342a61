"""Telephone calls. `[[voice]]` in the file that ANLAN_CHANNELS names; the second gateway rings whom the first cannot.

What became of a call is asked for, pushed, or both: whichever comes first counts. The gateway repeats a result until
it hears that it is stored.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from anlan.county import clock
from anlan.county.dispatch import speaking
from anlan.county.dispatch.channels.accounts import accounts, needed
from anlan.county.dispatch.channels.posting import Poster, coded, parsed
from anlan.county.dispatch.channels.shape import Outcome, Outgoing, Push, Pushed, Receipt, TransportFailed, Unacceptable
from anlan.county.dispatch.channels.voice import codec
from anlan.county.dispatch.channels.wire import ProtocolError, Reply
from anlan.county.dispatch.pacing import Breaker, Pace

log = logging.getLogger(__name__)
ASK_EVERY_S, AT_ONCE = 5.0, 200


@dataclass(frozen=True, slots=True)
class Settings:
    """A gateway's settings. `speech`: who makes the voice: "text" (the gateway), "wav" or "url" (this machine)."""

    name: str
    url: str
    secret: str
    rate: int = 0
    speech: str = "text"
    site: str = ""
    poll: bool = True
    callback: str = ""


class Account:
    """A gateway with how fast it may be asked, and whether it is left alone."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.pace, self.breaker = settings, Pace(settings.rate), Breaker()
        self.asked_at = float("-inf")

    def ask(self, service: Poster, what: str, document: dict[str, Any]) -> dict[str, Any]:
        """One signed request. Raises TransportFailed."""
        path, body = f"{urlsplit(self.settings.url).path.rstrip('/')}/{what}", coded(document)
        return service.ask_json(path, document, codec.signed(self.settings.secret, path, body, clock.now()))

    def open(self) -> Poster:
        """A connection."""
        return Poster("voice", self.settings.url)


class Channel:
    """One request a call, on one connection."""

    name = "voice"
    kinds = frozenset({"voice"})
    safe_for_exercise = False
    batch = 100
    settings = Settings

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self.tick = tick
        self.accounts: list[Account] = []
        self.given: list[Receipt] = []
        self.said: list[Reply] = []
        self.owed: list[tuple[Account, Sequence[str]]] = []

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Have each rung by the first gateway that can."""
        left, outcomes, failure = list(messages), list[Outcome](), "voice: resting after failures"
        for account in self._accounts(must=True):
            if left and account.breaker.closed(self.tick()):
                done, lost = self._ring(account, left)
                outcomes += done
                left, failure = left[len(done) :], lost or failure
        return outcomes + [Outcome(message.pk, failure) for message in left]

    def receipts(self) -> list[Receipt]:
        """What became of calls, asked for now and then."""
        for account in self._accounts(must=False):
            if account.settings.poll and not self.owed and self.tick() - account.asked_at >= ASK_EVERY_S:
                self._ask(account)
        return self.given

    def replies(self) -> list[Reply]:
        """How long people listened, and the keys they pressed."""
        return self.said

    def stored(self) -> None:
        """The gateway may forget these. One that does not hear it says them again, and they are known."""
        owed, self.owed, self.given, self.said = self.owed, [], [], []
        for account, numbers in owed:
            try:
                with account.open() as service:
                    account.ask(service, "results/stored", {"ids": numbers})
            except TransportFailed as error:
                log.warning("%s", error)

    def pushed(self, own: Settings, push: Push) -> Pushed:
        """What became of calls, as the gateway sends it."""
        if not codec.proven(own.secret, push.headers, push.body, clock.now()):
            raise Unacceptable("voice: not signed with our secret, or not now", 403)
        try:
            receipts, replies = codec.results(parsed(push.body), own.name)
        except ProtocolError as error:
            raise Unacceptable(f"voice: {error}") from None
        return Pushed('{"stored":true}', "application/json", receipts, replies)

    def _accounts(self, *, must: bool) -> list[Account]:
        if not self.accounts:
            self.accounts = [Account(each) for each in (needed if must else accounts)(self.name, Settings)]
        return self.accounts

    def _ring(self, account: Account, messages: Sequence[Outgoing]) -> tuple[list[Outcome], str]:
        """Outcomes of the first of these messages, and what went wrong with the next."""
        outcomes = list[Outcome]()
        with account.open() as service:
            for message in messages:
                if account.pace.take(self.tick(), urgent=message.priority == 0):
                    outcomes.append(Outcome(message.pk, "postponed", postponed=True))
                    continue
                try:
                    outcomes.append(_rung(account, service, message))
                except TransportFailed as error:
                    account.breaker.failed(self.tick())
                    return outcomes, str(error)
                account.breaker.worked()
        return outcomes, ""

    def _ask(self, account: Account) -> None:
        account.asked_at = self.tick()  # before it fails: a gateway that does not answer must not be asked every turn
        with account.open() as service:
            answer = account.ask(service, "results", {"limit": AT_ONCE})
        try:
            receipts, replies = codec.results(answer, account.settings.name)
        except ProtocolError as error:
            raise TransportFailed(f"voice: {error}") from None
        numbers = codec.known(answer)
        if len(numbers) >= AT_ONCE:
            account.asked_at = float("-inf")  # there are more
        if numbers:
            self.given, self.said, self.owed = receipts, replies, [(account, numbers)]


def _rung(account: Account, service: Poster, message: Outgoing) -> Outcome:
    own = account.settings
    document = codec.call(message, own.name, **_spoken(own, message.body))
    try:
        verdict = codec.taken(account.ask(service, "calls", document))
    except ProtocolError as error:
        raise TransportFailed(f"voice: {error}") from None
    if verdict.failure:
        return Outcome(message.pk, verdict.failure, verdict.permanent)
    return Outcome(message.pk, account=own.name, references=(str(message.pk),))


def _spoken(own: Settings, text: str) -> dict[str, Any]:
    """What is played: made here where that is set and can be done, otherwise the gateway reads the text itself."""
    if own.speech == "wav" and (audio := speaking.wav(text)):
        return {"audio": audio}
    if own.speech == "url" and own.site and speaking.wav(text):
        return {"audio_url": f"{own.site.rstrip('/')}{speaking.address(text)}"}
    return {}
