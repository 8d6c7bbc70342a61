"""The channels themselves: what they write, and what they answer when they cannot."""

import json
import stat
from contextlib import contextmanager
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from tests.county.dispatch.conftest import draft, queue, spooled

from anlan.county.dispatch.actions import dispatch_batch
from anlan.county.dispatch.channels import channels
from anlan.county.dispatch.channels.shape import TransportFailed
from anlan.county.dispatch.models import Message

CHANNELS = Path(__file__).parents[3] / "src" / "anlan" / "county" / "dispatch" / "channels"


def message(**changes):
    """An outbox row that was never stored; channels need no more."""
    words = {"pk": 1, "key": "warning:W1/1", "kind": "email", "address": "ming@example.org", "subject": "预警\n通知"}
    return Message(**(words | {"body": "请立即转移。"} | changes))


# --- found by being a folder ----------------------------------------------------------------------


def test_every_folder_is_a_channel_under_its_own_name():
    folders = {path.name for path in CHANNELS.iterdir() if (path / "transport.py").exists()}
    assert set(channels()) == folders >= {"console", "file", "smtp"}
    for name, channel in channels().items():
        assert channel.name == name
        assert channel.kinds
        assert channel.batch > 0


def test_only_channels_that_stay_on_the_machine_are_safe_for_exercises():
    assert {name for name, channel in channels().items() if channel.safe_for_exercise} == {"console", "file"}


# --- console ---------------------------------------------------------------------------------------


def test_the_console_shows_one_line_per_message_and_half_an_address(capsys):
    outcomes = channels()["console"].send([message(kind="sms", address="13800000001", body="两行\n文字")])
    assert capsys.readouterr().out == "sms\t138…01\t两行 文字\n"
    assert [(each.message_id, each.failure) for each in outcomes] == [(1, "")]


# --- file ------------------------------------------------------------------------------------------


def test_a_file_holds_every_message_of_its_kind_and_day_in_the_order_they_went(spool, now):
    channels()["file"].send([message(kind="sms", key="a"), message(kind="list", key="b")])
    channels()["file"].send([message(kind="sms", key="c", exercise=True)])
    assert [path.relative_to(spool).as_posix() for path in sorted(spool.rglob("*.jsonl"))] == [
        "list/2026-06-18.jsonl", "sms/2026-06-18.jsonl",
    ]  # fmt: skip
    assert [line["key"] for line in spooled(spool)] == ["b", "a", "c"]
    first = spooled(spool)[0]
    assert first == {
        "key": "b", "kind": "list", "address": "m***@example.org", "subject": "预警\n通知", "body": "请立即转移。",
        "priority": 5, "exercise": False, "at": now.isoformat(),
    }  # fmt: skip


def test_a_spool_is_nobody_elses_to_read(spool, now):
    channels()["file"].send([message()])
    path = spool / "email" / "2026-06-18.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_half_a_line_of_a_killed_writer_spoils_no_other(spool, now):
    channels()["file"].send([message(key="a")])
    path = spool / "email" / "2026-06-18.jsonl"
    path.write_bytes(path.read_bytes() + b'{"key": "torn')
    channels()["file"].send([message(key="b")])
    lines = path.read_text().splitlines()
    assert [json.loads(lines[0])["key"], lines[1], json.loads(lines[2])["key"]] == ["a", '{"key": "torn', "b"]


def test_a_spool_that_cannot_be_written_is_a_failure_to_try_again(settings, tmp_path, now):
    settings.SPOOL = tmp_path / "a file"
    settings.SPOOL.write_text("")
    with pytest.raises(TransportFailed, match="file") as caught:
        channels()["file"].send([message()])
    assert not caught.value.permanent


# --- smtp ------------------------------------------------------------------------------------------


class Sink:
    """A mail server on loopback that keeps what it accepts and answers as its addresses ask."""

    def __init__(self):
        self.kept = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        for code in ("550", "451"):
            if address.startswith(code):
                return f"{code} as asked"
        if address.startswith("gone"):
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("data554"):
            return "554 not this text"
        self.kept.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


class AnyPort(Controller):
    """A controller that asks the system for a port and looks up which it got."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serving(settings, query="", credentials="", **options):
    """A running sink, and the setting that names it."""
    sink = Sink()
    controller = AnyPort(sink, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        settings.SMTP_URL = f"smtp://{credentials}127.0.0.1:{controller.port}/{query}"
        yield sink
    finally:
        controller.stop()


@pytest.fixture
def sink(settings, now):
    with serving(settings, "?from=anlan@county.example", enable_SMTPUTF8=False) as sink:
        yield sink


def test_a_mail_arrives_with_its_words(sink, now):
    outcomes = channels()["smtp"].send([message(), message(pk=2, key="k2", subject="", body="只有正文")])
    assert [(each.message_id, each.failure) for each in outcomes] == [(1, ""), (2, "")]
    (sender, recipients, content), (_s, _r, second) = sink.kept
    mail = message_from_bytes(content)
    assert (sender, recipients) == ("anlan@county.example", ["ming@example.org"])
    assert str(make_header(decode_header(mail["Subject"]))) == "预警 通知"
    assert mail.get_payload(decode=True).decode().strip() == "请立即转移。"
    assert str(make_header(decode_header(message_from_bytes(second)["Subject"]))) == "只有正文"


def test_the_same_message_twice_is_one_mail_to_its_reader(sink, now):
    channels()["smtp"].send([message(), message(), message(key="another")])
    ids = [message_from_bytes(content)["Message-ID"] for _sender, _recipients, content in sink.kept]
    assert ids[0] == ids[1] != ids[2]


def test_each_refusal_is_one_messages_own_and_says_whether_to_try_again(sink):
    addresses = ["550@x.example", "451@x.example", "data554@x.example", "张三@example.org", "a\n@b", "ok@x.example"]
    outcomes = channels()["smtp"].send([message(pk=n, address=address) for n, address in enumerate(addresses)])
    assert [(each.failure, each.permanent) for each in outcomes] == [
        ("smtp: 550", True),
        ("smtp: 451", False),
        ("smtp: 554", True),
        ("smtp: not an address", True),
        ("smtp: not an address", True),
        ("", False),
    ]
    assert [recipients for _sender, recipients, _content in sink.kept] == [["ok@x.example"]]


def test_what_was_sent_before_the_line_broke_is_not_sent_again(sink):
    addresses = ["a@x.example", "gone@x.example", "b@x.example"]
    outcomes = channels()["smtp"].send([message(pk=n, address=address) for n, address in enumerate(addresses)])
    assert [(each.message_id, each.failure) for each in outcomes] == [
        (0, ""),
        (1, "smtp: connection lost"),
        (2, "smtp: connection lost"),
    ]
    assert not any(each.permanent for each in outcomes)


@pytest.mark.parametrize("url", ["", "smtp://127.0.0.1:1/", "smtps://127.0.0.1:1/"])
def test_a_server_that_is_not_there_is_tried_again(settings, url):
    settings.SMTP_URL = url
    with pytest.raises(TransportFailed, match="smtp") as caught:
        channels()["smtp"].send([message()])
    assert not caught.value.permanent


def test_encryption_that_was_asked_for_is_never_gone_without(settings, now):
    with serving(settings, "?tls=1") as sink, pytest.raises(TransportFailed):
        channels()["smtp"].send([message()])
    assert sink.kept == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize(("password", "arrives"), [("wort%40", True), ("wrong", False)])
def test_a_server_that_wants_a_name_gets_it(settings, now, password, arrives):
    def authenticate(server, session, envelope, mechanism, data):
        return AuthResult(success=data == LoginPassword(b"anlan", b"wort@"), handled=False)

    options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    with serving(settings, credentials=f"anlan:{password}@", **options) as sink:
        if arrives:
            channels()["smtp"].send([message()])
        else:
            with pytest.raises(TransportFailed, match="535"):
                channels()["smtp"].send([message()])
    assert len(sink.kept) == arrives
    if arrives:
        assert sink.kept[0][0] == "anlan@127.0.0.1"


@pytest.mark.clause("H3")
def test_a_queued_mail_goes_all_the_way_through_a_real_server(outbox, sink):
    good, bad = queue(
        draft("m1", kind="email", address="a@x.example"), draft("m2", kind="email", address="550@x.example")
    )
    assert dispatch_batch(worker="w") == 2
    good.refresh_from_db()
    bad.refresh_from_db()
    assert good.handed_at
    assert (bad.failure, bad.handed_at) == ("smtp: 550", None)
    assert bad.failed_at
    assert len(sink.kept) == 1
