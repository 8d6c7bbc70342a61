"""What a carrier's protocol says, whichever protocol it is: the words that a line understands."""

from datetime import datetime
from typing import Literal, NamedTuple, Protocol

Kind = Literal[
    "welcome", "accepted", "probe", "probed", "report", "reply", "intermediate", "unwanted", "goodbye", "other"
]


class ProtocolError(ValueError):
    """Bytes that are no sentence of the protocol. The connection cannot be trusted after them."""


class Parcel(NamedTuple):
    """One message as a line carries it."""

    number: int  # ours
    address: str
    pieces: tuple[bytes, ...]  # with their headers
    urgent: bool = False
    seconds: int = 0  # after which it is worth nothing; 0: unlimited


class Reply(NamedTuple):
    """What somebody said back: wrote, or pressed during a call. `reference` names it for ever where the carrier does;
    one of several pieces says to which thread it belongs."""

    address: str
    text: str
    account: str = ""
    reference: str = ""
    thread: str = ""
    part: int = 1
    parts: int = 1
    at: datetime | None = None  # when it was said, where the carrier knows
    message: int | None = None  # ours, where it is known which one it answers
    seconds: int | None = None  # of a call: how long somebody listened


class Said(NamedTuple):
    """One sentence from the carrier."""

    kind: Kind
    sequence: int
    status: int = 0
    reference: str = ""
    failure: str = ""  # of a report: why it did not arrive; empty where it did
    detail: bytes = b""  # what the answer must repeat
    reply: Reply | None = None  # of a reply: what somebody wrote


class Verdict(NamedTuple):
    """What a status means: throttled, or a failure, permanent or not; neither where the carrier took it."""

    failure: str = ""
    permanent: bool = False
    throttled: bool = False


TAKEN = Verdict()


class Codec(Protocol):
    """A protocol as one account speaks it: sentences to bytes and back, and nothing else."""

    name: str

    def hello(self, sequence: int) -> bytes:
        """Log in."""
        ...

    def submit(self, sequence: int, parcel: Parcel, place: int) -> bytes:
        """Hand over one segment."""
        ...

    def probe(self, sequence: int) -> bytes:
        """Ask whether the other side is there."""
        ...

    def goodbye(self, sequence: int) -> bytes:
        """Log out."""
        ...

    def read(self, frame: bytes) -> Said:
        """One whole frame. Raises ProtocolError."""
        ...

    def answer(self, said: Said) -> bytes:
        """What the carrier is owed for this sentence; nothing for most."""
        ...

    def verdict(self, status: int) -> Verdict:
        """What the status of an accepted submission or a welcome means."""
        ...


def frames(buffer: bytearray, *, shortest: int, longest: int = 65536) -> list[bytes]:
    """Take the whole frames off the front of a buffer; each begins with its length. Raises ProtocolError."""
    taken, start, end = [], 0, len(buffer)
    while end - start >= 4:
        length = int.from_bytes(buffer[start : start + 4], "big")
        if not shortest <= length <= longest:
            raise ProtocolError(f"a frame of {length} bytes")
        if start + length > end:
            break
        taken.append(bytes(buffer[start : start + length]))
        start += length
    del buffer[:start]
    return taken


def relative(seconds: int) -> str:
    """A time from now, as short-message centres write it (YYMMDDhhmmss000R); empty for unlimited, at most six days."""
    if not seconds:
        return ""
    days, rest = divmod(min(seconds, 6 * 86400), 86400)
    return f"0000{days:02}{rest // 3600:02}{rest % 3600 // 60:02}{rest % 60:02}000R"
