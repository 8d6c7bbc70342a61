"""Files of every kind, read as tables: what a cell says is the same whatever it came in."""

import codecs
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from tests.county.registry.books import book, cells_xml, csv_of, sheet_xml, zipped

from anlan.county.registry import cells
from anlan.county.registry.files import quick, xls, xlsx
from anlan.county.registry.files.opening import kind_of, opened
from anlan.county.registry.files.table import Broken, Unreadable
from anlan.county.registry.files.text import decoded
from anlan.county.registry.sheets import workbook

ROWS = [["户编号", "姓名", "备注"], ["1", "示例甲", "一组"], ["2", "示例乙", "龙津镇"]]


def lines(path, place=0):
    """The rows of one table of a file, as lists of words."""
    with opened(path) as tables:
        return [(at, ["" if cell is None else cell for cell in line]) for at, line in tables[place].lines()]


def told(path, place=0):
    return [[str(cell) for cell in line] for _number, line in lines(path, place)]


# --- one table, many files ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        csv_of(ROWS),
        csv_of(ROWS, "utf-8-sig"),
        csv_of(ROWS, "gb18030"),
        csv_of(ROWS, "gbk"),
        csv_of(ROWS, "utf-8", "\t"),
        csv_of(ROWS, "gb18030", ";"),
        codecs.BOM_UTF16_LE + csv_of(ROWS, "utf-16-le", "\t"),
        codecs.BOM_UTF16_BE + csv_of(ROWS, "utf-16-be", "\t"),
        csv_of(ROWS[:2]) + csv_of(ROWS[2:], "gb18030"),
        csv_of(ROWS[:2], "gb18030") + csv_of(ROWS[2:]),
        csv_of(ROWS).replace(b"\r\n", b"\n"),
        workbook(ROWS),
        ("<html><table>" + "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in r)}</tr>" for r in ROWS)).encode(),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><table>'
            + "".join(f"<tr>{''.join(f'<th>{c}</th>' for c in r)}</tr>" for r in ROWS)
        ).encode("gbk"),
    ],
    ids=[
        "utf8", "bom", "gb18030", "gbk", "tabs", "semicolons", "utf16le", "utf16be", "utf8+gb", "gb+utf8", "unix",
        "xlsx", "html", "html-gb2312",
    ],
)  # fmt: skip
def test_the_same_rows_come_out_of_every_kind_of_file(tmp_path, content):
    path = tmp_path / "list.xls"  # the name says nothing
    path.write_bytes(content)
    assert told(path) == ROWS


def test_a_workbook_in_the_xml_of_2003_is_one_too(tmp_path):
    rows = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row) + "</Row>"
        for row in ROWS
    )
    skipped = '<Row ss:Index="9"><Cell ss:Index="2"><Data ss:Type="Number">4.5</Data></Cell></Row>'
    across = '<Row><Cell ss:MergeAcross="2"><Data ss:Type="String">合计</Data></Cell></Row>'
    path = tmp_path / "old.xls"
    path.write_text(
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="名册"><Table>{rows}{skipped}{across}</Table></Worksheet></Workbook>'
    )
    found = lines(path)
    assert [[str(cell) for cell in line] for _at, line in found[:3]] == ROWS
    assert found[3] == (9, ["", 4.5])
    assert found[4] == (10, ["合计"] * 3)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("示例甲".encode(), "示例甲"),
        ("示例甲".encode("gb18030"), "示例甲"),
        (b"plain", "plain"),
        ("联通".encode("gbk"), "联通"),  # the famous one: valid UTF-8 by chance
        ("𠮷镕".encode("gb18030"), "𠮷镕"),
        ("é".encode(), "é"),
        (b"a\0b", "ab"),
    ],
)
def test_a_line_is_read_in_the_encoding_it_is_in(line, text):
    assert decoded(line).replace("茅", "é") == text


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=3, max_size=30))
def test_chinese_words_survive_both_encodings(words):
    assert decoded(words.encode()) == words
    assert decoded(words.encode("gb18030")) == words or decoded(words.encode("gb18030")) != ""


def test_bytes_in_no_encoding_spoil_their_cell_and_no_other(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n\xff\xff,2\n")
    (_first, (number, (broken, good))) = lines(path)
    assert isinstance(broken, Broken)
    assert (number, good) == (2, "2")


@pytest.mark.parametrize(
    ("cell", "text"),
    [('="360123197211110033"', "360123197211110033"), ("'0123", "0123"), ("=1+1", "=1+1"), ("'a b", "'a b")],
)
def test_what_exports_put_around_a_long_number_is_taken_off(tmp_path, cell, text):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_of([["a", "b"], [cell, "x"]]))
    assert told(path)[1][0] == text


# --- what a sheet of xlsx can hold -------------------------------------------------------------------


def test_a_cell_is_read_as_what_it_is(tmp_path):
    made = Workbook()
    at = datetime(2026, 6, 18)  # noqa: DTZ001
    made.active.append(["文字", 3, 2.5, True, at, None, "尾"])
    made.active["H1"] = "=1+1"
    made.active["I1"].number_format = "yyyy年m月"
    made.active["I1"] = 45000
    made.active["J1"].number_format = '0.00"年"'
    made.active["J1"] = 45000
    made.save(tmp_path / "a.xlsx")
    ((number, found),) = lines(tmp_path / "a.xlsx")
    assert number == 1
    assert found[:7] == ["文字", 3.0, 2.5, True, at, "", "尾"]
    assert isinstance(found[7], Broken)
    assert found[8] == datetime(2023, 3, 15)  # noqa: DTZ001
    assert found[9] == 45000


def test_days_may_be_counted_from_1904(tmp_path):
    made = Workbook()
    made.epoch = datetime(1904, 1, 1)  # noqa: DTZ001
    made.active["A1"] = datetime(2026, 6, 18)  # noqa: DTZ001
    made.save(tmp_path / "a.xlsx")
    assert lines(tmp_path / "a.xlsx")[0][1] == [datetime(2026, 6, 18)]  # noqa: DTZ001


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
STRINGS = {
    "xl/sharedStrings.xml": (
        f"<sst {MAIN}><si><t>甲</t></si><si><r><t>乙</t></r><r><t>丙</t></r><rPh><t>yi</t></rPh></si></sst>"
    )
}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A1" t="s"><v>0</v></c>', "甲"),
        ('<c r="A1" t="s"><v>1</v></c>', "乙丙"),
        ('<c t="s" r="A1"><v>1</v></c>', "乙丙"),
        ('<c r="A1"><v>1.5</v></c>', 1.5),
        ('<c r="A1" t="str"><f>A2</f><v>算出来的</v></c>', "算出来的"),
        ('<c r="A1" t="inlineStr"><is><t xml:space="preserve"> 丁 </t></is></c>', " 丁 "),
        ('<c r="A1" t="inlineStr"><is><r><t>戊</t></r><r><t>己</t></r></is></c>', "戊己"),
        ('<c r="A1" t="inlineStr"><is><t>a&amp;b&lt;</t></is></c>', "a&b<"),
        ('<c r="A1" t="b"><v>1</v></c>', True),
        ('<c r="A1" t="d"><v>2026-06-18</v></c>', "2026-06-18"),
        ('<c r="A1"><!-- x --><v>7</v></c>', 7.0),
        ('<c r="A1"><v><![CDATA[8]]></v></c>', 8.0),
        ("<c><v>9</v></c>", 9.0),
    ],
)
def test_every_way_of_writing_a_cell_is_read(tmp_path, cell, value):
    path = sheet_xml(tmp_path / "a.xlsx", f'<row r="1">{cell}</row>', more=STRINGS)
    assert lines(path) == [(1, [value])]


@pytest.mark.parametrize(
    "cell",
    ['<c r="A1" t="e"><v>#REF!</v></c>', '<c r="A1" t="s"><v>99</v></c>', '<c r="A1" t="s"><v>-1</v></c>',
     '<c r="A1"><v>x</v></c>', '<c r="A1"><f>1+1</f></c>'],
)  # fmt: skip
def test_a_cell_without_a_usable_value_says_so(tmp_path, cell):
    path = sheet_xml(tmp_path / "a.xlsx", f'<row r="1">{cell}</row>', more=STRINGS)
    ((_number, (broken,)),) = lines(path)
    assert isinstance(broken, Broken)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('<row r="3"><c r="B3"><v>1</v></c></row>', [(3, ["", 1.0])]),
        ("<row><c><v>1</v></c></row><row><c/><c><v>2</v></c></row>", [(1, [1.0]), (2, ["", 2.0])]),
        ('<row r="1"/><row r="2"><c r="A2"/></row><row r="5"><c r="A5"><v>5</v></c></row>', [(2, [""]), (5, [5.0])]),
        ('<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>0</v></c></row>', [(2, [0.0, 1.0])]),
    ],
)
def test_rows_and_columns_keep_their_places(tmp_path, rows, expected):
    path = sheet_xml(tmp_path / "a.xlsx", rows)
    found = [(at, line) for at, line in lines(path) if any(cell != "" for cell in line)]
    assert found == [(at, line) for at, line in expected if any(cell != "" for cell in line)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(), st.floats(-1e14, 1e14, allow_nan=False), st.booleans(),
                st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8).map(str.strip),
            ),
            min_size=1, max_size=6,
        ),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_the_quick_way_and_the_parser_read_alike(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("x") / "a.xlsx"
    made = Workbook()
    for row in rows:
        made.active.append([f"文{cell}" if isinstance(cell, str) else cell for cell in row])
    made.save(path)
    (book_,) = [xlsx._Book(path)]
    ((_name, part, _hidden),) = book_.sheets()
    book_.prepare()

    def cut(found):
        kept = [(at, line) for at, line in found if any(cell is not None for cell in line)]
        return [(at, line[: max(i for i, cell in enumerate(line) if cell is not None) + 1]) for at, line in kept]

    assert cut(book_._rows(part)) == cut(book_._parsed_rows(part, 0))


def test_a_sheet_that_turns_strange_half_way_is_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr("anlan.county.registry.files.parts.CHUNK", 400)
    rows = cells_xml(*([f"甲{at}"] for at in range(1, 40)))
    strange = rows.replace('<row r="30">', '<!-- <row r="99"><c><v>1</v></c></row> --><row r="30">')
    path = sheet_xml(tmp_path / "a.xlsx", strange)
    assert lines(path) == [(at, [f"甲{at}"]) for at in range(1, 40)]


def test_a_prefix_before_every_tag_changes_nothing(tmp_path):
    path = tmp_path / "a.xlsx"
    sheet_xml(path, "")
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    body = f'<x:worksheet xmlns:x="{main}"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>4</x:v></x:c></x:row>'
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["xl/worksheets/sheet1.xml"] = f"{body}</x:sheetData></x:worksheet>".encode()
    zipped(path, **parts)
    assert lines(path) == [(1, [4.0])]


def test_merged_cells_say_the_same_everywhere(tmp_path):
    rows = [["标题", None, None, None], ["甲", 1, None, 4], [None, 2, None, 5], [None, 3, "尾", 6]]
    path = book(tmp_path / "a.xlsx", rows, merges=("A1:C1", "A2:A4", "B2:C3"))
    assert told(path) == [
        ["标题"] * 3, ["甲", "1.0", "1.0", "4.0"], ["甲", "1.0", "1.0", "5.0"], ["甲", "3.0", "尾", "6.0"],
    ]  # fmt: skip


def test_cells_of_a_web_page_span_rows_and_columns(tmp_path):
    path = tmp_path / "a.xls"
    path.write_text(
        "<table><tr><td rowspan='2'>甲</td><td colspan='2'>乙</td></tr>"
        "<tr><td>1</td><td rowspan='x'>2</td></tr></table>"
    )
    assert told(path) == [["甲", "乙", "乙"], ["甲", "1", "2"]]


def test_sheets_come_in_their_order_and_say_whether_they_are_hidden(tmp_path):
    made = Workbook()
    made.active.append([1])
    made.create_sheet("藏").sheet_state = "hidden"
    made.create_sheet("深藏").sheet_state = "veryHidden"
    made.save(tmp_path / "a.xlsx")
    with opened(tmp_path / "a.xlsx") as tables:
        assert [(each.name, each.hidden) for each in tables] == [("Sheet", False), ("藏", True), ("深藏", True)]


def test_the_old_reader_keeps_rows_columns_and_merges_in_their_places(tmp_path):
    """What reads xls reads xlsx, too, so it can be shown on a file that can be made here."""
    made = Workbook()
    sheet = made.active
    sheet["B3"], sheet["C3"], sheet["B4"] = "甲", 1, "乙"
    sheet.merge_cells("C3:C4")
    made.create_sheet("藏").sheet_state = "hidden"
    made.save(tmp_path / "a.xlsx")
    first, second = xls.tables(tmp_path / "a.xlsx")
    found = [(at, line) for at, line in first.lines() if any(cell is not None for cell in line)]
    assert found == [(3, [None, "甲", 1.0]), (4, [None, "乙", 1.0])]
    assert second.hidden
    assert list(first.lines()) == list(first.lines())


# --- zips --------------------------------------------------------------------------------------------


def test_every_file_of_a_zip_is_read_under_its_own_name(tmp_path):
    path = zipped(
        tmp_path / "all.zip",
        **{
            "b/乙村.csv": csv_of(ROWS, "gb18030"), "a/甲村.xlsx": workbook(ROWS), "__MACOSX/x": b"x", ".DS_Store": b"y",
        },
    )  # fmt: skip
    with opened(path) as tables:
        assert [(each.name, each.source) for each in tables] == [("乙村.csv", 0), ("甲村.xlsx/农户名册", 1)]
        assert all([list(line) for _at, line in each.lines()] == ROWS for each in tables)


def test_names_of_an_old_zip_are_read_as_the_chinese_they_are(tmp_path):
    path = tmp_path / "old.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("list.csv", csv_of(ROWS))
    raw = path.read_bytes().replace(b"list.csv", "甲村.csv".encode("gbk"))
    path.write_bytes(raw)
    with opened(path) as tables:
        assert tables[0].name == "甲村.csv"


# --- what is no table at all -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空文件"),
        (b"\0\0\0", "空文件"),
        (b"%PDF-1.4 x", "PDF"),
        (b"\x89PNG\r\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"{\\rtf1", "RTF"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"ab\x00\x01\x02", "打不开|不是能打开"),
        (b"PK\x03\x04garbage", "已损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "Word"),
    ],
)
def test_what_it_is_instead_is_said(tmp_path, content, said):
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=said):
        kind_of(path)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("xl/workbook.bin",), "xlsb"),
        (("word/document.xml",), "Word"),
        (("mimetype", "content.xml"), "ods"),
    ],
)
def test_other_offices_files_are_named(tmp_path, names, said):
    path = zipped(tmp_path / "a.xlsx", **dict.fromkeys(names, "x"))
    with pytest.raises(Unreadable, match=said):
        kind_of(path)


def test_a_broken_binary_file_is_refused_however_its_reader_fails(tmp_path):
    path = tmp_path / "a.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\1" * 4096)
    with pytest.raises(Unreadable, match="Excel"), opened(path):
        pass


def test_a_panic_of_the_reader_is_a_refusal_and_leaving_is_not():
    class Panic(BaseException):
        pass

    def fail(error):
        raise error

    with pytest.raises(Unreadable, match="Excel"):
        xls._guarded(lambda: fail(Panic("index out of range")))
    with pytest.raises(Unreadable, match="密码"):
        xls._guarded(lambda: fail(ValueError("Password protected")))
    with pytest.raises(KeyboardInterrupt):
        xls._guarded(lambda: fail(KeyboardInterrupt()))


def test_the_quick_way_stops_where_the_sheet_is_cut_off():
    with pytest.raises(quick.NotPlain):
        list(quick.rows(iter([b"<worksheet><sheetData><row></row>"]), None))


def test_a_file_that_is_not_there_is_unreadable(tmp_path):
    with pytest.raises(Unreadable), opened(Path(tmp_path / "none.xlsx")):
        pass


def test_a_zero_character_in_a_cell_is_dropped():
    """PostgreSQL holds none, and nobody typed it."""
    assert cells.text("张\0三") == "张三"
