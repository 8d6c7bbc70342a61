"""Quality, doubles and a household's life on the screen: who sees what, and that a form does its deed."""

import pytest
from django.urls import reverse
from tests.county.registry.conftest import A, B, C, household
from tests.county.registry.life.test_actions import CHILD, FAMILY, HEAD, SON
from tests.county.registry.test_quality import good

from anlan.county.registry import actions
from anlan.county.registry.life import actions as life
from anlan.county.registry.life.forms import FORMS
from anlan.county.registry.models import Deed, Distinct, Household, Person

LOGIN = "anlan.county.office.authentication.Passwords"
QUALITY, DOUBLES = "/registry/quality/", "/registry/doubles/"


@pytest.fixture
def enrol(people):
    def enrol(*records):
        actions.enrol(records=records, by=people["anlan"], source="test")
        return [Household.objects.get(code=each.code) for each in records]

    return enrol


@pytest.fixture
def as_(client, people):
    """The browser of somebody."""

    def as_(username="township_officer_a"):
        client.force_login(people[username], backend=LOGIN)
        return client

    return as_


def see(client, path, **asked):
    response = client.get(path, asked)
    assert response.status_code == 200
    return response.content.decode()


# --- quality -----------------------------------------------------------------------------------------


@pytest.mark.clause("P1")
def test_a_township_sees_its_own_findings_by_rule_and_village(enrol, as_):
    enrol(good(A, 1, size=5), good(B, 1, 2, size=5), good(C, 1, 3, size=5))
    text = see(as_(), QUALITY)
    assert "万埠镇：2 户，2 处问题" in text
    assert "人口数与成员不符" in text
    assert "示例甲村" in text
    assert "示例丙村" not in text


def test_the_county_chooses_a_township_first(enrol, as_):
    enrol(good(A, 1, size=5))
    assert "请先选一个乡镇" in see(as_("auditor"), QUALITY)
    assert "1 处问题" in see(as_("auditor"), QUALITY, division="360123101000")
    assert "没有发现问题" in see(as_("auditor"), QUALITY, division="360123102000")


def test_a_village_sees_its_own(enrol, as_):
    enrol(good(A, 1, size=5), good(B, 1, 2, size=5))
    assert "示例甲村：1 户，1 处问题" in see(as_("village_cadre_a"), QUALITY)
    assert as_("village_cadre_a").get(QUALITY, {"division": B}).status_code == 404


def test_one_rule_lists_households_fifty_at_a_time(enrol, as_):
    enrol(*(good(A, serial, size=5) for serial in range(1, 53)))
    first = see(as_(), QUALITY, rule="size_differs")
    assert reverse("desk:household", args=[A + "00050"]) in first
    assert A + "00051" not in first
    second = see(as_(), QUALITY, rule="size_differs", start_at=50)
    assert A + "00051" in second
    assert "后面的" not in second
    assert "登记人口 5 人，成员 1 人" in second


def test_a_households_own_findings_stand_on_its_page(enrol, as_):
    bad, well = enrol(good(A, 1, size=5), good(A, 2))
    assert "登记人口 5 人，成员 1 人" in see(as_("auditor"), reverse("desk:household", args=[bad.code]))
    assert "数据质量" not in see(as_("auditor"), reverse("desk:household", args=[well.code]))


@pytest.mark.parametrize("path", [QUALITY, DOUBLES, "/registry/life/1/", "/registry/doubles/1/2/"])
def test_a_stranger_is_asked_to_log_in(client, county, path):
    assert client.get(path).status_code == 302


# --- doubles -----------------------------------------------------------------------------------------


@pytest.fixture
def twins(enrol):
    return enrol(good(A, 1, phone="13811112222"), good(B, 1, 2, phone="13811112222", address="东头"))


def pair(twins):
    return reverse("registry:pair", args=[each.code for each in twins])


@pytest.mark.clause("P1")
def test_doubles_are_listed_with_their_grounds_and_laid_side_by_side(twins, as_):
    text = see(as_(), DOUBLES)
    assert pair(twins) in text
    assert "电话与户主姓名相同" in text
    beside = see(as_(), pair(twins))
    assert "不同" in beside
    assert "只在一户" in beside
    assert "990123197211" not in beside, "identity numbers are masked"


def test_doubles_of_the_whole_county_are_looked_for_by_township(twins, as_):
    assert "请先选一个乡镇" in see(as_("administrator"), DOUBLES)
    assert "没有疑似重复的户" in see(as_("administrator"), DOUBLES, division="360123102000")


def test_the_form_merges_what_was_chosen(twins, as_):
    one, two = twins
    answer = as_().post(pair(twins), {"deed": "merge", "keep": two.code, "phone": one.code, "address": two.code})
    assert answer["Location"] == reverse("desk:household", args=[two.code])
    one = Household.every.get(pk=one.pk)
    assert one.merged_into_id == two.pk
    assert as_().get(reverse("desk:household", args=[one.code]))["Location"] == answer["Location"]


def test_the_form_remembers_that_they_are_two(twins, as_):
    as_().post(pair(twins), {"deed": "distinct"})
    assert Distinct.objects.count() == 1
    assert "没有疑似重复的户" in see(as_(), DOUBLES)


def test_a_form_without_a_choice_is_refused(twins, as_):
    assert as_().post(pair(twins), {"deed": "merge"}).status_code == 422
    assert Household.objects.count() == 2


def test_strangers_cannot_see_or_merge_them(twins, as_):
    assert as_("township_officer_b").get(pair(twins)).status_code == 404
    assert as_("auditor").get(pair(twins)).status_code == 403
    assert as_("auditor").post(pair(twins), {"deed": "distinct"}).status_code == 403


# --- life --------------------------------------------------------------------------------------------


@pytest.fixture
def family(enrol):
    (found,) = enrol(household(A, 1, **FAMILY))
    return found


def path(found, kind=""):
    return reverse("registry:life", args=[found.code]) + (f"?kind={kind}" if kind else "")


def named(name):
    return Person.every.get(name=name).pk


@pytest.mark.parametrize("kind", FORMS)
def test_every_form_opens(family, as_, kind):
    text = see(as_(), path(family), kind=kind)
    assert 'aria-current="page"' in text
    assert "csrfmiddlewaretoken" in text


@pytest.mark.clause("P1")
@pytest.mark.parametrize(
    ("kind", "said", "size"),
    [
        ("birth", {"name": "示例庚", "sex": "f", "born": "2026-06-01", "relation": "child"}, 5),
        ("death", {"person": SON.name, "on": "2026-06-10"}, 3),
        ("death", {"person": HEAD.name, "successor": SON.name, "on": "2026-06-10"}, 3),
        ("leave", {"person": SON.name, "on": "2026-06-10"}, 3),
        ("split", {"people": SON.name, "head": SON.name, "village": B, "on": "2026-06-10", "categories": "ex_poor"}, 3),
        ("move", {"village": B, "group_no": "2", "on": "2026-06-10"}, 4),
        (
            "join",
            {"name": "示例辛", "sex": "f", "born": "1999-01-01", "relation": "child", "health": "healthy",
             "labour": "ordinary", "on": "2026-06-10"},
            5,
        ),
    ],
)  # fmt: skip
def test_a_form_does_its_deed(family, as_, kind, said, size):
    answer = as_().post(path(family, kind), {key: named(value) if value in {SON.name, HEAD.name} else value
                                             for key, value in said.items()})  # fmt: skip
    assert answer.status_code == 302
    assert Household.objects.get(pk=family.pk).size == size
    assert Deed.objects.get().kind == kind
    assert as_().get(answer["Location"]).status_code == 200


def test_a_form_with_something_missing_says_so_and_does_nothing(family, as_):
    text = as_().post(path(family, "death"), {"on": ""}).content.decode()
    assert "error" in text
    assert not Deed.objects.exists()


def test_a_refusal_is_told_in_a_sentence(family, as_):
    answer = as_().post(path(family, "death"), {"person": named(HEAD.name), "on": "2026-06-10"})
    assert answer.status_code == 409
    assert "新户主" in answer.content.decode()


def test_a_deed_is_taken_back_from_the_list(family, as_):
    deed = life.leave(person=Person.objects.get(name=CHILD.name), by=as_().get("/").wsgi_request.user,
                      on=CHILD.born.replace(year=2025))  # fmt: skip
    take_back = reverse("registry:take_back", args=[deed.pk])
    assert take_back in see(as_(), path(family))
    assert as_("township_officer_b").post(take_back).status_code == 404
    assert as_().post(take_back).status_code == 302
    assert Household.objects.get(pk=family.pk).size == 4
    assert "已撤销" in see(as_(), path(family))


def test_an_old_code_leads_to_the_household_for_those_who_may_open_it(family, as_, people):
    life.move(household=family, village=B, by=people["township_officer_a"], on=CHILD.born.replace(year=2025))
    now = Household.objects.get(pk=family.pk).code
    old = reverse("desk:household", args=[family.code])
    assert as_().get(old)["Location"] == reverse("desk:household", args=[now])
    assert as_().post(reverse("registry:find"), {"q": family.code})["Location"] == reverse("desk:household", args=[now])
    assert as_("township_officer_b").get(old).status_code == 404


def test_a_closed_household_is_still_read_and_not_changed(enrol, as_, people):
    (found,) = enrol(good(A, 1))
    life.death(person=found.people.get(), by=people["township_officer_a"], on=CHILD.born.replace(year=2025))
    text = see(as_(), reverse("desk:household", args=[found.code]))
    assert "已销户" in text
    assert path(found) not in text
    assert as_().get(path(found)).status_code == 404
