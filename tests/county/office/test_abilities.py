"""A refusal says in words what one may not do, and who may."""

import ast
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import reverse
from django.utils.translation import override

import anlan.county
from anlan.county import clock
from anlan.county.config.middleware import told
from anlan.county.errors import NotAllowed
from anlan.county.office.abilities import ABILITIES
from anlan.county.office.actions import appoint
from anlan.county.office.models import Appointment, User
from anlan.county.office.permissions import Unpermitted, check
from anlan.county.office.queries import NAMED, empowered
from anlan.county.office.roles import ROLES

COUNTY, TOWN_A, VILLAGE_A, VILLAGE_B = "360123000000", "360123101000", "360123101201", "360123102201"
KNOWN = frozenset[str]().union(*(role.permissions for role in ROLES.values()))
ASKED = {"check", "needs", "may", "check_permission", "_check_county", "_known", "_held", "_looked_up"}


def names(found):
    return [each.user.username for each in found.nearest]


def asked_for():
    """Every permission that the code asks for by its name."""
    for path in sorted(Path(anlan.county.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in ASKED:
                for given in node.args:
                    text = given.value if isinstance(given, ast.Constant) else None
                    if isinstance(text, str) and text.count(".") == 1:
                        yield text


def test_every_permission_has_its_words_and_no_words_are_idle():
    assert set(ABILITIES) == KNOWN
    assert len({str(words) for words in ABILITIES.values()}) == len(ABILITIES)


def test_every_permission_that_is_asked_for_is_one_that_some_role_carries():
    wanted = set(asked_for())
    assert len(wanted) > 20
    assert wanted <= KNOWN


@pytest.mark.parametrize("permission", sorted(KNOWN))
def test_no_refusal_shows_the_name_of_a_permission(people, permission):
    nobody = User.objects.create(username="nobody", name="无岗位")
    for division in (None, VILLAGE_A):
        with pytest.raises(Unpermitted) as refused:
            check(nobody, permission, division)
        assert str(ABILITIES[permission]) in str(refused.value)
        assert permission not in str(refused.value)
        assert (refused.value.permission, refused.value.division) == (permission, division)


def test_the_words_are_english_where_the_page_is(people):
    with override("en"), pytest.raises(Unpermitted, match="import the household register"):
        check(people["village_cadre_a"], "registry.import")


def test_a_foreign_division_is_told_apart_from_a_missing_permission(people):
    with pytest.raises(NotAllowed, match="不在您负责的区划内") as refused:
        check(people["village_cadre_a"], "verify.visit", VILLAGE_B)
    assert refused.value.status == 403
    assert refused.value.division == VILLAGE_B


# --- who may -----------------------------------------------------------------------------------------
def test_the_nearest_are_named_first(people):
    assert names(empowered("verify.visit", None, people["village_cadre_a"]))[0] == "township_officer_a"
    assert names(empowered("verify.visit", None, people["village_cadre_b"]))[0] == "township_officer_b"


def test_for_a_division_only_those_who_cover_it_are_named(people):
    found = empowered("verify.visit", VILLAGE_B, people["village_cadre_a"])
    assert names(found) == ["village_cadre_b", "township_officer_b"]
    assert found.others == 0


def test_who_asks_is_not_sent_to_oneself(people):
    assert names(empowered("office.write", None, people["administrator"])) == []
    assert names(empowered("office.write", None, people["auditor"])) == ["administrator"]


def test_who_has_left_or_is_not_there_yet_is_not_named(people):
    User.objects.filter(username="township_officer_b").update(is_active=False)
    Appointment.objects.filter(user__username="village_cadre_b").update(until=clock.today())
    appoint(username="later", name="后来者", role="village_cadre", division=VILLAGE_B,
            since=clock.today() + timedelta(days=1))  # fmt: skip
    assert names(empowered("verify.visit", VILLAGE_B, people["village_cadre_a"])) == []


def test_many_are_counted_and_only_a_few_named_each_once(people):
    for number in range(8):
        appoint(username=f"cadre_{number}", name=f"示例{number}", role="village_cadre", division=VILLAGE_A,
                since=date(2026, 1, 1))  # fmt: skip
    appoint(username="cadre_0", name="示例0", role="township_officer", division=TOWN_A, since=date(2026, 1, 1))
    found = empowered("verify.visit", VILLAGE_A, people["auditor"])
    assert len(found.nearest) == len(set(names(found))) == NAMED
    assert found.number == 8 + 2  # the village's, its own cadre, the township's officer; one person holds two posts
    assert found.others == found.number - NAMED


# --- on the page ----------------------------------------------------------------------------------------
def test_the_page_says_what_it_is_that_one_may_not_and_whom_to_ask(people, client):
    client.force_login(people["village_cadre_a"])
    answer = client.get(reverse("registry:upload"))
    assert answer.status_code == 403
    page = answer.text
    assert "您的岗位没有这项权限：导入农户名册。" in page
    assert "谁有这项权限" in page
    assert "<li>administrator · 系统管理员 · 安义县</li>" in page
    assert "registry.import" not in page


def test_where_nobody_has_it_the_page_says_that(people, client):
    Appointment.objects.filter(role="administrator").update(until=clock.today())
    client.force_login(people["village_cadre_a"])
    page = client.get(reverse("registry:upload")).text
    assert "目前没有人有这项权限" in page
    assert "administrator" not in page


def test_the_page_counts_those_it_does_not_name(people, client):
    for number in range(NAMED + 2):
        appoint(username=f"clerk_{number}", name=f"示例经办{number}", role="department_clerk", division=COUNTY,
                since=date(2026, 1, 1))  # fmt: skip
    client.force_login(people["village_cadre_a"])
    page = client.get(reverse("verify:matching")).text
    assert page.count("部门经办人") == NAMED
    assert "另有 3 人" in page


def test_other_refusals_name_nobody(people):
    request = RequestFactory().get("/")
    request.user = people["village_cadre_a"]
    assert told(request, NotAllowed("起草人不能批准。")) == {"reason": "起草人不能批准。"}


def test_a_stranger_is_told_no_names(people):
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert told(request, Unpermitted("没有权限。", "registry.import")) == {"reason": "没有权限。"}
