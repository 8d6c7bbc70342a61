"""CMPP 2.0 and 3.0: the bytes by the standard's table, and the channel on a gateway of its own."""

import hashlib
import struct
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.county.dispatch.channels.cmpp_sink import Sink, number_of, receipt, written
from tests.county.dispatch.channels.conftest import all_receipts, message

from anlan.county.dispatch.channels.cmpp import codec as cmpp
from anlan.county.dispatch.channels.cmpp.codec import ANSWER, V2, V3, Cmpp, frame, read_submit
from anlan.county.dispatch.channels.cmpp.transport import Channel
from anlan.county.dispatch.channels.segments import joined
from anlan.county.dispatch.channels.shape import Receipt, TransportFailed
from anlan.county.dispatch.channels.wire import Parcel, ProtocolError, Reply, Said, Verdict

AT = datetime(2026, 6, 18, 20, 0, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
FIRST = 0x0123_4567_0000_0000


def ours(version=V2):
    return Cmpp("901234", "secret", "10690123", "ALERT", lambda: AT, version)


def parcel(text="请立即转移。", **changes):
    return Parcel(**({"number": 7, "address": "13800000001", "pieces": tuple(joined(text, 7))} | changes))


both = pytest.mark.parametrize("version", [V2, V3])

# --- the words ------------------------------------------------------------------------------------


def test_the_password_is_proved_and_not_said():
    said = ours().hello(1)
    assert said[:12] == struct.pack(">III", 39, 1, 1)
    proof = hashlib.md5(b"901234" + bytes(9) + b"secret" + b"0618200005", usedforsecurity=False).digest()
    assert said[12:] == b"901234" + proof + b"\x20" + struct.pack(">I", 618200005)
    assert b"secret" not in said
    assert "secret" not in repr(ours())


# Field by field from the standard's table of CMPP_SUBMIT: name, bytes in 2.0, bytes in 3.0.
TABLE = [
    ("Msg_Id", 8, 8), ("Pk_total", 1, 1), ("Pk_number", 1, 1), ("Registered_Delivery", 1, 1), ("Msg_level", 1, 1),
    ("Service_Id", 10, 10), ("Fee_UserType", 1, 1), ("Fee_terminal_Id", 21, 32), ("Fee_terminal_type", 0, 1),
    ("TP_pId", 1, 1), ("TP_udhi", 1, 1), ("Msg_Fmt", 1, 1), ("Msg_src", 6, 6), ("FeeType", 2, 2), ("FeeCode", 6, 6),
    ("ValId_Time", 17, 17), ("At_Time", 17, 17), ("Src_Id", 21, 21), ("DestUsr_tl", 1, 1), ("Dest_terminal_Id", 21, 32),
    ("Dest_terminal_type", 0, 1), ("Msg_Length", 1, 1), ("Msg_Content", None, None), ("Reserve or LinkID", 8, 20),
]  # fmt: skip


def fields(body, version):
    """A submission's fields by the table."""
    found, at = {}, 0
    for name, two, three in TABLE:
        width = two if version == V2 else three
        width = found["Msg_Length"][0] if width is None else width
        found[name] = body[at : at + width]
        at += width
    assert at == len(body)
    return {name: value.rstrip(b"\x00") for name, value in found.items()}


@both
def test_a_submission_is_laid_out_as_the_standard_says(version):
    said = ours(version).submit(3, parcel("雨" * 100, urgent=True, seconds=7200), 1)
    found = fields(said[12:], version)
    piece = joined("雨" * 100, 7)[1]
    assert {name: value for name, value in found.items() if value} == {
        "Pk_total": b"\x02", "Pk_number": b"\x02", "Registered_Delivery": b"\x01", "Msg_level": b"\x09",
        "Service_Id": b"ALERT", "Fee_UserType": b"\x02", "TP_udhi": b"\x01", "Msg_Fmt": b"\x08", "Msg_src": b"901234",
        "FeeType": b"01", "FeeCode": b"000000", "ValId_Time": b"000000020000000R", "Src_Id": b"10690123",
        "DestUsr_tl": b"\x01", "Dest_terminal_Id": b"13800000001", "Msg_Length": bytes((len(piece),)),
        "Msg_Content": piece,
    }  # fmt: skip


@both
@given(text=st.text(min_size=1, max_size=300))
def test_every_segment_is_read_as_it_was_written(version, text):
    sent = parcel(text)
    for place, piece in enumerate(sent.pieces):
        read = read_submit(ours(version).submit(3, sent, place)[12:], version)
        assert read == ("13800000001", int(len(sent.pieces) > 1), piece)


@both
def test_the_gateways_words_are_understood(version):
    codec, status = ours(version), ">I" if version == V3 else ">B"
    taken = frame(cmpp.SUBMIT | ANSWER, 2, struct.pack(">Q", 99) + struct.pack(status, 0))
    assert codec.read(taken) == Said("accepted", 2, reference="99")
    slow = frame(cmpp.SUBMIT | ANSWER, 2, struct.pack(">Q", 0) + struct.pack(status, 8))
    assert codec.read(slow) == Said("accepted", 2, 8)
    assert codec.read(frame(cmpp.CONNECT | ANSWER, 1, struct.pack(status, 3) + bytes(17))) == Said("welcome", 1, 3)
    assert codec.read(frame(cmpp.ACTIVE, 4)).kind == "probe"
    assert codec.read(frame(cmpp.ACTIVE | ANSWER, 4, b"\x00")).kind == "probed"
    assert codec.read(frame(cmpp.TERMINATE, 4)).kind == "goodbye"
    assert codec.read(frame(0x99, 4)).kind == "other"


@both
@pytest.mark.parametrize(
    ("stat", "kind", "failure"),
    [("DELIVRD", "report", ""), ("UNDELIV", "report", "cmpp: UNDELIV"), ("MK:0001", "report", "cmpp: MK:0001"),
     ("", "report", "cmpp: UNKNOWN"), ("ACCEPTD", "intermediate", "")],
)  # fmt: skip
def test_a_receipt_says_what_became_of_a_segment(version, stat, kind, failure):
    named = (77).to_bytes(8, "big")
    said = ours(version).read(receipt(version, 5, named, stat))
    assert said == Said(kind, 5, reference="77", failure=failure, detail=named)
    assert ours(version).answer(said) == frame(cmpp.DELIVER | ANSWER, 5, named + bytes(4 if version == V3 else 1))


@both
def test_what_a_villager_writes_back_is_read_with_its_number_and_its_moment(version):
    at = ours().clock().replace(microsecond=0)
    named = number_of(at, 5)
    said = ours(version).read(written(version, 5, named, "8613800000001", "收到".encode("utf-16-be")))
    detail = named.to_bytes(8, "big")
    reply = Reply("13800000001", "收到", reference=str(named), at=at)
    assert said == Said("reply", 5, detail=detail, reply=reply)
    assert ours(version).answer(said) == frame(cmpp.DELIVER | ANSWER, 5, detail + bytes(4 if version == V3 else 1))


@both
def test_pieces_and_codings_of_a_villagers_text(version):
    piece = b"\x05\x00\x03\x09\x02\x01" + "知道".encode("utf-16-be")
    reply = ours(version).read(written(version, 5, 1, "138", piece, udhi=1)).reply
    assert (reply.text, reply.thread, reply.part, reply.parts) == ("知道", "9", 1, 2)
    assert ours(version).read(written(version, 5, 1, "138", "安全".encode("gbk"), coding=15)).reply.text == "安全"


def test_what_is_neither_is_refused():
    said = ours().read(receipt(V2, 5, bytes(8), "DELIVRD", registered=2))
    assert said.kind == "unwanted"
    assert ours().answer(said)[-1] == 9


def test_a_gateways_number_names_a_moment_of_this_year_or_the_last():
    now = ours().clock()
    for at in (now.replace(microsecond=0), now.replace(microsecond=0) - timedelta(days=300)):
        assert cmpp.moment(number_of(at), now) == at
    assert cmpp.moment(number_of(now + timedelta(days=10)), now).year == (now + timedelta(days=10)).year - 1
    assert cmpp.moment(0, now) is None


@given(st.integers(0, 2**64 - 1))
def test_any_number_names_a_moment_not_in_the_future_or_none(number):
    now = ours().clock()
    at = cmpp.moment(number, now)
    assert at is None or at <= now + timedelta(days=1)


def test_our_small_words():
    assert ours().probe(3) == frame(cmpp.ACTIVE, 3)
    assert ours().goodbye(3) == frame(cmpp.TERMINATE, 3)
    assert ours().answer(Said("probe", 3)) == frame(cmpp.ACTIVE | ANSWER, 3, b"\x00")
    assert ours().answer(Said("goodbye", 3)) == frame(cmpp.TERMINATE | ANSWER, 3)
    assert ours().answer(Said("accepted", 3)) == b""


def test_statuses_tell_wait_from_never():
    assert ours().verdict(0) == Verdict()
    assert ours().verdict(8) == Verdict("cmpp: 8", throttled=True)
    assert ours().verdict(13) == Verdict("cmpp: 13", permanent=True)
    assert ours().verdict(9) == Verdict("cmpp: 9")


@both
@given(
    st.binary(max_size=260),
    st.sampled_from([cmpp.DELIVER, cmpp.SUBMIT | ANSWER, cmpp.CONNECT | ANSWER, cmpp.ACTIVE, 0x99]),
)
def test_no_body_is_worse_than_a_protocol_error(version, body, command):
    with suppress(ProtocolError):
        ours(version).read(frame(command, 1, body))
    with suppress(ProtocolError):
        read_submit(body, version)
    with suppress(ProtocolError):
        ours(version).read(body)


@both
@given(data=st.data())
def test_a_cut_or_spoilt_receipt_is_no_receipt(version, data):
    whole = receipt(version, 5, bytes(8), "DELIVRD")
    cut = data.draw(st.integers(12, len(whole) - (21 if version == V3 else 9)))
    with pytest.raises(ProtocolError):
        ours(version).read(struct.pack(">I", cut) + whole[4:cut])


@pytest.mark.parametrize("address", ["一二三", "1" * 22, "138\x000"])
def test_what_is_no_address_cannot_be_said(address):
    with pytest.raises(ValueError, match=r"longer|ascii"):
        ours().submit(1, parcel(address=address), 0)


# --- the channel ----------------------------------------------------------------------------------

ACCOUNT = """[[cmpp]]
name = "mobile"
host = "127.0.0.1"
port = {}
source = "901234"
password = "{}"
sender = "10690123"
service = "ALERT"
version = "{}"
"""


@pytest.fixture
def channel_to(running, accounts):
    opened = []

    def open_(sink, word="sink", version=""):
        version = version or ("3.0" if sink.version == V3 else "2.0")
        accounts(ACCOUNT.format(running.serve(sink), word, version))
        opened.append(Channel())
        return opened[-1]

    yield open_
    for channel in opened:
        channel.close()


@both
def test_a_message_arrives_in_its_segments_and_both_are_reported(channel_to, version):
    sink = Sink(version=version)
    channel = channel_to(sink)
    (outcome,) = channel.send([message(7, body="雨" * 100)])
    assert outcome.references == (str(FIRST), str(FIRST + 1))
    assert sink.kept == [("13800000001", 1, piece) for piece in joined("雨" * 100, 7)]
    assert all_receipts(channel, 2) == [Receipt("mobile", str(FIRST)), Receipt("mobile", str(FIRST + 1))]
    channel.send([message(8)])  # whatever went before this on the line has been read by now
    assert sink.answered[:2] == [(FIRST + n).to_bytes(8, "big") + sink.packed(0) for n in range(2)]


def test_flow_control_is_waited_for_and_refusals_are_their_messages_own(channel_to):
    sink = Sink(status=lambda number: {0: 8, 2: 13}.get(number, 0))
    outcomes = channel_to(sink).send([message(1), message(2), message(3)])
    assert sorted((each.failure, each.permanent) for each in outcomes) == [("", False), ("", False), ("cmpp: 13", True)]
    assert sink.count == 4


@pytest.mark.parametrize("wrong", [{"word": "wr0ng"}, {"version": "3.0"}])
def test_a_gateway_that_does_not_let_us_in_is_named_and_nothing_more(channel_to, wrong):
    sink = Sink()
    with pytest.raises(TransportFailed, match=r"cmpp") as caught:
        channel_to(sink, **wrong).send([message()])
    assert "wr0ng" not in str(caught.value)
    assert sink.kept == []


def test_without_an_account_nothing_is_sent(settings, tmp_path):
    settings.CHANNELS = tmp_path / "none.toml"
    assert Channel().receipts() == []
    with pytest.raises(TransportFailed, match="ANLAN_CHANNELS"):
        Channel().send([message()])


def test_a_villagers_message_is_answered_only_when_it_is_stored(channel_to, running):
    sink = Sink(stat=lambda number: "")
    channel = channel_to(sink)
    channel.send([message()])
    (session,) = sink.open
    running.call(session.transport.write, written(V2, 9, 77, "13800000001", "１".encode("utf-16-be")))
    while not channel.receipts() and not channel.replies():
        pass
    said = Reply("13800000001", "１", "mobile", "77")
    assert channel.replies() == channel.replies() == [said], "until it is stored it is given again"
    assert sink.answered == []
    channel.stored()
    channel.send([message(2)])  # whatever went before this on the line has been read by now
    assert sink.answered == [(77).to_bytes(8, "big") + b"\x00"]
    assert channel.replies() == []
