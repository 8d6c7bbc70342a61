"""`anlan serve`: on a free port it answers until it is stopped; on any other it says why not."""

import signal
import socket
import time
from http.client import HTTPConnection

import pytest
from tests.installation import MAIN

from anlan.county.config.management.commands.serve import serve
from anlan.county.errors import Refused


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, path):
    """Status, headers and body; None while nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    except OSError:
        return None
    finally:
        connection.close()


@pytest.mark.long
def test_it_answers_on_a_free_port_and_stops_when_told(installed):
    installation, _printed = installed
    port = free_port()
    site = installation.start(MAIN, "serve", "--bind", f"127.0.0.1:{port}")
    try:
        deadline = time.monotonic() + 60
        while (answer := ask(port, "/office/login/")) is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert answer is not None
        status, headers, body = answer
        assert status == 200
        assert "登录" in body
        assert "Content-Security-Policy" in headers
        assert ask(port, "/static/desk/anlan.css")[0] == 200
        assert ask(port, "/registry/")[0] == 302
    finally:
        site.send_signal(signal.SIGTERM)
        _out, err = site.communicate(timeout=30)
    assert site.returncode == 0, err
    assert "Traceback" not in err


def test_a_busy_port_is_refused_in_a_sentence():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        bind = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(Refused, match=f"不能在 {bind} 提供服务"):
            serve(bind)


@pytest.mark.parametrize(
    "bind", ["", "nonsense", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:99999", "127.0.0.1:-1", "::1:80"]
)
def test_an_address_that_is_none_is_refused(bind):
    with pytest.raises(Refused, match="不能在"):
        serve(bind)
