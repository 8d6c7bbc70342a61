"""Lists that go out: what the national layout writes, the import reads back without a difference."""

from datetime import date
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from tests.county.registry.books import number
from tests.county.registry.conftest import A, B, C, household, person

from anlan.county import clock
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.registry import exporting, finding, vocabulary
from anlan.county.registry.actions import enrol, enrol_reported, enrol_water_sources, import_workbook, record_export
from anlan.county.registry.headings import FIELDS, places
from anlan.county.registry.models import CATEGORIES, Category, Household
from anlan.county.registry.records import CategoryRecord, HoldingRecord, HomeRecord, IncomeRecord
from anlan.county.registry.sheets import Marked, workbook, writing


@pytest.fixture
def out(people, tmp_path):
    """Export what a person sees, and give the file."""

    def out(layout="national", by="administrator", **asked):
        path = tmp_path / f"{layout}.xlsx"
        found = finding.every(people[by], finding.Asked(**asked), on=clock.today())
        exporting.export(found, exporting.layout(layout), path)
        return path

    return out


NAMELESS = person(name="乙", id_number="", relation="child", sex="f")


def round_trip(people, path):
    """What an import of an export would change."""
    done = import_workbook(path=path, by=people["administrator"], dry_run=True)
    return done.new, done.changed, done.refusals, done.unchanged


def test_an_export_comes_back_without_a_difference(people, out):
    enrol_water_sources(rows=[("W1", A, "well", "井")], by=people["administrator"])
    records = [
        household(A, 1, water_source="W1", insured=True, address="一组", group_no=7),
        household(
            A, 2, people=(), home=None, income=None, holdings=(), categories=(), lon=None, lat=None, location="village"
        ),
        household(
            B, 1, people=(person(id_number=number(3)), person(name="乙", id_number="", relation="child", sex="f"))
        ),
        household(
            B, 2, people=(person(name="丙", id_number=number(5), health="disabled", labour="none", student=True),)
        ),
        household(B, 3, people=(person(id_number=number(9), relation="spouse"),), income=None),
        household(C, 1, people=(person(id_number=number(6)),), holdings=(HoldingRecord("fruit", 1.1, 2.2),)),
    ]
    enrol(records=records, by=people["anlan"], source="test")
    assert round_trip(people, out()) == (0, 0, [], 6)


MONEY = st.floats(0, 1e6).map(lambda yuan: round(yuan, 2))
HOUSES = st.builds(
    dict,
    home=st.none() | st.builds(
        HomeRecord, st.sampled_from(["", *vocabulary.STRUCTURE_WORDS]), st.integers(1, 9), MONEY,
        st.none() | st.integers(1950, 2026), MONEY, st.sampled_from(["", "A", "B", "C", "D"]),
    ),
    income=st.none() | st.builds(IncomeRecord, st.just(date(2026, 5, 31)), *[MONEY] * 7),
    holdings=st.lists(
        st.builds(HoldingRecord, st.sampled_from(["rice", "rape", "fruit", "pigs", "equipment"]), MONEY, MONEY),
        max_size=4,
    ).map(tuple),
    categories=st.sets(st.sampled_from(CATEGORIES), max_size=4).map(
        lambda kinds: tuple(CategoryRecord(kind, date(2024, 1, 1)) for kind in sorted(kinds))
    ),
    group_no=st.integers(1, 99), labourers=st.integers(0, 9), insured=st.booleans(), size=st.integers(2, 9),
    address=st.text("一二三组号-（），。A1", max_size=20).map(str.strip), phone=st.sampled_from(["", "13800000000"]),
)  # fmt: skip
PERSONS = st.builds(
    dict,
    relation=st.sampled_from(["spouse", "child", "grandchild", "parent", "grandparent", "sibling", "other"]),
    health=st.sampled_from([*vocabulary.HEALTH_WORDS]), labour=st.sampled_from([*vocabulary.LABOUR_WORDS]),
    student=st.booleans(), medically_insured=st.booleans(), sex=st.sampled_from("mf"),
    name=st.text("示例甲乙丙·阿", min_size=1, max_size=6),
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(houses=st.lists(st.tuples(HOUSES, PERSONS), min_size=1, max_size=4))
def test_whatever_the_register_holds_comes_back_without_a_difference(people, tmp_path, houses):
    start = Household.objects.count()
    records = []
    for at, (house, member) in enumerate(houses, start=start + 1):
        who = person(**{**member, "id_number": number(at, male=member["sex"] == "m")})
        head = person(id_number="", name=f"户主{at}", born=date(1950, 1, 1))
        records.append(household(A, at, people=(head, who), **house))
    enrol(records=records, by=people["anlan"], source="test")
    path = tmp_path / "out.xlsx"
    everyone = finding.every(people["administrator"], finding.Asked(), on=clock.today())
    exporting.export(everyone, exporting.layout("national"), path)
    new, changed, refusals, unchanged = round_trip(people, path)
    assert (new, changed, refusals) == (0, 0, [])
    assert unchanged == start + len(houses)


def test_a_category_that_begins_meanwhile_is_not_ended_by_an_older_list(people, out):
    enrol(records=[household(A, 1, categories=())], by=people["anlan"], source="test")
    path = out()
    Category.objects.create(household=Household.objects.get(), kind="marginal", since=date(2026, 6, 1))
    assert round_trip(people, path) == (0, 0, [], 1)


@pytest.mark.parametrize("key", sorted(exporting.layouts()))
def test_every_column_of_a_layout_is_one_the_import_knows(key):
    for sheet in exporting.layout(key).sheets:
        headings = [heading for heading, _field in sheet.columns]
        assert places(headings) == {field: at for at, (_heading, field) in enumerate(sheet.columns)}
        assert {field for _heading, field in sheet.columns} <= set(FIELDS)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", '=HYPERLINK("http://x")', "<b>甲</b>", "a&b", "甲\x01\x0b乙", " 甲 "]
)
def test_a_cell_that_looks_like_a_formula_is_text(people, out, text):
    enrol(records=[household(A, 1, head_name=text[:60], people=())], by=people["anlan"], source="test")
    path = out("list")
    cell = load_workbook(path).active["E2"]
    clean = text.replace("\x01", "").replace("\x0b", "")
    assert (cell.data_type, cell.value) == ("s", clean)
    assert CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1][4] == clean


def test_both_readers_open_it_and_see_the_same(people, out):
    enrol(records=[household(A, at) for at in range(1, 4)], by=people["anlan"], source="test")
    path = out()
    book, other = load_workbook(path), CalamineWorkbook.from_path(path)
    assert book.sheetnames == other.sheet_names == ["农户", "家庭成员"]
    for name in book.sheetnames:
        mine = [["" if cell is None else cell for cell in row] for row in book[name].iter_rows(values_only=True)]
        assert other.get_sheet_by_name(name).to_python() == mine
    assert book["农户"]["A2"].number_format == "@"
    assert book["农户"].freeze_panes == "A2"


def test_a_list_holds_what_its_reader_may_see_and_asked_for(people, out):
    enrol(records=[household(village, people=()) for village in (A, B, C)], by=people["anlan"], source="test")

    def codes(path):
        return [row[0] for row in load_workbook(path).active.iter_rows(min_row=2, values_only=True)]

    assert codes(out("list")) == [A + "00001", B + "00001", C + "00001"]
    assert codes(out("list", by="township_officer_a")) == [A + "00001", B + "00001"]
    assert codes(out("list", place="360123102000")) == [C + "00001"]
    assert codes(out("list", by="township_officer_a", place="360123102000")) == []
    assert codes(out("list", words=B)) == [B + "00001"]


def test_more_rows_than_a_sheet_holds_are_refused(people, out, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_ROWS", 2)
    enrol(records=[household(A, at, people=()) for at in range(1, 4)], by=people["anlan"], source="test")
    with pytest.raises(BadInput, match="分别导出"):
        out("list")


def test_chunks_follow_each_other_without_a_gap(people, out, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 2)
    enrol(records=[household(A, at, people=()) for at in range(1, 8)], by=people["anlan"], source="test")
    assert load_workbook(out("list")).active.max_row == 8


def test_giving_a_list_out_is_written_down_without_whom_one_looked_for(people):
    record_export(by=people["administrator"], layout="list", households=3, filters={"division": A, "q": "示例甲"})
    (line,) = Entry.objects.filter(verb="registry.export")
    assert '"households":3' in line.payload
    assert "示例" not in line.payload
    with pytest.raises(NotAllowed):
        record_export(by=people["auditor"], layout="list", households=3, filters={})


def test_on_the_screen_a_list_comes_as_a_file_and_needs_leave(client, people):
    enrol(records=[household(A, people=()), household(C, people=())], by=people["anlan"], source="test")
    enrol_reported(village=A, head_name="新来", phone="", size=1, by=people["anlan"])
    backend = "anlan.county.office.authentication.Passwords"
    client.force_login(people["administrator"], backend=backend)
    assert "导出这份名单" in client.get("/registry/").content.decode()
    response = client.post("/registry/export/", {"layout": "list", "township": "360123101000"})
    rows = list(load_workbook(BytesIO(b"".join(response))).active.iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == [A + "00001"]
    assert client.get("/registry/export/").status_code == 405
    assert client.post("/registry/export/", {"layout": "none"}).status_code == 404
    client.force_login(people["auditor"], backend=backend)
    assert client.post("/registry/export/", {"layout": "list"}).status_code == 403
    assert "导出这份名单" not in client.get("/registry/").content.decode()


# --- the writer --------------------------------------------------------------------------------------


def test_names_of_sheets_are_made_fit_and_told_apart(tmp_path):
    with writing(tmp_path / "a.xlsx") as book:
        for name in ("a/b:c", "A-B-C", "长" * 40, "长" * 40, "", "'x'"):
            book.sheet(name, [["h"]], [], 1)
    assert load_workbook(tmp_path / "a.xlsx").sheetnames == [
        "a-b-c",
        "A-B-C(2)",
        "长" * 31,
        "长" * 27 + "(2)",
        "Sheet",
        "x",
    ]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (1, 1), (2.5, 2.5), (True, "1"), (False, "0"), (None, None), (date(2026, 6, 18), "2026-06-18"),
        (float("inf"), "inf"), (float("nan"), "nan"), (Marked("甲"), "甲"), (Marked(3), 3), (Marked(None), ""),
        (0.1 + 0.2, 0.1 + 0.2), (1e300, 1e300),
    ],
)  # fmt: skip
def test_a_value_is_written_as_what_it_is(value, read):
    assert load_workbook(BytesIO(workbook([["h"], [value, "x"]]))).active["A2"].value == read


def test_a_marked_cell_is_red_and_others_are_not():
    sheet = load_workbook(BytesIO(workbook([["h", "k"], [Marked("甲"), "乙"]]))).active
    assert sheet["A2"].fill.fgColor.rgb == "FFFFC7CE"
    assert sheet["B2"].fill.fill_type is None
    assert sheet["A1"].font.b
