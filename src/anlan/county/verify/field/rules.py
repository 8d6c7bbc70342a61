"""When a phone's visit was, how far from the house it was made, and what may hang on a report. No database here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

# Technical bounds of the form itself; no policy.
PACK_HOURS = 72  # a phone that heard nothing for so long throws its households away
MOST_HOUSEHOLDS = 2000
MOST_PHOTOS = 6
PHOTO_BYTES = 3 * 1024 * 1024
CLOCK_TOLERANCE = timedelta(minutes=10)
LONGEST_WAIT = timedelta(days=60)  # a report older than that has a wrong date, not a long way
FAR_M = 300.0

STATES = {"stored": _("已登记"), "held": _("待处理"), "settled": _("已处理")}
FLAGS = {
    "clock": _("手机时间不准"),
    "far": _("离农户位置较远"),
    "no_place": _("没有定位"),
    "overtaken": _("已有别人登记的结果"),
    "revoked": _("来自已停用的手机"),
    "conflict": _("与别人的登记不一致"),
    "typed": _("由文字副本录入"),
}
OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a visit was by the server's clock, and whether the phone's had to be corrected or could not be believed."""

    at: datetime
    wrong: bool


def moment(*, at: datetime, sent_at: datetime, received_at: datetime, not_before: datetime) -> Moment:
    """The visit's time by the server's clock: so long before the receipt as it was before the sending, on the phone.

    Where that cannot be (the phone's clock was set in between, the event had not begun) it is the time of receipt.
    """
    waited = sent_at - at
    off = abs(received_at - sent_at) > CLOCK_TOLERANCE
    corrected = received_at - waited
    if not timedelta(0) <= waited <= LONGEST_WAIT or corrected < not_before:
        return Moment(received_at, True)
    return Moment(corrected, off)


def far(distance: float | None, accuracy_m: float) -> bool:
    """Whether the phone stood elsewhere, allowing for what its position is uncertain by."""
    return distance is not None and distance - accuracy_m > FAR_M
