"""An outbox to put messages into, channels that do as a test says, a spool that is thrown away."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from anlan.county.dispatch import handover
from anlan.county.dispatch.actions import Draft, enqueue, load_reference
from anlan.county.dispatch.channels.shape import Outcome
from anlan.county.dispatch.models import Message


def draft(key: str = "warning:W1/1", **changes: object) -> Draft:
    """A message to somebody in the first village, with anything changed that a test names."""
    words = {
        "key": key, "kind": "sms", "address": "13800000001", "division_id": "360123101201", "subject": "",
        "body": "请立即转移到村委会。", "priority": 5,
    }  # fmt: skip
    return Draft(**(words | changes))


def queue(*drafts: Draft) -> list[Message]:
    """Put drafts into the outbox and give the rows back in the same order."""
    numbers = enqueue(drafts=drafts)
    return [Message.objects.get(pk=numbers[each.key]) for each in drafts]


@dataclass
class Trying:
    """A channel that remembers what it was given and answers as it is told."""

    answer: Callable[[Message], str] = lambda message: ""
    permanent: bool = False
    name: str = "trying"
    kinds: frozenset[str] = frozenset({"sms", "email"})
    safe_for_exercise: bool = False
    batch: int = 500
    before: Callable[[], object] = lambda: None
    sent: list[str] = field(default_factory=list)

    def send(self, messages: Sequence[Message]) -> list[Outcome]:
        self.before()
        self.sent += [message.key for message in messages]
        return [Outcome(message.pk, self.answer(message), self.permanent) for message in messages]


@pytest.fixture
def spool(settings, tmp_path: Path) -> Path:
    """Where the file channel writes."""
    settings.SPOOL = tmp_path / "spool"
    return settings.SPOOL


@pytest.fixture
def outbox(db, now, spool):
    """The default routes, and a held clock."""
    load_reference()


@pytest.fixture
def trying(outbox, monkeypatch) -> Trying:
    """A channel in place of the one for sms; the file channel is still there for exercises."""
    channel = Trying()
    known = {**handover.channels(), "trying": channel}
    monkeypatch.setattr(handover, "channels", lambda: known)
    monkeypatch.setattr(handover, "routes", lambda: {"sms": "trying"})
    return channel


def spooled(spool: Path) -> list[dict]:
    """Every line any file of the spool holds."""
    return [json.loads(line) for path in sorted(spool.rglob("*.jsonl")) for line in path.read_text().splitlines()]
