"""Tencent Cloud's SMS interface, version 2021-01-11: signatures, requests, answers."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from anlan.county.dispatch.channels.pieces import national, shown
from anlan.county.dispatch.channels.shape import Receipt
from anlan.county.dispatch.channels.wire import ProtocolError, Reply, Verdict

SERVICE, VERSION, ALGORITHM = "sms", "2021-01-11", "TC3-HMAC-SHA256"
JSON = "application/json; charset=utf-8"
# Codes by their beginnings. What is limited or broken at the carrier's passes; a wrong number or template does not.
PASSING = ("LimitExceeded", "InternalError", "RequestLimitExceeded", "FailedOperation.InsufficientBalance")


def signed(keys: tuple[str, str], host: str, action: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that prove who asks. `keys`: the id and the secret; `at` must be within five minutes of theirs."""
    stamp, day = str(int(at.timestamp())), at.astimezone(UTC).strftime("%Y-%m-%d")
    named = "content-type;host;x-tc-action"
    canonical = f"POST\n/\n\ncontent-type:{JSON}\nhost:{host}\nx-tc-action:{action.lower()}\n\n{named}\n{_hash(body)}"
    scope = f"{day}/{SERVICE}/tc3_request"
    to_sign = f"{ALGORITHM}\n{stamp}\n{scope}\n{_hash(canonical.encode())}"
    key = f"TC3{keys[1]}".encode()
    for word in (day, SERVICE, "tc3_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    proof = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return {
        "Authorization": f"{ALGORITHM} Credential={keys[0]}/{scope}, SignedHeaders={named}, Signature={proof}",
        "Content-Type": JSON, "Host": host, "X-TC-Action": action, "X-TC-Timestamp": stamp, "X-TC-Version": VERSION,
    }  # fmt: skip


def answered(document: Mapping[str, Any]) -> dict[str, Any]:
    """The answer itself. Raises ProtocolError, with the service's code where it refused."""
    answer = document.get("Response")
    if not isinstance(answer, dict):
        raise ProtocolError("an answer without a response")
    error = answer.get("Error")
    if error is not None:
        raise ProtocolError(str(error.get("Code", "") if isinstance(error, dict) else "")[:80] or "refused")
    return answer


def taken(answer: Mapping[str, Any], count: int) -> list[tuple[str, Verdict]]:
    """Of each number, in its order: the serial number, and what stands against it. Raises ProtocolError."""
    given = answer.get("SendStatusSet")
    if not isinstance(given, list) or len(given) != count or not all(isinstance(each, dict) for each in given):
        raise ProtocolError("an answer that does not speak of every number")
    return [(str(each.get("SerialNo") or "")[:80], verdict(str(each.get("Code")))) for each in given]


def verdict(code: str) -> Verdict:
    """What a code means."""
    return Verdict() if code == "Ok" else Verdict(f"tencent: {code}"[:120], not code.startswith(PASSING))


def reported(answer: Mapping[str, Any], account: str) -> list[Receipt]:
    """What became of earlier ones; entries that say nothing are passed over. Raises ProtocolError."""
    given = answer.get("PullSmsSendStatusSet")
    if not isinstance(given, list):
        raise ProtocolError("an answer without receipts")
    found = []
    for each in given:
        serial = each.get("SerialNo") if isinstance(each, dict) else None
        if not isinstance(serial, str) or not serial:
            continue
        arrived = each.get("ReportStatus") == "SUCCESS"
        why = "" if arrived else shown(f"tencent: {each.get('Description')}")[:120]
        found.append(Receipt(account, shown(serial)[:80], why))
    return found


def pushed(document: Any, account: str) -> tuple[list[Receipt], list[Reply]]:
    """What a callback says: a list of what became of messages, or one reply. Raises ProtocolError."""
    if isinstance(document, list):
        each_of = [each for each in document if isinstance(each, dict)]
        return [found for each in each_of if (found := _status(each, account)) is not None], []
    if not isinstance(document, dict):
        raise ProtocolError("a callback that is neither a list nor an object")
    mobile, country, text = document.get("mobile"), document.get("nationcode", ""), document.get("text")
    if not isinstance(mobile, str) or not isinstance(text, str) or not isinstance(country, str) or not mobile:
        raise ProtocolError("a reply without a number or a text")
    address = national(mobile if country in ("", "86") else f"+{country}{mobile}")
    return [], [Reply(address, shown(text), account, at=moment(document.get("time")))]


def moment(seconds: Any) -> datetime | None:
    """A moment from seconds since 1970; None for anything that is none."""
    if type(seconds) is not int or not 0 < seconds < 1 << 33:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _status(each: Mapping[str, Any], account: str) -> Receipt | None:
    serial = each.get("sid")
    if not isinstance(serial, str) or not serial:
        return None
    arrived = each.get("report_status") == "SUCCESS"
    return Receipt(account, shown(serial)[:80], "" if arrived else shown(f"tencent: {each.get('errmsg')}")[:120])


def number(address: str) -> str:
    """A telephone number as E.164 has it; without a country it is China's. Raises ValueError."""
    written = address if address.startswith("+") else f"+86{address}"
    if not (written[1:].isascii() and written[1:].isdigit() and len(written) <= 16):
        raise ValueError("not a telephone number")
    return written


def _hash(given: bytes) -> str:
    return hashlib.sha256(given).hexdigest()
