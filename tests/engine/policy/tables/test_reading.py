"""Tables from files: levels, versions, and every fault by its file, table and row."""

from datetime import date
from pathlib import Path

import pytest

from anlan.engine.policy import choosing
from anlan.engine.policy.parameters import PolicyInvalid, PolicyUnknown
from anlan.engine.policy.tables import Rulebook, Version, book, on
from anlan.engine.policy.tables.cases import read as read_cases
from anlan.engine.policy.tables.facts import fact
from anlan.engine.policy.tables.rows import TableInvalid
from anlan.engine.policy.tables.rulebook import load

DAY = date(2026, 6, 18)
HEAD = '[poor]\ntitle = "穷"\nhit = "all"\n{}\n'


def row(**fields: object) -> str:
    whole = {"row": "low", "from": "2021-05-14", "title": "t", "when": "人均收入 < 监测线", "then": "low", "basis": "b",
             "source": "s", "trust": "seen", **{name.rstrip("_"): value for name, value in fields.items()}}  # fmt: skip
    bare = {"from", "until", "figures"}
    told = [f"{name} = {value}" if name in bare else f'{name} = "{value}"' for name, value in whole.items() if value]
    return "[[poor.rows]]\n" + "\n".join(told) + "\n"


def write(folder: Path, text: str, level: str = "cn", name: str = "a.toml") -> Path:
    there = folder / level / "tables"
    there.mkdir(parents=True, exist_ok=True)
    (there / name).write_text(text, encoding="utf-8")
    return folder


def table(folder: Path, *rows: str, more: str = "") -> Rulebook:
    return load(write(folder, HEAD.format(more) + "".join(rows)))


def low(rulebook: Rulebook, day: date, income: float = 8_499.0) -> list[str]:
    answer = on(choosing.on(day), rulebook).judge({"income_per_head_yuan": income}, ("poor",))["poor"]
    return [each.version.when for each in answer.fired]


def test_a_row_is_read_with_its_days_its_source_and_its_trust(tmp_path: Path) -> None:
    (found,) = table(tmp_path, row(until="2026-01-01", signed="张三 2024-01-01")).table("poor").rows
    (version,) = found.versions
    assert (version.level, version.since, version.until) == ("cn", date(2021, 5, 14), date(2026, 1, 1))
    assert (version.source, version.trust, version.signed, version.verified) == ("s", "seen", "张三 2024-01-01", True)
    assert (found.on(date(2025, 12, 31)), found.on(date(2026, 1, 1))) == (version, None)
    assert version.place == "cn/tables/a.toml: poor: row low"


@pytest.mark.clause("P2")
def test_a_more_local_wording_holds_on_its_days_and_the_wider_one_before_and_after(tmp_path: Path) -> None:
    write(tmp_path, HEAD.format("") + row())
    local = "[[poor.rows]]\n" + row(when="人均收入 < 9500", from_="2026-01-01", until="2026-07-01").split("\n", 1)[1]
    rulebook = load(write(tmp_path, local, level="anyi"))
    assert low(rulebook, date(2025, 12, 31)) == ["人均收入 < 监测线"]
    assert low(rulebook, date(2026, 1, 1)) == ["人均收入 < 9500"]
    assert low(rulebook, date(2026, 7, 1)) == ["人均收入 < 监测线"]


def test_the_province_stands_between_the_country_and_the_county(tmp_path: Path) -> None:
    write(tmp_path, HEAD.format("") + row())
    write(tmp_path, row(when="人均收入 < 9000"), level="jx")
    assert low(load(tmp_path), DAY) == ["人均收入 < 9000"]
    assert low(load(write(tmp_path, row(when="人均收入 < 9500"), level="anyi")), DAY) == ["人均收入 < 9500"]


def test_a_county_may_add_a_row_in_its_place_and_take_one_back(tmp_path: Path) -> None:
    write(tmp_path, HEAD.format("") + row() + row(row="home", when="非 住房安全"))
    write(tmp_path, row(row="ill", when="大病人数 > 0", after="low") + row(row="home", when="否"), level="anyi")
    rules = on(choosing.on(DAY), load(tmp_path))
    found = rules.judge({"income_per_head_yuan": 1.0, "ill": 1, "home": False}, ("poor",))["poor"]
    assert [each.row for each in found.fired] == ["low", "ill"]


def test_results_of_a_county_are_added_to_the_wider_ones(tmp_path: Path) -> None:
    write(tmp_path, HEAD.format('results = { low = "低" }') + row())
    local = '[poor.results]\nhouse = "房"\n' + row(row="home", when="非 住房安全", then="house")
    assert load(write(tmp_path, local, level="anyi")).table("poor").results == {"low": "低", "house": "房"}


FAULTS = [
    (row(when="人均收入 <"), "cn/tables/a.toml: poor: row low: character 7"),
    (row(when="无此词 < 1"), "row low: 无此词 is no fact, no earlier result and no policy parameter"),
    (row(when="脱贫户 < 1"), "row low: < takes a number, and here is a yes or no"),
    (row(when="非 人均收入"), "row low: not takes a yes or no, and here is a number"),
    (row(when="人均收入 且 脱贫户"), "row low: and takes a yes or no, and here is a number"),
    (row(when="人均收入 + 1"), "row low: the condition is a number, and must be a yes or no"),
    (row(when="危房等级 = E"), "row low: E is none of A, B, C, D"),
    (row(when="危房等级 = 1"), "row low: 1.0 is none of"),
    (row(when="危房等级 < C"), "row low: < takes a number, and here is a text"),
    (row(when="脱贫户 = 是"), "row low: = takes a number or a text, and here is a yes or no"),
    (row(when="人均收入 = 脱贫户"), "row low: = takes a number, and here is a yes or no"),
    (row(when="上次跟踪日期 > 1"), "row low: > takes a number, and here is a note that is only told"),
    (row(when="identification_basis = 1"), "row low: identification_basis is a text of policy"),
    (row(line="no_such"), "row low: the line no_such is no policy parameter"),
    (row(trust="sure"), "row low: trust 'sure' is none of"),
    (row(source=" "), "row low: the source is empty"),
    (row(basis=" "), "row low: the basis is empty"),
    (row(figures='{ a = "脱贫户 +" }'), "row low: character"),
    (row(until="2021-05-14"), "row low: the value from 2021-05-14 ends before it begins"),
    (row() + row(until="2030-01-01"), "row low: the values from 2021-05-14 and from 2021-05-14 overlap"),
    (row(until="2026-01-01") + row(from_="2025-01-01"), "overlap"),
    (row(after="no_such"), "row low: stands after no_such, which is no row of this table"),
    (row(title=""), "poor: row 1: title is missing"),
    (row(colour="red"), "poor: row 1: colour is not a known field"),
    (row(word="脱贫户"), "row low: 脱贫户 has two meanings"),
]


@pytest.mark.parametrize(("rows", "told"), FAULTS)
def test_a_fault_names_its_file_its_table_and_its_row(tmp_path: Path, rows: str, told: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        table(tmp_path, rows)
    assert told in str(refused.value)
    assert str(refused.value).startswith("cn/tables/a.toml: poor")


def test_faults_of_a_table_are_named_too(tmp_path: Path) -> None:
    for text, told in (
        (HEAD.format("").replace('"all"', '"some"') + row(), "hit 'some' is none of first, all, each"),
        (HEAD.format('limit = "no_such"') + row(), "poor: the limit no_such is no policy parameter"),
        (HEAD.format('results = { high = "高" }') + row(), "row low: the result low is none of high"),
        (HEAD.format("").replace('"all"', '"each"') + row(then="危房等级"), "a formula gives an amount or a yes"),
        (
            HEAD.format("").replace('"all"', '"each"') + row(then="1", until="2022-01-01") + row(from_="2022-01-01",
                                                                                              then="是"),
            "its other wordings give something of another kind",
        ),
    ):  # fmt: skip
        with pytest.raises(PolicyInvalid) as refused:
            load(write(tmp_path, text))
        assert told in str(refused.value)


@pytest.mark.parametrize("body", [{"kind": "colour"}, {"kind": "text"}, {"kind": "number", "choices": {"a": "甲"}}])
def test_a_fact_that_makes_no_sense_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(TableInvalid, match=r"facts.toml: x: kind"):
        fact("x", {"word": "词", "title": "题", **body})


# --- the county's own wordings ------------------------------------------------------------------------------------


def wording(since: date, when: str = "人均收入 < 9500") -> Version:
    return Version("anyi", since, None, "县定", when, "below_line", "县文件", "县文件", "design", axis="income",
                   line="monitoring_line_yuan", place="县定")  # fmt: skip


@pytest.mark.clause("P2")
def test_a_signed_wording_holds_from_its_day_and_leaves_the_past_alone() -> None:
    revised = book().revised([("identification", "below_line", wording(date(2026, 7, 1)))])
    known = {"income_per_head_yuan": 9_000.0}
    for day, expected in ((date(2026, 6, 30), []), (date(2026, 7, 1), ["below_line"])):
        answer = on(choosing.on(day), revised).judge(known, ("identification",))["identification"]
        assert [each.row for each in answer.fired] == expected
        assert on(choosing.on(day)).judge(known, ("identification",))["identification"].fired == ()


def test_a_later_wording_ends_the_one_before() -> None:
    first, second = wording(date(2026, 7, 1)), wording(date(2026, 9, 1), "人均收入 < 9900")
    changes = [("identification", "below_line", first), ("identification", "below_line", second)]
    row = book().revised(changes).table("identification").row("below_line")
    own = [each for each in row.versions if each.level == "anyi"]
    assert [(each.since, each.until) for each in own] == [
        (date(2026, 7, 1), date(2026, 9, 1)), (date(2026, 9, 1), None),
    ]  # fmt: skip
    again = book().revised([*changes[:1], ("identification", "below_line", wording(date(2026, 8, 1)))])
    assert len(again.table("identification").row("below_line").versions) == 4
    with pytest.raises(TableInvalid, match="does not begin after the last one"):
        book().revised(changes[::-1])


def test_a_wording_of_a_row_or_table_that_there_is_not_is_refused() -> None:
    with pytest.raises(TableInvalid, match="identification has no row no_such"):
        book().revised([("identification", "no_such", wording(DAY))])
    with pytest.raises(PolicyUnknown, match="no decision table 'no_such'"):
        book().revised([("no_such", "below_line", wording(DAY))])
    with pytest.raises(KeyError):
        book().table("identification").row("no_such")


def test_a_case_of_a_fact_that_there_is_not_is_refused(tmp_path: Path) -> None:
    text = '[[cases]]\ntitle = "t"\non = 2026-06-18\nfacts = { "无此词" = 1 }\ngives = { category = "" }\n'
    with pytest.raises(TableInvalid, match=r"cn/tables/a.cases.toml: case 1: 无此词 is no fact"):
        read_cases(write(tmp_path, text, name="a.cases.toml"))
