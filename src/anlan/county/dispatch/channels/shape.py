"""What a channel is: it takes messages and says of each whether it was handed over."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from anlan.county.dispatch.channels.wire import Reply
from anlan.county.dispatch.models import Message

ARRIVED = threading.Event()  # set by whatever hears from outside, so that a dispatcher that waits need not


class TransportFailed(Exception):
    """A channel could not hand over a whole batch. `permanent`: trying again would not help."""

    def __init__(self, failure: str, *, permanent: bool = False) -> None:
        super().__init__(failure)
        self.permanent = permanent


class Outcome(NamedTuple):
    """What became of one message; `failure` is empty where it was handed over."""

    message_id: int
    failure: str = ""
    permanent: bool = False
    postponed: bool = False  # not tried for lack of room: it goes back to where it was
    account: str = ""
    references: tuple[str, ...] = ()  # what the carrier calls its segments, where receipts will come


class Receipt(NamedTuple):
    """What a carrier says became of what it called `reference`; `failure` is empty where it arrived."""

    account: str
    reference: str
    failure: str = ""


class Channel(Protocol):
    """A way out of the machine. `send` is called with no transaction open, and may be called twice for a
    message whose dispatcher was killed."""

    name: str
    kinds: frozenset[str]
    safe_for_exercise: bool  # nothing handed to it can reach a person outside
    batch: int  # how many messages one `send` takes at most

    def send(self, messages: Sequence[Message]) -> list[Outcome]:
        """Hand messages over, in their order. Raises TransportFailed where none could be."""
        ...


@runtime_checkable
class Hearing(Protocol):
    """A channel whose carrier says what became of messages. Called with no transaction open."""

    def receipts(self) -> list[Receipt]:
        """What came since; the same again until `stored` is called. Never waits."""
        ...

    def stored(self) -> None:
        """What `receipts` gave last is in the database, and the carrier may forget it."""
        ...


@runtime_checkable
class Answered(Protocol):
    """A channel by which people answer. Called after `receipts`, and before `stored`, which is for both."""

    def replies(self) -> list[Reply]:
        """What people said, of what came with the last receipts."""
        ...


class Push(NamedTuple):
    """What a service sends to an address of ours."""

    method: str  # GET or POST
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Pushed(NamedTuple):
    """What a push says, and what the service is answered once that is stored."""

    answer: str
    content_type: str = "text/plain; charset=utf-8"
    receipts: Sequence[Receipt] = ()
    replies: Sequence[Reply] = ()


class Unacceptable(Exception):
    """A push that is not signed as it should be (403), or that says nothing anybody could read (400)."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


@runtime_checkable
class Pushing(Protocol):
    """A channel whose service calls us. Its accounts have a field `callback`: the secret word that ends the address,
    empty where the service must not call."""

    settings: type[Any]

    def pushed(self, own: Any, push: Push) -> Pushed:
        """What an account's service says. Stores nothing. Raises Unacceptable."""
        ...


def fail_all(messages: Sequence[Message], failure: str, *, permanent: bool) -> list[Outcome]:
    """The same failure for each of these messages."""
    return [Outcome(message.pk, failure, permanent) for message in messages]
