"""Every text that users see goes through gettext, and every one of them has its English."""

import ast
import gettext
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from anlan.county.config import messages

ROOT = Path(__file__).resolve().parents[2]
COUNTY = ROOT / "src" / "anlan" / "county"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext"}

spec = importlib.util.spec_from_file_location("tools_messages", ROOT / "tools" / "messages.py")
assert spec
assert spec.loader
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)


def bare(path: Path) -> Iterator[str]:
    """Chinese strings of a module that no call to gettext holds; docstrings are free."""
    tree = ast.parse(path.read_text())
    held: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in MARKS:
            held |= {id(each) for each in ast.walk(node)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            held.add(id(node.value))
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    for node in texts:
        if id(node) not in held and CHINESE.search(node.value):
            yield f"{path.relative_to(COUNTY)}:{node.lineno}: {node.value[:30]}"


# Chinese that is data and not a text of ours, and why it is there.
DATA = {
    "drill": "the invented people and papers of a drill",
    "registry/headings.py": "the column heads of the registry's workbooks",
    "registry/shelters/reading.py": "the column heads of lists of shelters and schools",
    "registry/lists.py": "the column heads of other offices' lists",
    "registry/vocabulary.py": "the words in their cells",
    "registry/cells.py": "the units and yeses in their cells",
    "registry/workbook.py": "what their pupils' cells say",
    "registry/sheets.py": "the empty workbook, filled in by people in China",
    "registry/assembly.py": "the source kept with a category",
    "registry/exporting.py": "the yeses in an exported workbook",
    "registry/members.py": "surnames that are read in a way of their own",
    "personal.py": "the characters that pseudonyms are made of",
    "account/documents.py": "the fonts and the date line of an official document",
    "decide/dossier.py": "the notice on the village's board",
    "warn/queries.py": "the list sent to cadres",
    "warn/documents.py": "the font of an official document",
    "dispatch/bench.py": "a warning that goes to a sink and to nobody",
    "sense/feeds": "the names that alerts give to division codes",
    "discover/inspecting/reading.py": "the column heads and words of lists of findings",
    "discover/leaflets/document.py": "the fonts of an official document",
    "discover/comparison/reading.py": "the units in departments' cells",
    "discover/lists.py": "the column heads and words of departments' own lists",
    "office/actions.py": "the program's own name in the table of users",
}


def is_data(path: Path) -> bool:
    place = path.relative_to(COUNTY).as_posix()
    return any(place == name or place.startswith(f"{name}/") for name in DATA)


def test_no_chinese_in_the_code_outside_gettext():
    paths = [path for path in sorted(COUNTY.rglob("*.py")) if not is_data(path)]
    # A command speaks to a terminal, where no language is chosen: it says a thing in both.
    assert [line for path in paths for line in bare(path) if "management/commands" not in line] == []


def test_no_chinese_in_the_templates_outside_gettext():
    found = []
    for path in sorted(COUNTY.rglob("*.html")):
        text = re.sub(r"{%\s*(blocktranslate|blocktrans)\b.*?{%\s*end\1\s*%}", "", path.read_text(), flags=re.S)
        text = re.sub(r"{%.*?%}|{#.*?#}|{{.*?}}", "", text, flags=re.S)
        found += [f"{path.relative_to(COUNTY)}: {line.strip()}" for line in text.splitlines() if CHINESE.search(line)]
    assert [line for line in found if not line.endswith(">中文</button>")] == []


def test_every_text_has_its_english():
    assert list(tool.problems(tool.used(), tool.kept())) == []


def test_every_translate_tag_is_collected():
    collected = {key[0] for key in tool.keyed(tool.used())}
    for path in sorted(COUNTY.rglob("*.html")):
        for text in re.findall(r"""{%\s*translate\s+"([^"]+)\"""", path.read_text()):
            assert text in collected, path


def test_the_file_is_what_the_tool_would_write():
    assert tool.FILE.read_bytes() == tool.written(tool.used(), tool.kept())


def catalogue(**texts: str) -> Catalog:
    made = Catalog(locale="en")
    for text, english in texts.items():
        made.add(text, english)
    return made


@pytest.mark.parametrize(
    ("english", "problem"),
    [({}, "missing"), ({"甲": ""}, "empty"), ({"甲": "a %(n)s"}, "placeholders"), ({"甲": "a", "乙": "b"}, "obsolete")],
)
def test_the_check_tells_what_is_wrong(english, problem):
    (line,) = tool.problems(catalogue(甲=""), catalogue(**english))
    assert line.startswith(problem)


def test_the_update_keeps_what_is_translated_and_drops_what_is_gone():
    text = tool.written(catalogue(甲="", 丙=""), catalogue(甲="a", 乙="b")).decode()
    assert 'msgid "甲"\nmsgstr "a"' in text
    assert 'msgid "丙"\nmsgstr ""' in text
    assert "乙" not in text


def test_compiling_makes_what_gettext_reads(tmp_path, monkeypatch):
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_bytes(tool.written(catalogue(甲=""), catalogue(甲="first")))
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    (made,) = messages.compile_messages()
    with made.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("甲") == "first"


def test_the_kept_file_can_be_read():
    with tool.FILE.open("rb") as file:
        assert len(read_po(file)) > 100
