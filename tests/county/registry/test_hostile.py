"""Workbooks made to hurt: refused by a sentence, in little time and little memory, with nothing written."""

import resource
import zipfile

import pytest
from tests.county.registry.books import PEOPLE, cells_xml, csv_of, number, sheet_xml, zipped
from tests.county.registry.conftest import A

from anlan.county.registry.actions import NotImported, import_workbook
from anlan.county.registry.files import parts, table, xlsx
from anlan.county.registry.files.opening import opened
from anlan.county.registry.files.table import Unreadable
from anlan.county.registry.models import Household
from anlan.county.registry.sheets import workbook

GOOD = ("1", A, "示例甲", number(1), "户主")


@pytest.fixture
def send(people):
    def send(path):
        return import_workbook(path=path, by=people["administrator"])

    return send


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def drain(path):
    with opened(path) as tables:
        for each in tables:
            for _line in each.lines():
                pass


def test_a_bomb_of_one_repeated_byte_is_refused_before_it_goes_off(tmp_path, send):
    path = tmp_path / "bomb.xlsx"
    sheet_xml(path, "")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/sharedStrings.xml", "w") as out:
        for _piece in range(300):
            out.write(b"<" * (1 << 20))
    before = peak_mb()
    with pytest.raises(NotImported, match=r"过大|损坏|大得不像"):
        send(path)
    assert peak_mb() - before < 300


def test_a_zip_that_lies_about_its_size_is_counted_as_it_comes(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "MAX_PART_BYTES", 1000)
    path = zipped(tmp_path / "a.zip", **{"a.csv": b"a,b\n" * 10_000})
    with zipfile.ZipFile(path) as archive, pytest.raises(Unreadable, match="过大"):
        list(parts.stream(archive, archive.infolist()[0], 1000))


def test_a_dimension_of_a_billion_rows_costs_nothing(tmp_path, send):
    path = sheet_xml(tmp_path / "a.xlsx", cells_xml(PEOPLE, GOOD), head='<!-- <dimension ref="A1:XFD1048576"/> -->')
    assert send(path).new == 1


def test_a_cell_in_the_last_corner_costs_nothing(tmp_path, send):
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = sheet_xml(tmp_path / "a.xlsx", cells_xml(PEOPLE, GOOD) + corner)
    before = peak_mb()
    found = send(path)
    assert (found.new, found.refused) == (1, 1)
    assert found.refusals[0]["row"] == 1048576
    assert peak_mb() - before < 100


@pytest.mark.parametrize("reference", ["XFE2", "ZZZ2", "AAAA2", "é2"])
def test_a_column_beyond_the_last_is_refused_by_sheet(tmp_path, send, reference):
    row = f'<row r="2"><c r="{reference}"><v>1</v></c></row>'
    path = sheet_xml(tmp_path / "a.xlsx", cells_xml(PEOPLE) + row)
    with pytest.raises(NotImported) as caught:
        send(path)
    assert caught.value.refusals[0]["sheet"] == "名册"


def test_a_million_empty_cells_in_a_row_are_refused_or_passed_over(tmp_path):
    path = sheet_xml(tmp_path / "a.xlsx", cells_xml(PEOPLE) + f'<row r="2">{"<c/>" * 1_000_000}</row>')
    before = peak_mb()
    drain(path)
    assert peak_mb() - before < 400


def test_one_row_larger_than_any_is_refused(tmp_path, monkeypatch, send):
    monkeypatch.setattr(xlsx, "MAX_ROW_BYTES", 10_000)
    monkeypatch.setattr("anlan.county.registry.files.quick.MAX_ROW_BYTES", 10_000)
    monkeypatch.setattr(parts, "CHUNK", 5_000)
    path = sheet_xml(tmp_path / "a.xlsx", cells_xml(PEOPLE) + f'<row r="2">{"<c/>" * 20_000}</row>')
    with pytest.raises(NotImported, match="大得不像"):
        send(path)


ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [ENTITY, OUTSIDE, " " * 5000 + ENTITY], ids=["billion laughs", "outside", "late"])
def test_entities_are_never_expanded(tmp_path, send, head):
    path = sheet_xml(
        tmp_path / "a.xlsx", cells_xml(PEOPLE, ("1", A, "&b;" if "b " in head else "&a;", "x", "户主")), head=head
    )
    with pytest.raises(NotImported, match=r"DOCTYPE|损坏"):
        send(path)
    assert not Household.objects.exists()


def test_entities_in_the_strings_or_the_book_are_refused_too(tmp_path, send):
    strings = (
        f'{ENTITY}<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&b;</t></si></sst>'
    )
    path = sheet_xml(tmp_path / "a.xlsx", cells_xml(PEOPLE, GOOD), more={"xl/sharedStrings.xml": strings})
    with pytest.raises(NotImported, match=r"DOCTYPE|损坏"):
        send(path)
    path = sheet_xml(tmp_path / "b.xlsx", "", more={"xl/workbook.xml": f"{ENTITY}<workbook>&b;</workbook>"})
    with pytest.raises(NotImported, match=r"DOCTYPE|损坏"):
        send(path)


def test_links_to_elsewhere_are_never_followed_and_formulas_never_run(tmp_path, send):
    row = (
        f'<row r="2"><c t="inlineStr"><is><t>1</t></is></c><c t="inlineStr"><is><t>{A}</t></is></c>'
        '<c t="str"><f>[1]Sheet1!A1</f><v>示例甲</v></c>'
        f'<c t="inlineStr"><is><t>{number(1)}</t></is></c><c t="str"><f>HYPERLINK("http://x")</f><v>户主</v></c></row>'
    )
    more = {"xl/externalLinks/externalLink1.xml": "<externalLink/>", "xl/vbaProject.bin": "macro"}
    path = sheet_xml(tmp_path / "a.xlsx", cells_xml(PEOPLE) + row, more=more)
    assert send(path).new == 1
    assert Household.objects.get().head_name == "示例甲"


def test_a_formula_nobody_calculated_is_refused_in_its_place(tmp_path, send):
    row = f'<row r="2"><c><v>1</v></c><c t="inlineStr"><is><t>{A}</t></is></c><c><f>A9</f></c></row>'
    path = sheet_xml(tmp_path / "a.xlsx", cells_xml(PEOPLE) + row)
    with pytest.raises(NotImported, match="公式") as caught:
        send(path)
    assert ("名册", 2, "姓名") in {(each["sheet"], each["row"], each["column"]) for each in caught.value.refusals}


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/evil.csv", "..\\..\\evil.csv", "a/../../../evil.csv"])
def test_a_path_that_climbs_out_of_a_zip_is_only_a_name(tmp_path, send, name):
    (tmp_path / "in").mkdir()
    path = zipped(tmp_path / "in" / "a.zip", **{name: csv_of([PEOPLE, GOOD])})
    before = set(tmp_path.rglob("*"))
    assert send(path).new == 1
    assert set(tmp_path.rglob("*")) == before


def test_a_zip_in_a_zip_is_refused_by_name(tmp_path, send):
    inner = zipped(tmp_path / "inner.zip", **{"a.csv": csv_of([PEOPLE, GOOD])})
    path = zipped(tmp_path / "outer.zip", **{"里面.zip": inner.read_bytes()})
    with pytest.raises(NotImported, match="只压缩一层") as caught:
        send(path)
    assert caught.value.refusals[0]["sheet"] == "里面.zip"


def test_a_zip_of_too_many_files_or_none_is_refused(tmp_path, send, monkeypatch):
    monkeypatch.setattr("anlan.county.registry.files.opening.MAX_MEMBERS", 3)
    with pytest.raises(NotImported, match="超过 3 个"):
        send(zipped(tmp_path / "a.zip", **{f"{at}.csv": b"a" for at in range(4)}))
    with pytest.raises(NotImported, match="没有文件"):
        send(zipped(tmp_path / "b.zip"))


def test_a_locked_zip_is_refused_by_the_name_of_its_file(tmp_path, send):
    path = zipped(tmp_path / "a.zip", **{"a.csv": csv_of([PEOPLE, GOOD])})
    raw = bytearray(path.read_bytes())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = raw.find(mark) + (6 if mark == b"PK\x03\x04" else 8)
        raw[at] |= 1
    path.write_bytes(raw)
    with pytest.raises(NotImported, match="密码") as caught:
        send(path)
    assert caught.value.refusals[0]["sheet"] == "a.csv"


def test_a_torn_part_is_refused(tmp_path, send):
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook([PEOPLE, GOOD]))
    raw = bytearray(path.read_bytes())
    raw[120:160] = b"\0" * 40
    path.write_bytes(raw)
    with pytest.raises(NotImported):
        send(path)
    assert not Household.objects.exists()


@pytest.mark.parametrize(
    "rows", ["<row r='1'><c", '<row r="1"><c t="inlineStr"><is><t>x'],
)  # fmt: skip
def test_xml_that_is_none_is_refused(tmp_path, send, rows):
    path = sheet_xml(tmp_path / "a.xlsx", rows)
    with pytest.raises(NotImported):
        send(path)


def test_too_many_merged_ranges_are_refused(tmp_path, send, monkeypatch):
    monkeypatch.setattr(xlsx, "MAX_MERGES", 5)
    merges = "".join(f'<mergeCell ref="A{at}:B{at}"/>' for at in range(1, 9))
    path = sheet_xml(tmp_path / "a.xlsx", cells_xml(PEOPLE, GOOD), tail=f"<mergeCells>{merges}</mergeCells>")
    with pytest.raises(NotImported, match="合并单元格过多"):
        send(path)


def test_a_merge_over_everything_does_not_fill_everything(tmp_path):
    tail = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    path = sheet_xml(tmp_path / "a.xlsx", cells_xml(["甲"], ["乙"], ["丙"]), tail=tail)
    before = peak_mb()
    drain(path)
    assert peak_mb() - before < 100


def test_a_line_without_end_is_refused_by_its_row(tmp_path, send):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_of([PEOPLE]) + b"x" * 3_000_000)
    with pytest.raises(NotImported, match="大得不像") as caught:
        send(path)
    assert caught.value.refusals[0]["row"] == 2


def test_a_quote_that_never_closes_is_refused_by_its_row(tmp_path, send):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_of([PEOPLE, GOOD]) + b'"' + b"x,y\n" * 60_000)
    with pytest.raises(NotImported, match="引号") as caught:
        send(path)
    assert caught.value.refusals[0]["row"] == 3


def test_a_csv_of_a_million_columns_is_refused(tmp_path, send):
    path = tmp_path / "a.csv"
    path.write_bytes(b"," * 900_000 + b"\n")
    with pytest.raises(NotImported, match="列数"):
        send(path)


@pytest.mark.parametrize("span", ["999999999999", "-5", "1000000"])
def test_a_cell_of_a_web_page_that_spans_the_world_is_cut(tmp_path, span):
    path = tmp_path / "a.xls"
    path.write_text(f"<table><tr><td rowspan='{span}' colspan='{span}'>x</td></tr><tr><td>y</td></tr></table>")
    before = peak_mb()
    drain(path)
    assert peak_mb() - before < 50


def test_a_web_page_that_is_too_large_is_refused(tmp_path, send, monkeypatch):
    monkeypatch.setattr("anlan.county.registry.files.html.MAX_BYTES", 10)
    path = tmp_path / "a.xls"
    path.write_text("<html><table><tr><td>x</td></tr></table></html>")
    with pytest.raises(NotImported, match="网页"):
        send(path)


def test_the_limits_leave_room_for_a_province():
    assert table.MAX_PART_BYTES > 2 * 1024**3
    assert table.MAX_COLUMNS == 16_384
