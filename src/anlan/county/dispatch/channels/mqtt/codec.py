"""What is said to a loudspeaker or a screen, and what it says back.

ROOT/<kind>/<address>/play     say or show this once                       (ours, not retained)
ROOT/<kind>/<address>/state    what holds now, for one that was away       (ours, retained)
ROOT/<kind>/<address>/played   {"id": …, "code": 3}, with the codes of the emergency broadcast: 0 untreated, 1 waiting,
                               2 playing, 3 success, 4 failed, also in part, 5 cancelled  (theirs)
"""

import hashlib
import json
from datetime import datetime

from anlan.county.dispatch.channels.shape import Outgoing
from anlan.county.dispatch.channels.wire import ProtocolError, Said

PLAYED, UNDER_WAY, CODES = 3, frozenset({0, 1, 2}), frozenset(range(6))
FORBIDDEN = frozenset("/+#$\x00")
LONGEST = 4096


def reference(message: Outgoing) -> str:
    """The same for the same message however often it is sent, so that a device can play it once."""
    return hashlib.sha256(message.key.encode()).hexdigest()[:32]


def topic(root: str, message: Outgoing, what: str) -> str:
    """Where a message goes. Raises ValueError where its address cannot stand in a topic."""
    if not message.address or FORBIDDEN & set(message.address):
        raise ValueError("an address that cannot stand in a topic")
    return f"{root}/{message.kind}/{message.address}/{what}"


def payload(message: Outgoing, at: datetime) -> bytes:
    """The message for a device. It says until when it holds: one that was away must not shout what is over."""
    document = {
        "id": reference(message), "subject": message.subject, "text": message.body, "urgent": message.priority == 0,
        "sent_at": at.isoformat(), "not_after": message.not_after and message.not_after.isoformat(),
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False).encode()


def read(given: bytes) -> Said:
    """What a device says of a playback. Raises ProtocolError."""
    if len(given) > LONGEST:
        raise ProtocolError("a receipt that is too long")
    try:
        document = json.loads(given)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("a receipt that is not JSON") from error
    named, code = (document.get("id"), document.get("code")) if isinstance(document, dict) else (None, None)
    if not isinstance(named, str) or not 0 < len(named) <= 64 or type(code) is not int or code not in CODES:
        raise ProtocolError("a receipt that does not say of what, or what")
    if code in UNDER_WAY:
        return Said("intermediate", 0, reference=named)
    return Said("report", 0, reference=named, failure="" if code == PLAYED else f"mqtt: code {code}")
