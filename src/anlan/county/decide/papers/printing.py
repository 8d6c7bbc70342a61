"""One paper from its template: as a Word file, as a page, or many of them in one zip.

A template lies in the county's folder (the PAPERS setting) or, where it has none of its own, among those that come with
the program. The page is read out of the Word file, so the two never differ. A template knows the names it is given and
no others: what hangs in public is given nothing by which a stranger finds or shames a household.
"""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from anlan.county.errors import Refused

OWN = Path(__file__).parent / "forms"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BLANK = "＿＿＿＿＿＿"  # a figure nobody has is a line to be filled in by hand

TITLES: Mapping[str, Promise] = {
    "application": gettext_lazy("申请及承诺授权查询书"),
    "check": gettext_lazy("排查（核查）表"),
    "review": gettext_lazy("民主评议记录"),
    "publicity": gettext_lazy("公示"),
    "approval": gettext_lazy("审核审批表"),
    "notice": gettext_lazy("公告"),
    "refusal": gettext_lazy("不予纳入告知书"),
    "clear_check": gettext_lazy("风险消除核查表"),
    "clear_review": gettext_lazy("风险消除评议记录"),
    "clear_publicity": gettext_lazy("风险消除公示"),
    "clear_approval": gettext_lazy("风险消除审批表"),
}
PUBLIC = frozenset({"publicity", "notice", "clear_publicity"})  # hung up in the village: masked, and nothing else


class TemplateWrong(Refused):
    """A county's template that is no Word file, or asks for a name there is not."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a paper as a page shows it: a heading, a sentence, or a table of (text, columns) cells."""

    kind: str
    text: str
    rows: list[list[tuple[str, int]]]


def word(key: str, contents: Mapping[str, Any]) -> bytes:
    """A paper as the bytes of a .docx file."""
    path = template(key)
    try:
        return rendered(str(path), contents)
    except TemplateError as error:
        said = {"name": path.name, "why": error}
        raise TemplateWrong(
            _("公文模板 %(name)s 用不了：%(why)s。请改正模板，或删去它改用自带的模板。") % said
        ) from error
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        raise TemplateWrong(_("公文模板 %(name)s 不是 Word（.docx）文件。") % {"name": path.name}) from error


def rendered(source: str | BytesIO, contents: Mapping[str, Any]) -> bytes:
    """A template with its names replaced, in a sandbox. Raises what reading and rendering raise."""
    names = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    file = BytesIO()
    paper = DocxTemplate(source)
    paper.render(dict(contents), jinja_env=names)
    paper.save(file)
    return file.getvalue()


def template(key: str) -> Path:
    """The county's own template of a paper, or the one that comes with the program."""
    mine = Path(settings.PAPERS) / f"{key}.docx"
    return mine if mine.is_file() else OWN / f"{key}.docx"


def page(file: bytes) -> list[Block]:
    """A Word file as blocks for a page."""
    return list(_blocks(Document(BytesIO(file))))


def _blocks(document: Any) -> Iterator[Block]:
    for part in document.iter_inner_content():
        if hasattr(part, "rows"):
            yield Block("table", "", [_cells(row) for row in part.rows])
        elif part.text.strip():
            yield Block("title" if part.style.name == "Title" else "text", part.text, [])


def _cells(row: Any) -> list[tuple[str, int]]:
    """A row's cells with how many columns each is wide: Word names a merged cell once for every column."""
    found: list[tuple[Any, int]] = []
    for cell in row.cells:
        if found and found[-1][0]._tc is cell._tc:
            found[-1] = (cell, found[-1][1] + 1)
        else:
            found.append((cell, 1))
    return [(cell.text, wide) for cell, wide in found]


def bundle(papers: Iterable[tuple[str, Mapping[str, Any]]]) -> bytes:
    """Papers, by key and contents, as Word files in one zip, in their order."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for number, (key, contents) in enumerate(papers, start=1):
            made.writestr(f"{number:02}-{title(key)}.docx", word(key, contents))
    return file.getvalue()


def title(key: str) -> str:
    """A paper's name as the office has it, whatever language the reader chose."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(TITLES[key])


def day(at: date | datetime | None) -> str:
    """A day as official papers write it; a blank where there is none."""
    if at is None:
        return BLANK
    on = timezone.localtime(at).date() if isinstance(at, datetime) else at
    return _("%(year)d年%(month)d月%(day)d日") % {"year": on.year, "month": on.month, "day": on.day}


def yuan(amount: float | None) -> str:
    """A sum; a blank where nobody has one."""
    return BLANK if amount is None else _("%(amount)s元") % {"amount": f"{amount:,.0f}"}


def said(text: str) -> str:
    """Words; a blank where there are none."""
    return text.strip() or BLANK
