"""Groups of cadres on other services: through Apprise where it is installed, and a plain sentence where it is not."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from tests.county.dispatch.conftest import draft, queue

from anlan.county.dispatch.actions import dispatch_batch
from anlan.county.dispatch.channels.apprise import transport
from anlan.county.dispatch.channels.apprise.transport import Channel
from anlan.county.dispatch.channels.shape import TransportFailed
from anlan.county.dispatch.models import Message, Route

ACCOUNT = '[[apprise]]\nname = "township"\nurl = "{}"\n'


@pytest.fixture
def service():
    """A service on loopback: what it was told, and the status with which it answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answers[0])
            self.end_headers()

        def log_message(self, *words):
            pass

    heard, answers = [], [200]
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"json://127.0.0.1:{server.server_port}/group", heard, answers
        server.shutdown()
        thread.join()


def message(**changes):
    words = {"pk": 1, "kind": "group", "address": "township", "subject": "暴雨红色预警", "body": "请按名单逐户叫应。"}
    return Message(**(words | changes))


@pytest.mark.needs("apprise")
@pytest.mark.filterwarnings("ignore:.*imghdr.*:DeprecationWarning")  # a plug-in of its own asks for it
@pytest.mark.clause("H3")
def test_a_group_gets_the_text_through_the_service_of_its_account(service, accounts, outbox):
    url, heard, _answers = service
    accounts(ACCOUNT.format(url))
    Route.objects.update_or_create(kind="group", defaults={"channel": "apprise"})
    (sent,) = queue(draft("g", kind="group", address="township", subject="暴雨红色预警", body="请按名单逐户叫应。"))
    dispatch_batch(worker="w")
    sent.refresh_from_db()
    assert sent.handed_at
    assert [(each["title"], each["message"]) for each in heard] == [("暴雨红色预警", "请按名单逐户叫应。")]


@pytest.mark.needs("apprise")
@pytest.mark.filterwarnings("ignore:.*imghdr.*:DeprecationWarning")  # a plug-in of its own asks for it
def test_a_service_that_refuses_is_tried_again_and_one_nobody_knows_is_not(service, accounts, caplog):
    url, _heard, answers = service
    answers[0] = 503
    accounts(ACCOUNT.format(url))
    tried, unknown = Channel().send([message(), message(pk=2, address="elsewhere")])
    assert (tried.failure, tried.permanent) == ("apprise: the service did not take it", False)
    assert (unknown.message_id, unknown.permanent) == (2, True)
    accounts(ACCOUNT.format("nonsense://x"))
    (wrong,) = Channel().send([message()])
    assert (wrong.failure, wrong.permanent) == ("apprise: an address that Apprise does not know", True)
    assert "叫应" not in caplog.text


def test_where_it_is_not_installed_messages_wait_and_say_so(accounts, monkeypatch):
    accounts(ACCOUNT.format("json://127.0.0.1/x"))
    monkeypatch.setattr(transport, "find_spec", lambda name: None)
    with pytest.raises(TransportFailed, match=r"not installed.*requirements/apprise.txt") as caught:
        Channel().send([message()])
    assert not caught.value.permanent


def test_it_never_carries_lists_of_doors_or_a_household_s_message():
    assert Channel.kinds == {"group"}
    assert not Channel.safe_for_exercise
