"""What is supposed for a trial: another day, other values of parameters. Refused where it cannot be read."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.errors import BadInput, NotFound
from anlan.engine.policy import Policy, PolicyUnknown, names, nearest


def day_of(text: str) -> date:
    """A day as it was typed; today for nothing."""
    try:
        return date.fromisoformat(text) if text else clock.today()
    except ValueError:
        raise BadInput(_("“%(text)s”不是日期，应写作 2026-06-18。") % {"text": text}) from None


def typed(changes: Iterable[str]) -> dict[str, float]:
    """Changes of parameters, each typed as `monitoring_line_yuan=9500`."""
    return dict(_change(text) for text in changes)


def supposing(rules: Policy, wanted: Mapping[str, float]) -> Policy:
    """A policy with some values changed; refused where there is none to change."""
    try:
        return rules.supposing(wanted)
    except PolicyUnknown:
        key = next(key for key in wanted if key not in rules)
        raise NotFound(_unknown(key, rules.day)) from None
    except TypeError:
        raise BadInput(_("文字的参数不能改成数字。")) from None


def _change(text: str) -> tuple[str, float]:
    key, equals, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not equals or number != number or abs(number) == float("inf"):
        raise BadInput(_("“%(text)s”应写作 参数=数字，例如 monitoring_line_yuan=9500。") % {"text": text})
    return key.strip(), number


def _unknown(key: str, day: date) -> str:
    if key in names():
        return _("%(key)s 在 %(day)s 没有有效的值。") % {"key": key, "day": day}
    alike = "、".join(nearest(key)) or _("没有")
    return _("没有政策参数“%(key)s”。相近的有：%(alike)s") % {"key": key, "alike": alike}
