"""Emergency broadcast packages, and a platform on loopback that answers as its interface says."""

import hashlib
import io
import stat
import tarfile
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.county.dispatch.channels.conftest import message
from tests.county.dispatch.conftest import draft, queue

from anlan.county.dispatch import handover
from anlan.county.dispatch.actions import dispatch_batch, load_reference, route
from anlan.county.dispatch.channels.ebd import codec
from anlan.county.dispatch.channels.ebd.transport import BOUNDARY, Channel
from anlan.county.dispatch.channels.shape import Receipt, TransportFailed
from anlan.county.dispatch.channels.wire import ProtocolError, Verdict
from anlan.county.dispatch.models import Message, Segment

SOURCE, TARGET = "010336012300000001", "010336010000000001"
VILLAGE = "360123101201"
AT = datetime(2026, 6, 18, 20, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PLACE = codec.Place(SOURCE, TARGET)


def answer(inner, kind="EBDResponse"):
    return (f"<?xml version='1.0' encoding='UTF-8'?><EBD><EBDVersion>1.0</EBDVersion><EBDID>9</EBDID>"
            f"<EBDType>{kind}</EBDType>{inner}</EBD>").encode()  # fmt: skip


def result(code):
    return answer(f"<EBDResponse><ResultCode>{code}</ResultCode><ResultDesc>说明</ResultDesc></EBDResponse>")


def playback(ebmid, code):
    return answer(f"<EBMStateResponse><RptTime>2026-06-18 20:01:00</RptTime><EBM><EBMID>{ebmid}</EBMID></EBM>"
                  f"<BrdStateCode>{code}</BrdStateCode></EBMStateResponse>", "EBMStateResponse")  # fmt: skip


def village(number=7, **changes):
    at = changes.pop("created_at")
    return message(number, kind="loudspeaker", address=VILLAGE, subject="预警", created_at=at, **changes)


# --- the package ----------------------------------------------------------------------------------


def test_a_broadcast_says_what_where_and_until_when(now):
    sent = village(created_at=now, not_after=now + timedelta(hours=2), body="洪水 <上涨> & 转移\x07")
    root = etree.fromstring(codec.broadcast(PLACE, sent, "11B03", now))
    assert {path: root.findtext(path) for path in (
        "EBDID", "EBDType", "SRC/EBRID", "DEST/EBRID", "EBDTime", "EBM/EBMID", "EBM/MsgBasicInfo/EventType",
        "EBM/MsgBasicInfo/EndTime", "EBM/MsgContent/MsgTitle", "EBM/MsgContent/MsgDesc", "EBM/MsgContent/AreaCode",
    )} == {
        "EBDID": f"{SOURCE}0000000000000007", "EBDType": "EBM", "SRC/EBRID": SOURCE, "DEST/EBRID": TARGET,
        "EBDTime": "2026-06-18 20:00:00", "EBM/EBMID": f"{SOURCE}202606180007", "EBM/MsgBasicInfo/EventType": "11B03",
        "EBM/MsgBasicInfo/EndTime": "2026-06-18 22:00:00", "EBM/MsgContent/MsgTitle": "预警",
        "EBM/MsgContent/MsgDesc": "洪水 <上涨> & 转移", "EBM/MsgContent/AreaCode": VILLAGE,
    }  # fmt: skip


def test_a_package_holds_the_document_and_its_signature_under_the_names_of_the_interface():
    name, package = codec.packed("1234", b"<EBD/>", "c2ln", "00A1")
    assert name == "EBDT_1234.tar"
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        assert tar.getnames() == ["EBDB_1234.xml", "EBDS_EBDB_1234.xml"]
        assert tar.extractfile("EBDB_1234.xml").read() == b"<EBD/>"
        sign = etree.fromstring(tar.extractfile("EBDS_EBDB_1234.xml").read())
    assert [(each.tag, each.text) for each in sign.iter() if each.text] == [
        ("Version", "1.0"), ("EBDID", "1234"), ("CertSN", "00A1"), ("SignatureAlgorithm", "SM2-SM3"),
        ("SignatureValue", "c2ln"),
    ]  # fmt: skip
    assert codec.packed("1234", b"<EBD/>", "c2ln", "00A1")[1] == package


@given(st.text(st.characters(), max_size=60))
def test_any_text_comes_out_as_it_went_in_but_for_what_xml_cannot_say(text):
    sent = village(created_at=AT, body=text)
    read = etree.fromstring(codec.broadcast(PLACE, sent, "00000", AT)).findtext("EBM/MsgContent/MsgDesc") or ""
    unsayable = {*map(chr, range(32)), "\ufffe", "\uffff", *map(chr, range(0xD800, 0xE000))} - {"\t", "\n", "\r"}
    assert read == "".join(each for each in text if each not in unsayable)


# --- what comes back ------------------------------------------------------------------------------


def test_an_answer_is_read_bare_or_packed():
    bare = result(1)
    assert codec.verdict(codec.document_of(bare)) == Verdict()
    assert codec.verdict(codec.document_of(codec.packed("9", bare, "", "")[1])) == Verdict()


@pytest.mark.parametrize(
    ("code", "verdict"),
    [("0", Verdict()), ("1", Verdict()), ("2", Verdict("ebd: result 2", True)), ("3", Verdict("ebd: result 3", True)),
     ("4", Verdict("ebd: result 4", True)), ("5", Verdict("ebd: result 5"))],
)  # fmt: skip
def test_a_result_tells_wait_from_never(code, verdict):
    assert codec.verdict(codec.document_of(result(code))) == verdict


@pytest.mark.parametrize(
    ("code", "kind", "failure"),
    [("0", "intermediate", ""), ("1", "intermediate", ""), ("2", "intermediate", ""), ("3", "report", ""),
     ("4", "report", "ebd: code 4"), ("5", "report", "ebd: code 5")],
)  # fmt: skip
def test_a_playback_code_is_a_receipt_once_it_is_over(code, kind, failure):
    said = codec.state(codec.document_of(playback("77", code)))
    assert (said.reference, said.kind, said.failure) == ("77", kind, failure)


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><EBD>&b;</EBD>'


@pytest.mark.parametrize(
    "given",
    [b"", b"hello", b"<EBD>", b"<Other/>", BOMB, b"<EBD>" + b"x" * (1 << 20) + b"</EBD>", bytes(2048),
     codec.packed("9", b"no xml", "", "")[1], codec.packed("9", b"<EBD/>", "", "")[1][:700],
     b"<?xml version='1.0' encoding='no-such'?><EBD/>"],
)  # fmt: skip
def test_what_is_no_answer_is_said_to_be_none(given):
    with pytest.raises(ProtocolError):
        codec.verdict(codec.document_of(given))


@given(st.binary(max_size=1500), st.integers(0, 1500))
def test_no_answer_is_worse_than_a_protocol_error(noise, at):
    package = codec.packed("9", playback("1", 3), "", "")[1]
    for spoilt in (noise, b"<" + noise, package[:at] + noise + package[at + len(noise) :]):
        with suppress(ProtocolError):
            root = codec.document_of(spoilt)
            with suppress(ProtocolError):
                codec.verdict(root)
            codec.state(root)


# --- the channel ----------------------------------------------------------------------------------


@pytest.fixture
def channel(service, accounts):
    def open_(more=""):
        accounts(
            f'[[ebd]]\nname = "broadcast"\nurl = "{service.url}/ebd"\nsource = "{SOURCE}"\ntarget = "{TARGET}"\n{more}'
        )
        return Channel(tick=lambda: 0.0)

    return open_


def unpacked(body):
    """The package in a POST's body: its name, and its document."""
    head, _, rest = body.partition(b"\r\n\r\n")
    package = rest[: rest.rindex(f"\r\n--{BOUNDARY}--".encode())]
    return head.decode().split('filename="')[1].split('"')[0], codec.document_of(package), package


def test_a_package_is_posted_as_a_form_and_the_answer_is_read(channel, service, now):
    service.answer(result(0))
    (outcome,) = channel().send([village(created_at=now)])
    assert (outcome.failure, outcome.account, outcome.references) == ("", "broadcast", (f"{SOURCE}202606180007",))
    ((method, path, headers, body),) = service.asked
    assert (method, path, headers["Content-Type"]) == ("POST", "/ebd", f"multipart/form-data; boundary={BOUNDARY}")
    name, document, _package = unpacked(body)
    assert name == f"EBDT_{document.findtext('EBDID')}.tar"
    assert document.findtext("EBM/MsgContent/MsgDesc") == "请立即转移。"


def test_a_signing_device_signs_what_is_sent(channel, service, now, tmp_path):
    signer = tmp_path / "signer"
    signer.write_text("#!/bin/sh\nsha256sum | cut -c1-64\n")
    signer.chmod(signer.stat().st_mode | stat.S_IXUSR)
    service.answer(result(1))
    channel(f'signer = "{signer}"\ncertificate = "00A1"\n').send([village(created_at=now)])
    _name, _document, package = unpacked(service.asked[0][3])
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        document, sign = (tar.extractfile(name).read() for name in tar.getnames())
    assert etree.fromstring(sign).findtext("SignatureValue") == hashlib.sha256(document).hexdigest()


def test_without_its_signing_device_nothing_is_sent(channel, service, now, tmp_path):
    with pytest.raises(TransportFailed, match="signing program"):
        channel(f'signer = "{tmp_path / "none"}"\n').send([village(created_at=now)])
    assert service.asked == []


def test_each_message_has_its_own_outcome_and_a_lost_platform_fails_the_rest(channel, service, now):
    for each in (result(1), result(4), b"what?"):
        service.answer(each)
    service.answer(b"", 503)
    outcomes = channel().send([village(n, created_at=now) for n in range(1, 6)])
    assert [(each.failure, each.permanent) for each in outcomes] == [
        ("", False), ("ebd: result 4", True), ("ebd: an answer that is no package", False), ("ebd: HTTP 503", False),
        ("ebd: HTTP 503", False),
    ]  # fmt: skip


def test_without_a_platform_nothing_is_sent_and_nothing_asked(settings, tmp_path):
    settings.CHANNELS = tmp_path / "none.toml"
    assert Channel().receipts() == []
    with pytest.raises(TransportFailed, match="ANLAN_CHANNELS"):
        Channel().send([])


@pytest.mark.clause("W4")
def test_what_was_played_is_asked_for_until_it_is_known(channel, service, people, spool, monkeypatch):
    load_reference()
    platform, moment = channel(), [0.0]
    platform.tick = lambda: moment[0]
    known = {**handover.channels(), "ebd": platform}
    monkeypatch.setattr(handover, "channels", lambda: known)
    route(kind="loudspeaker", channel="ebd", by=people["administrator"])
    first, second, _drill = queue(
        draft("a", kind="loudspeaker", address=VILLAGE), draft("b", kind="loudspeaker", address=VILLAGE),
        draft("drill", kind="loudspeaker", exercise=True),
    )  # fmt: skip
    service.answer(result(0))
    service.answer(result(0))
    dispatch_batch(worker="w")
    names = [codec.message_id(SOURCE, each) for each in (second, first)]  # the newest is asked for first
    for said in (playback(names[0], 4), playback(names[1], 2)):
        service.answer(said)
    assert handover.collect() == 1
    assert handover.collect() == 0, "not before its time"
    moment[0] = 60.0
    service.answer(playback(names[1], 3))
    assert handover.collect() == 1
    assert len(service.asked) == 5, "what is known is not asked for, and the exercise was never there"
    assert dict(Message.objects.values_list("key", "failure")) == {"a": "", "b": "ebd: code 4", "drill": ""}
    assert [each.key for each in Message.objects.filter(delivered_at__isnull=False)] == ["a"]
    assert Segment.objects.count() == 2


def test_an_answer_about_another_message_is_nobodys(channel, service, db, now):
    Segment.objects.create(account="broadcast", reference="1", message=queue(draft("m"))[0])
    service.answer(playback("2", 3))
    assert channel().receipts() == []
    assert Receipt("broadcast", "1") not in channel().given
