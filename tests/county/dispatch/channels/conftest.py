"""Carriers on loopback, in threads of their own, and the file of accounts that leads to them."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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


class Service(ThreadingHTTPServer):
    """A service on loopback that answers in turn as a test says, and keeps what it was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked, self.answers = [], []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def answer(self, document, status=200):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.answers.append((status, body))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, self.headers, body))
        status, answer = self.server.answers.pop(0) if self.server.answers else (500, b"")
        if status is None:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _any

    def log_message(self, *_words):
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    """A service that answers as it is told."""
    with Service() as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield service
        service.shutdown()
        thread.join(10)
