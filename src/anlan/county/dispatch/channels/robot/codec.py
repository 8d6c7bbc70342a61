"""What the three robots want to be told, and how each proves who speaks."""

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from anlan.county.dispatch.channels.wire import Verdict

FLAVOURS = ("wecom", "dingtalk", "feishu")
# Too many at once: to be tried again, as is what the service says of itself (-1).
PASSING = {"wecom": frozenset({-1, 45009}), "dingtalk": frozenset({-1, 130101, 660026}),
           "feishu": frozenset({-1, 9499, 11232, 11233})}  # fmt: skip


def request(flavour: str, path: str, secret: str, text: str, at: datetime) -> tuple[str, dict[str, Any]]:
    """Where to post, and what."""
    if flavour == "feishu":
        document: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if secret:
            stamp = str(int(at.timestamp()))
            # Their signature has the words as its key and signs nothing.
            document |= {"timestamp": stamp, "sign": _proof(f"{stamp}\n{secret}", "")}
        return path, document
    document = {"msgtype": "text", "text": {"content": text}}
    if flavour == "dingtalk" and secret:
        stamp = str(int(at.timestamp() * 1000))
        proof = quote(_proof(secret, f"{stamp}\n{secret}"), safe="")
        path += f"{'&' if '?' in path else '?'}timestamp={stamp}&sign={proof}"
    return path, document


def verdict(flavour: str, answer: Mapping[str, Any]) -> Verdict:
    """What an answer means; one without a code is no yes."""
    code = answer.get("code", answer.get("StatusCode")) if flavour == "feishu" else answer.get("errcode")
    if type(code) is not int:
        return Verdict(f"{flavour}: an answer without a code")
    return Verdict() if code == 0 else Verdict(f"{flavour}: {code}", code not in PASSING[flavour])


def _proof(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode()
