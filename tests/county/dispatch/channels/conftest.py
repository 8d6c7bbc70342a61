"""Carriers on loopback, in threads of their own, and the file of accounts that leads to them."""

from collections.abc import Callable, Iterator

import pytest

from anlan.county.dispatch.channels.background import Background
from anlan.county.dispatch.models import Message


def message(number: int = 1, **changes) -> Message:
    """An outbox row that was never stored; channels need no more."""
    words = {"pk": number, "key": f"k{number}", "kind": "sms", "address": "13800000001", "subject": "", "priority": 5}
    return Message(**(words | {"body": "请立即转移。"} | changes))


class Running:
    """An event loop in a thread, for servers that a test talks to."""

    def __init__(self):
        self.background = Background("sinks")
        self.servers = []

    def call(self, function, *arguments):
        """Run a plain function in the loop's thread."""

        async def run():
            return function(*arguments)

        return self.background.run(run())

    def serve(self, sink) -> int:
        server, port = self.background.run(sink.start())
        self.servers.append(server)
        return port

    def stop(self):
        for server in self.servers:
            self.call(server.close)
        self.background.close()


@pytest.fixture
def running() -> Iterator[Running]:
    """Somewhere for servers to run."""
    running = Running()
    yield running
    running.stop()


@pytest.fixture
def accounts(settings, tmp_path) -> Callable[[str], None]:
    """Write the county's file of accounts."""
    settings.CHANNELS = tmp_path / "channels.toml"
    return settings.CHANNELS.write_text


def all_receipts(channel, count):
    """So many receipts, once they are there."""
    from anlan.county.dispatch.channels.shape import ARRIVED

    found = []
    while len(found) < count:
        ARRIVED.clear()
        found += channel.receipts()
        channel.stored()
        if len(found) < count:
            assert ARRIVED.wait(10), f"{len(found)} of {count} receipts came"
    return found
