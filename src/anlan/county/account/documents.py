"""The after-action report as a Word document, in the form Chinese offices use."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from anlan.county.account import telling
from anlan.county.account.models import Report

BODY, HEADING, LATIN = "仿宋", "黑体", "Times New Roman"


def after_action(report: Report) -> bytes:
    """The whole report as the bytes of a .docx file."""
    document = Document()
    _set_page(document)
    _set_fonts(document)
    _open(document, report)
    for block in telling.blocks(report.body):
        document.add_heading(block.title, level=1)
        for sentence in block.sentences:
            document.add_paragraph(sentence)
        if block.rows:
            _table(document, block.header, block.rows)
    document.add_paragraph(_("报告校验值：%(sha)s") % {"sha": report.sha})
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _set_page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    _number_pages(section.footer.paragraphs[0])


def _number_pages(paragraph: Any) -> None:
    """`— 3 —` at the foot of each page: a field that Word counts itself."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run("— ")
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)
    paragraph.add_run(" —")


def _set_fonts(document: Any) -> None:
    """Word takes Chinese characters from `eastAsia`, and knows nothing of it unless told for every style."""
    for name, font, points in (
        ("Normal", BODY, 14), ("Title", HEADING, 22), ("Heading 1", HEADING, 16), ("List Bullet", BODY, 14),
    ):  # fmt: skip
        style = document.styles[name]
        style.font.name, style.font.size = LATIN, Pt(points)
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), font)
        for theme in ("asciiTheme", "eastAsiaTheme", "hAnsiTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)


def _open(document: Any, report: Report) -> None:
    about = document.core_properties
    about.author, about.title, about.comments = _("安澜"), report.event.title, report.sha
    about.created = about.modified = report.made_at
    if telling.is_synthetic(report.body):
        mark = document.add_paragraph()
        mark.alignment = WD_ALIGN_PARAGRAPH.CENTER
        mark.add_run(_("【示例】本报告出自演练，农户与灾情均为虚构")).bold = True
    title = document.add_heading(_("%(event)s应对情况报告") % {"event": report.event.title}, level=0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    made = timezone.localtime(report.made_at)
    told = {"year": made.year, "month": made.month, "day": made.day, "time": f"{made:%H:%M}"}
    line = document.add_paragraph(_("%(year)d年%(month)d月%(day)d日 %(time)s") % told)
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _table(document: Any, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = document.add_table(rows=1, cols=len(header), style="Table Grid")
    _fill(table.rows[0].cells, header, bold=True)
    for row in rows:
        _fill(table.add_row().cells, row)
    document.add_paragraph()


def _fill(cells: Iterable[Any], texts: Sequence[str], *, bold: bool = False) -> None:
    for cell, text in zip(cells, texts, strict=True):
        run = cell.paragraphs[0].add_run(text)
        run.bold, run.font.size = bold, Pt(11)
