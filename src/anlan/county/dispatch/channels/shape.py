"""What a channel is: it takes messages and says of each whether it was handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from anlan.county.dispatch.models import Message


class TransportFailed(Exception):
    """A channel could not hand over a whole batch. `permanent`: trying again would not help."""

    def __init__(self, failure: str, *, permanent: bool = False) -> None:
        super().__init__(failure)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message; `failure` is empty where it was handed over."""

    message_id: int
    failure: str = ""
    permanent: bool = False


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


def fail_all(messages: Sequence[Message], failure: str, *, permanent: bool) -> list[Outcome]:
    """The same failure for each of these messages."""
    return [Outcome(message.pk, failure, permanent) for message in messages]
