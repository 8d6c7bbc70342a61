"""Every link that a person is shown opens, in both languages, and shows nothing of the other township."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import reverse

from anlan.county.registry.models import Household, Person

pytestmark = pytest.mark.long

A, B = "360123101", "360123102"
MOST = 160
RAW = re.compile(r"%\(\w+\)s|\{\{|\{%|&lt;(?:Warning|Lead|Case)|None\b")


class Links(HTMLParser):
    """The addresses of a page's links and of the forms that only ask."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.found.append(given["href"])


def walk(client, most=MOST):
    """Every page that one can get to from the home page, by its address."""
    seen, ahead = {}, ["/"]
    while ahead and len(seen) < most:
        here = ahead.pop(0)
        if here in seen:
            continue
        answer = client.get(here)
        if answer.status_code == 302:
            ahead.append(urljoin(here, answer["Location"]))
            seen[here] = ""
            continue
        kind = answer.headers.get("Content-Type", "")
        text = answer.text if kind.startswith(("text/html", "application/json")) else ""
        seen[here] = text
        assert answer.status_code == 200, f"{here}: {answer.status_code}"
        for link in Links(text).found if kind.startswith("text/html") else ():
            target = urlsplit(urljoin(here, link))
            path = target.path + (f"?{target.query}" if target.query else "")
            if (
                not target.scheme
                and not target.netloc
                and not path.startswith(("/static/", "/office/logout"))
                and path not in seen
            ):
                ahead.append(path)
    return seen


def of(township):
    """What gives a household of a township away: its code, its head's name, its people's ID numbers."""
    homes = Household.objects.filter(division__code__startswith=township)
    people = Person.objects.filter(household__in=homes).exclude(id_number="")
    return {*homes.values_list("code", flat=True), *homes.values_list("head_name", flat=True),
            *people.values_list("id_number", flat=True)}  # fmt: skip


@pytest.mark.clause("L1")
@pytest.mark.parametrize(
    ("username", "foreign"),
    [("village_cadre_a", B), ("village_cadre_b", A), ("township_officer_a", B), ("township_officer_b", A)],
)
def test_no_page_shows_a_household_of_the_other_township(midway, people, client, username, foreign):
    client.force_login(people[username])
    pages = walk(client)
    assert len(pages) > 25
    hidden = of(foreign)
    assert len(hidden) >= 20
    for path, text in pages.items():
        assert [word for word in hidden if word in text] == [], path
    own = of(A if foreign == B else B)
    assert any(word in text for word in own for text in pages.values())


@pytest.mark.parametrize(
    "username", ["duty_officer", "county_director", "department_clerk", "auditor", "administrator"]
)
def test_every_link_that_a_person_is_shown_opens(midway, people, client, username):
    client.force_login(people[username])
    pages = walk(client)
    assert len(pages) > 10
    for path, text in pages.items():
        found = RAW.search(re.sub(r"<script.*?</script>|<svg.*?</svg>", "", text, flags=re.DOTALL))
        assert found is None, f"{path}: {found.group() if found else ''}"


@pytest.mark.parametrize("username", ["county_director", "township_officer_a"])
def test_in_english_no_page_is_left_half_in_chinese(midway, people, client, username):
    """Names of places, people, offices and events are the county's own words; what the program says is not."""
    client.force_login(people[username])
    client.post(reverse("desk:language"), {"language": "en", "next": "/"})
    pages = walk(client, most=40)
    for path, text in pages.items():
        titles = re.findall(r"<h1[^>]*>(.*?)</h1>|<th[^>]*>(.*?)</th>|<button[^>]*>(.*?)</button>", text, re.DOTALL)
        for words in ("".join(each) for each in titles):
            chinese = re.sub(r"示例\S*|安义县\S*|万埠镇|石鼻镇|中文|暴雨\S*", "", words)
            assert not re.search(r"[\u4e00-\u9fff]", chinese), f"{path}: {words.strip()}"


@pytest.mark.parametrize("username", ["village_cadre_a", "auditor", "department_clerk"])
def test_the_household_pages_of_others_are_not_there_and_say_nothing(midway, people, client, username):
    client.force_login(people[username])
    code = midway.storm.household(2, 4).code
    for name in ("desk:household",):
        answer = client.get(reverse(name, args=[code]))
        if username == "village_cadre_a":
            assert answer.status_code == 404
            assert midway.storm.household(2, 4).head_name not in answer.text
        else:
            assert answer.status_code == 200
    searched = client.post(reverse("registry:find"), {"q": code}, follow=True)
    assert (midway.storm.household(2, 4).head_name in searched.text) == (username != "village_cadre_a")


def test_pressing_a_button_of_another_township_s_page_is_refused_by_name_or_not_there(midway, people, client):
    client.force_login(people["township_officer_a"])
    event, code = midway.event.code, midway.storm.household(2, 1).code
    assert client.post(reverse("discover:dismiss", args=[event, code]), {"reason": "no_harm"}).status_code == 404
    lead = midway.lead(2, 1)
    answer = client.post(reverse("discover:take_in"), {"leads": [lead.pk]})
    assert answer.status_code in {302, 403, 404}
    lead.refresh_from_db()
    assert lead.state == "open"
    village = midway.storm.household(2, 1).division_id
    assert client.post(reverse("discover:close_sweep", args=[event, village])).status_code == 404
    assert midway.sweep(2).closed_at is None
