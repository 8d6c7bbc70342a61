"""The SMPP channel on a carrier that does as it is told."""

import socket

import pytest
import smpplib.client
from tests.county.dispatch.channels.conftest import all_receipts, message

from anlan.county.dispatch.channels import carrier, line
from anlan.county.dispatch.channels.segments import joined
from anlan.county.dispatch.channels.shape import Receipt, TransportFailed
from anlan.county.dispatch.channels.smpp.codec import ANSWER, ENQUIRE, THROTTLED, UNBIND, frame, unframe
from anlan.county.dispatch.channels.smpp.sink import Sink, written
from anlan.county.dispatch.channels.smpp.transport import Channel
from anlan.county.dispatch.channels.wire import Reply

ACCOUNT = '[[smpp]]\nname = "{name}"\nhost = "127.0.0.1"\nport = {port}\nuser = "anlan"\npassword = "{password}"\n'


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def channel_to(running, accounts):
    """A channel with an account at each of these sinks; None is one that is not there."""
    opened = []

    def open_(*sinks, more="", word="sink"):
        ports = [running.serve(sink) if sink else unused_port() for sink in sinks]
        text = (ACCOUNT.format(name=f"a{n}", port=port, password=word) for n, port in enumerate(ports, 1))
        accounts("".join(each + more for each in text))
        opened.append(Channel())
        return opened[-1]

    yield open_
    for channel in opened:
        channel.close()


def test_a_message_arrives_in_its_segments_and_both_are_reported(channel_to):
    sink = Sink(keep=True)
    channel = channel_to(sink)
    (outcome,) = channel.send([message(7, body="雨" * 100)])
    assert (outcome.message_id, outcome.failure, outcome.account) == (7, "", "a1")
    assert outcome.references == ("00000000", "00000001")
    assert sink.kept == [("13800000001", 0x40, piece) for piece in joined("雨" * 100, 7)]
    assert all_receipts(channel, 2) == [Receipt("a1", "00000000"), Receipt("a1", "00000001")]


def test_many_go_in_their_order_and_no_more_are_in_flight_than_the_window(channel_to, monkeypatch):
    most = []
    push = line.Line._push

    def pushing(self):
        waited = push(self)
        most.append(len(self.flying))
        return waited

    monkeypatch.setattr(line.Line, "_push", pushing)
    sink = Sink(keep=True)
    channel = channel_to(sink, more="window = 7\n")
    outcomes = channel.send([message(n, address=f"138{n:08}") for n in range(1, 101)])
    assert not any(each.failure for each in outcomes)
    assert [address for address, _class, _text in sink.kept] == [f"138{n:08}" for n in range(1, 101)]
    assert max(most) == 7


def test_a_receipt_is_answered_only_when_it_is_stored(channel_to, running):
    sink = Sink()
    channel = channel_to(sink)
    channel.send([message()])
    while not channel.receipts():
        pass
    assert channel.receipts() == [Receipt("a1", "00000000")], "until it is stored it is given again"
    assert sink.answered == 0
    channel.stored()
    channel.send([message(2)])  # whatever went before this on the line has been read by now
    assert sink.answered == 1


def test_what_is_throttled_goes_again_and_only_that(channel_to):
    sink = Sink(keep=True, status=lambda number: THROTTLED if number in (1, 2) else 0)
    (outcome,) = channel_to(sink).send([message(body="雨" * 100)])
    first, second = joined("雨" * 100, 1)
    assert not outcome.failure
    assert [text for _address, _class, text in sink.kept] == [first, second, second, second]
    assert outcome.references == ("00000000", "00000003")


def test_a_carrier_that_throttles_for_ever_is_not_waited_for(channel_to, monkeypatch):
    sink = Sink(status=lambda number: THROTTLED if number > 1 else 0)
    channel = channel_to(sink)
    channel.send([message(3)])  # the line is open
    monkeypatch.setattr(line, "ANSWER_S", 0.05)
    monkeypatch.setattr(carrier, "TURN_S", 0.05)
    single, double = channel.send([message(1, body="雨" * 100), message(2)])
    assert (single.failure, single.postponed) == ("smpp: 0x58", False)
    assert double.postponed


def test_a_refusal_is_its_messages_own(channel_to):
    sink = Sink(status=lambda number: {1: 0x0B, 2: 0x08}.get(number, 0))
    outcomes = channel_to(sink).send([message(n) for n in range(1, 5)])
    assert [(each.failure, each.permanent) for each in outcomes] == [
        ("", False), ("smpp: 0x0b", True), ("smpp: 0x08", False), ("", False),
    ]  # fmt: skip


def test_what_is_no_number_fails_and_is_not_quoted(channel_to):
    bad, good = channel_to(Sink()).send([message(1, address="村口小卖部"), message(2)])
    assert (bad.failure, bad.permanent, good.failure) == ("smpp: not an address", True, "")


def test_what_no_handset_could_join_fails(channel_to):
    long, good = channel_to(Sink()).send([message(1, body="雨" * 20_000), message(2)])
    assert (long.failure, long.permanent, good.failure) == ("too_long", True, "")


def test_the_second_account_carries_what_the_first_cannot(channel_to):
    sink = Sink(keep=True)
    (outcome,) = channel_to(None, sink).send([message()])
    assert (outcome.failure, outcome.account) == ("", "a2")


def test_a_line_that_breaks_leaves_the_rest_to_the_next_and_tries_what_was_in_flight_later(channel_to):
    def status(number):
        if number == 2:
            for session in list(first.open):
                session.transport.abort()
        return 0

    first, second = Sink(status=status), Sink(keep=True)
    outcomes = channel_to(first, second, more="window = 1\n").send([message(n) for n in range(1, 6)])
    assert [(each.failure, each.account) for each in outcomes] == [
        ("", "a1"), ("", "a1"), ("connection lost", ""), ("", "a2"), ("", "a2"),
    ]  # fmt: skip


def test_an_account_that_fails_is_left_alone_for_a_while(channel_to, monkeypatch):
    channel, tries = channel_to(None), []
    opening = carrier.open_line

    async def counted(*arguments):
        tries.append(arguments)
        return await opening(*arguments)

    monkeypatch.setattr(carrier, "open_line", counted)
    for _turn in range(5):
        with pytest.raises(TransportFailed, match="smpp"):
            channel.send([message()])
    assert len(tries) == 3


def test_a_wrong_password_says_so_and_not_what_it_was(channel_to):
    with pytest.raises(TransportFailed, match="not let in") as caught:
        channel_to(Sink(), word="wr0ng").send([message()])
    assert "wr0ng" not in str(caught.value)


def test_without_an_account_nothing_is_sent_and_nothing_heard(settings, tmp_path):
    settings.CHANNELS = tmp_path / "none.toml"
    channel = Channel()
    assert channel.receipts() == []
    channel.stored()
    with pytest.raises(TransportFailed, match="ANLAN_CHANNELS"):
        channel.send([message()])


def test_a_line_that_broke_is_opened_again_when_receipts_are_asked_for(channel_to, running):
    sink = Sink()
    channel = channel_to(sink)
    channel.send([message()])
    running.call(lambda: [session.transport.abort() for session in list(sink.open)])
    while channel.carrier.accounts[0].line.up:
        pass
    channel.receipts()
    while not channel.carrier.accounts[0].line.up:
        pass
    assert not channel.send([message(2)])[0].failure


def test_however_often_receipts_are_asked_for_an_account_has_one_line(channel_to):
    sink = Sink()
    channel = channel_to(sink)
    for _turn in range(20):
        channel.receipts()
    channel.send([message()])
    channel.receipts()
    assert len(sink.open) == 1
    assert channel.carrier.accounts[0].breaker.failures == 0


def test_ordinary_messages_leave_a_share_of_every_second_to_urgent_ones(channel_to, monkeypatch):
    monkeypatch.setattr(carrier, "TURN_S", 0.95)
    channel = channel_to(Sink(), more="rate = 100\n")
    assert [each.failure for each in channel.send([message(99, priority=0)])] == [""]
    ordinary = channel.send([message(n) for n in range(1, 201)])
    went = sum(not each.failure for each in ordinary)
    assert 10 <= went <= 70
    assert all(each.postponed for each in ordinary[went:])
    urgent = channel.send([message(n, priority=0) for n in range(201, 221)])
    assert not any(each.failure for each in urgent)


def test_the_carrier_may_ask_whether_we_are_there_and_say_goodbye(running, channel_to):
    sink, channel, heard = Sink(), None, []
    channel = channel_to(sink)
    channel.send([message()])
    (session,) = sink.open
    session.answer = lambda pdu: heard.append(unframe(pdu)[0]) or b""
    running.call(session.transport.write, frame(ENQUIRE, 77) + frame(UNBIND, 78))
    while channel.carrier.accounts[0].line.up or len(heard) < 2:
        pass
    assert heard[:2] == [ENQUIRE | ANSWER, UNBIND | ANSWER]


def test_a_carrier_that_talks_nonsense_is_left(channel_to, running):
    sink = Sink()
    channel = channel_to(sink)
    channel.send([message()])
    (session,) = sink.open
    running.call(session.transport.write, b"HTTP/1.1 400 Bad Request\r\n\r\n")
    while channel.carrier.accounts[0].line.up:
        pass
    assert not channel.send([message(2)])[0].failure, "on a new line"


def test_a_carrier_that_falls_silent_is_asked_and_then_left(channel_to):
    sink, asked = Sink(stat=lambda number: ""), []
    channel = channel_to(sink)
    channel.send([message()])
    (session,) = sink.open
    session.answer = lambda pdu: asked.append(unframe(pdu)[0]) or b""
    ours = channel.carrier.accounts[0].line
    for silent_for in (line.QUIET_S, line.ANSWER_S):
        ours.last_heard -= silent_for
        channel.carrier.background.call(ours._watch)
        while ours.up and not asked:
            pass
    while ours.up:
        pass
    assert asked[0] == ENQUIRE
    (outcome,) = channel.send([message(2)])
    assert not outcome.failure


def test_another_client_finds_the_sink_to_be_a_carrier(running):
    """The fake is held against a client that is not ours."""
    sink = Sink(keep=True)
    port = running.serve(sink)
    client = smpplib.client.Client("127.0.0.1", port, allow_unknown_opt_params=True)
    answers, receipts = [], []
    client.set_message_sent_handler(lambda pdu: answers.append(pdu.message_id))
    client.set_message_received_handler(lambda pdu: receipts.append(pdu.short_message) or 0)
    try:
        client.connect()
        client.bind_transceiver(system_id="other", password="sink")
        client.send_message(destination_addr="13800000002", short_message="雨".encode("utf-16-be"), data_coding=8)
        while not receipts:
            client.read_once()
        client.unbind()
    finally:
        client.disconnect()
    assert answers == [b"00000000"]
    assert b"id:00000000" in receipts[0]
    assert sink.kept == [("13800000002", 0, "雨".encode("utf-16-be"))]


def test_what_people_write_comes_beside_the_receipts_even_before_the_answer_to_the_submission(channel_to, running):
    class Eager(Sink):
        def submitted(self, sequence, body):
            return written(900, "8613800000001", "收到".encode("utf-16-be")) + super().submitted(sequence, body)

    sink = Eager()
    channel = channel_to(sink)
    channel.send([message()])
    receipts = []
    while not receipts or not channel.replies():
        receipts = channel.receipts()
    assert receipts == [Receipt("a1", "00000000")]
    assert channel.replies() == [Reply("13800000001", "收到", "a1")]
    assert sink.answered == 0
    channel.stored()
    channel.send([message(2)])
    assert sink.answered >= 2


def test_without_an_account_nobody_writes(settings, tmp_path):
    settings.CHANNELS = tmp_path / "none.toml"
    assert Channel().replies() == []
