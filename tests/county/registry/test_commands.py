"""Importing and the template on the command line."""

import io
import json

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from anlan.county.errors import NotFound, Refused
from anlan.county.registry.headings import FIELDS, places
from anlan.county.registry.models import Batch, Change, Household, Mapping
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
        batch = Batch.objects.get().pk
        assert json.loads(out) == {
            "rows": 1, "new": 1, "changed": 0, "unchanged": 0, "refused": 0, "refusals": [], "batch": batch,
            "ignored": [],
        }  # fmt: skip
    else:
        assert "new\t1" in out
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
        assert (document["rows"], document["new"], document["batch"]) == (1, 0, None)
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


@pytest.fixture
def mixed(county, tmp_path):
    """A file of which one row can be used and one cannot."""
    path = tmp_path / "mixed.xlsx"
    path.write_bytes(workbook([*ROWS, ("示例甲村", "示例乙", "1")]))
    return path


def test_a_row_that_cannot_be_used_is_named_and_the_others_come_in(mixed):
    code, out, err = run("registry_import", mixed, "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert (document["rows"], document["new"], document["refused"]) == (2, 1, 1)
    (refusal,) = document["refusals"]
    assert (refusal["sheet"], refusal["row"], refusal["column"]) == ("农户名册", 3, "身份证号")
    assert "身份证号" in run("registry_import", mixed)[1]


def test_a_dry_run_says_the_same_and_writes_nothing(mixed):
    before = Household.objects.count()
    code, out, _err = run("registry_import", mixed, "--dry-run", "--json")
    document = json.loads(out)
    assert (code, document["new"], document["refused"], document["batch"]) == (0, 1, 1, None)
    assert (Household.objects.count(), Batch.objects.count(), Change.objects.count()) == (before, 0, 0)


def test_a_long_list_of_refusals_is_cut_for_people_and_whole_for_machines(county, tmp_path):
    path = tmp_path / "bad.xlsx"
    path.write_bytes(workbook([*ROWS, *(("示例甲村", f"示例{at}", "1") for at in range(30))]))
    assert "… +10" in run("registry_import", path)[1]
    assert len(json.loads(run("registry_import", path, "--json")[1])["refusals"]) == 30


def test_the_refused_rows_are_written_back_where_one_asks(mixed, tmp_path):
    back = tmp_path / "back.xlsx"
    run("registry_import", mixed, "--refused", back)
    heading, row = load_workbook(back).active.iter_rows(values_only=True)
    assert heading == (*ROWS[0], "导入问题")
    assert row[:3] == ("示例甲村", "示例乙", "1")
    assert "原第 3 行" in row[3]


def test_an_import_is_taken_back_by_its_number_once(county, tmp_path):
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(ROWS))
    batch = json.loads(run("registry_import", path, "--json")[1])["batch"]
    code, out, _err = run("registry_undo", batch, "--json")
    assert (code, json.loads(out)["state"]) == (0, "undone")
    assert not Household.objects.exists()
    with pytest.raises(Refused, match="已经撤销"):
        run("registry_undo", batch)


def test_an_import_that_never_was_cannot_be_taken_back(county):
    with pytest.raises(NotFound, match="4711"):
        run("registry_undo", 4711)


def test_a_list_goes_out_in_its_filters(county, tmp_path):
    path, out_path = tmp_path / "list.xlsx", tmp_path / "out.xlsx"
    path.write_bytes(workbook([*ROWS, ("示例丙村", "示例丙", "990123201006061040")]))
    run("registry_import", path)
    words = ("registry_export", "--out", out_path, "--layout", "list", "--json")
    assert json.loads(run(*words)[1])["households"] == 2
    assert json.loads(run(*words, "--division", "360123102000")[1])["households"] == 1
    assert json.loads(run(*words, "--words", "示例丙")[1])["households"] == 1
    assert json.loads(run(*words, "--category", "ex_poor")[1])["households"] == 0
    assert load_workbook(out_path).active.max_row == 1


def test_a_layout_nobody_made_is_refused_by_name(county, tmp_path):
    with pytest.raises(NotFound, match="national"):
        run("registry_export", "--out", tmp_path / "x.xlsx", "--layout", "none")


def test_a_departments_names_are_saved_and_used(county, tmp_path):
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook([("所属村", "名字", "身份证"), ROWS[1]]))
    assert run("registry_import", path)[0] == 2
    code, out, _err = run("registry_mapping", "民政", "所属村=village", "名字=name", "--clears", "phone", "--json")
    assert code == 0
    assert json.loads(out) == {"name": "民政", "headings": {"所属村": "village", "名字": "name"}, "clears": ["phone"]}
    assert json.loads(run("registry_import", path, "--mapping", "民政", "--json")[1])["new"] == 1
    assert Mapping.objects.count() == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("甲", "所属村"), "列名=字段"),
        (("甲", "所属村=nothing"), "nothing"),
        (("甲", "--clears", "x"), "“x”"),
        (("甲", "村庄=village", "--department", "none"), "none"),
        (("甲" * 61, "村庄=village"), "60"),
    ],
)
def test_names_that_mean_nothing_are_refused(county, words, said):
    with pytest.raises(Refused, match=said):
        run("registry_mapping", *words)
    assert not Mapping.objects.exists()


def test_an_unknown_mapping_or_user_is_refused(mixed):
    with pytest.raises(NotFound, match="没有名为"):
        run("registry_import", mixed, "--mapping", "nobody")
    with pytest.raises(NotFound, match="nobody"):
        run("registry_import", mixed, "--by", "nobody")
    assert not Household.objects.exists()
