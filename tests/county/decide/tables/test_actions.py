"""Wording a row anew: what is drafted, what it would change, who signs, and what is refused."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.county.cases import cases, found

from anlan.county import clock
from anlan.county.decide.models import Wording
from anlan.county.decide.tables.actions import (
    DecidedAlready,
    Draft,
    DraftedAlready,
    NotAhead,
    SignedOneself,
    draft,
    drop,
    sign,
)
from anlan.county.decide.tables.wordings import county_book
from anlan.county.decide.tables.wrong import FAULTS, SAID, sentence
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.verify.actions import FindingReport
from anlan.engine.policy import PolicyInvalid, tables
from anlan.engine.policy.tables.language import FAULTS as ENGINES

JULY = date(2026, 7, 1)
HIGHER = Draft(
    "identification",
    "below_line",
    JULY,
    "县定参考线",
    "人均收入 < 9500",
    "below_line",
    "安府发〔2026〕示例号",
    "县文件",
)


@pytest.fixture
def hands(people):
    """Who drafts, and who signs."""
    return people["department_clerk"], people["county_director"]


def changed(**fields):
    return Draft(**{**{name: getattr(HIGHER, name) for name in Draft.__dataclass_fields__}, **fields})


@pytest.mark.clause("P2", "A1")
def test_a_draft_is_kept_with_what_it_would_change_and_holds_nowhere(storm, hands):
    clerk, _director = hands
    found(storm.event, storm.household(0, 4), finding=FindingReport(income_per_head_yuan=9_400.0))
    found(storm.event, storm.household(2, 5), finding=FindingReport(income_per_head_yuan=9_400.0))
    kept = draft(wanted=HIGHER, by=clerk)
    assert kept.effect["households"] == 20
    assert kept.effect["enters"] == {"marginal": 1, "unstable": 1}
    assert kept.effect["leaves"] == {}
    assert [(each["name"], each["enters"]) for each in kept.effect["townships"]] == [("万埠镇", 1), ("石鼻镇", 1)]
    assert kept.effect["looked_at"] == len(tables.cases())
    assert {each["title"] for each in kept.effect["cases"]} >= {"收入减少六成，离线不远"}
    assert county_book() is tables.book()
    entry = Entry.objects.get(verb="decide.draft")
    assert (entry.about, entry.by) == ("rule:identification/below_line", "department_clerk")


@pytest.mark.clause("P2", "A1")
def test_a_signed_wording_holds_from_its_day_on_and_the_past_stays(storm, hands):
    clerk, director = hands
    poor = FindingReport(income_per_head_yuan=9_400.0)
    before = found(storm.event, storm.household(0, 5), finding=poor)[0]
    assert sign(wording=draft(wanted=HIGHER, by=clerk).pk, by=director).signed_by == director
    version = county_book().table("identification").row("below_line").on(JULY)
    assert (version.level, version.signed, version.verified) == ("anyi", "county_director 2026-06-18", True)
    assert Entry.objects.filter(verb="decide.sign").count() == 1
    still = found(storm.event, storm.household(1, 5), finding=poor)[0]
    clock.advance(timedelta(days=13))
    later = found(storm.event, storm.household(2, 5), finding=poor)[0]
    assert [each.proposal["at_risk"] for each in (before, still, later)] == [False, False, True]
    assert "安府发〔2026〕示例号" in later.proposal["reasons"][0]["basis"]
    assert cases(storm.event, storm.household(0, 5))[0].proposal == before.proposal


def test_whoever_drafted_does_not_sign(storm, people, hands):
    clerk, director = hands
    kept = draft(wanted=HIGHER, by=director)
    with pytest.raises(SignedOneself, match="另一人"):
        sign(wording=kept.pk, by=director)
    with pytest.raises(NotAllowed):
        sign(wording=kept.pk, by=clerk)
    with pytest.raises(NotAllowed):
        draft(wanted=HIGHER, by=people["township_officer_a"])
    with pytest.raises(NotAllowed):
        drop(wording=kept.pk, by=people["village_cadre_a"])
    assert Wording.objects.get().signed_at is None


@pytest.mark.parametrize("since", [date(2026, 6, 18), date(2020, 1, 1)])
def test_neither_the_past_nor_today_is_changed(storm, hands, since):
    with pytest.raises(NotAhead, match="最早从明天起"):
        draft(wanted=changed(since=since), by=hands[0])
    assert not Wording.objects.exists()


def test_a_draft_whose_day_has_come_is_not_signed_any_more(storm, hands):
    clerk, director = hands
    kept = draft(wanted=changed(since=date(2026, 6, 19)), by=clerk)
    clock.advance(timedelta(days=1))
    with pytest.raises(NotAhead):
        sign(wording=kept.pk, by=director)


def test_a_row_has_one_draft_at_a_time_and_a_dropped_one_makes_room(storm, hands):
    clerk, director = hands
    kept = draft(wanted=HIGHER, by=clerk)
    with pytest.raises(DraftedAlready):
        draft(wanted=changed(when="人均收入 < 9900"), by=director)
    with pytest.raises(IntegrityError), transaction.atomic():
        Wording.objects.create(**{**_row(HIGHER), "drafted_by": clerk, "drafted_at": clock.now()})
    assert drop(wording=kept.pk, by=clerk).dropped_at == clock.now()
    for deed in (sign, drop):
        with pytest.raises(DecidedAlready):
            deed(wording=kept.pk, by=director)
    again = draft(wanted=changed(when="人均收入 < 9900"), by=clerk)
    sign(wording=again.pk, by=director)
    with pytest.raises(DecidedAlready):
        drop(wording=again.pk, by=clerk)
    with pytest.raises(NotFound):
        sign(wording=again.pk + 9, by=director)
    assert [each.verb for each in Entry.objects.filter(about="rule:identification/below_line").order_by("seq")] == [
        "decide.draft", "decide.drop", "decide.draft", "decide.sign",
    ]  # fmt: skip


def _row(wanted):
    return {name: getattr(wanted, name) for name in Draft.__dataclass_fields__}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"when": "人均收入 <"}, "第 7 个字（末尾）处缺一个词或数"),
        ({"when": "人均收入 < 监测线 监测线"}, "是多余的"),
        ({"when": "家底 < 1"}, "没有“家底”这个词"),
        ({"when": "脱贫户 < 1"}, "“<”两边要用数，这里是是或否"),
        ({"when": "人均收入"}, "条件要能判断是或否，这里是数"),
        ({"when": "危房等级 = E"}, "“E”不在可选的值（A, B, C, D）里"),
        ({"then": "rich"}, "结果“rich”不在可选的值"),
        ({"when": "__import__('os')"}, "第 12 个字“'”在这里没有意义"),
        ({"when": "非 " * 30 + "脱贫户"}, "最多 20 层"),
        ({"row": "no_such"}, "没有这张表或这一行"),
        ({"table": "no_such"}, "写得不对"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_in_the_typists_words(storm, hands, fields, told):
    with pytest.raises(BadInput) as refused:
        draft(wanted=changed(**fields), by=hands[0])
    assert told in str(refused.value)
    assert not Wording.objects.exists()


def test_a_wording_may_not_begin_before_the_last_signed_one(storm, hands):
    clerk, director = hands
    sign(wording=draft(wanted=HIGHER, by=clerk).pk, by=director)
    with pytest.raises(BadInput, match="写得不对"):
        draft(wanted=changed(since=date(2026, 6, 20)), by=clerk)
    later = draft(wanted=changed(since=date(2026, 8, 1), when="人均收入 < 9900"), by=clerk)
    sign(wording=later.pk, by=director)
    row = county_book().table("identification").row("below_line")
    assert [each.when for each in (row.on(date(2026, 7, 31)), row.on(date(2026, 8, 1)))] == [
        "人均收入 < 9500", "人均收入 < 9900",
    ]  # fmt: skip


def test_every_fault_of_the_language_has_a_sentence():
    assert set(FAULTS) == set(ENGINES)
    assert all(str(each) for each in SAID.values())
    assert "某处" in sentence(PolicyInvalid("某处"))
