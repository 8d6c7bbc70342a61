"""Importing and the template on the command line."""

import io
import json

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from anlan.county.registry.headings import FIELDS, places
from anlan.county.registry.models import Household
from anlan.county.registry.sheets import template, workbook

ROWS = [("村", "姓名", "身份证号"), ("示例甲村", "示例甲", "990123197211110033")]


def run(name, *words):
    """What a command prints, and what it says on the other line."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(name, *map(str, words), stdout=out, stderr=err)
        code = 0
    except SystemExit as leaving:
        code = leaving.code
    return code, out.getvalue(), err.getvalue()


@pytest.mark.parametrize("as_json", [True, False])
def test_import_says_what_came_in(county, tmp_path, as_json):
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(ROWS))
    code, out, err = run("registry_import", path, *(["--json"] if as_json else []))
    assert (code, err) == (0, "")
    if as_json:
        assert json.loads(out) == {"rows": 1, "households": 1, "people": 1, "refusals": [], "ignored": []}
    else:
        assert "households\t1" in out
    assert Household.objects.count() == 1


@pytest.mark.parametrize("as_json", [True, False])
def test_import_names_every_place_and_leaves_with_2(county, tmp_path, as_json):
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook([ROWS[0], ("远方村", "示例甲", "1")]))
    code, out, err = run("registry_import", path, *(["--json"] if as_json else []))
    assert code == 2
    assert "有 2 处要改" in err
    if as_json:
        document = json.loads(out)
        assert (document["rows"], document["households"]) == (1, 0)
        assert {each["column"] for each in document["refusals"]} == {"村", "身份证号"}
        assert {(each["sheet"], each["row"]) for each in document["refusals"]} == {("农户名册", 2)}
    else:
        assert out == ""
    assert not Household.objects.exists()


@pytest.mark.parametrize("as_json", [True, False])
def test_the_template_opens_in_another_program_and_has_every_column(tmp_path, as_json):
    path = tmp_path / "template.xlsx"
    _code, out, _err = run("registry_template", "--out", path, *(["--json"] if as_json else []))
    assert str(path) in out
    (headings, example) = load_workbook(path).active.iter_rows(values_only=True)
    assert places(headings).keys() == FIELDS.keys() - {"head_name"}
    assert example[list(headings).index("身份证号")] == "990123197211110033"


def test_the_same_template_is_the_same_file():
    assert template() == template()
