"""A voice gateway on loopback that rings nobody: it takes every call, and says of each what it is told to say."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from anlan.county.dispatch.channels.voice.codec import SIGNATURE, TIME, proof

Result = dict[str, Any]


def answered(call: Result) -> Result:
    """Somebody listened for twelve seconds and pressed 1."""
    return {"id": call["id"], "state": "answered", "seconds": 12, "key": "1"}


class Sink(ThreadingHTTPServer):
    """Keeps the calls it was asked for, and gives their results until it hears that they are stored."""

    def __init__(self, result: Callable[[Result], Result] = answered) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secret, self.result = "sink", result
        self.calls, self.waiting = list[Result](), dict[str, Result]()
        self.url = f"http://127.0.0.1:{self.server_port}/v1"

    def answer(self, path: str, document: Result) -> Result:
        """What one request is answered with."""
        if path == "/v1/calls":
            self.calls.append(document)
            self.waiting[document["id"]] = self.result(document)
            return {"id": document["id"], "state": "queued"}
        if path == "/v1/results":
            return {"results": list(self.waiting.values())[: document["limit"]]}
        for number in document["ids"]:
            self.waiting.pop(number, None)
        return {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        right = proof(self.server.secret, self.headers[TIME], self.path, body) == self.headers[SIGNATURE]
        answer = json.dumps(self.server.answer(self.path, json.loads(body)) if right else {}).encode()
        self.send_response(200 if right else 403)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_words: Any) -> None:
        """Nothing: no number of anybody's belongs in a log."""
