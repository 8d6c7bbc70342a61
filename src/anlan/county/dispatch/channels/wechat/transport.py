"""Template messages of a WeChat official account. One `[[wechat]]` in the file that ANLAN_CHANNELS names.

A message's address is a reader's openid with this account. What became of it, and what readers write, the service
pushes.
"""

import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from anlan.county import clock
from anlan.county.dispatch.channels.accounts import needed
from anlan.county.dispatch.channels.posting import Poster
from anlan.county.dispatch.channels.shape import (
    Outcome,
    Outgoing,
    Push,
    Pushed,
    TransportFailed,
    Unacceptable,
    fail_all,
)
from anlan.county.dispatch.channels.wechat import codec
from anlan.county.dispatch.channels.wire import ProtocolError

LONGEST_ECHO = 200
STALE = frozenset({40001, 40014, 42001})  # the token is no longer one
PASSING = frozenset({-1, 45009, 45011})  # busy, or too many


@dataclass(frozen=True, slots=True)
class Settings:
    """The account's settings."""

    name: str
    app: str
    secret: str
    template: str
    fields: str
    page: str = ""
    callback: str = ""
    token: str = ""
    url: str = "https://api.weixin.qq.com"


class Channel:
    """One request a message, on one connection, with a token that is fetched when it is needed."""

    name = "wechat"
    kinds = frozenset({"wechat"})
    safe_for_exercise = False
    batch = 100
    settings = Settings

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self.tick, self.token, self.until = tick, "", float("-inf")

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Send each; where the service is lost, what was not sent yet fails for now."""
        own, outcomes = needed(self.name, Settings)[0], list[Outcome]()
        with Poster("wechat", own.url) as service:
            try:
                for message in messages:
                    outcomes.append(self._send_one(service, own, message))
            except TransportFailed as error:
                if not outcomes:
                    raise
                return outcomes + fail_all(messages[len(outcomes) :], str(error), permanent=False)
        return outcomes

    def pushed(self, own: Settings, push: Push) -> Pushed:
        """What became of a message, or what a reader wrote; or the question whether this address is ours."""
        proof = codec.signature(own.token, push.query.get("timestamp", ""), push.query.get("nonce", ""))
        if not own.token or not hmac.compare_digest(proof.encode(), push.query.get("signature", "").encode()):
            raise Unacceptable("wechat: not signed with our token", 403)
        if not codec.fresh(push.query.get("timestamp", ""), clock.now()):
            raise Unacceptable("wechat: signed too long ago, or in the future", 403)
        if push.method == "GET":
            return Pushed(push.query.get("echostr", "")[:LONGEST_ECHO])
        try:
            receipts, replies = codec.said(push.body, own.name)
        except ProtocolError as error:
            raise Unacceptable(f"wechat: {error}") from None
        return Pushed("success", receipts=receipts, replies=replies)

    def _send_one(self, service: Poster, own: Settings, message: Outgoing) -> Outcome:
        code, named = self._post(service, own, message)
        if code in STALE:
            self.until = float("-inf")
            code, named = self._post(service, own, message)
        if code == 0:
            return Outcome(message.pk, account=own.name, references=(named,)) if named else Outcome(message.pk)
        return Outcome(message.pk, f"wechat: {code}", permanent=code not in PASSING | STALE)

    def _post(self, service: Poster, own: Settings, message: Outgoing) -> tuple[int, str]:
        """The code of the answer, and what the service calls the message."""
        path = f"/cgi-bin/message/template/send?{urlencode({'access_token': self._token(service, own)})}"
        answer = service.ask_json(path, document(own, message))
        code, named = answer.get("errcode"), answer.get("msgid")
        if type(code) is not int:
            raise TransportFailed("wechat: an answer without a code")
        return code, str(named)[:80] if type(named) is int else ""

    def _token(self, service: Poster, own: Settings) -> str:
        if self.tick() >= self.until:
            asked = urlencode({"grant_type": "client_credential", "appid": own.app, "secret": own.secret})
            answer = service.ask_json(f"/cgi-bin/token?{asked}")
            token, seconds = answer.get("access_token"), answer.get("expires_in")
            if not isinstance(token, str) or type(seconds) is not int:
                raise TransportFailed(f"wechat: no token ({str(answer.get('errcode', ''))[:10]})")
            self.token, self.until = token, self.tick() + max(60, seconds - 300)
        return self.token


def document(own: Settings, message: Outgoing) -> dict[str, Any]:
    """A template message; sent twice it has the same id, so that the service can show it once."""
    names = [name.strip() for name in own.fields.split(",")]
    values = [message.subject, message.body] if len(names) > 1 else [message.body]
    data = {name: {"value": value} for name, value in zip(names, values, strict=False)}
    return {
        "touser": message.address, "template_id": own.template, "data": data, "client_msg_id": f"anlan-{message.pk}",
    } | ({"url": own.page} if own.page else {})  # fmt: skip
