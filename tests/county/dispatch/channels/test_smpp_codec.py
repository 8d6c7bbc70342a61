"""SMPP as bytes, against another's reading of them, and against bytes that mean nothing."""

import pytest
import smpplib.smpp
from hypothesis import example, given
from hypothesis import strategies as st

from anlan.county.dispatch.channels.segments import joined
from anlan.county.dispatch.channels.smpp import codec as smpp
from anlan.county.dispatch.channels.smpp.codec import Smpp, frame
from anlan.county.dispatch.channels.smpp.sink import receipt, written
from anlan.county.dispatch.channels.wire import Parcel, ProtocolError, Reply, Said, Verdict, frames

OURS = Smpp("anlan", "secret", "10086")


class Theirs:
    """What smpplib asks of a client."""

    sequence = 1
    sequence_generator = None
    allow_unknown_opt_params = True

    def next_sequence(self):
        return 1


def theirs(pdu):
    return smpplib.smpp.parse_pdu(pdu, client=Theirs(), allow_unknown_opt_params=True)


def parcel(text="请立即转移。", **changes):
    return Parcel(**({"number": 7, "address": "13800000001", "pieces": tuple(joined(text, 7))} | changes))


def test_another_reads_our_login():
    read = theirs(OURS.hello(5))
    assert (read.command, read.sequence, read.system_id, read.password) == ("bind_transceiver", 5, b"anlan", b"secret")
    assert read.interface_version == 0x34


@given(text=st.text(max_size=300), urgent=st.booleans(), plus=st.booleans())
def test_another_reads_every_segment(text, urgent, plus):
    given = parcel(text, urgent=urgent, address="+8613800000001" if plus else "13800000001")
    for place, piece in enumerate(given.pieces):
        read = theirs(OURS.submit(9, given, place))
        assert (read.command, read.sequence, read.data_coding, read.registered_delivery) == ("submit_sm", 9, 8, 1)
        assert read.short_message == (piece if piece else None)
        assert read.esm_class == (0x40 if len(given.pieces) > 1 else 0)
        assert (read.source_addr, read.priority_flag) == (b"10086", int(urgent))
        assert (read.dest_addr_ton, read.destination_addr) == (1 if plus else 0, given.address.lstrip("+").encode())


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, b""), (1, b"000000000001000R"), (7200, b"000000020000000R"), (10**9, b"000006000000000R")],
)
def test_what_is_soon_worthless_says_until_when(seconds, written):
    assert theirs(OURS.submit(9, parcel(seconds=seconds), 0)).validity_period == written


def test_another_reads_our_small_words():
    assert theirs(OURS.probe(3)).command == "enquire_link"
    assert theirs(OURS.goodbye(3)).command == "unbind"
    assert theirs(OURS.answer(Said("probe", 8))).command == "enquire_link_resp"
    assert theirs(OURS.answer(Said("report", 8))).command == "deliver_sm_resp"
    assert theirs(OURS.answer(Said("unwanted", 8))).status == smpp.NOT_TAKEN
    assert theirs(OURS.answer(Said("goodbye", 8))).command == "unbind_resp"
    assert OURS.answer(Said("accepted", 8)) == b""


def test_the_carriers_words_are_understood():
    answer = smpp.ANSWER
    assert OURS.read(frame(smpp.BIND | answer, 1, b"x\x00")) == Said("welcome", 1)
    assert OURS.read(frame(smpp.BIND | answer, 1, status=0x0E)).status == 0x0E
    assert OURS.read(frame(smpp.SUBMIT | answer, 2, b"abc\x00")) == Said("accepted", 2, reference="abc")
    assert OURS.read(frame(smpp.SUBMIT | answer, 2, status=0x58)) == Said("accepted", 2, 0x58)
    assert OURS.read(frame(smpp.NACK, 2, status=3)) == Said("accepted", 2, 3)
    assert OURS.read(frame(smpp.ENQUIRE, 4)).kind == "probe"
    assert OURS.read(frame(smpp.ENQUIRE | answer, 4)).kind == "probed"
    assert OURS.read(frame(smpp.UNBIND, 4)).kind == "goodbye"
    assert OURS.read(frame(0x1234, 4)).kind == "other"


@pytest.mark.parametrize(
    ("stat", "kind", "failure"),
    [("DELIVRD", "report", ""), ("UNDELIV", "report", "smpp: UNDELIV 000"), ("EXPIRED", "report", "smpp: EXPIRED 000"),
     ("REJECTD", "report", "smpp: REJECTD 000"), ("ENROUTE", "intermediate", ""), ("ACCEPTD", "intermediate", "")],
)  # fmt: skip
def test_a_receipt_says_what_became_of_a_segment(stat, kind, failure):
    assert OURS.read(receipt(6, b"0a", stat)) == Said(kind, 6, reference="0a", failure=failure)


def deliver(esm_class, text=b"", tlvs=b""):
    fixed = b"\x00\x00\x01138\x00\x00\x0110086\x00" + bytes((esm_class,)) + bytes(8)
    return frame(smpp.DELIVER, 6, fixed + bytes((len(text),)) + text + tlvs)


def test_optional_parameters_say_it_more_surely_than_the_text():
    tlvs = b"\x00\x1e\x00\x03ab\x00" + b"\x04\x27\x00\x01\x05"
    assert OURS.read(deliver(4, b"id:zz stat:DELIVRD", tlvs)) == Said(
        "report", 6, reference="ab", failure="smpp: UNDELIV"
    )
    payload = b"id:1 stat:DELIVRD err:000"
    assert OURS.read(deliver(4, b"", b"\x04\x24\x00" + bytes((len(payload),)) + payload)).reference == "1"


def test_what_a_villager_writes_back_is_not_taken_for_a_receipt():
    said = OURS.read(deliver(0, b"id:1 stat:DELIVRD"))
    assert (said.kind, said.reference, said.reply) == ("reply", "", Reply("138", "id:1 stat:DELIVRD"))
    assert OURS.read(deliver(0x20, b"id:1 stat:ENROUTE")).kind == "intermediate"
    assert OURS.read(deliver(0x08, b"id:1 stat:ENROUTE")).kind == "unwanted"


@pytest.mark.parametrize(("source", "number"), [("8613800000001", "13800000001"), ("+8613800000001", "13800000001"),
                                                ("008613800000001", "13800000001"), ("10086", "10086")])  # fmt: skip
def test_a_villagers_words_are_read_in_their_coding_with_their_number(source, number):
    for text, coding in (("收到", 8), ("收到", 15), ("OK 1", 0), ("OK 1", 3)):
        coded = text.encode({8: "utf-16-be", 15: "gbk"}.get(coding, "ascii"))
        assert OURS.read(written(3, source, coded, coding=coding)).reply == Reply(number, text)


def test_another_reads_what_our_sink_writes_as_a_villagers_message():
    read = theirs(written(3, "8613800000001", "收到".encode("utf-16-be")))
    assert (read.command, read.source_addr, read.data_coding) == ("deliver_sm", b"8613800000001", 8)
    assert (read.esm_class, read.short_message) == (0, "收到".encode("utf-16-be"))


@pytest.mark.parametrize("wide", [False, True])
def test_a_text_in_pieces_says_which_they_are(wide):
    number = b"\x08\x04\x01\x07" if wide else b"\x00\x03\x07"
    for part in (1, 2):
        elements = number + bytes((2, part))
        text = bytes((len(elements),)) + elements + "知道".encode("utf-16-be")
        assert OURS.read(written(3, "138", text, esm_class=0x40)).reply == Reply(
            "138", "知道", thread=str(0x107 if wide else 7), part=part, parts=2
        )
    beside = b"\x02\x0c\x00\x02\x00\x09" + b"\x02\x0e\x00\x01\x03" + b"\x02\x0f\x00\x01\x02"
    said = OURS.read(written(3, "138", "道".encode("utf-16-be"), more=beside)).reply
    assert (said.thread, said.part, said.parts) == ("9", 2, 3)
    nonsense = b"\x02\x0c\x00\x02\x00\x09" + b"\x02\x0e\x00\x01\x03" + b"\x02\x0f\x00\x01\x04"
    assert OURS.read(written(3, "138", b"", more=nonsense)).reply.parts == 1
    payload = "收到".encode("utf-16-be")
    long = OURS.read(written(3, "138", b"", more=b"\x04\x24\x00" + bytes((len(payload),)) + payload)).reply
    assert long.text == "收到"


def test_ids_given_hexadecimal_and_reported_decimal_meet():
    codec = Smpp("a", "b", ids="decimal")
    accepted = codec.read(frame(smpp.SUBMIT | smpp.ANSWER, 1, b"0000FF\x00"))
    assert accepted.reference == codec.read(receipt(2, b"0000000255", "DELIVRD")).reference == "255"
    assert codec.read(frame(smpp.SUBMIT | smpp.ANSWER, 1, b"no-hex\x00")).reference == "no-hex"


@pytest.mark.parametrize(
    "given",
    [b"", b"\x00\x00\x00\x10", frame(smpp.SUBMIT | smpp.ANSWER, 1), frame(smpp.SUBMIT | smpp.ANSWER, 1, b"no end"),
     frame(smpp.DELIVER, 1), frame(smpp.DELIVER, 1, bytes(8)), deliver(4, b"nothing said"), deliver(4, tlvs=b"\x00"),
     deliver(4, tlvs=b"\x00\x1e\x00\x09x"), deliver(4, b"xx")[:-1], frame(1, 1) + b"x"],
)  # fmt: skip
def test_bytes_that_mean_nothing_are_a_protocol_error(given):
    with pytest.raises(ProtocolError):
        OURS.read(given)


@given(st.binary(max_size=200), st.sampled_from([smpp.DELIVER, smpp.SUBMIT | smpp.ANSWER, smpp.BIND, smpp.NACK, 0x99]))
@example(bytes(40), smpp.DELIVER)
def test_no_body_is_worse_than_a_protocol_error(body, command):
    for codec in (OURS, Smpp("a", "b", ids="decimal")):
        try:
            codec.read(frame(command, 1, body))
            smpp.read_submit(body)
        except ProtocolError:
            continue


@given(st.binary(max_size=300))
def test_no_stream_is_worse_than_a_protocol_error(data):
    try:
        for each in frames(bytearray(data), shortest=12):
            OURS.read(each)
    except ProtocolError:
        pass


@given(st.lists(st.binary(max_size=40), max_size=6), st.data())
def test_frames_are_found_wherever_the_stream_is_cut(bodies, data):
    stream = b"".join(frame(1, number, body) for number, body in enumerate(bodies))
    cut = data.draw(st.integers(0, len(stream)))
    buffer, found = bytearray(stream[:cut]), []
    found += frames(buffer, shortest=16)
    buffer += stream[cut:]
    found += frames(buffer, shortest=16)
    assert found == [frame(1, number, body) for number, body in enumerate(bodies)]
    assert buffer == b""


def test_statuses_tell_wait_from_never():
    assert OURS.verdict(0) == Verdict()
    assert OURS.verdict(0x58) == Verdict("smpp: 0x58", permanent=False, throttled=True)
    assert OURS.verdict(0x0B) == Verdict("smpp: 0x0b", permanent=True)
    assert OURS.verdict(0x08) == Verdict("smpp: 0x08", permanent=False)


@pytest.mark.parametrize("address", ["一二三", "1" * 21, "138\x000"])
def test_what_is_no_address_cannot_be_said(address):
    with pytest.raises(ValueError, match=r"longer|ascii"):
        OURS.submit(1, parcel(address=address), 0)


def test_a_password_is_in_no_representation():
    assert "secret" not in repr(OURS)
