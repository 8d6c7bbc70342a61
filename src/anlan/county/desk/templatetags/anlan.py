"""How amounts, moments, deadlines, shares and levels are written on every page."""

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.county import clock
from anlan.county.desk import deeds, saying, words
from anlan.county.desk.context import page
from anlan.county.personal import masked_phone

register = template.Library()

LEVELS = (
    gettext_lazy("未定级"), gettext_lazy("蓝色"), gettext_lazy("黄色"), gettext_lazy("橙色"), gettext_lazy("红色"),
)  # fmt: skip
SHARE = chr(0x500D)  # the unit in which policy files write shares of one (times)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def _yuan(amount: float | None) -> str:
    """`12000.4` → `12,000 元`; a dash where there is no amount."""
    if amount is None:
        return "—"
    return _("%(amount)s 元") % {"amount": f"{round(amount):,}"}


register.simple_tag(_yuan, name="yuan")
register.filter("yuan", _yuan)


@register.filter
def moment(at: datetime | None) -> str:
    """A moment in the county's time: `6月18日 20:05`, with the year where it is not this year."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    return f"{day(local.date())} {local:%H:%M}"


@register.filter
def day(on: date | None) -> str:
    """A day: `6月18日`, with the year where it is not this year."""
    if on is None:
        return "—"
    if isinstance(on, datetime):
        on = timezone.localtime(on).date()
    this_year = on.year == clock.today().year
    return date_format(on, _("n月j日") if this_year else _("Y年n月j日"))


@register.simple_tag
def period(since: date, until: date | None) -> str:
    """From which day to which something holds: `2021年5月14日起`, `2021年5月14日至2025年12月31日`."""
    if until is None:
        return _("%(since)s起") % {"since": day(since)}
    return _("%(since)s至%(until)s") % {"since": day(since), "until": day(until)}


def span(length: timedelta) -> str:
    """A length of time in its largest whole unit: 3 天, 5 小时, 12 分钟."""
    if length >= DAY:
        return _("%(number)d 天") % {"number": length // DAY}
    if length >= HOUR:
        return _("%(number)d 小时") % {"number": length // HOUR}
    return _("%(number)d 分钟") % {"number": length // MINUTE}


@register.filter
def minutes(number: float | None) -> str:
    """A number of minutes as a length of time; a dash where it was never reached."""
    return "—" if number is None else span(timedelta(minutes=number))


@register.filter
def left(thing: Any) -> SafeString:
    """What a clock (or a moment that something is due) has left: 还剩 2 天, 超期 3 天, 按时办结."""
    if thing is None or thing == "":
        return SafeString("")
    due = thing if isinstance(thing, datetime) else thing.due_at
    stopped = getattr(thing, "stopped_at", None)
    lower = getattr(thing, "lower", False)
    late = (due - (stopped or clock.now())) < timedelta()
    words = _lower_words(due, stopped, late) if lower else _upper_words(due, stopped, late)
    wrong = (stopped is not None and not late) if lower else late
    soon = stopped is None and not lower and not late and due - clock.now() < DAY
    kind = " clock--late" if wrong else " clock--soon" if soon else " clock--done" if stopped else ""
    return format_html('<span class="clock{}">{}</span>', kind, words)


def _upper_words(due: datetime, stopped: datetime | None, late: bool) -> str:
    if stopped is not None:
        return _("超期办结") if late else _("按时办结")
    length = abs(due - clock.now())
    return (_("超期 %(span)s") if late else _("还剩 %(span)s")) % {"span": span(length)}


def _lower_words(due: datetime, stopped: datetime | None, late: bool) -> str:
    if stopped is not None:
        return _("期满") if late else _("未满期限")
    return _("已期满") if late else _("还须 %(span)s") % {"span": span(due - clock.now())}


@register.filter
def percent(share: float | None) -> str:
    """A share of one: `0.934` → `93.4%`; a dash where there is none."""
    if share is None:
        return "—"
    return f"{share:.1%}".replace(".0%", "%")


@register.simple_tag
def level(number: int | None) -> SafeString:
    """The badge of a warning level, 0 (not graded) to 4 (red): a colour and its word."""
    known = max(0, min(int(number or 0), 4))
    return format_html('<span class="level level--{}">{}</span>', known, LEVELS[known])


@register.simple_tag
def unverified(parameter: Any = None) -> SafeString:
    """The mark of a figure whose source is not verified; nothing where it is (or is not given as false)."""
    if getattr(parameter, "verified", False) is True:
        return SafeString("")
    return format_html('<abbr class="unverified" title="{}">{}</abbr>', _("这个数字还没有核对到正式文件"), _("未核实"))


@register.filter
def word(code: str, family: str) -> str:
    """The field's word for a code: `{{ case.state|word:"case" }}`. Families: desk/words.py."""
    return words.word(family, code)


@register.filter
def valued(parameter: Any) -> str:
    """A policy figure with its unit: `8,500 元/人·年`; a share of one as a percentage; a text as it is."""
    if isinstance(parameter.value, bool) or not isinstance(parameter.value, int | float):
        return str(parameter.value)
    value = float(parameter.value)
    if parameter.unit == SHARE and value < 1:
        return percent(value)
    return f"{value:,g} {parameter.unit}"


@register.filter
def counted_in(kind: str) -> str:
    """The unit a holding's quantity is in, with a space before it: 亩 for crops; nothing where there is none."""
    return f" {deeds.UNITS[kind]}" if kind in deeds.UNITS else ""


@register.simple_tag(takes_context=True)
def open_page(context: Any, name: str, *parts: object) -> str:
    """The path of a named page where it is there and who looks may open it; else nothing."""
    user = context["user"]
    return page(user, name, *parts) if user.is_authenticated else ""


@register.filter
def grouped(number: int | None) -> str:
    """A count with its thousands apart: `12,345`; a dash where there is none."""
    return "—" if number is None else f"{number:,}"


@register.filter
def masked_id(number: str) -> str:
    """An ID number with its middle hidden: `3601**********1234`."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" if len(number) > 10 else "*" * len(number)


register.filter("masked_phone", masked_phone)


register.filter("noun", saying.noun)
register.filter("parts", saying.parts)
register.filter("said", saying.said)


@register.filter
def of(found: dict[str, Any], key: str) -> Any:
    """What a mapping has under a key; nothing where it has none."""
    return found.get(key, "")
