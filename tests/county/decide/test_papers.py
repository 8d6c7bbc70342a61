"""The official papers: what stands in them, what never does, and whose templates they are made from."""

import io
import re
import zipfile

import pytest
from django.urls import reverse
from docx import Document
from tests.county.cases import UNSAFE, WELL, found, move, walk

from anlan import cli
from anlan.county.decide.models import Case
from anlan.county.decide.papers import cases, villages
from anlan.county.decide.papers.printing import BLANK, OWN, PUBLIC, TITLES, TemplateWrong, bundle, page, word
from anlan.county.office.models import Division
from anlan.county.registry.models import Household, Person

HEALTH = ("健康", "患病", "慢性", "大病", "残疾", "重病")


def fresh(case: Case) -> Case:
    return Case.objects.select_related(*cases.RELATED).get(pk=case.pk)


def text(file: bytes) -> str:
    """All that a Word file says, its heads and feet too."""
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        xml = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
    return re.sub(r"<[^>]+>", "", xml)


def unzipped(file: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(file)) as kept:
        return {name: text(kept.read(name)) for name in kept.namelist()}


@pytest.fixture
def story(storm):
    """One household taken in, one refused, one under publicity and one that nobody has reviewed yet."""
    some = [storm.household(0, serial) for serial in (2, 4, 5)] + [storm.household(2, 1)]
    taken, refused, hung, waiting = found(storm.event, *some, finding=UNSAFE)
    walk(taken)
    move("not_confirmed", refused, note="有其他收入")
    move("publicity", hung)
    return taken, refused, hung, waiting


def test_every_paper_has_a_template_a_title_and_a_place():
    assert {path.stem for path in OWN.glob("*.docx")} == set(TITLES)
    assert {*cases.PAPERS, *villages.PAPERS} | {key for key in TITLES if key.startswith("clear_")} == set(TITLES)
    assert set(TITLES) > PUBLIC


def test_the_committed_templates_are_those_the_tool_makes():
    import importlib.util

    from tests.conftest import ROOT

    spec = importlib.util.spec_from_file_location("tools_papers", ROOT / "tools" / "papers.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    for key, (title, blocks) in tool.FORMS.items():
        made = io.BytesIO()
        tool.form(title, blocks).save(made)
        assert page(made.getvalue()) == page((OWN / f"{key}.docx").read_bytes()), key


@pytest.mark.clause("L1", "M3")
def test_a_cases_papers_say_what_was_found_and_who_decided(story):
    taken, refused, hung, waiting = map(fresh, story)
    papers = unzipped(cases.everything(taken))
    assert [name[3:-5] for name in papers] == [
        "申请及承诺授权查询书", "排查（核查）表", "民主评议记录", "公示", "审核审批表",
    ]  # fmt: skip
    form = papers["05-审核审批表.docx"]
    for said in (taken.household.head_name, "5,000元", "审核同意，报县审批", "审批同意，予以公告", "2026年6月18日"):
        assert said in form
    assert "有问题" in papers["02-排查（核查）表.docx"]
    letter = unzipped(cases.everything(refused))["05-不予纳入告知书.docx"]
    assert "有其他收入" in letter
    assert "12317" in letter
    assert cases.papers(waiting) == ["application", "check", "review", "approval"]
    assert "refusal" not in cases.papers(hung)


@pytest.mark.clause("L1")
def test_a_figure_nobody_has_is_a_line_for_the_hand(story):
    waiting = fresh(story[3])
    for name in ("county_by", "county_on", "town_note", "public_since", "reviewed_on", "home_grade"):
        assert cases.contents(waiting, "approval")[name] == BLANK, name
    form = text(word("approval", cases.contents(waiting, "approval")))
    assert "审批人：" + BLANK in form
    assert "None" not in form


@pytest.mark.clause("L1", "M2")
def test_no_paper_of_a_story_holds_a_number_and_none_that_hangs_a_name_or_health(story, storm):
    numbers = set(Person.objects.exclude(id_number="").values_list("id_number", flat=True))
    numbers |= set(Household.objects.exclude(phone="").values_list("phone", flat=True))
    names = set(Person.objects.values_list("name", flat=True)) | set(Household.objects.values_list("code", flat=True))
    assert len(numbers) > 20
    files = [(key, word(key, cases.contents(fresh(case), key))) for case in story for key in cases.papers(fresh(case))]
    for village in Division.objects.filter(level="village"):
        files += [(key, word(key, villages.contents(storm.event, village, key))) for key in villages.PAPERS]
    looked = 0
    for key, file in files:
        said = text(file)
        assert not [number for number in numbers if number in said], key
        assert not re.search(r"\d{17}[\dX]|1\d{10}(?!\d)", re.sub(r"3601231\d+", "", said)), key
        if key in PUBLIC:
            looked += 1
            assert not [name for name in names if name in said], key
            assert not [sick for sick in HEALTH if sick in said], key
    assert looked >= 8


@pytest.mark.clause("L1")
def test_what_a_village_hangs_up_is_of_that_village_alone_and_masked(story, storm):
    first = Division.objects.get(pk="360123101201")
    hung = unzipped(villages.everything(storm.event, first))
    assert list(hung) == ["01-公示.docx", "02-公告.docx"]
    assert "示*" in hung["01-公示.docx"]
    assert "自2026年" in hung["01-公示.docx"]
    other = Division.objects.get(pk="360123102201")
    assert villages.contents(storm.event, other, "publicity")["households"] == []
    assert unzipped(villages.everything(storm.event, other)) == {}


def test_what_hangs_is_given_no_name_by_which_a_template_could_show_more(story, settings, tmp_path):
    settings.PAPERS = tmp_path
    own = Document()
    own.add_paragraph("{{ head }} {{ code }}")
    own.save(str(tmp_path / "publicity.docx"))
    with pytest.raises(TemplateWrong, match=r"publicity\.docx.*head"):
        cases.everything(fresh(story[2]))


def test_a_countys_own_template_takes_the_place_of_ours(story, settings, tmp_path):
    settings.PAPERS = tmp_path
    own = Document()
    own.add_paragraph("本县自己的评议记录：{{ head }}，{{ review_note }}")
    own.save(str(tmp_path / "review.docx"))
    case = fresh(story[0])
    assert f"本县自己的评议记录：{case.household.head_name}，{BLANK}" in text(
        word("review", cases.contents(case, "review"))
    )


@pytest.mark.parametrize("data", [b"", b"no word file", b"PK\x05\x06" + bytes(18)])
def test_a_template_that_is_no_word_file_is_refused_by_its_name(story, settings, tmp_path, data):
    settings.PAPERS = tmp_path
    (tmp_path / "review.docx").write_bytes(data)
    with pytest.raises(TemplateWrong, match=r"review\.docx"):
        bundle([("review", cases.contents(fresh(story[0]), "review"))])


def test_a_template_cannot_reach_into_the_program(story, settings, tmp_path):
    settings.PAPERS = tmp_path
    own = Document()
    own.add_paragraph("{{ axes.__class__.__mro__ }}")
    own.save(str(tmp_path / "review.docx"))
    with pytest.raises(TemplateWrong):
        word("review", cases.contents(fresh(story[0]), "review"))


def test_words_of_people_are_no_markup(story):
    case = fresh(story[1])
    case.reasons = ["收入 < 5 & 稳定 {{ code }}"]
    said = page(word("refusal", cases.contents(case, "refusal")))
    assert any("收入 < 5 & 稳定 {{ code }}" in block.text for block in said)


# --- the screens ------------------------------------------------------------------------------------------
def url(name: str, case: Case, *more: str) -> str:
    return reverse(f"decide:{name}", args=[case.event.code, case.household.code, *more])


def test_the_page_says_what_the_word_file_says(story, as_):
    case = fresh(story[0])
    client = as_("village_cadre_a")
    told = client.get(url("papers", case)).text
    for key in cases.papers(case):
        assert url("paper", case, key) in told
        shown = client.get(url("paper", case, key)).text
        kept = client.get(url("paper_word", case, key))
        assert kept["Content-Type"].endswith("wordprocessingml.document")
        for block in page(b"".join(kept) if kept.streaming else kept.content):
            assert block.text[:12] in shown
            assert all(cell[:12] in shown for row in block.rows for cell, _wide in row)
    zipped = client.get(url("all_papers", case))
    assert len(unzipped(zipped.content)) == len(cases.papers(case))
    assert case.household.code not in zipped["Content-Disposition"]


def test_strangers_and_readers_of_other_rooms_get_no_paper(story, as_):
    case = fresh(story[0])
    for name, *more in (("papers",), ("paper", "check"), ("paper_word", "check"), ("all_papers",)):
        assert as_("village_cadre_b").get(url(name, case, *more)).status_code == 404
        assert as_("auditor").get(url(name, case, *more)).status_code == 403
    assert as_("village_cadre_a").get(url("paper", case, "refusal")).status_code == 404
    assert as_("village_cadre_a").get(url("paper", case, "notice")).status_code == 404


def test_the_villages_board_is_the_villages(story, storm, as_):
    there = reverse("decide:board", args=[storm.event.code, "360123101201"])
    assert set(unzipped(as_("village_cadre_a").get(there).content)) == {"01-公示.docx", "02-公告.docx"}
    assert as_("village_cadre_b").get(there).status_code == 404


def test_the_command_writes_a_households_or_a_villages_papers(story, storm, tmp_path, monkeypatch, capsys):
    from django.db import connections

    monkeypatch.setattr(connections, "close_all", lambda: None)
    case = fresh(story[0])
    out = tmp_path / "papers.zip"
    for place, papers in ((case.household.code, 5), ("360123101201", 2)):
        assert cli.run(["decide", "papers", storm.event.code, place, "--out", str(out), "--json"]) == 0
        assert len(unzipped(out.read_bytes())) == papers
    capsys.readouterr()
    out.unlink()
    for place, by in (
        ("360123199999", "anlan"),
        (case.household.code, "village_cadre_b"),
        (case.household.code, "auditor"),
    ):
        assert cli.run(["decide", "papers", storm.event.code, place, "--out", str(out), "--by", by]) == 2
        assert not out.exists()


def test_a_well_household_is_proposed_as_not_to_be_taken_in(storm):
    case = fresh(found(storm.event, storm.household(0, 5), finding=WELL)[0])
    said = cases.contents(case, "review")
    assert said["proposed"] == "不予纳入"
    assert said["grounds"] == BLANK
