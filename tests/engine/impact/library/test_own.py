"""A user's own curves: read whole, or refused by the row."""

from datetime import date
from pathlib import Path

import pytest

from anlan.engine.impact.library import Case, Entry, LibraryInvalid, choose, entries, read_user
from anlan.engine.impact.library.own import COLUMNS

HEAD = ",".join(COLUMNS)
FIRST = "gem,sa03_g,house.adobe,loss,,cn,0,0,,GEM,CC-BY-NC-SA-4.0,general,2023-01-01,"
SECOND = "gem,,,,,,0.2,0.014,,,,,,"
THIRD = "gem,,,,,,0.4,0.121,,,,,,"


def found(folder: Path, *rows: str, head: str = HEAD) -> dict[str, Entry]:
    (folder / "gem.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8-sig")
    return read_user(folder)


def test_a_curve_of_ones_own_is_read_and_may_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("not a curve")
    own = found(tmp_path, FIRST, SECOND, THIRD)
    (gem,) = own.values()
    assert (gem.id, gem.own, gem.since, gem.until) == ("gem@1", True, date(2023, 1, 1), None)
    assert gem.curve.ratio.tolist() == [0, 0.014, 0.121]
    assert gem.curve.std is None
    among = [*entries().values(), *own.values()]
    assert choose("sa03_g", "house.adobe.1", "anyi", date(2026, 6, 18), Case(), among).entry is gem


def test_a_deviation_and_an_end_are_read_too(tmp_path: Path) -> None:
    first = FIRST.replace("0,0,,GEM", "0,0,0,GEM") + "2030-01-01"
    (gem,) = found(tmp_path, first, SECOND.replace("0.014,", "0.014,0.02")).values()
    assert gem.curve.std is not None
    assert gem.curve.std.tolist() == [0, 0.02]
    assert gem.until == date(2030, 1, 1)


def test_several_curves_follow_one_another(tmp_path: Path) -> None:
    other = [row.replace("gem,", "wood,", 1) for row in (FIRST, SECOND)]
    assert set(found(tmp_path, FIRST, SECOND, *other)) == {"gem@1", "wood@1"}


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([FIRST, SECOND.replace("0.2", "much")], "row 3: intensity 'much' is not a number"),
        ([FIRST, SECOND.replace("0.2", "nan")], "row 3: intensity 'nan' is not a number"),
        ([FIRST, SECOND.replace("0.014", "inf")], "row 3: mean 'inf' is not a number"),
        ([FIRST, SECOND.replace("0.014", "")], "row 3: mean '' is not a number"),
        ([FIRST, SECOND.replace("0.014,", "0.014,0.02")], "row 2: std '' is not a number"),
        ([FIRST, SECOND, SECOND], "row 4: intensity must be above that of the row before"),
        ([FIRST], "row 2: intensity needs two figures"),
        ([FIRST.replace("0,0,", "0,0.1,"), SECOND], "row 2: ratio begins with 0"),
        ([FIRST, SECOND.replace("gem,,", "gem,pga_g,")], "row 3: kind differs from the first row of gem"),
        ([FIRST.replace("sa03_g", "moon"), SECOND], "row 2: kind 'moon' is not known"),
        ([FIRST.replace("2023-01-01", "2023"), SECOND], "row 2: since '2023' is not a day"),
        ([FIRST.replace("2023-01-01", ""), SECOND], "row 2: since is empty"),
        ([FIRST + "soon", SECOND], "row 2: until 'soon' is not a day"),
        ([FIRST.replace("gem,", ",", 1)], "row 2: key is empty"),
        ([FIRST + ",more"], "row 2: needs 14 cells"),
        (["gem,sa03_g"], "row 2: needs 14 cells"),
        ([FIRST, SECOND.replace("0.014", "1.4")], "row 2: a share or a chance is above 1"),
        (
            [FIRST, SECOND, FIRST.replace("gem,", "w,", 1), SECOND.replace("gem,", "w,", 1), FIRST, SECOND],
            "gem: stands twice",
        ),
    ],
)
def test_a_bad_row_is_refused_by_its_number(tmp_path: Path, rows: list[str], complaint: str) -> None:
    with pytest.raises(LibraryInvalid, match=rf"^gem\.csv: {complaint}"):
        found(tmp_path, *rows)


def test_other_columns_and_other_encodings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryInvalid, match=r"gem\.csv: row 1: the columns must be key,kind"):
        found(tmp_path, FIRST, head="key,kind")
    (tmp_path / "gem.csv").write_bytes(b"")
    with pytest.raises(LibraryInvalid, match="row 1"):
        read_user(tmp_path)
    (tmp_path / "gem.csv").write_bytes("曲线".encode("gb18030"))
    with pytest.raises(LibraryInvalid, match=r"gem\.csv: is not UTF-8"):
        read_user(tmp_path)
