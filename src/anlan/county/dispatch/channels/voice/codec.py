"""The voice gateway's contract (`docs/channels.md`): signatures, calls, what became of them."""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from anlan.county.dispatch.channels.pieces import shown
from anlan.county.dispatch.channels.shape import Outgoing, Receipt
from anlan.county.dispatch.channels.wire import ProtocolError, Reply, Verdict

TIME, SIGNATURE = "X-Anlan-Time", "X-Anlan-Signature"
SKEW = timedelta(minutes=5)
KEYS = "12"  # which the gateway listens to
PUSHED = "callback"  # stands for the path in the signature of what the gateway sends us
ENDED = frozenset({"busy", "no_answer", "rejected", "unreachable", "invalid", "expired", "failed"})
UNDER_WAY = frozenset({"queued", "ringing", "talking"})
LONGEST_CALL_S = 86_400


def proof(secret: str, stamp: str, path: str, body: bytes) -> str:
    """HMAC-SHA-256 of when, where and what, under the account's secret."""
    return hmac.digest(secret.encode(), f"{stamp}\n{path}\n".encode() + body, "sha256").hex()


def signed(secret: str, path: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that prove who speaks."""
    stamp = str(int(at.timestamp()))
    return {TIME: stamp, SIGNATURE: proof(secret, stamp, path, body), "Content-Type": "application/json"}


def proven(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether a push is the gateway's own, and of now."""
    stamp, given = headers.get(TIME, ""), headers.get(SIGNATURE, "")
    right = hmac.compare_digest(proof(secret, stamp, PUSHED, body).encode(), given.encode("utf-8", "replace"))
    at = moment(int(stamp)) if stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 else None
    return bool(secret) and right and at is not None and abs(now - at) <= SKEW


def call(message: Outgoing, account: str, *, audio: bytes = b"", audio_url: str = "") -> dict[str, Any]:
    """One call: whom, what to say, until when it may ring. The same message has the same id however often it goes."""
    spoken: dict[str, Any] = {"text": message.body}
    if audio:
        spoken = {"audio": base64.b64encode(audio).decode(), "format": "wav"}
    elif audio_url:
        spoken = {"audio_url": audio_url, "format": "wav"}
    until = {} if message.not_after is None else {"not_after": int(message.not_after.timestamp())}
    return {
        "id": str(message.pk), "account": account, "to": message.address, "keys": KEYS,
        "urgent": message.priority == 0, **spoken, **until,
    }  # fmt: skip


def taken(answer: Mapping[str, Any]) -> Verdict:
    """Whether the gateway took a call. Raises ProtocolError."""
    error = answer.get("error")
    if isinstance(error, dict):
        return Verdict(f"voice: {shown(str(error.get('code', '')))}"[:120], error.get("permanent") is True)
    if not _under_way(answer.get("state")):
        raise ProtocolError("an answer without a state")
    return Verdict()


def results(document: Any, account: str) -> tuple[list[Receipt], list[Reply]]:
    """What became of calls; one that is still under way, or that nobody can read, is passed over. Raises ProtocolError.

    Whoever picked up has answered, however short; how long they listened and which key they pressed goes with it.
    """
    given = document.get("results") if isinstance(document, dict) else None
    if not isinstance(given, list):
        raise ProtocolError("results that are no list")
    receipts, replies = list[Receipt](), list[Reply]()
    for each in given:
        number = named(each)
        state = each.get("state") if number else None
        if state == "answered":
            receipts.append(Receipt(account, str(number)))
            replies.append(_answered(each, account, number))
        elif isinstance(state, str) and state in ENDED:
            receipts.append(Receipt(account, str(number), f"voice: {state}"))
    return receipts, replies


def named(result: Any) -> int:
    """Our number of a call; 0 where it is none of ours."""
    number = result.get("id") if isinstance(result, dict) else None
    fits = isinstance(number, str) and number.isascii() and number.isdigit() and len(number) <= 18
    return int(str(number)) if fits else 0


def known(document: Any) -> Sequence[str]:
    """Which of these calls have ended: the gateway is told that they are stored."""
    return [str(named(each)) for each in document["results"] if named(each) and not _under_way(each.get("state"))]


def moment(seconds: Any) -> datetime | None:
    """A moment from seconds since 1970; None for anything that is none."""
    if type(seconds) is not int or not 0 < seconds < 1 << 33:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _answered(each: Mapping[str, Any], account: str, number: int) -> Reply:
    key, call_id = each.get("key"), each.get("call")
    reference = f"call {shown(call_id)}"[:80] if isinstance(call_id, str) and call_id else f"id {number}"
    return Reply(
        "", shown(key)[:1] if isinstance(key, str) else "", account, reference, at=moment(each.get("at")),
        message=number, seconds=_seconds(each.get("seconds")),
    )  # fmt: skip


def _under_way(state: Any) -> bool:
    return isinstance(state, str) and state in UNDER_WAY


def _seconds(given: Any) -> int | None:
    """How long; None for what is no length of a call (JSON has infinities, too)."""
    return int(given) if type(given) in (int, float) and 0 <= given < LONGEST_CALL_S else None
