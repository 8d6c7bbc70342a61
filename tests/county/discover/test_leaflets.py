"""The leaflets: every figure from the policy with its source, a code of the village's own, nobody in it."""

import io
import re
from datetime import date

import pytest
from django.test import override_settings
from django.urls import reverse
from docx import Document

from anlan.county.discover.leaflets import KEYS, NEEDED, PERSONAL, leaflet
from anlan.county.errors import BadInput, NotFound
from anlan.county.registry.models import Household, Person
from anlan.engine import policy

DAY = date(2026, 6, 18)
WHOLE = 'title = "甲"\naudience = "乙"\nhotline = "12317"\nhotline_title = "丙"\nhotline_source = "丁"\n'
PARTS = '[[parts]]\nheading = "一"\nlines = ["{village}：{clock_total_days}"]\n'


@pytest.fixture
def enter(people, client):
    def log_in(username):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        return client

    return log_in


@pytest.fixture
def own(tmp_path):
    """The county's own folder; call it with a text to put its leaflet there."""
    with override_settings(LEAFLETS=tmp_path):
        yield lambda text, encoding="utf-8": (tmp_path / "report.toml").write_text(text, encoding=encoding)


@pytest.fixture(autouse=True)
def site(settings):
    """The address villagers reach the county by."""
    settings.SITE = "https://anlan.example.cn"
    return settings


@pytest.mark.parametrize("key", KEYS)
def test_every_figure_is_the_policys_of_the_day_and_none_stands_in_the_text(key):
    found = leaflet(key, "示例甲村", DAY)
    today = policy.on(DAY)
    assert found.figures == tuple(today.parameter(figure.key) for figure in found.figures)
    assert len(found.figures) >= 4
    text = "".join(line for part in found.parts for line in part.lines)
    for figure in found.figures:
        said = figure.value if isinstance(figure.value, str) else f"{figure.value:,g}{figure.unit}"
        assert said in text
        text = text.replace(said, "", 1)
    assert re.sub("填 4 项、选 2 项", "", text).isascii() is False
    assert not re.search(r"\d", re.sub("填 4 项、选 2 项", "", text))


def test_another_day_has_other_figures():
    then, now = (leaflet("report", "甲", day).parts[0].lines[-1] for day in (date(2023, 6, 1), DAY))
    assert then != now


@pytest.mark.clause("D1")
def test_a_cadre_prints_the_villages_leaflet_with_its_code_and_its_sources(storm, enter):
    village = storm.household(0, 5).division_id
    browser = enter("village_cadre_a")
    assert (
        reverse("discover:leaflet", args=["report", village])
        in browser.get(reverse("discover:leaflets")).content.decode()
    )
    page = browser.get(reverse("discover:leaflet", args=["report", village])).content.decode()
    for said in ("<svg", reverse("discover:from_village", args=[village]), "12317", "未核实", "示例", "由县填写"):
        assert said in page
    assert policy.on(DAY).parameter("clock_total_days").source in page


@pytest.mark.parametrize("key", KEYS)
def test_the_word_document_says_the_same_and_names_nobody(storm, enter, key):
    village = storm.household(0, 5).division_id
    answer = enter("village_cadre_a").get(reverse("discover:leaflet_word", args=[key, village]))
    document = Document(io.BytesIO(answer.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    text = "\n".join([*(each.text for each in document.paragraphs), *cells])
    for part in leaflet(key, storm.household(0, 5).division.name, DAY).parts:
        assert part.lines[0] in text
    assert len(document.inline_shapes) == 1
    assert "示例" in text
    known = {*Household.objects.values_list("head_name", flat=True), *Person.objects.values_list("name", flat=True)}
    assert not [name for name in known if name in text]
    assert not PERSONAL.search(text)


def test_a_foreign_village_has_no_leaflet_here(storm, enter):
    village = storm.household(2, 5).division_id
    for name in ("leaflet", "leaflet_word"):
        assert enter("village_cadre_a").get(reverse(f"discover:{name}", args=["report", village])).status_code == 404
    assert enter("auditor").get(reverse("discover:leaflets")).status_code == 403


def test_the_countys_own_wording_goes_first(own):
    own(WHOLE + 'county_phone = "0791-0000000"\n' + PARTS)
    found = leaflet("report", "示例甲村", DAY)
    assert found.parts[0].lines == ("示例甲村：15天",)
    assert found.county_phone == "0791-0000000"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WHOLE + "[[parts", "格式不对"),
        (WHOLE, "heading 和 lines"),
        (WHOLE + '[[parts]]\nheading = "一"\nlines = "x"\n', "heading 和 lines"),
        (WHOLE.replace("title", "titel", 1) + PARTS, "title"),
        (WHOLE + PARTS.replace("clock_total_days", "no_such"), "no_such"),
        (WHOLE + PARTS + '[[parts]]\nheading = "二"\nlines = ["找张三 13900000000"]\n', "手机号"),
    ],
)
def test_a_wording_that_cannot_be_printed_is_a_sentence_that_names_file_and_fault(own, text, said):
    own(text)
    with pytest.raises(BadInput, match=r"report\.toml") as refused:
        leaflet("report", "甲", DAY)
    assert said in str(refused.value)


def test_a_wording_in_another_encoding_is_a_sentence(own):
    own(WHOLE + PARTS, "gb18030")
    with pytest.raises(BadInput, match="UTF-8"):
        leaflet("report", "甲", DAY)


def test_there_are_two_leaflets_and_no_third():
    assert all(getattr(leaflet(key, "甲", DAY), field) for key in KEYS for field in NEEDED)
    with pytest.raises(NotFound):
        leaflet("other", "甲", DAY)


@pytest.mark.clause("D1")
@pytest.mark.parametrize(
    ("site_of", "asked_at", "leads_to"),
    [
        ("https://anlan.example.cn", "127.0.0.1", "https://anlan.example.cn"),
        ("", "anlan.example.cn", "http://anlan.example.cn"),
        *(("", host, "") for host in ("127.0.0.1", "localhost", "10.1.2.3", "[::1]")),
    ],
)
def test_a_code_leads_to_where_a_telephone_can_get_or_is_not_printed(
    storm, enter, settings, site_of, asked_at, leads_to
):
    settings.SITE, settings.ALLOWED_HOSTS = site_of, ["*"]
    village, browser = storm.household(0, 5).division_id, enter("village_cadre_a")
    page = browser.get(reverse("discover:leaflet", args=["report", village]), HTTP_HOST=asked_at).content.decode()
    document = browser.get(reverse("discover:leaflet_word", args=["report", village]), HTTP_HOST=asked_at)
    assert ("<svg" in page, document.status_code) == ((True, 200) if leads_to else (False, 409))
    if leads_to:
        assert f"{leads_to}{reverse('discover:from_village', args=[village])}" in page
    else:
        assert "ANLAN_SITE" in page
        assert "ANLAN_SITE" in document.content.decode()
