"""One-time codes of a telephone's app: RFC 6238 as every app speaks it (SHA-1, six digits, thirty seconds)."""

import base64
import hmac
import secrets
from collections.abc import Iterator
from urllib.parse import quote, urlencode

STEP_S, DIGITS = 30, 6
DRIFT = 1  # steps by which a telephone's clock may be off


def secret() -> str:
    """A new shared secret, as apps want to have it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code(key: str, step: int) -> str:
    """The code of a step of thirty seconds."""
    digest = hmac.digest(base64.b32decode(key), step.to_bytes(8, "big"), "sha1")
    place = digest[-1] & 15
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(key: str, given: str, at_s: float, after: int = -1) -> int | None:
    """The step for which this code is right about this moment, if it is later than `after`; else None.

    A code that was used once is good for nobody who looked over a shoulder.
    """
    typed = "".join(given.split())
    fits = [step for step in _near(at_s) if hmac.compare_digest(code(key, step).encode(), typed.encode())]
    return next((step for step in fits if step > after), None)


def _near(at_s: float) -> Iterator[int]:
    now = int(at_s // STEP_S)
    yield from range(now - DRIFT, now + DRIFT + 1)


def address(key: str, username: str, county: str) -> str:
    """What an app reads from the QR code."""
    label = quote(f"Anlan {county}:{username}")
    return f"otpauth://totp/{label}?{urlencode({'secret': key, 'issuer': f'Anlan {county}'})}"
