"""Tencent Cloud's SMS interface on loopback, taking everything, for benchmarks: no message leaves the machine by it."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

AT_ONCE = 100


class Sink(ThreadingHTTPServer):
    """Takes every number, and reports each as delivered."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.numbers, self.waiting = count(), list[str]()

    def answer(self, action: str, document: dict[str, Any]) -> dict[str, Any]:
        """What one request is answered with."""
        if action == "SendSms":
            taken = [f"{next(self.numbers):010}" for _each in document["PhoneNumberSet"]]
            self.waiting += taken
            return {"SendStatusSet": [{"SerialNo": serial, "Code": "Ok"} for serial in taken]}
        given, self.waiting = self.waiting[:AT_ONCE], self.waiting[AT_ONCE:]
        return {"PullSmsSendStatusSet": [{"SerialNo": serial, "ReportStatus": "SUCCESS"} for serial in given]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Sink

    def do_POST(self) -> None:
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps({"Response": self.server.answer(self.headers["X-TC-Action"], document)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_words: Any) -> None:
        """Nothing: a line per request would be measured, too."""
