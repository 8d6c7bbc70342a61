"""How an entry becomes a hash. Shared by writing and by checking, so they cannot drift apart."""

import hashlib
import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

GENESIS = "0" * 64
ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def canonical(payload: Any) -> str:
    """The one text a payload has: sorted keys, no spaces, Chinese left readable."""
    return ENCODER.encode(payload)


@lru_cache(maxsize=4096)  # many entries share few moments
def moment(at: datetime) -> str:
    """A moment in UTC to the microsecond, the same from every database."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def digest(previous: str, seq: int, at: datetime, by: str, verb: str, about: str, payload: str) -> str:  # noqa: PLR0913 (an entry's columns)
    """SHA-256 over the previous hash and every column, each with its length so that none can shift."""
    number, when = str(seq), moment(at)
    text = (
        f"{len(previous)}:{previous}{len(number)}:{number}{len(when)}:{when}{len(by)}:{by}"
        f"{len(verb)}:{verb}{len(about)}:{about}{len(payload)}:{payload}"
    )
    return hashlib.sha256(text.encode()).hexdigest()
