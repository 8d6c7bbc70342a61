"""Telephone calls: the contract's words, and the channel on a gateway that rings nobody."""

import base64
import hashlib
import hmac
import io
import json
import logging
import threading
import wave
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.county.dispatch.channels.conftest import message

from anlan.county import clock
from anlan.county.dispatch import speaking
from anlan.county.dispatch.channels.shape import Push, Receipt, TransportFailed, Unacceptable
from anlan.county.dispatch.channels.voice import codec, transport
from anlan.county.dispatch.channels.voice.sink import Sink
from anlan.county.dispatch.channels.voice.transport import Channel, Settings
from anlan.county.dispatch.channels.wire import ProtocolError, Reply

ACCOUNT = '[[voice]]\nname = "{}"\nurl = "{}"\nsecret = "{}"\n'
OWN = Settings("calls", "http://127.0.0.1:1", "s3cret")


def call(number=7, **changes):
    return message(number, **({"kind": "voice", "body": "请立即转移。"} | changes))


@pytest.fixture
def sink():
    with Sink() as sink:
        thread = threading.Thread(target=sink.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield sink
        sink.shutdown()
        thread.join(10)


@pytest.fixture
def channel(sink, accounts, now):
    def open_(more="", word="sink", url=""):
        accounts(ACCOUNT.format("calls", url or sink.url, word) + more)
        return Channel(tick=lambda: clock.now().timestamp())

    return open_


# --- the contract -----------------------------------------------------------------------------------
def test_a_call_is_asked_for_as_the_contract_says(accounts, service, now):
    accounts(ACCOUNT.format("calls", f"{service.url}/v1/", "s3cret"))
    service.answer({"id": "7", "state": "queued"})
    (outcome,) = Channel().send([call(priority=0, not_after=now + timedelta(hours=1))])
    assert (outcome.failure, outcome.account, outcome.references) == ("", "calls", ("7",))
    ((method, path, headers, body),) = service.asked
    assert (method, path) == ("POST", "/v1/calls")
    assert json.loads(body) == {
        "id": "7", "account": "calls", "to": "13800000001", "keys": "12", "urgent": True, "text": "请立即转移。",
        "not_after": int(now.timestamp()) + 3600,
    }  # fmt: skip
    stamp = str(int(now.timestamp()))
    expected = hmac.new(b"s3cret", f"{stamp}\n/v1/calls\n".encode() + body, hashlib.sha256).hexdigest()
    assert (headers["X-Anlan-Time"], headers["X-Anlan-Signature"]) == (stamp, expected)


RECORDED = {
    "results": [
        {"id": "1", "state": "answered", "seconds": 12, "key": "1", "call": "c-1", "at": 1781784000},
        {"id": "2", "state": "answered", "seconds": 7.9, "key": ""},
        {"id": "3", "state": "busy"}, {"id": "4", "state": "no_answer"}, {"id": "5", "state": "ringing"},
        {"id": "6", "state": "unheard of"}, {"id": 7, "state": "answered"}, {"state": "answered"}, 8, None,
        {"id": "9", "state": "answered", "seconds": 1e400, "key": 5}, {"id": "10", "state": "answered", "seconds": -1},
    ]
}  # fmt: skip


def test_results_say_who_answered_how_long_and_with_which_key():
    receipts, replies = codec.results(RECORDED, "calls")
    assert receipts == [
        Receipt("calls", "1"), Receipt("calls", "2"), Receipt("calls", "3", "voice: busy"),
        Receipt("calls", "4", "voice: no_answer"), Receipt("calls", "9"), Receipt("calls", "10"),
    ]  # fmt: skip
    assert [(each.reference, each.text, each.message, each.seconds) for each in replies] == [
        ("call c-1", "1", 1, 12), ("id 2", "", 2, 7), ("id 9", "", 9, None), ("id 10", "", 10, None),
    ]  # fmt: skip
    assert replies[0].at == codec.moment(1781784000)
    assert codec.known(RECORDED) == ["1", "2", "3", "4", "6", "9", "10"], "what is under way is asked for again"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["answered", "busy", "1", "12345678901234567890"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["results", "id", "state", "seconds", "key", "at", "error", "code"]), inner),
    max_leaves=12,
)  # fmt: skip


@given(JSON | st.fixed_dictionaries({"results": st.lists(JSON, max_size=5)}))
def test_no_result_is_worse_than_a_protocol_error(document):
    with suppress(ProtocolError):
        receipts, replies = codec.results(document, "calls")
        assert len(replies) <= len(receipts)
        assert len(codec.known(document)) <= len(document["results"])
        for each in replies:
            assert each.seconds is None or 0 <= each.seconds < codec.LONGEST_CALL_S
            assert len(each.text) <= 1
    if isinstance(document, dict):
        with suppress(ProtocolError):
            codec.taken(document)


@pytest.mark.parametrize(
    ("answer", "failure", "permanent"),
    [({"state": "ringing"}, "", False),
     ({"error": {"code": "bad_number", "permanent": True}}, "voice: bad_number", True),
     ({"error": {"code": "full"}}, "voice: full", False), ({"error": "x"}, "voice: an answer without a state", False),
     ({}, "voice: an answer without a state", False)],
)  # fmt: skip
def test_an_answer_of_the_gateway_is_understood(accounts, service, now, answer, failure, permanent):
    accounts(ACCOUNT.format("calls", service.url, "s"))
    service.answer(answer)
    (outcome,) = Channel().send([call()])
    assert (outcome.failure, outcome.permanent) == (failure, permanent)


# --- the channel --------------------------------------------------------------------------------------
def test_calls_are_rung_their_results_asked_for_and_forgotten_only_when_stored(channel, sink):
    ours = channel()
    assert [each.failure for each in ours.send([call(1), call(2)])] == ["", ""]
    expected = [Reply("", "1", "calls", f"id {number}", message=number, seconds=12) for number in (1, 2)]
    for _turn in range(2):
        assert ours.receipts() == [Receipt("calls", "1"), Receipt("calls", "2")]
        assert ours.replies() == expected
        clock.advance(timedelta(minutes=1))
    assert len(sink.waiting) == 2
    ours.stored()
    assert sink.waiting == {}
    clock.advance(timedelta(minutes=1))
    assert (ours.receipts(), ours.replies()) == ([], [])


def test_a_gateway_that_does_not_hear_that_they_are_stored_says_them_again(channel, sink, monkeypatch, caplog):
    ours = channel()
    ours.send([call(1)])
    assert ours.receipts()
    monkeypatch.setattr(transport.Account, "ask", lambda *_words: (_ for _ in ()).throw(TransportFailed("voice: lost")))
    with caplog.at_level(logging.WARNING):
        ours.stored()
    assert "voice: lost" in caplog.text
    monkeypatch.undo()
    clock.advance(timedelta(minutes=1))
    assert ours.receipts() == [Receipt("calls", "1")]


def test_a_gateway_that_is_not_there_is_not_asked_every_turn(channel, monkeypatch):
    ours, asked = channel(url="http://127.0.0.1:1"), []
    ask = transport.Account.ask
    monkeypatch.setattr(transport.Account, "ask", lambda *words: asked.append(1) or ask(*words))
    with pytest.raises(TransportFailed):
        ours.receipts()
    assert ours.receipts() == []
    assert len(asked) == 1


def test_results_that_are_none_are_a_failure_and_a_full_page_is_followed_by_the_next(channel, service, monkeypatch):
    ours = channel(url=service.url)
    service.answer({})
    with pytest.raises(TransportFailed, match="no list"):
        ours.receipts()
    monkeypatch.setattr(transport, "AT_ONCE", 1)
    clock.advance(timedelta(minutes=1))
    for document in ({"results": [{"id": "1", "state": "busy"}]}, {}, {"results": [{"id": "2", "state": "busy"}]}):
        service.answer(document)
    assert ours.receipts() == [Receipt("calls", "1", "voice: busy")]
    ours.stored()
    assert ours.receipts() == [Receipt("calls", "2", "voice: busy")]


def test_where_the_gateway_calls_back_it_is_not_asked(channel, sink):
    ours = channel("poll = false\n")
    ours.send([call()])
    assert ours.receipts() == []
    assert sink.waiting


def test_the_second_gateway_rings_whom_the_first_cannot_and_then_the_first_rests(channel, sink):
    second = ACCOUNT.format("second", sink.url, "sink")
    ours = channel(second, url="http://127.0.0.1:1")
    for _turn in range(4):
        assert [each.account for each in ours.send([call(1), call(2)])] == ["second", "second"]
    assert ours.accounts[0].breaker.failures == 3


def test_where_nobody_can_ring_it_is_tried_again(channel):
    ours = channel(url="http://127.0.0.1:1")
    outcomes = ours.send([call(1), call(2)])
    assert [(each.failure, each.permanent) for each in outcomes] == [("voice: ConnectionRefusedError", False)] * 2


def test_a_wrong_secret_is_refused_and_told_to_nobody(channel, caplog):
    (outcome,) = channel(word="wr0ng").send([call()])
    assert outcome.failure == "voice: HTTP 403"
    assert "wr0ng" not in caplog.text


def test_calls_are_begun_no_faster_than_the_gateway_takes_them(channel, sink):
    outcomes = channel("rate = 2\n").send([call(number) for number in range(1, 5)])
    assert [each.postponed for each in outcomes] == [False, True, True, True], "a share is kept for what is urgent"
    assert len(sink.calls) == 1


# --- what is played -----------------------------------------------------------------------------------
@pytest.mark.needs("espeak")
def test_sound_made_here_goes_with_the_call_or_is_fetched_from_us(channel, sink, settings, tmp_path, client, db):
    settings.SPEECH = tmp_path / "speech"
    channel('speech = "wav"\n').send([call(1)])
    channel('speech = "url"\nsite = "https://anlan.example/"\n').send([call(2)])
    first, second = sink.calls
    sound = base64.b64decode(first["audio"])
    with wave.open(io.BytesIO(sound)) as read:
        assert 0.5 < read.getnframes() / read.getframerate() < 10
    assert "text" not in first
    assert second["audio_url"].startswith("https://anlan.example/dispatch/speech/")
    assert client.get(second["audio_url"].removeprefix("https://anlan.example")).content == sound


@pytest.mark.parametrize("speech", ["wav", "url"])
def test_where_this_machine_cannot_speak_the_text_is_sent(channel, sink, monkeypatch, speech):
    monkeypatch.setattr(speaking, "wav", lambda text: b"")
    channel(f'speech = "{speech}"\nsite = "https://anlan.example"\n').send([call()])
    assert sink.calls[0]["text"] == "请立即转移。"


# --- what the gateway pushes ----------------------------------------------------------------------------
def push(document, key="s3cret", ago=0, path=codec.PUSHED):
    body = json.dumps(document).encode()
    return Push("POST", {}, codec.signed(key, path, body, clock.now() - timedelta(seconds=ago)), body)


def test_a_push_says_the_same_as_results_that_are_asked_for(now):
    said = Channel().pushed(OWN, push(RECORDED))
    assert (list(said.receipts), list(said.replies)) == codec.results(RECORDED, "calls")
    assert json.loads(said.answer) == {"stored": True}


@pytest.mark.parametrize("wrong", [{"key": "other"}, {"ago": 301}, {"ago": -301}, {"path": "/results"}])
def test_a_push_of_another_or_of_another_time_is_refused(now, wrong):
    with pytest.raises(Unacceptable) as refused:
        Channel().pushed(OWN, push(RECORDED, **wrong))
    assert refused.value.status == 403


@pytest.mark.parametrize("headers", [{}, {codec.TIME: "x", codec.SIGNATURE: "é"}, {codec.TIME: "9" * 30}])
def test_a_push_without_a_signature_is_refused(now, headers):
    with pytest.raises(Unacceptable, match="not signed"):
        Channel().pushed(OWN, Push("POST", {}, headers, b"{}"))


def test_an_account_without_a_secret_takes_no_push(now):
    own = Settings("calls", "http://127.0.0.1:1", "")
    with pytest.raises(Unacceptable, match="not signed"):
        Channel().pushed(own, push(RECORDED, key=""))


@pytest.mark.parametrize("document", [[], {}, {"results": {}}, "x"])
def test_a_push_that_says_nothing_is_refused(now, document):
    with pytest.raises(Unacceptable) as refused:
        Channel().pushed(OWN, push(document))
    assert refused.value.status == 400
