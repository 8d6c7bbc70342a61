"""The coverage list as a file: one row a household within one's divisions, and whoever has it can check it."""

import csv
import hashlib
import json
from collections import defaultdict
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from openpyxl import load_workbook
from tests.county.account.conftest import newcomer
from tests.county.cases import lead, visit
from tests.county.storm import VILLAGES

from anlan.county import clock
from anlan.county.account import listing
from anlan.county.account.actions import export, prove
from anlan.county.account.queries import coverage
from anlan.county.errors import BadInput, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household, Person


@pytest.fixture
def signed(storm):
    """A signed balance with a household that could not be reached, and one that was turned away."""
    away, dismissed = storm.household(0, 2), storm.household(2, 4)
    lead(storm.event, away, dismissed)
    visit(storm.event, away, outcome="absent", why="away")
    prove(event=storm.event, by=machine())
    return storm


@pytest.fixture
def written(signed, tmp_path):
    """Write the list of one person to a file of a kind."""

    def written(by, kind="xlsx", sha=""):
        path = tmp_path / f"list.{kind}"
        export(event=signed.event, by=by, out=path, sha=sha, as_csv=kind == "csv")
        return path

    return written


def sheet(path, name="覆盖清单"):
    rows = [list(row) for row in load_workbook(path)[name].iter_rows(values_only=True)]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


@pytest.mark.clause("A1")
def test_every_household_has_its_row_with_outcome_since_unit_reason_and_next_date(signed, written):
    rows = sheet(written(machine()))
    assert len(rows) == 20
    row = next(row for row in rows if row["户编号"] == signed.household(0, 2).code)
    assert (row["乡镇"], row["村"], row["户主"]) == ("万埠镇", "示例甲村", "示例户02")
    assert (row["去向"], row["责任单位"], row["原因"]) == ("联系不上，已约定再访日期", "村", "全家外出务工")
    assert (row["起始时间"], row["下一时限"]) == ("2026-06-18 20:00", "2026-06-20 23:59")
    assert (row["where"], row["why"], row["unit"]) == ("unreachable", "away", "village")
    waiting = next(row for row in rows if row["户编号"] == signed.household(2, 4).code)
    assert (waiting["去向"], waiting["原因"], waiting["责任单位"]) == ("线索待受理或待入户", "待受理", "乡镇")


def test_the_open_ones_come_first_and_the_next_due_of_them(written):
    rows = sheet(written(machine()))
    due = [row["due"] for row in rows if row["where"] != "unreachable"]
    assert due == sorted(due)
    assert rows[-1]["where"] == "unreachable"


@pytest.mark.clause("A1")
def test_a_list_has_only_the_households_of_ones_own_divisions_and_the_hashes_of_all(written, people):
    rows = sheet(path := written(people["township_officer_b"]))
    assert {row["village"] for row in rows} == {VILLAGES[2], VILLAGES[3]}
    assert len(sheet(path, "各村校验值")) == 4
    verdict = listing.verify(path)
    assert (verdict.rows, verdict.villages, verdict.holds) == (10, 2, True)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.clause("A1", "A2")
def test_whoever_has_the_list_can_check_it(signed, written, capsys, kind):
    path = written(machine(), kind)
    call_command("account_verify", str(path), "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["holds"], told["rows"], told["wrong"]) == (True, 20, [])
    assert told["sha"] == coverage(signed.event).sha
    assert told["signed_at"].startswith("2026-06-18T")


def test_as_the_docs_say_the_hash_can_be_reckoned_without_this_program(signed, written):
    lines = list(csv.reader(written(machine(), "csv").read_text("utf-8-sig").splitlines()))
    head = lines.index(listing.heading())
    at = {name: place for place, name in enumerate(lines[head])}
    villages = defaultdict(list)
    for row in lines[head + 1 : lines.index([], head)]:
        villages[row[at["village"]]].append("\t".join([row[2], *(row[at[name]] for name in listing.CODES)]) + "\n")
    hashes = {code: hashlib.sha256("".join(sorted(held)).encode()).hexdigest() for code, held in villages.items()}
    whole = "".join(f"{code}\t{sha}\n" for code, sha in sorted(hashes.items()))
    assert hashlib.sha256(whole.encode()).hexdigest() == coverage(signed.event).sha


def tampered(path, row, column, value):
    book = load_workbook(path)
    book["覆盖清单"].cell(row=row, column=column).value = value
    book.save(path)
    return path


def test_a_changed_cell_a_removed_row_and_a_changed_word_are_found(signed, written, capsys):
    columns = {name: place for place, name in enumerate(listing.heading(), start=1)}
    changed = listing.verify(tampered(written(machine()), 2, columns["where"], "entered"))
    assert len(changed.wrong) == 2  # the village, and the word that is not the code's
    words = listing.verify(tampered(written(machine()), 2, columns["去向"], "纳入监测"))
    assert list(words.wrong) == ["第 2 行的去向与代码不符"]
    path = written(machine())
    book = load_workbook(path)
    book["覆盖清单"].delete_rows(5)
    book.save(path)
    with pytest.raises(SystemExit) as leaving:
        call_command("account_verify", str(path))
    assert leaving.value.code == 2
    assert "False" in capsys.readouterr().out


def test_a_list_nobody_signed_does_not_hold(signed, written):
    clock.advance(timedelta(hours=1))
    newcomer(VILLAGES[0])
    verdict = listing.verify(path := written(machine()))
    assert (list(verdict.wrong), verdict.signed_at, verdict.holds) == ([], None, False)
    assert "未签署" in {row["value"] for row in sheet(path, "说明")}


@pytest.mark.clause("A1")
def test_the_list_as_it_was_signed_is_there_after_everything_changed(signed, written):
    sha = coverage(signed.event).sha
    before = sheet(written(machine()))
    clock.advance(timedelta(hours=1))
    visit(signed.event, signed.household(2, 4), outcome="unharmed")
    newcomer(VILLAGES[0])
    assert len(sheet(written(machine()))) == 21
    assert sheet(path := written(machine(), sha=sha)) == before
    assert listing.verify(path).holds


def test_a_list_of_no_proof_is_refused(signed, written):
    with pytest.raises(NotFound, match="0000"):
        written(machine(), sha="0" * 64)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "没有覆盖清单"),
        ("", "空文件"),
        (",,,,,,,,,village,where,since,unit,why,due\n,,1,,,,,,,v,nowhere,,,,\n", "第 2 行的去向代码“nowhere”"),
        (",,,,,,,,,village,where,since,unit,why,due\n,,1,,,,,,,v,sweep,soon,,,\n", "第 2 行的时间"),
    ],
)
def test_a_file_that_is_no_list_is_refused_naming_the_place(db, tmp_path, text, said):
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(BadInput, match=said):
        listing.verify(path)
    with pytest.raises(BadInput):
        listing.verify(tmp_path / "missing.xlsx")


@pytest.mark.clause("A1")
def test_no_number_telephone_or_state_of_health_is_in_a_list(written):
    text = written(machine(), "csv").read_text("utf-8-sig")
    sealed = {*Household.objects.values_list("phone", flat=True), *Person.objects.values_list("id_number", flat=True)}
    assert len(sealed - {""}) > 20
    assert not [each for each in sealed - {""} if each in text]


def test_the_page_gives_the_list_to_whoever_may_read_and_the_ledger_knows(signed, as_):
    url = reverse("account:export", args=[signed.event.code])
    answer = as_("township_officer_a").post(url)
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert len(sheet(BytesIO(answer.content))) == 10
    line = Entry.objects.get(verb="account.export")
    assert (line.by, '"households":10' in line.payload) == ("township_officer_a", True)
    assert as_("township_officer_a").get(url).status_code == 405
    assert as_("village_cadre_a").post(url).status_code == 403
    sha = coverage(signed.event).sha
    assert len(sheet(BytesIO(as_("auditor").post(url, {"sha": sha}).content))) == 20
    assert as_("auditor").post(url, {"sha": "x"}).status_code == 404


def test_the_command_writes_the_list_of_one_person(signed, tmp_path, capsys):
    path = tmp_path / "list.csv"
    call_command("account_coverage", signed.event.code, "--out", str(path), "--by", "township_officer_a", "--json")
    assert json.loads(capsys.readouterr().out)["listed"] == 10
    assert path.read_text("utf-8-sig").startswith("覆盖清单")
