"""What a channel is: it takes messages and says of each whether it was handed over."""

import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, runtime_checkable

from anlan.county.dispatch.channels.wire import Reply

ARRIVED = threading.Event()  # set by whatever hears from outside, so that a dispatcher that waits need not


class TransportFailed(Exception):
    """A channel could not hand over a whole batch. `permanent`: trying again would not help."""

    def __init__(self, failure: str, *, permanent: bool = False) -> None:
        super().__init__(failure)
        self.permanent = permanent


class Outgoing(NamedTuple):
    """A message as channels see it: what stood in the outbox when it was claimed."""

    pk: int
    key: str
    kind: str
    address: str
    subject: str
    body: str
    priority: int
    exercise: bool
    created_at: datetime
    not_after: datetime | None
    attempts: int  # this one counted


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

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
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


@runtime_checkable
class Prompt(Hearing, Protocol):
    """A channel to which receipts come by themselves, some while it still sends."""

    def early(self) -> list[Receipt]:
        """What `receipts` would give, without turning to anybody outside."""
        ...


class Health(NamedTuple):
    """How an account fares, as the channel sees it now."""

    name: str
    up: bool | None  # None: nobody has tried
    seen_s: float | None = None  # since the carrier last answered anything
    handed_s: float | None = None  # since it last took a message
    trouble: str = ""
    rate: int = 0
    allowed: int = 0
    recent: int = 0


@runtime_checkable
class Contracted(Protocol):
    """A channel with accounts, each of which one dispatcher at a time may use. Called with no transaction open."""

    name: str

    def names(self) -> list[str]:
        """The accounts that are set. Raises TransportFailed."""
        ...

    def use(self, names: Collection[str]) -> None:
        """Keep to these accounts, and leave all others."""
        ...

    def beat(self) -> list[Health]:
        """How each account in use fares; one that is not there is turned to. Does not wait for a line."""
        ...


def fail_all(messages: Sequence[Outgoing], failure: str, *, permanent: bool) -> list[Outcome]:
    """The same failure for each of these messages."""
    return [Outcome(message.pk, failure, permanent) for message in messages]
