"""A warning's report as a Word document."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

from anlan.county.warn import rules
from anlan.county.warn.models import Warning  # noqa: A004 (the field's own word)

FONT = "仿宋"
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
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(12)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
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
