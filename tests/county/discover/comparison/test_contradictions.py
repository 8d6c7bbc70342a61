"""What a department's latest list says otherwise than the register."""

from datetime import date

import pytest
from tests.county.storm import VILLAGES, id_number

from anlan.county.discover.comparison import contradictions
from anlan.county.discover.comparison.actions import compare
from anlan.county.discover.comparison.sources import source


@pytest.fixture
def clerk(people):
    return people["department_clerk"]


@pytest.fixture
def says(storm, clerk, listed):
    """A department's list says something of one head of household."""

    def said(key, heading, word, *more, name="list.csv"):
        heads, cells = ("姓名", "身份证号", heading, *more[::2]), ("示例户05", id_number(0, 5), word, *more[1::2])
        return compare(source=source(key), path=listed(heads, cells, name=name), by=clerk)

    return said


def told(found):
    return [(each.topic, each.registered, each.said.value) for each in found]


@pytest.mark.clause("M1")
def test_a_death_the_register_does_not_know_of(says, storm, clerk):
    outcome = says("police", "变动类别", "死亡注销", "变动日期", "2026-06-01")
    assert told(outcome.against_register) == [("alive", "yes", "no")]
    (found,) = contradictions.against_register(clerk)
    assert (found.name, found.household) == ("示例户05", storm.household(0, 5).code)
    assert (found.said.source.key, found.said.on) == ("police", date(2026, 6, 1))


def test_a_disability_of_somebody_the_register_calls_healthy(says, storm, clerk):
    person = storm.household(0, 5).people.get(relation="head")
    person.health = "healthy"
    person.save()
    assert told(says("disabled_federation", "残疾等级", "二级").against_register) == [("disability", "none", "2")]
    person.health = "grave"  # may be disabled as well: the register has one word for both
    person.save()
    assert contradictions.against_register(clerk) == []


def test_another_village_and_only_the_list_at_hand(says, clerk):
    assert told(says("human_resources", "状态", "领取", "村", "示例乙村").against_register) == [
        ("village", VILLAGES[0], VILLAGES[1])
    ]
    assert says("police", "变动类别", "正常", name="p.csv").against_register == []
    assert len(contradictions.against_register(clerk)) == 1


def test_a_list_that_comes_again_says_it_again(says):
    one, again = (says("police", "变动类别", "死亡注销") for _ in range(2))
    assert again.again
    assert again.against_register == one.against_register != []


def test_they_are_scoped(says, people):
    says("police", "变动类别", "死亡注销")
    assert contradictions.against_register(people["township_officer_a"])
    assert contradictions.against_register(people["township_officer_b"]) == []


@pytest.mark.parametrize(
    ("topic", "gone", "insured", "health", "grade", "word"),
    [
        ("alive", "", True, "healthy", "", "yes"),
        ("alive", "died", True, "healthy", "", "no"),
        ("alive", "left", True, "healthy", "", ""),  # who knows
        ("insured", "", False, "healthy", "", "no"),
        ("insured", "", True, "healthy", "", "yes"),
        ("disability", "", True, "healthy", "", "none"),
        ("disability", "", True, "disabled", "", ""),
        ("grade", "", True, "healthy", "D", "D"),
        ("grade", "", True, "healthy", None, ""),
        ("village", "", True, "healthy", "", "V"),
    ],
)
def test_the_registers_word(topic, gone, insured, health, grade, word):
    assert contradictions.registered(topic, gone, insured, health, grade, "V") == word
