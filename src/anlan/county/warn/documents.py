"""A warning's report, and a village's call list, as Word documents."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from anlan.county import clock
from anlan.county.warn import rules
from anlan.county.warn.calls import CallList, Line
from anlan.county.warn.models import Warning  # noqa: A004 (the field's own word)

FONT = "仿宋"
BOX, TICK = "□", "☑"
COUNTS = ("targeted", "handed", "reached", "acknowledged", "safe", "unreached")


def header() -> list[str]:
    """The titles of the columns, in the order of COUNTS."""
    return [_("应通知"), _("已发出"), _("已送达或叫应"), _("已叫应"), _("已平安"), _("未叫应")]


def times(body: Mapping[str, Any]) -> list[list[str]]:
    """How long it took, one row a beginning."""
    titles = {"since_issued": _("自上级发布"), "since_received": _("自本县收到"), "since_released": _("自本县发布")}
    return [
        [titles[name], *("—" if at is None else f"{at:g}" for at in found.values())]
        for name, found in body["minutes"].items()
    ]


def tables(body: Mapping[str, Any]) -> list[tuple[str, list[list[Any]]]]:
    """The counts by town, group and village, each row headed by a name."""
    wholes: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
        (_("按乡镇"), "by_town", {}), (_("按人群"), "by_group", rules.GROUPS), (_("按村"), "by_village", {}),
    )  # fmt: skip
    return [
        (title, [[names.get(row["key"], row["name"]), *(row[name] for name in COUNTS)] for row in body[key]])
        for title, key, names in wholes
    ]


def word(warning: Warning, body: Mapping[str, Any]) -> bytes:
    """The report as the bytes of a .docx file."""
    document = Document()
    _fonts(document)
    document.add_heading(_("预警发布效果报告"), level=0)
    document.add_paragraph(f"{warning.event.title} · {rules.TITLES[warning.audience]} · {warning.code}")
    document.add_paragraph(warning.sms)
    document.add_paragraph(_("没有电话的户也在分母里。大喇叭覆盖的是村，不算任何一户已叫应。"))
    _table(document, _("合计"), header(), [[body[name] for name in COUNTS]])
    _table(document, _("用时（分钟）"), ["", "50%", "90%", "95%"], times(body))
    for title, rows in tables(body):
        _table(document, title, [title, *header()], rows)
    reasons = [[rules.UNREACHED[reason], count] for reason, count in body["unreached_by_reason"].items()]
    _table(document, _("未叫应的原因"), [_("原因"), _("户")], reasons)
    if (over := body["all_clear"]) is not None:
        rows = [[over["code"], rules.STATES[over["state"]], over["messages"], over["handed"], over["delivered"]]]
        _table(document, _("解除"), [_("代码"), _("状态"), _("消息"), _("已发出"), _("已送达")], rows)
    return _bytes(document)


def calls(found: CallList) -> bytes:
    """A village's call list with boxes to tick, as the bytes of a .docx file."""
    document = Document()
    _fonts(document)
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(1.5)
    document.add_heading(_("叫应名单：%(village)s") % {"village": found.village.name}, level=0)
    document.add_paragraph(f"{found.warning.event.title} · {found.warning.code} · {calls_note(found)}")
    document.add_paragraph(found.warning.sms)
    for name, lines in found.parts:
        _table(document, name or _("没有村干部"), calls_header(), [calls_row(line) for line in lines])
    return _bytes(document)


def calls_note(found: CallList) -> str:
    """What stands under a call list's title: how many, its check letters, when it was made."""
    return _("共%(count)d户，已叫应%(answered)d户 · 核对码 %(check)s · %(at)s") % {
        "count": len(found.lines), "answered": found.answered, "check": found.check,
        "at": timezone.localtime(clock.now()).strftime("%Y-%m-%d %H:%M"),
    }  # fmt: skip


def calls_header() -> list[str]:
    """The columns of a call list."""
    return [_("序号"), _("告知"), _("平安"), _("组"), _("户主"), _("人口"), _("安置点和路线"), _("电话"),
            _("第二联系人"), _("时间、地点")]  # fmt: skip


def calls_row(line: Line) -> list[str]:
    """A household's row: boxes to tick, or how it has answered already."""
    where = "" if line.refuge is None else "，".join(filter(None, (line.refuge.name, line.refuge.route)))
    boxes, when = [BOX if at is None else TICK for at in (line.answered_at, line.safe_at)], ""
    if line.answered_at is not None:
        when = f"{timezone.localtime(line.answered_at):%H:%M} {rules.ANSWERS[line.how]}"
    first = _("（先）") if line.tier == 0 else ""
    return [f"{line.number}{first}", *boxes, str(line.group_no), line.head_name, str(line.size), where,
            line.phone or "—", line.second_phone or "—", when]  # fmt: skip


def _fonts(document: Any) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(12)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)


def _bytes(document: Any) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _table(document: Any, title: str, head: Sequence[Any], rows: Sequence[Sequence[Any]]) -> None:
    document.add_heading(title, level=1)
    table = document.add_table(rows=1, cols=len(head))
    table.style = "Table Grid"
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        cell.text = str(text)
    for row in rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = str(value)
