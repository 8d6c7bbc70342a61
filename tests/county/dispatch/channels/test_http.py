"""Channels over HTTP, against their services' contracts as recorded here, on loopback."""

import base64
import hashlib
import hmac
import json
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.county.dispatch.channels.conftest import message

from anlan.county.dispatch.channels import posting
from anlan.county.dispatch.channels.posting import Poster, decoded
from anlan.county.dispatch.channels.robot import codec as robots
from anlan.county.dispatch.channels.robot.transport import Channel as Robot
from anlan.county.dispatch.channels.shape import Receipt, TransportFailed
from anlan.county.dispatch.channels.tencent import codec as tencent
from anlan.county.dispatch.channels.tencent.transport import Channel as Tencent
from anlan.county.dispatch.channels.wechat.transport import Channel as Wechat
from anlan.county.dispatch.channels.wire import ProtocolError, Verdict

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["Response", "Error", "Code", "SendStatusSet", "SerialNo", "PullSmsSendStatusSet"]), inner
    ),
    max_leaves=8,
)  # fmt: skip

# --- the connection -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "permanent"), [(301, True), (400, True), (403, True), (408, False), (429, False), (500, False)]
)
def test_a_status_says_whether_to_try_again_and_the_address_is_not_named(service, status, permanent):
    service.answer({}, status)
    with Poster("it", service.url) as poster, pytest.raises(TransportFailed, match=f"it: HTTP {status}") as caught:
        poster.ask("/?token=s3cret")
    assert caught.value.permanent is permanent
    assert "s3cret" not in str(caught.value)


def test_one_connection_serves_many_requests_and_a_lost_one_is_a_failure_to_try_again(service):
    service.answers += [(200, b"{}"), (None, b""), (200, b'{"a": 1}')]
    with Poster("it", service.url) as poster:
        assert poster.ask_json("/") == {}
        with pytest.raises(TransportFailed, match="it: ") as caught:
            poster.ask_json("/")
        assert not caught.value.permanent
        assert poster.ask_json("/") == {"a": 1}


@pytest.mark.parametrize("url", ["", "ftp://host", "file:///etc/passwd", "https://"])
def test_only_http_is_spoken(url):
    with pytest.raises(TransportFailed, match="not one of HTTP"):
        Poster("it", url)


def test_tls_is_checked():
    connection = Poster("it", "https://user:word@127.0.0.1:4").connection
    assert connection._context.check_hostname
    assert connection.host == "127.0.0.1"


@given(st.binary(max_size=60) | st.just(b"[" * 3000))
def test_no_answer_is_worse_than_a_protocol_error(given):
    with suppress(ProtocolError):
        assert isinstance(decoded(given), dict)


# --- Tencent Cloud --------------------------------------------------------------------------------

ACCOUNT = """[[tencent]]
name = "{name}"
secret_id = "AKID"
secret_key = "s3cret"
app = "1400006666"
sign = "示例县"
template = "42"
url = "{url}"
{more}
"""


@pytest.fixture
def cloud(service, accounts, now):
    """The channel, with one account at the service."""

    def open_(more="", url=None):
        accounts(ACCOUNT.format(name="cloud", url=url or service.url, more=more))
        return Tencent(tick=lambda: 0.0)

    return open_


def taken(*codes):
    statuses = [{"SerialNo": f"s{n}" if code == "Ok" else "", "Code": code} for n, code in enumerate(codes)]
    return {"Response": {"SendStatusSet": statuses, "RequestId": "r"}}


def proves_itself(headers, body):
    """The service's side of the signature, from the headers alone."""
    scope = headers["Authorization"].split("Credential=AKID/")[1].split(",")[0]
    lines = ["POST", "/", "", f"content-type:{headers['Content-Type']}", f"host:{headers['Host']}",
             f"x-tc-action:{headers['X-TC-Action'].lower()}", "", "content-type;host;x-tc-action",
             hashlib.sha256(body).hexdigest()]  # fmt: skip
    hashed = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    key = b"TC3s3cret"
    for word in scope.split("/"):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    text = f"TC3-HMAC-SHA256\n{headers['X-TC-Timestamp']}\n{scope}\n{hashed}"
    return headers["Authorization"].endswith(f"Signature={hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}")


def test_a_request_to_the_cloud_is_as_its_contract_says(cloud, service, now):
    service.answer(taken("Ok", "Ok"))
    outcomes = cloud().send([message(1), message(2, address="+85290000000")])
    assert [(each.account, each.references) for each in outcomes] == [("cloud", ("s0",)), ("cloud", ("s1",))]
    ((method, path, headers, body),) = service.asked
    assert (method, path, headers["X-TC-Action"], headers["X-TC-Version"]) == ("POST", "/", "SendSms", "2021-01-11")
    assert headers["X-TC-Timestamp"] == str(int(now.timestamp()))
    assert "2026-06-18/sms/tc3_request" in headers["Authorization"]
    assert proves_itself(headers, body)
    assert json.loads(body) == {
        "PhoneNumberSet": ["+8613800000001", "+85290000000"], "SmsSdkAppId": "1400006666", "SignName": "示例县",
        "TemplateId": "42", "TemplateParamSet": ["请立即转移。"],
    }  # fmt: skip


def test_a_hundred_go_in_a_request_urgent_ones_first_and_only_with_their_own_text(cloud, service):
    for size in (1, 100, 20):
        service.answer(taken(*["Ok"] * size))
    urgent = message(999, priority=0, body="红色预警")
    outcomes = cloud().send([*(message(n) for n in range(120)), urgent])
    assert not any(each.failure for each in outcomes)
    asked = [json.loads(body) for _method, _path, _headers, body in service.asked]
    assert [(len(each["PhoneNumberSet"]), each["TemplateParamSet"]) for each in asked] == [
        (1, ["红色预警"]), (100, ["请立即转移。"]), (20, ["请立即转移。"]),
    ]  # fmt: skip


def test_each_number_has_its_own_outcome(cloud, service):
    service.answer(taken("Ok", "InvalidParameterValue.IncorrectPhoneNumber", "LimitExceeded.PhoneNumberDailyLimit"))
    said = {each.message_id: each for each in cloud().send([message(n) for n in range(3)] + [message(9, address="x")])}
    assert not said[0].failure
    assert (said[1].failure, said[1].permanent) == ("tencent: InvalidParameterValue.IncorrectPhoneNumber", True)
    assert (said[2].failure, said[2].permanent) == ("tencent: LimitExceeded.PhoneNumberDailyLimit", False)
    assert (said[9].failure, said[9].permanent) == ("tencent: not an address", True)


@pytest.mark.parametrize(
    "answer",
    [{"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "13800000001"}}}, {}, b"no json",
     {"Response": {"SendStatusSet": []}}, {"Response": {}}],
)  # fmt: skip
def test_a_request_that_was_not_understood_fails_for_now_and_quotes_nothing(cloud, service, answer):
    service.answer(answer)
    (outcome,) = cloud().send([message()])
    assert outcome.failure.startswith("tencent: ")
    assert not outcome.permanent
    assert "138" not in outcome.failure


def test_the_second_account_carries_what_the_first_cannot(service, accounts, now):
    accounts(ACCOUNT.format(name="a", url="http://127.0.0.1:1", more="") +
             ACCOUNT.format(name="b", url=service.url, more=""))  # fmt: skip
    channel = Tencent(tick=lambda: 0.0)
    for _turn in range(4):
        service.answer(taken("Ok"))
        assert channel.send([message()])[0].account == "b"
    assert channel.accounts[0].breaker.failures == 3, "then it is left alone"


def test_the_cloud_is_paced_by_segments(cloud, service):
    service.answer(taken("Ok"))
    first, second = cloud(more="rate = 3").send([message(1, body="雨" * 71), message(2, body="雨" * 71)])
    assert (first.failure, second.postponed) == ("", True)


def test_receipts_are_asked_for_until_there_are_no_more(cloud, service):
    channel = cloud()
    service.answer({"Response": {"PullSmsSendStatusSet": [
        {"SerialNo": "s1", "ReportStatus": "SUCCESS", "Description": "DELIVRD", "PhoneNumber": "+8613800000001"},
        {"SerialNo": "s2", "ReportStatus": "FAIL", "Description": "UNDELIV"}, {"SerialNo": ""}, 7,
    ]}})  # fmt: skip
    expected = [Receipt("cloud", "s1"), Receipt("cloud", "s2", "tencent: UNDELIV")]
    assert channel.receipts() == expected
    assert channel.receipts() == expected, "until they are stored they are given again"
    channel.stored()
    assert channel.receipts() == []
    ((_method, _path, headers, body),) = service.asked
    assert (headers["X-TC-Action"], json.loads(body)) == (
        "PullSmsSendStatus",
        {"Limit": 100, "SmsSdkAppId": "1400006666"},
    )
    assert proves_itself(headers, body)


def test_receipts_that_cannot_be_read_are_a_failure(cloud, service):
    service.answer({"Response": {}})
    with pytest.raises(TransportFailed, match="without receipts"):
        cloud().receipts()


@given(JSON)
def test_no_answer_of_the_cloud_is_worse_than_a_protocol_error(document):
    if isinstance(document, dict):
        with suppress(ProtocolError):
            answer = tencent.answered(document)
            with suppress(ProtocolError):
                tencent.taken(answer, 1)
            tencent.reported(answer, "a")


def test_without_an_account_nothing_is_asked(settings, tmp_path):
    settings.CHANNELS = tmp_path / "none.toml"
    assert Tencent().receipts() == []
    for channel in (Tencent(), Robot(), Wechat()):
        with pytest.raises(TransportFailed, match="ANLAN_CHANNELS"):
            channel.send([message()])


# --- robots ---------------------------------------------------------------------------------------

ROBOT = '[[robot]]\nname = "duty"\nflavour = "{}"\nurl = "{}/send?key=s3cret"\nsecret = "{}"\n'


def post(accounts, service, flavour, secret="", **changes):
    accounts(ROBOT.format(flavour, service.url, secret))
    (outcome,) = Robot().send([message(**({"kind": "group", "address": "duty", "subject": "预警"} | changes))])
    return outcome


def test_wecom_is_told_as_its_contract_says(accounts, service, now):
    service.answer({"errcode": 0, "errmsg": "ok"})
    assert not post(accounts, service, "wecom").failure
    ((_method, path, _headers, body),) = service.asked
    assert (path, json.loads(body)) == (
        "/send?key=s3cret", {"msgtype": "text", "text": {"content": "预警\n请立即转移。"}},
    )  # fmt: skip


def test_dingtalk_is_told_who_speaks_in_the_address(accounts, service, now):
    service.answer({"errcode": 0, "errmsg": "ok"})
    assert not post(accounts, service, "dingtalk", "SECabc", subject="").failure
    ((_method, path, _headers, body),) = service.asked
    asked = parse_qs(urlsplit(path).query)
    stamp = str(int(now.timestamp() * 1000))
    proof = hmac.new(b"SECabc", f"{stamp}\nSECabc".encode(), hashlib.sha256).digest()
    assert asked == {"key": ["s3cret"], "timestamp": [stamp], "sign": [base64.b64encode(proof).decode()]}
    assert json.loads(body)["text"] == {"content": "请立即转移。"}


def test_feishu_is_told_who_speaks_in_the_text(accounts, service, now):
    service.answer({"code": 0, "msg": "success"})
    assert not post(accounts, service, "feishu", "abc").failure
    ((_method, _path, _headers, body),) = service.asked
    stamp = str(int(now.timestamp()))
    proof = base64.b64encode(hmac.new(f"{stamp}\nabc".encode(), b"", hashlib.sha256).digest()).decode()
    assert json.loads(body) == {
        "msg_type": "text", "content": {"text": "预警\n请立即转移。"}, "timestamp": stamp, "sign": proof,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("flavour", "answer", "verdict"),
    [("wecom", {"errcode": 45009}, Verdict("wecom: 45009")),
     ("wecom", {"errcode": 93000}, Verdict("wecom: 93000", True)),
     ("dingtalk", {"errcode": 310000}, Verdict("dingtalk: 310000", True)), ("feishu", {"StatusCode": 0}, Verdict()),
     ("feishu", {"code": 9499}, Verdict("feishu: 9499")), ("wecom", {}, Verdict("wecom: an answer without a code")),
     ("wecom", {"errcode": "0"}, Verdict("wecom: an answer without a code"))],
)  # fmt: skip
def test_an_answer_of_a_robot_is_understood(flavour, answer, verdict):
    assert robots.verdict(flavour, answer) == verdict


def test_a_robot_without_a_secret_signs_nothing(now):
    assert robots.request("feishu", "/x", "", "t", now) == ("/x", {"msg_type": "text", "content": {"text": "t"}})
    assert robots.request("dingtalk", "/x", "", "t", now)[0] == "/x"
    assert robots.request("dingtalk", "/x", "s", "t", now)[0].startswith("/x?timestamp=")


def test_a_robot_that_is_not_ours_or_not_there_fails_alone(accounts, service, now):
    assert post(accounts, service, "wecom", address="other").permanent
    assert post(accounts, service, "icq").permanent
    service.answer({}, 503)
    down = post(accounts, service, "wecom")
    assert (down.failure, down.permanent) == ("wecom: HTTP 503", False)
    assert "s3cret" not in down.failure


# --- WeChat ---------------------------------------------------------------------------------------


@pytest.fixture
def wechat(service, accounts):
    accounts(f'[[wechat]]\nname = "a"\napp = "wx1"\nsecret = "s3cret"\ntemplate = "t1"\nfields = "thing1, thing2"\n'
             f'page = "https://anlan.example/"\nurl = "{service.url}"\n')  # fmt: skip
    return Wechat(tick=lambda: 0.0)


def follower(number=1):
    return message(number, kind="wechat", address="o6_bmjrPTlm6_2sgVt7hMZOPfL2M", subject="预警")


def test_a_template_message_is_as_its_contract_says_and_its_token_is_kept(wechat, service):
    service.answer({"access_token": "T", "expires_in": 7200})
    service.answer({"errcode": 0, "errmsg": "ok", "msgid": 200228332})
    service.answer({"errcode": 0, "errmsg": "ok", "msgid": 200228333})
    assert [each.failure for each in wechat.send([follower(1), follower(2)])] == ["", ""]
    token, first, second = service.asked
    assert parse_qs(urlsplit(token[1]).query) == {
        "grant_type": ["client_credential"], "appid": ["wx1"], "secret": ["s3cret"],
    }  # fmt: skip
    assert first[1] == second[1] == "/cgi-bin/message/template/send?access_token=T"
    assert json.loads(first[3]) == {
        "touser": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", "template_id": "t1", "client_msg_id": "anlan-1",
        "url": "https://anlan.example/", "data": {"thing1": {"value": "预警"}, "thing2": {"value": "请立即转移。"}},
    }  # fmt: skip


def test_a_stale_token_is_fetched_anew_once(wechat, service):
    for answer in ({"access_token": "T1", "expires_in": 7200}, {"errcode": 42001},
                   {"access_token": "T2", "expires_in": 7200}, {"errcode": 0}):  # fmt: skip
        service.answer(answer)
    assert not wechat.send([follower()])[0].failure
    assert service.asked[-1][1].endswith("access_token=T2")


@pytest.mark.parametrize(("code", "permanent"), [(43004, True), (-1, False), (45009, False)])
def test_a_refusal_is_its_messages_own(wechat, service, code, permanent):
    service.answer({"access_token": "T", "expires_in": 7200})
    service.answer({"errcode": code})
    service.answer({"errcode": 0})
    first, second = wechat.send([follower(1), follower(2)])
    assert (first.failure, first.permanent, second.failure) == (f"wechat: {code}", permanent, "")


def test_where_the_service_is_lost_the_rest_fails_for_now(wechat, service):
    service.answer({"access_token": "T", "expires_in": 7200})
    service.answer({"errcode": 0})
    service.answer({"no": "code"})
    assert [each.failure for each in wechat.send([follower(1), follower(2)])] == [
        "",
        "wechat: an answer without a code",
    ]


def test_without_a_token_nothing_is_sent_and_no_secret_told(wechat, service):
    service.answer({"errcode": 40125, "errmsg": "invalid appsecret s3cret"})
    with pytest.raises(TransportFailed, match="no token \\(40125\\)") as caught:
        wechat.send([follower()])
    assert "s3cret" not in str(caught.value)
    assert posting.TIMEOUT_S < 120, "well within a lease"
