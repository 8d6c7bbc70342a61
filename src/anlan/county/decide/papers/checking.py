"""A county's own template, tried before it is used: every name it asks for must be one that the paper has."""

import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from django.conf import settings
from django.utils.translation import gettext as _
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import TemplateError

from anlan.county.decide.papers.printing import BLANK, OWN, PUBLIC, TITLES, TemplateWrong, rendered, title

MOST_BYTES, MOST_UNPACKED = 5 * 1024 * 1024, 50 * 1024 * 1024
HOUSEHOLD = "head code township village group size labourers"
HANDS = ("reviewed", "town", "county")
WALKED = " ".join(f"{hand}_{what}" for hand in HANDS for what in ("said", "note", "by", "on")) + (
    " reviewed review_note public_since public_until"
)
CASE = (
    f"{HOUSEHOLD} {WALKED} event found_on visited_on visitor home_grade losses income rigid matched_on match_notes "
    "signer signer_relation signed_on by_proxy consent_until proposed grounds category refusal_reasons closed_on "
    "objections axes(title,holds)"
)
CLEARANCE = f"{HOUSEHOLD} {WALKED} category entered_on risks grounds how proposed measures looks(on,income,broken)"
HUNG = "village event since until households(name,place,size,category)"


def names(key: str) -> list[str]:
    """What a paper's template may ask for; a list with the names of its rows in brackets."""
    return (HUNG if key in PUBLIC else CLEARANCE if key.startswith("clear_") else CASE).split()


def sample(key: str) -> dict[str, Any]:
    """Every name of a paper with a blank, and every list with one row: what a template is tried with."""
    tried: dict[str, Any] = {}
    for name in names(key):
        outer, _bracket, inner = name.partition("(")
        tried[outer] = [dict.fromkeys(inner.removesuffix(")").split(","), BLANK)] if inner else BLANK
    return tried


def check(key: str, file: bytes) -> None:
    """Raise TemplateWrong, with the sentence that says why, unless a file can be this paper's template."""
    name = title(key)
    if len(file) > MOST_BYTES or _unpacked(file) > MOST_UNPACKED:
        raise TemplateWrong(_("公文模板“%(name)s”太大，请不要超过 5 MB。") % {"name": name})
    try:
        unknown = _asked(file) - set(sample(key))
        if not unknown:
            rendered(BytesIO(file), sample(key))
    except TemplateError as error:
        raise TemplateWrong(
            _("公文模板“%(name)s”用不了：%(why)s。可用的名字：%(known)s。")
            % {"name": name, "why": str(error).rstrip("."), "known": "、".join(names(key))}
        ) from error
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        raise TemplateWrong(_("公文模板“%(name)s”不是 Word（.docx）文件。") % {"name": name}) from error
    if unknown:
        said = {"name": name, "unknown": "、".join(sorted(unknown)), "known": "、".join(names(key))}
        raise TemplateWrong(_("公文模板“%(name)s”里有不认识的名字：%(unknown)s。可用的名字：%(known)s。") % said)


def _asked(file: bytes) -> set[str]:
    found: set[str] = DocxTemplate(BytesIO(file)).get_undeclared_template_variables()
    return found


def _unpacked(file: bytes) -> int:
    try:
        with zipfile.ZipFile(BytesIO(file)) as packed:
            return sum(each.file_size for each in packed.infolist())
    except BadZipFile:
        return 0  # what is no zip is refused by what reads it


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper with whose template it is made from, and what is wrong with it; empty where nothing is."""

    key: str
    title: str
    public: bool
    own: bool
    wrong: str


def listed() -> list[Listed]:
    """Every paper's template, those of the county tried as they lie there."""
    return [_listed(key) for key in TITLES]


def _listed(key: str) -> Listed:
    mine = place(key)
    wrong = ""
    if mine.is_file():
        try:
            check(key, mine.read_bytes())
        except TemplateWrong as error:
            wrong = str(error)
    return Listed(key, str(TITLES[key]), key in PUBLIC, mine.is_file(), wrong)


def place(key: str) -> Path:
    """Where the county's own template of a paper lies, or would."""
    return Path(settings.PAPERS) / f"{key}.docx"


def current(key: str) -> bytes:
    """The template that a paper is made from today."""
    mine = place(key)
    return (mine if mine.is_file() else OWN / f"{key}.docx").read_bytes()
