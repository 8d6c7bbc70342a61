"""Where services call us: a secret address, a signature where there can be one, stored before it is answered."""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from anlan.county import clock
from anlan.county.dispatch import speaking, views
from anlan.county.dispatch.channels import accounts, channels
from anlan.county.dispatch.channels.shape import Push, Pushing, Unacceptable
from anlan.county.dispatch.channels.tencent.transport import Settings as Tencent
from anlan.county.dispatch.channels.voice import codec as voice
from anlan.county.dispatch.channels.wechat import codec as wechat
from anlan.county.dispatch.channels.wechat.transport import Settings as Wechat
from anlan.county.dispatch.models import Heard, Segment

WORD = "a-secret-word-of-callbacks"
ACCOUNTS = f"""
[[tencent]]
name = "cloud"
secret_id = "AKID"
secret_key = "k"
app = "1"
sign = "s"
template = "1"
callback = "{WORD}"

[[tencent]]
name = "short"
secret_id = "AKID"
secret_key = "k"
app = "1"
sign = "s"
template = "1"
callback = "short"

[[tencent]]
name = "none"
secret_id = "AKID"
secret_key = "k"
app = "1"
sign = "s"
template = "1"

[[wechat]]
name = "account"
app = "wx1"
secret = "s"
template = "t"
fields = "thing1"
token = "t0ken"
callback = "{WORD}"

[[voice]]
name = "calls"
url = "http://127.0.0.1:1"
secret = "s3cret"
callback = "{WORD}"
"""
STATUS = [
    {"user_receive_time": "2026-06-18 20:00:00", "nationcode": "86", "mobile": "13800000001",
     "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "用户短信送达成功", "sid": "s1"},
    {"nationcode": "86", "mobile": "13800000002", "report_status": "FAIL", "errmsg": "UNDELIV", "sid": "s2"},
    {"report_status": "SUCCESS", "sid": ""}, 7,
]  # fmt: skip
REPLY = {
    "extend": "",
    "mobile": "13800000001",
    "nationcode": "86",
    "sign": "示例县",
    "text": "收到",
    "time": 1781784000,
}


@pytest.fixture
def services(settings, tmp_path, people, now) -> Callable[..., object]:
    """A client without a log-in, and the file of accounts."""
    settings.CHANNELS = tmp_path / "channels.toml"
    settings.CHANNELS.write_text(ACCOUNTS)
    client = Client(enforce_csrf_checks=True)

    def post(channel, account, body, word=WORD, **more):
        given = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = reverse("dispatch:back", args=[channel, account, word])
        return client.post(url, given, content_type="application/json", **more)

    post.client = client
    return post


# --- whose address it is ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("channel", "account", "word"),
    [("tencent", "cloud", WORD[:-1]), ("tencent", "cloud", "é" * 20), ("tencent", "other", WORD),
     ("tencent", "none", ""), ("tencent", "none", "x"), ("tencent", "short", "short"), ("smpp", "cloud", WORD),
     ("nothing", "cloud", WORD),
     ("wechat", "cloud", WORD)],
)  # fmt: skip
def test_a_wrong_channel_account_or_word_is_no_address_and_all_look_alike(services, channel, account, word):
    url = f"/dispatch/back/{channel}/{account}/{word}/"
    answer = services.client.post(url, b"[]", content_type="application/json")
    assert answer.status_code == 404
    if word:
        assert answer.content.decode() == "这里没有这个地址。"
    assert not Heard.objects.exists()


def test_words_are_compared_in_constant_time(services, monkeypatch):
    compared, compare = [], hmac.compare_digest
    monkeypatch.setattr(accounts.hmac, "compare_digest", lambda *pair: compared.append(pair) or compare(*pair))
    services("tencent", "cloud", STATUS, word="x" * 26)
    assert len(compared) == 3, "every account is compared, whichever is right"


def test_other_methods_are_refused_and_a_form_needs_no_token_of_ours(services):
    url = reverse("dispatch:back", args=["tencent", "cloud", WORD])
    refused = services.client.put(url, b"[]")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, POST")
    assert services("tencent", "cloud", []).status_code == 200


def test_what_is_too_long_is_refused_unread(services, monkeypatch):
    monkeypatch.setattr(views, "LONGEST", 100)
    assert services("tencent", "cloud", b"[" + b" " * 98 + b"]").status_code == 200
    assert services("tencent", "cloud", b"[" + b" " * 99 + b"]").status_code == 413


def test_a_mistake_in_the_file_of_accounts_is_said_and_not_shown(services, settings, caplog):
    settings.CHANNELS.write_text(f'[[tencent]]\nname = "cloud"\nnonsense = "{WORD}"\n')
    with caplog.at_level(logging.WARNING):
        answer = services("tencent", "cloud", STATUS)
    assert answer.status_code == 503
    assert WORD not in answer.content.decode() + caplog.text


# --- Tencent ------------------------------------------------------------------------------------------
def test_receipts_that_tencent_pushes_are_stored_and_answered(services):
    answer = services("tencent", "cloud", STATUS)
    assert (answer.status_code, answer.json()) == (200, {"result": 0, "errmsg": "OK"})
    assert list(Segment.objects.order_by("reference").values_list("account", "reference", "failure")) == [
        ("cloud", "s1", ""), ("cloud", "s2", "tencent: UNDELIV"),
    ]  # fmt: skip
    services("tencent", "cloud", STATUS)
    assert Segment.objects.count() == 2


def test_a_reply_that_tencent_pushes_is_stored_once_however_often_it_comes(services):
    for _turn in range(2):
        assert services("tencent", "cloud", REPLY).status_code == 200
        clock.advance(timedelta(hours=1))
    services("tencent", "cloud", REPLY | {"nationcode": "852", "mobile": "90000000", "time": "x"})
    assert [(each.address, each.text) for each in Heard.objects.order_by("id")] == [
        ("13800000001", "收到"), ("+85290000000", "收到"),
    ]  # fmt: skip
    services("tencent", "cloud", REPLY | {"time": 1781784060})
    assert Heard.objects.count() == 3, "the same words at another moment are another message"


@pytest.mark.parametrize("body", [b"", b"{", b"7", b"null", b"{}", b'{"mobile": 1}', b'{"mobile": "", "text": "1"}',
                                  b'{"mobile": "138", "text": 1}', b"[" * 5000])  # fmt: skip
def test_what_nobody_can_read_is_refused_and_not_quoted(services, body, caplog):
    with caplog.at_level(logging.WARNING):
        answer = services("tencent", "cloud", body)
    assert answer.status_code == 400
    assert "tencent: " in answer.content.decode()
    assert "138" not in answer.content.decode() + caplog.text
    assert not Heard.objects.exists()


def test_nothing_is_answered_that_was_not_stored(services, monkeypatch):
    def broken(**_words):
        raise OSError("the disk is full")

    monkeypatch.setattr(views, "keep", broken)
    assert services("tencent", "cloud", REPLY).status_code == 500
    assert not Heard.objects.exists()
    monkeypatch.undo()
    assert services("tencent", "cloud", REPLY).status_code == 200


def test_no_line_of_a_log_and_no_answer_has_a_number_or_what_was_written(services, caplog):
    with caplog.at_level(logging.DEBUG):
        answers = [services("tencent", "cloud", body) for body in (REPLY, STATUS, b'{"mobile": "13800000001"}')]
        answers += [
            services("wechat", "account", wrote()),
            services.client.put(f"/dispatch/back/tencent/cloud/{WORD}/"),
        ]
    told = caplog.text + "".join(each.content.decode() for each in answers)
    assert "13800000001" not in told
    assert "收到" not in told
    assert WORD not in told


# --- WeChat -------------------------------------------------------------------------------------------
def words_of(at=None, key="t0ken", **more):
    stamp = str(int((at or clock.now()).timestamp()))
    proof = hashlib.sha1("".join(sorted((key, stamp, "n0nce"))).encode(), usedforsecurity=False).hexdigest()
    return {"signature": proof, "timestamp": stamp, "nonce": "n0nce"} | more


def wrote(text="收到", named="6001", kind="text", more=""):
    return (
        f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[o6_bmj]]></FromUserName>"
        f"<CreateTime>{int(clock.now().timestamp())}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>"
        f"<Content><![CDATA[{text}]]></Content><MsgId>{named}</MsgId>{more}</xml>"
    ).encode()


def finished(status="success", named="200163836"):
    return (
        f"<xml><FromUserName>o6_bmj</FromUserName><CreateTime>1395658920</CreateTime><MsgType>event</MsgType>"
        f"<Event>TEMPLATESENDJOBFINISH</Event><MsgID>{named}</MsgID><Status><![CDATA[{status}]]></Status></xml>"
    ).encode()


def test_wechat_asks_whether_the_address_is_ours(services):
    url = reverse("dispatch:back", args=["wechat", "account", WORD])
    answer = services.client.get(url, words_of(echostr="<b>4711</b>"))
    assert (answer.status_code, answer.content.decode()) == (200, "<b>4711</b>")
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert services.client.get(url, words_of(key="other", echostr="1")).status_code == 403
    assert services.client.get(url, {"echostr": "1"}).status_code == 403
    assert services.client.get(url, words_of(clock.now() - timedelta(minutes=11), echostr="1")).status_code == 403


def test_what_a_reader_writes_and_what_became_of_messages_is_stored(services):
    said = {"query_params": words_of()}
    for _turn in range(2):
        answer = services("wechat", "account", wrote(), **said)
        assert (answer.status_code, answer.content) == (200, b"success")
    services("wechat", "account", finished(), **said)
    services("wechat", "account", finished("failed:user block", "7"), **said)
    assert services("wechat", "account", wrote(kind="image"), **said).content == b"success"
    (row,) = Heard.objects.all()
    assert (row.account, row.reference, row.address, row.text) == ("account", "6001", "o6_bmj", "收到")
    assert list(Segment.objects.order_by("reference").values_list("reference", "failure")) == [
        ("200163836", ""), ("7", "wechat: failed:user block"),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [
    b"", b"<xml", b"<other/>", b"<!DOCTYPE xml [<!ENTITY a 'b'>]><xml/>", wechat.LONGEST * b"x" + b"x",
    b"<xml><ToUserName>a</ToUserName><Encrypt>abc</Encrypt></xml>", b"<xml><MsgType>text</MsgType></xml>",
    b"<xml><MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event></xml>",
])  # fmt: skip
def test_a_document_that_is_not_the_services_is_refused(services, body):
    answer = services("wechat", "account", body, query_params=words_of())
    assert (answer.status_code, answer.content.decode()[:8]) == (400, "wechat: ")
    assert not Heard.objects.exists()


def test_what_is_not_signed_is_refused_before_it_is_read(services):
    assert services("wechat", "account", wrote()).status_code == 403
    assert services("wechat", "account", wrote(), query_params=words_of(key="other")).status_code == 403
    assert not Heard.objects.exists()


def test_an_account_without_a_token_takes_nothing(services, now):
    own = Wechat("account", "wx1", "s", "t", "thing1", callback=WORD)
    with pytest.raises(Unacceptable):
        channels()["wechat"].pushed(own, Push("POST", words_of(key=""), {}, wrote()))


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_any_words_can_be_asked_for_their_proof(token, stamp, nonce):
    assert len(wechat.signature(token, stamp, nonce)) == 40


# --- the voice gateway --------------------------------------------------------------------------------
def test_what_the_voice_gateway_pushes_is_stored_once_beside_what_is_asked_for(services):
    body = json.dumps({"results": [{"id": "4711", "state": "answered", "seconds": 9, "key": "1"}]}).encode()
    signed = voice.signed("s3cret", voice.PUSHED, body, clock.now())
    headers = {name: value for name, value in signed.items() if name != "Content-Type"}
    for _turn in range(2):
        answer = services("voice", "calls", body, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {"stored": True})
    (row,) = Heard.objects.all()
    assert (row.text, row.seconds, row.message_id) == ("1", 9, None), "4711 is no message of ours"
    assert Segment.objects.get().reference == "4711"
    assert services("voice", "calls", body).status_code == 403


# --- any service --------------------------------------------------------------------------------------
TEXTS = st.text(max_size=12) | st.sampled_from(["86", "138", "收到", "\0", "\ud800"])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["mobile", "nationcode", "text", "time", "sid", "errmsg"]), inner),
    max_leaves=10,
)  # fmt: skip


@given(st.binary(max_size=300) | DOCUMENTS.map(lambda each: json.dumps(each).encode()))
def test_no_body_is_worse_than_a_refusal(body):
    own = Tencent("cloud", "i", "k", "1", "s", "1")
    with suppress(Unacceptable):
        said = channels()["tencent"].pushed(own, Push("POST", {}, {}, body))
        for text in (word for each in (*said.replies, *said.receipts) for word in each if isinstance(word, str)):
            assert "\0" not in text, "no database takes it"
            text.encode()


@given(
    st.binary(max_size=300) | st.text(max_size=60).map(lambda text: f"<xml><MsgType>{text}</MsgType></xml>".encode())
)
def test_no_document_is_worse_than_a_refusal(body):
    with suppress(wechat.ProtocolError):
        wechat.said(body, "account")


def test_every_channel_that_is_called_has_a_secret_word_among_its_settings():
    pushing = {name for name, channel in channels().items() if isinstance(channel, Pushing)}
    assert pushing == {"tencent", "wechat", "voice"}
    for name in pushing:
        assert "callback" in set(channels()[name].settings.__dataclass_fields__)


# --- what gateways fetch --------------------------------------------------------------------------------
def test_a_sound_is_found_by_its_whole_digest_only(services, settings, tmp_path):
    settings.SPEECH = tmp_path
    digest = "a" * 64
    (tmp_path / f"{digest}.wav").write_bytes(b"RIFF")
    answer = services.client.get(reverse("dispatch:speech", args=[digest]))
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"RIFF", "audio/wav")
    for other in ("b" * 64, "a" * 63, "A" * 64, "..", "a" * 65):
        assert services.client.get(f"/dispatch/speech/{other}.wav").status_code == 404
    assert speaking.kept("../../etc/passwd") == b""
