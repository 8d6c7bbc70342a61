"""The county's own templates: tried before they are used, refused with the name that is unknown, taken back again."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document
from tests.county.cases import UNSAFE, entered, follow, found, move, walk

from anlan.county import clock
from anlan.county.clear import papers as clearing
from anlan.county.clear.actions import open_clearances
from anlan.county.clear.models import Clearance
from anlan.county.decide.models import Case
from anlan.county.decide.papers import actions, cases, checking, villages
from anlan.county.decide.papers.printing import PUBLIC, TITLES, TemplateWrong, word
from anlan.county.errors import NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.queries import machine

pytestmark = pytest.mark.clause("M3")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.PAPERS = tmp_path / "papers"
    return settings.PAPERS


def made(*paragraphs: str) -> bytes:
    own, file = Document(), io.BytesIO()
    for each in paragraphs:
        own.add_paragraph(each)
    own.save(file)
    return file.getvalue()


@pytest.mark.parametrize("key", TITLES)
def test_the_templates_that_come_with_the_program_pass(key):
    checking.check(key, checking.current(key))


def outer(key):
    return {name.partition("(")[0] for name in checking.names(key)}


def test_a_template_is_tried_with_exactly_the_names_that_a_case_has(storm):
    taken, refused = found(storm.event, storm.household(0, 4), storm.household(0, 5), finding=UNSAFE)
    walk(taken)
    move("not_confirmed", refused, note="有其他收入")
    for case in Case.objects.select_related(*cases.RELATED):
        for key in cases.papers(case):
            assert outer(key) == set(cases.contents(case, key)), key
    for key in villages.PAPERS:
        assert outer(key) == set(villages.contents(storm.event, taken.household.division, key)), key


def test_and_exactly_those_that_a_clearance_has(storm):
    follow(entered(storm.event, storm.household(0, 5)), 7)
    open_clearances(by=machine(), on=clock.today())
    clearance = Clearance.objects.select_related(*clearing.RELATED).get()
    for key in clearing.papers(clearance):
        told = clearing.contents(clearance, key)
        assert outer(key) == set(told), key
        looks = next(name for name in checking.names(key) if name.startswith("looks"))
        assert looks == f"looks({','.join(told['looks'][0])})"


def test_an_own_template_is_used_once_it_was_tried(people, folder, storm):
    actions.put(key="review", file=made("本县的评议记录：{{ head }}"), by=people["county_director"])
    (line,) = Entry.objects.filter(verb="decide.put_template")
    assert line.about == "paper:review"
    (case,) = found(storm.event, storm.household(0, 5))
    file = word("review", cases.contents(Case.objects.select_related(*cases.RELATED).get(pk=case.pk), "review"))
    assert "本县的评议记录" in Document(io.BytesIO(file)).paragraphs[0].text
    assert [path.name for path in folder.iterdir()] == ["review.docx"]
    actions.drop(key="review", by=people["county_director"])
    assert not checking.place("review").exists()
    assert "本县的" in Document(folder / "review.old.docx").paragraphs[0].text
    with pytest.raises(NotFound):
        actions.drop(key="review", by=people["county_director"])


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("review", "{{ head }}，{{ 户主电话 }}", "户主电话"),
        ("review", "{{ income_total }}", "income_total.*可用的名字：head"),
        ("publicity", "{{ code }}", "code.*可用的名字：village"),
        ("publicity", "{% for each in households %}{{ each.phone }}{% endfor %}", "phone"),
        ("check", "{% for each in axes %}{{ each.title }}", "用不了"),
        ("check", "{{ axes.__class__.__mro__ }}", "用不了"),
    ],
)
def test_a_name_there_is_not_is_named_and_nothing_changes(people, folder, key, text, said):
    with pytest.raises(TemplateWrong, match=said):
        actions.put(key=key, file=made(text), by=people["county_director"])
    assert not folder.exists()
    assert not Entry.objects.filter(verb="decide.put_template").exists()


def test_what_is_no_word_file_or_too_large_is_refused(people, folder, monkeypatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as bomb:
        bomb.writestr("a", bytes(100))
    for file in (b"", b"no word file", packed.getvalue()):
        with pytest.raises(TemplateWrong, match="不是 Word"):
            checking.check("review", file)
    monkeypatch.setattr(checking, "MOST_UNPACKED", 50)
    with pytest.raises(TemplateWrong, match="太大"):
        checking.check("review", packed.getvalue())
    monkeypatch.setattr(checking, "MOST_BYTES", 10)
    with pytest.raises(TemplateWrong, match="太大"):
        checking.check("review", b"x" * 11)


def test_only_who_may_draft_the_countys_rules_changes_its_papers(people, folder):
    for username in ("township_officer_a", "auditor"):
        with pytest.raises(NotAllowed):
            actions.put(key="review", file=made("x"), by=people[username])
        with pytest.raises(NotAllowed):
            actions.drop(key="review", by=people[username])
    with pytest.raises(NotFound):
        actions.put(key="../x", file=made("x"), by=people["county_director"])
    with pytest.raises(NotFound):
        actions.drop(key="../x", by=people["county_director"])


def test_the_page_lists_whose_template_each_is_and_takes_another(as_, folder):
    client, there = as_("county_director"), reverse("decide:templates")
    page = client.get(there).text
    assert page.count("自带的") >= len(TITLES)
    put = reverse("decide:put_template", args=["review"])
    wrong = client.post(put, {"file": SimpleUploadedFile("a.docx", made("{{ nobody }}"))})
    assert (wrong.status_code, "nobody" in wrong.text) == (409, True)
    assert client.post(put, {}).status_code == 422
    good = client.post(put, {"file": SimpleUploadedFile("a.docx", made("{{ head }}"))}, follow=True)
    assert "模板检查无误" in good.text
    assert "本县的" in good.text
    word_file = client.get(reverse("decide:template_word", args=["review"]))
    assert Document(io.BytesIO(word_file.content)).paragraphs[0].text == "{{ head }}"
    assert client.get(reverse("decide:template_word", args=["x"])).status_code == 404
    back = client.post(reverse("decide:drop_template", args=["review"]), follow=True)
    assert "已改用自带的模板" in back.text
    assert "更换" not in as_("township_officer_a").get(there).text


def test_one_that_was_put_into_the_folder_by_hand_and_is_wrong_says_so(as_, folder):
    folder.mkdir()
    (folder / "review.docx").write_bytes(made("{{ nobody }}"))
    assert "nobody" in as_("county_director").get(reverse("decide:templates")).text
    assert [each.key for each in checking.listed() if each.wrong] == ["review"]
    assert {each.key for each in checking.listed() if each.public} == PUBLIC
