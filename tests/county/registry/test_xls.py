"""A real binary xls, as old systems still write them: records in a compound file, read through calamine."""

from datetime import date, datetime

import pytest
import xlwt
from tests.county.registry.books import number, zipped
from tests.county.registry.conftest import A

from anlan.county.registry.actions import NotImported, import_workbook
from anlan.county.registry.files.opening import kind_of, opened
from anlan.county.registry.models import Household, Income, Person

HEADINGS = ("户编号", "行政区划代码", "户主姓名", "户主身份证号", "家庭人口数", "工资性收入", "是否脱贫户",
            "监测对象类别", "首次识别时间", "家庭住址")  # fmt: skip
DAY = xlwt.easyxf(num_format_str="yyyy-mm-dd")
CHINESE_DAY = xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日"')


def written(path, rows, *, headings=HEADINGS, merges=(), hidden=False, above=()):
    """An xls of one sheet, cell by cell; a cell may be a value and its style."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("农户名册")
    for at, row in enumerate((*above, headings, *rows)):
        for place, cell in enumerate(row):
            if cell is not None:
                sheet.write(at, place, *(cell if isinstance(cell, tuple) else (cell,)))
    for merge in merges:
        sheet.merge(*merge)
    if hidden:
        other = book.add_sheet("底表")
        other.write(0, 0, "不看")
        other.visibility = 1
    book.save(str(path))
    return path


def row(serial=1, **said):
    plain = dict(zip(HEADINGS, (
        f"{A}{serial:05d}", A, f"示例{serial}", number(serial), 3, 12000.5, "是", "边缘易致贫户",
        (datetime(2025, 3, 4), DAY), "万埠镇一组",  # noqa: DTZ001
    ), strict=True))  # fmt: skip
    return [(plain | said)[heading] for heading in HEADINGS]


@pytest.fixture
def take(people, tmp_path):
    def take(*rows, **more):
        return import_workbook(path=written(tmp_path / "old.xls", rows, **more), by=people["administrator"])

    return take


def test_its_cells_are_what_they_were_written_as(tmp_path):
    path = written(tmp_path / "a", [row()], hidden=True)  # the name says nothing
    assert kind_of(path) == "xls"
    with opened(path) as tables:
        assert [(table.name, table.hidden) for table in tables] == [("农户名册", False), ("底表", True)]
        first, second = tables[0].lines()
    assert first == (1, list(HEADINGS))
    assert second[0] == 2
    assert second[1][:6] == [f"{A}00001", A, "示例1", number(1), 3, 12000.5]
    assert second[1][8] in (date(2025, 3, 4), datetime(2025, 3, 4))  # noqa: DTZ001
    assert second[1][9] == "万埠镇一组"


def test_it_comes_in_as_any_file_does(take):
    done = take(row(1), row(2, 家庭住址="石鼻镇，二组"), row(3, 首次识别时间=(45720, CHINESE_DAY)))
    assert (done.new, done.refused, done.ignored) == (3, 0, [])
    first, second, third = Household.objects.order_by("code")
    assert (first.head_name, first.size, first.address) == ("示例1", 3, "万埠镇一组")
    assert second.address == "石鼻镇，二组"
    assert Person.objects.get(household=first).id_number == number(1)
    assert Income.objects.get(household=first).wage_yuan == 12000.5
    since = {each.kind: each.since for each in first.categories.all()}
    assert since["marginal"] == date(2025, 3, 4)
    assert third.categories.get(kind="marginal").since == date(2025, 3, 4)


def test_a_division_code_kept_as_a_number_is_the_same_code(take):
    done = take(row(1, 行政区划代码=int(A)))
    assert (done.new, done.refused) == (1, 0)
    assert Household.objects.get().division_id == A


def test_an_identity_number_kept_as_a_number_has_lost_its_last_digits_and_is_refused(take):
    done = take(row(1), row(2, 户主身份证号=int(number(2)[:17] + "0")))
    assert (done.new, done.refused) == (1, 1)
    (refusal,) = done.refusals
    assert (refusal["sheet"], refusal["row"], refusal["column"]) == ("农户名册", 3, "户主身份证号")
    assert Person.objects.get().id_number == number(1)


def test_an_old_identity_number_of_fifteen_digits_fits_into_a_number_whole(take):
    """So it is refused for its length, as it would be as text, and not for lost digits."""
    (as_number,) = take(row(1), row(2, 户主身份证号=990123721111003)).refusals
    (as_text,) = take(row(3), row(4, 户主身份证号="990123721111003")).refusals
    assert as_number["reason"] == as_text["reason"]
    (lost,) = take(row(5), row(6, 户主身份证号=int(number(2)[:17] + "0"))).refusals
    assert lost["reason"] != as_text["reason"]


def test_rows_above_the_headings_and_merged_cells_are_understood(tmp_path, take):
    above = [["安义县农户名册"], []]
    with opened(written(tmp_path / "a.xls", [row()], above=above, merges=[(0, 0, 0, 9)])) as tables:
        numbers = [(at, line[0]) for at, line in tables[0].lines() if line and line[0] is not None]
    assert numbers[0] == (1, "安义县农户名册")
    assert take(row(1), above=above, merges=[(0, 0, 0, 9)]).new == 1


def test_in_a_zip_it_is_read_as_well(tmp_path, people):
    path = written(tmp_path / "a.xls", [row(1), row(2)])
    packed = zipped(tmp_path / "a.zip", **{"名册/旧系统.xls": path.read_bytes()})
    assert import_workbook(path=packed, by=people["administrator"]).new == 2


def test_cut_short_it_is_refused_with_a_sentence(tmp_path, people):
    path = written(tmp_path / "a.xls", [row(serial) for serial in range(1, 60)])
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(NotImported, match="另存为 xlsx"):
        import_workbook(path=path, by=people["administrator"])
    assert not Household.objects.exists()
