"""Reports: kept with their hash, told in words, handed over as Word."""

import hashlib
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn
from tests.county.cases import entered

from anlan.county import clock
from anlan.county.account.actions import report
from anlan.county.account.documents import after_action
from anlan.county.account.models import Report
from anlan.county.account.telling import blocks, is_synthetic
from anlan.county.errors import NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.ledger.rules import canonical

TRUTH = {
    "at_risk": 40, "at_risk_by_axis": {"income": 30, "home": 12}, "found": 36, "missed": 4, "recall": 0.9,
    "precision": 0.8, "visits": 120, "missed_why": {"not_at_home": 3, "not_reached": 1, "still_open": 0},
}  # fmt: skip
GROUP = {"targeted": 10, "delivered": 8, "acknowledged": 5}
BODY = {
    "synthetic": True,
    "event": {"code": "EV1", "title": "暴雨", "exercise": False},
    "exposed": 100,
    "warning": {"issued_at": None, "released_at": None, "targeted": 10, "handed": 9, "delivered": 8,
                "acknowledged": 5, "unreached": 2, "t50_min": 14.0, "t90_min": None,
                "by_group": {"alone": GROUP, "remote": {**GROUP, "targeted": 0}}},
    "discovery": {"leads": 50, "by_door": {"self": 40, "cadre": 20}, "merged": 10},
    "decisions": {"monitored": 30, "rejected": 10, "open": 2, "against": 6,
                  "by_category": {"marginal": 20, "hardship": 10}},
    "assistance": {"planned": 60, "delivered": 55, "receipted": 50, "yuan": 123456.0,
                   "by_kind": {"water_truck": {"planned": 60, "delivered": 55, "receipted": 50, "yuan": 123456.0},
                               "an_old_kind": {"planned": 0, "delivered": 0, "receipted": 0, "yuan": 0.0}}},
    "clearance": {"open": 10, "cleared": 20, "checks": 210, "in_progress": 1, "refused": 2},
    "coverage": {"exposed": 100, "disposed": {"entered": 30, "below_harm": 60}, "open": {"sweep": 8},
                 "unaccounted": 2, "sha": "ab" * 32},
    "truth": TRUTH,
    "clocks": {"breaches": 7, "by_unit": {"village": 4, "water": 2, "gone": 1}, "names": {"water": "县水利局"}},
    "ledger": {"entries": 999, "verified": True},
}  # fmt: skip


@pytest.fixture
def made(storm, people):
    """A report of a storm with two households under monitoring and what a drill knows besides."""
    entered(storm.event, storm.household(0, 4), storm.household(0, 5))
    return report(event=storm.event, by=people["county_director"], extra={"truth": TRUTH, "synthetic": True})


def texts(document):
    return [each.text for each in document.paragraphs] + [
        cell.text for table in document.tables for row in table.rows for cell in row.cells
    ]


def test_a_report_is_kept_as_it_stood_with_its_hash(made, storm):
    kept = Report.objects.get()
    assert kept.body["truth"] == TRUTH
    assert kept.body["decisions"]["monitored"] == 2
    assert kept.sha == hashlib.sha256(canonical(kept.body).encode()).hexdigest() == made.sha
    assert Entry.objects.get(verb="account.report").about == f"event:{storm.event.code}"
    assert str(kept) == f"{storm.event.code} {kept.sha[:12]}"


def test_only_who_answers_for_the_whole_gives_out_reports(storm, people):
    for username in ("township_officer_a", "auditor", "duty_officer"):
        with pytest.raises(NotAllowed):
            report(event=storm.event, by=people[username])
    assert not Report.objects.exists()


def test_a_report_without_more_is_of_an_event_that_happened(storm, people):
    made = report(event=storm.event, by=people["county_director"])
    assert not is_synthetic(made.body)
    assert "truth" not in made.body
    storm.event.exercise = True
    assert is_synthetic(report(event=storm.event, by=people["county_director"]).body)


@pytest.mark.clause("A1", "M2")
def test_every_block_is_told_with_its_figures():
    told = {block.key: block for block in blocks(BODY)}
    assert list(told) == [
        "warning", "discovery", "decisions", "assistance", "clearance", "coverage", "truth", "clocks", "ledger",
    ]  # fmt: skip
    assert "80.0%" in told["warning"].sentences[0]
    assert "14 分钟" in told["warning"].sentences[1]
    assert "未达到" in told["warning"].sentences[1]
    assert [row[0] for row in told["warning"].rows] == ["独居老人"]
    assert told["discovery"].rows[0][2] == "66.7%"
    assert told["assistance"].rows[0][0] == "拉水送水"
    assert told["assistance"].rows[1][0] == "an_old_kind"
    assert "123,456" in told["assistance"].sentences[0]
    assert "100 户 = 已有结论 90 户 + 办理中 8 户 + 没有着落 2 户" in told["coverage"].sentences[0]
    assert "须立即查清" in told["coverage"].sentences[1]
    assert "90.0%" in told["truth"].sentences[0]
    assert list(told["truth"].rows) == [("入户未遇", "3"), ("没有线索也没有移出", "1")]
    assert told["clocks"].rows == (("村", "4"), ("县水利局", "2"), ("gone", "1"))


def test_bars_are_shares_and_never_longer_than_whole():
    for block in blocks(BODY):
        assert all(0 <= bar <= 1 for bar in block.bars)
        assert len(block.bars) in {0, len(block.rows)}
        for line in block.labelled:
            assert 0 <= line.percent <= 100
            assert [name for name, _text in line.cells] == list(block.header)


def test_what_went_well_is_said_as_well_and_nothing_divides_by_nothing():
    body = {
        **BODY, "truth": {**TRUTH, "recall": None, "precision": None, "missed_why": {}, "at_risk_by_axis": {}},
        "coverage": {**BODY["coverage"], "unaccounted": 0}, "ledger": {"entries": 1, "verified": False},
        "discovery": {"leads": 0, "by_door": {"self": 0}, "merged": 0},
        "warning": {**BODY["warning"], "targeted": 0, "by_group": {}},
        "clocks": {"breaches": 0, "by_unit": {}},
    }  # fmt: skip
    told = {block.key: block for block in blocks(body)}
    assert told["coverage"].sentences[1] == "一户不漏。"
    assert "断开" in told["ledger"].sentences[1]
    assert "—" in told["truth"].sentences[0]
    assert "—" in told["warning"].sentences[0]
    assert told["discovery"].rows[0][2] == "—"
    assert told["clocks"].rows == told["truth"].rows == ()


def test_the_word_file_says_what_the_report_says(made):
    document = Document(BytesIO(after_action(made)))
    told = texts(document)
    assert any("示例" in text for text in told)
    assert any("应对情况报告" in text for text in told)
    for block in blocks(made.body):
        assert block.title in told
        for sentence in block.sentences:
            assert sentence in told
        for row in block.rows:
            assert set(row) <= set(told)
    assert any(made.sha in text for text in told)


def test_the_word_file_is_set_in_chinese_faces_with_page_numbers(made):
    document = Document(BytesIO(after_action(made)))
    for name, font in (("Normal", "仿宋"), ("Heading 1", "黑体"), ("Title", "黑体")):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == font
        assert fonts.get(qn("w:eastAsiaTheme")) is None
    assert document.core_properties.author == "安澜"
    assert document.core_properties.comments == made.sha
    footer = document.sections[0].footer._element.xml
    assert "PAGE" in footer
    assert round(document.sections[0].page_width.cm, 1) == 21.0


def test_a_report_of_what_happened_carries_no_mark_of_a_drill(storm, people):
    made = report(event=storm.event, by=people["county_director"])
    assert not any("示例】" in text for text in texts(Document(BytesIO(after_action(made)))))
    with ZipFile(BytesIO(after_action(made))) as archive:
        assert archive.testzip() is None


def test_the_same_report_is_the_same_words_at_any_hour(made):
    first = texts(Document(BytesIO(after_action(made))))
    clock.advance(timedelta(days=400))
    assert texts(Document(BytesIO(after_action(made)))) == first


def test_the_day_of_a_report_is_written_as_people_write_it(storm, now, people):
    made = report(event=storm.event, by=people["county_director"])
    paragraphs = [paragraph.text for paragraph in Document(BytesIO(after_action(made))).paragraphs]
    assert "2026年6月18日 20:00" in paragraphs
