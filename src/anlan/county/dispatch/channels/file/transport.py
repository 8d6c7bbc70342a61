"""Appends messages as JSON lines to one file per kind and day, for another program, a modem or a printer.

Whoever opens the file reads what is said and to which village; a telephone or a mailbox stands in it with its middle
hidden, for in the database it lies sealed. `anlan dispatch open FILE` gives the lines out with whole addresses, to
somebody who says why, and the ledger keeps who that was.
"""

import fcntl
import json
import os
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from django.conf import settings

from anlan.county import clock
from anlan.county.dispatch.channels.shape import Outcome, Outgoing, TransportFailed
from anlan.county.personal import masked_address


class Channel:
    """`SPOOL/<kind>/<day>.jsonl`. A batch is on the disk before any of it counts as handed over."""

    name = "file"
    kinds = frozenset({"sms", "voice", "loudspeaker", "email", "list"})
    safe_for_exercise = True
    batch = 500

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Append and sync once per kind."""
        at = clock.now()
        ordered = sorted(messages, key=lambda message: message.kind)  # stable: priority holds within a kind
        try:
            for kind, each in groupby(ordered, key=lambda message: message.kind):
                _append(Path(settings.SPOOL) / kind / f"{at:%Y-%m-%d}.jsonl", [_line(m, at.isoformat()) for m in each])
        except OSError as error:
            raise TransportFailed(f"file: {error.strerror}") from error
        return [Outcome(message.pk) for message in messages]


def _line(message: Outgoing, at: str) -> bytes:
    document = {
        "key": message.key, "kind": message.kind, "address": masked_address(message.address),
        "subject": message.subject,
        "body": message.body, "priority": message.priority, "exercise": message.exercise, "at": at,
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"


def _append(path: Path, lines: list[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # several dispatchers may write
        file.write(_torn_end(file.fileno()) + b"".join(lines))
        file.flush()
        os.fsync(file.fileno())


def _torn_end(descriptor: int) -> bytes:
    """A line end where a killed writer left half a line, so that only that line is lost and is sent again."""
    size = os.fstat(descriptor).st_size
    return b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""
