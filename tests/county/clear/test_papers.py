"""The papers of a clearance: what stands in them, and what never does."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from tests.county.cases import entered, follow

from anlan.county import clock
from anlan.county.clear import papers
from anlan.county.clear.actions import Move, advance, open_clearances
from anlan.county.clear.models import Clearance
from anlan.county.decide.papers.printing import BLANK, PUBLIC, page, word
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household, Person


@pytest.fixture
def clearance(storm) -> Clearance:
    """One household on its way out of monitoring, followed for half a year."""
    episode = entered(storm.event, storm.household(0, 5))[0]
    follow([episode], 7)
    assert open_clearances(by=machine(), on=clock.today()) == 1
    return fresh()


def fresh() -> Clearance:
    return Clearance.objects.select_related(*papers.RELATED).get()


def move(*states: str) -> Clearance:
    for state in states:
        held = fresh()
        if state == "town_check":
            clock.advance(timedelta(days=6))
        advance(moves=[Move(held.pk, held.version, state)], by=machine())
    return fresh()


def text(file: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        return re.sub(r"<[^>]+>", "", parts.read("word/document.xml").decode())


@pytest.mark.clause("M6", "L1")
def test_a_clearances_papers_say_how_the_risk_went_and_who_signed(clearance):
    assert papers.papers(clearance) == ["clear_check", "clear_review", "clear_approval"]
    told = papers.contents(clearance, "clear_approval")
    assert (told["town_by"], told["county_on"], told["public_since"], told["how"]) == (BLANK,) * 4
    done = move("review", "publicity", "town_check", "county_decide", "cleared")
    told = papers.contents(done, "clear_approval")
    assert told["how"] == "自然消除"
    assert told["town_by"] == machine().name
    assert told["county_said"] == "审批同意，标注消除"
    assert told["risks"] == "收入"
    check = text(word("clear_check", papers.contents(done, "clear_check")))
    assert check.count("12,000元") == 7
    assert "边缘易致贫户" in check


@pytest.mark.clause("M6", "M2")
def test_no_paper_of_a_clearance_holds_a_number_and_the_one_that_hangs_no_name(clearance):
    done = move("review", "publicity")
    numbers = set(Person.objects.exclude(id_number="").values_list("id_number", flat=True))
    numbers |= set(Household.objects.exclude(phone="").values_list("phone", flat=True))
    names = set(Person.objects.values_list("name", flat=True)) | set(Household.objects.values_list("code", flat=True))
    for key in papers.PAPERS:
        said = text(word(key, papers.contents(done, key)))
        assert not [number for number in numbers if number in said], key
        if key in PUBLIC:
            assert not [name for name in names if name in said]
            assert not [sick for sick in ("健康", "慢性", "残疾", "大病") if sick in said]
            assert "示*" in said


def test_the_pages_say_what_the_files_say_and_strangers_see_none(clearance, as_):
    episode = clearance.episode
    where = [episode.case.event.code, episode.household.code]
    client = as_("village_cadre_a")
    told = client.get(reverse("clear:episode", args=where)).text
    for key in papers.papers(clearance):
        there = reverse("clear:paper", args=[*where, key])
        assert there in told
        shown = client.get(there).text
        for block in page(word(key, papers.contents(clearance, key))):
            assert all(cell[:10] in shown for row in block.rows for cell, _wide in row)
        assert as_("village_cadre_b").get(there).status_code == 404
        assert as_("auditor").get(there).status_code == 403
        client = as_("village_cadre_a")
    zipped = client.get(reverse("clear:all_papers", args=where))
    with zipfile.ZipFile(io.BytesIO(zipped.content)) as kept:
        assert len(kept.namelist()) == 3
    assert client.get(reverse("clear:paper", args=[*where, "clear_publicity"])).status_code == 404
    Clearance.objects.all().delete()
    assert client.get(reverse("clear:all_papers", args=where)).status_code == 404
