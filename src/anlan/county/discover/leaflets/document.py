"""A leaflet as a Word document, one sheet of A4, with the village's code to scan."""

from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from anlan.county.discover import qr
from anlan.county.discover.leaflets import Leaflet, valued

BODY, HEADING = "仿宋", "黑体"


def word(leaflet: Leaflet, village: str, address: str, *, synthetic: bool) -> bytes:
    """The leaflet as the bytes of a .docx file."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.top_margin = section.bottom_margin = section.left_margin = section.right_margin = Cm(2.2)
    for name, font, points in (("Normal", BODY, 12), ("Title", HEADING, 20), ("Heading 1", HEADING, 14)):
        style = document.styles[name]
        style.font.name, style.font.size = font, Pt(points)
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    document.core_properties.author, document.core_properties.title = _("安澜"), leaflet.title
    if synthetic:
        _centred(document, _("【示例】演练所用，不是正式文件"))
    document.add_heading(leaflet.title, level=0).alignment = WD_ALIGN_PARAGRAPH.CENTER
    _centred(document, f"{village} · {leaflet.audience} · {leaflet.day:%Y-%m-%d}")
    for part in leaflet.parts:
        document.add_heading(part.heading, level=1)
        for line in part.lines:
            document.add_paragraph(line)
    _reach(document, leaflet, address)
    _sources(document, leaflet)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _centred(document: Any, text: str) -> None:
    document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.CENTER


def _reach(document: Any, leaflet: Leaflet, address: str) -> None:
    document.add_heading(_("申报和咨询"), level=1)
    document.add_paragraph(_("扫码申报（本村专用）："))
    document.add_picture(qr.png(address), width=Cm(4))
    document.add_paragraph(address)
    document.add_paragraph(f"{leaflet.hotline_title}：{leaflet.hotline}（{_('未核实')}：{leaflet.hotline_source}）")
    document.add_paragraph(_("本县电话：%(phone)s") % {"phone": leaflet.county_phone or _("__________（由县填写）")})


def _sources(document: Any, leaflet: Leaflet) -> None:
    document.add_heading(_("数字的依据"), level=1)
    table = document.add_table(rows=0, cols=3, style="Table Grid")
    for figure in leaflet.figures:
        mark = "" if figure.verified else f"（{_('未核实')}）"
        for cell, text in zip(table.add_row().cells, (figure.title, valued(figure) + mark, figure.source), strict=True):
            cell.paragraphs[0].add_run(text).font.size = Pt(9)
