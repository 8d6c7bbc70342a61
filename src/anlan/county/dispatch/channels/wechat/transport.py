"""Template messages of a WeChat official account. One `[[wechat]]` in the file that ANLAN_CHANNELS names.

A message's address is a reader's openid with this account.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from anlan.county.dispatch.channels.accounts import needed
from anlan.county.dispatch.channels.posting import Poster
from anlan.county.dispatch.channels.shape import Outcome, Outgoing, TransportFailed, fail_all

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
    url: str = "https://api.weixin.qq.com"


class Channel:
    """One request a message, on one connection, with a token that is fetched when it is needed."""

    name = "wechat"
    kinds = frozenset({"wechat"})
    safe_for_exercise = False
    batch = 100

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

    def _send_one(self, service: Poster, own: Settings, message: Outgoing) -> Outcome:
        code = self._post(service, own, message)
        if code in STALE:
            self.until = float("-inf")
            code = self._post(service, own, message)
        if code == 0:
            return Outcome(message.pk)
        return Outcome(message.pk, f"wechat: {code}", permanent=code not in PASSING | STALE)

    def _post(self, service: Poster, own: Settings, message: Outgoing) -> int:
        path = f"/cgi-bin/message/template/send?{urlencode({'access_token': self._token(service, own)})}"
        code = service.ask_json(path, document(own, message)).get("errcode")
        if type(code) is not int:
            raise TransportFailed("wechat: an answer without a code")
        return code

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
