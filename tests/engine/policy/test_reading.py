"""Policy files: whatever could be misread is refused by file and key."""

from datetime import date
from pathlib import Path

import pytest

from anlan.engine.policy.parameters import PolicyInvalid, parameter
from anlan.engine.policy.reading import read

VALUE = '{ from = 2024-01-01, value = 5, source = "s", trust = "seen" }'
WORD = VALUE.replace("= 5", '= "五"')


def entry(values: str = VALUE, key: str = "days", unit: str = "天", more: str = "") -> str:
    return f'[{key}]\ntitle = "标题"\nunit = "{unit}"\n{more}\nvalues = [{values}]\n'


def write(folder: Path, level: str, text: str, name: str = "a.toml") -> Path:
    (folder / level).mkdir(exist_ok=True)
    (folder / level / name).write_text(text, encoding="utf-8")
    return folder


def test_a_value_is_read_with_its_day_its_source_and_its_trust(tmp_path: Path) -> None:
    (value,) = read(write(tmp_path, "cn", entry()))["days"].values
    assert (value.value, value.since, value.until, value.level) == (5.0, date(2024, 1, 1), None, "cn")
    assert (value.source, value.trust, value.stale_from) == ("s", "seen", None)


def test_values_are_put_in_the_order_of_their_days_whatever_the_file_has(tmp_path: Path) -> None:
    later = VALUE.replace("2024", "2026")
    read_back = read(write(tmp_path, "cn", entry(f"{later}, {VALUE}")))["days"].values
    assert [value.since.year for value in read_back] == [2024, 2026]


def test_a_yearly_value_goes_stale_with_its_year_and_an_explicit_day_overrides_that(tmp_path: Path) -> None:
    explicit = VALUE.replace("2024-01-01,", "2025-01-01, stale_from = 2025-07-01,")
    first, second = read(write(tmp_path, "cn", entry(f"{VALUE}, {explicit}", more="yearly = true")))["days"].values
    assert first.stale_from == date(2025, 1, 1)
    assert second.stale_from == date(2025, 7, 1)


def test_texts_stay_texts_and_other_files_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "anyi", "not toml at all", name="README")
    assert read(write(tmp_path, "anyi", entry(VALUE.replace("= 5", '= "帮扶"'))))["days"].values[0].value == "帮扶"


def test_levels_are_joined_from_the_country_down(tmp_path: Path) -> None:
    for level in ("anyi", "cn", "jx"):
        write(tmp_path, level, entry())
    assert [value.level for value in read(tmp_path)["days"].values] == ["cn", "jx", "anyi"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("days = 3", "days: is not a table"),
        ("[days", "a.toml: Expected"),
        (entry().replace('title = "标题"\n', ""), "days: title is missing"),
        (entry().replace('"天"', "3"), "days: unit is of the wrong type"),
        (entry(more="note = 1"), "days: note is not a known field"),
        (entry(more="yearly = 1"), "days: yearly is of the wrong type"),
        (entry(""), "days: has no values"),
        (entry("3"), "days: is not a table"),
        (entry(VALUE.replace(', source = "s"', "")), "days: source is missing"),
        (entry(VALUE.replace('"s"', '" "')), "days: the source is empty"),
        (entry(VALUE.replace('"seen"', '"sure"')), "days: trust 'sure' is none of seen, general, weak, design"),
        (entry(VALUE.replace("= 5", "= true")), "days: value is of the wrong type"),
        (entry(VALUE.replace("= 5", "= 2024-01-01")), "days: value is of the wrong type"),
        (entry(VALUE.replace("2024-01-01", "2024-01-01T08:00:00")), "days: from is of the wrong type"),
        (entry(VALUE.replace("2024-01-01", '"2024"')), "days: from is of the wrong type"),
        (entry(VALUE.replace("2024-01-01", "2024-01-01, until = 2024-01-01")), "ends before it begins"),
        (entry(f"{VALUE}, {VALUE}"), "the values from 2024-01-01 and from 2024-01-01 overlap"),
        (
            entry(f"{VALUE.replace('-01,', '-01, until = 2026-01-02,')}, {VALUE.replace('2024', '2026')}"),
            "the values from 2024-01-01 and from 2026-01-01 overlap",
        ),
        (entry(f"{VALUE}, {WORD.replace('2024', '2026')}"), "both numbers and texts"),
    ],
)
def test_a_file_that_could_be_misread_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(PolicyInvalid) as refusal:
        read(write(tmp_path, "cn", text))
    assert complaint in str(refusal.value)
    assert "cn/a.toml" in str(refusal.value)


def test_a_value_may_end_on_the_day_the_next_begins(tmp_path: Path) -> None:
    ended = VALUE.replace("-01,", "-01, until = 2026-01-01,")
    assert len(read(write(tmp_path, "cn", entry(f"{ended}, {VALUE.replace('2024', '2026')}")))["days"].values) == 2


def test_one_level_may_not_name_a_parameter_in_two_files(tmp_path: Path) -> None:
    write(tmp_path, "jx", entry(), name="a.toml")
    with pytest.raises(PolicyInvalid, match=r"jx/b\.toml: days: stands twice"):
        read(write(tmp_path, "jx", entry(), name="b.toml"))


@pytest.mark.parametrize("local", [entry(unit="小时"), entry(WORD)])
def test_a_local_value_is_of_the_same_kind_and_unit_as_the_wider_one(tmp_path: Path, local: str) -> None:
    write(tmp_path, "cn", entry())
    with pytest.raises(PolicyInvalid, match="anyi: days"):
        read(write(tmp_path, "anyi", local))


def test_who_signed_for_a_value_is_read_and_makes_it_verified(tmp_path: Path) -> None:
    mine = VALUE.replace('"seen"', '"design"')
    for signed in ("", "领导小组 2026-05-01"):
        write(tmp_path, "anyi", entry(mine.replace(" }", f', signed = "{signed}" }}')))
        (found,) = read(tmp_path)["days"].values
        assert found.signed == signed
        assert parameter(read(tmp_path)["days"], found, date(2026, 6, 18)).verified is bool(signed)
