"""Under which code this county issues its alerts, and under which it never may."""

import re

from django.conf import settings
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.errors import Refused
from anlan.county.office.queries import county
from anlan.county.sense.feeds.cap.checks import LONGEST
from anlan.engine import policy
from anlan.engine.values.divisions import significant

_UNFIT = re.compile(r"[\s,<&/\\]")
_NATIONAL = re.compile(r"\d{14}")  # area and publisher, as the national system numbers its publishers


class NotOurs(Refused):
    """A sender code that belongs to somebody else, or that CAP cannot carry."""


def sender() -> str:
    """The county's own sender code: the one that is set, else one made from its division code."""
    code = settings.CAP_SENDER or f"anlan-{significant(county().division_id)}"
    if _UNFIT.search(code) or len(code) > LONGEST:
        raise NotOurs(
            _("发布单位编码 %(code)s 含有空格、逗号等不允许的字符，或过长；请改 ANLAN_CAP_SENDER。") % {"code": code}
        )
    if word := _reserved(code):
        raise NotOurs(
            _("发布单位编码 %(code)s 含有“%(word)s”：县里不能以气象、水文等部门的名义发布预警；请改 ANLAN_CAP_SENDER。")
            % {"code": code, "word": word}
        )
    return code


def _reserved(code: str) -> str:
    """The part of a code that is another's; empty where there is none."""
    rules = policy.on(clock.today())
    words = [*rules.text("sender_reserved_words").split("|"), rules.text("sender_meteorological_code"),
             rules.text("sender_water_code")]  # fmt: skip
    found = next((word for word in words if word.lower() in code.lower()), "")
    national = _NATIONAL.search(code)
    return found or (national[0] if national else "")
