"""When a message is tried again, and when no more. No database here."""

from datetime import timedelta

# About four hours in all: a warning is stale by then, and a mail server has come back or has not.
RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (15, 60, 300, 900, 3600, 10800))

LEASE = timedelta(minutes=2)  # for handing over what was claimed
# Dispatchers' clocks differ by less. A lease longer than any by that much was written before a clock was set back.
SKEW = timedelta(minutes=1)

EXPIRED = "expired"
NO_ROUTE = "no_route"
NO_CHANNEL = "no_channel"


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts (1 or more) failed; None where it was the last."""
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None
