"""The register by its rules: counts, places without names, scope, chunks that change nothing, a constant of queries."""

import json
from dataclasses import replace
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from tests.county.registry.conftest import A, B, C, household, person

from anlan.county.registry import actions, quality
from anlan.county.registry.identity import check_digit
from anlan.county.registry.models import Household
from anlan.county.registry.records import CategoryRecord
from anlan.engine.quality import RULES

DAY = date(2026, 6, 18)


def number(serial: int) -> str:
    """A valid number of nobody: a man's, born on 11 November 1972."""
    body = f"99012319721111{serial * 2 + 1:03d}"
    return body + check_digit(body)


def good(village=A, serial=1, place=0, **changes):
    """A household nobody can find anything wrong with."""
    who = person(id_number=number(place or serial))
    words = {"people": (who,), "labourers": 1, "phone": f"1380000{place or serial:04d}", "categories": ()}
    return household(village, serial, **(words | changes))


@pytest.fixture
def enrol(people):
    def enrol(*records):
        actions.enrol(records=records, by=people["anlan"], source="test")

    return enrol


def check(*rules, within=(), **more):
    found = Household.objects.all().order_by()
    found = found.within(*within) if within else found
    return quality.check(found, DAY, quality.rules_of(rules), **more)


def told(checked):
    return [(each.household, each.person, each.rule) for each in checked.examples]


def test_a_household_in_order_has_no_findings(enrol):
    enrol(good())
    checked = check()
    assert (checked.households, checked.people, checked.findings, checked.examples) == (1, 1, 0, [])


def test_an_empty_register_has_none_either(county):
    assert (check().households, check().findings) == (0, 0)


@pytest.mark.parametrize(
    ("rule", "changes", "member"),
    [
        ("size_differs", {"size": 4}, None),
        ("labourers_differ", {"labourers": 2}, None),
        ("income_missing", {"income": None}, None),
        ("location_coarse", {"lon": None, "lat": None, "location": "village"}, None),
        ("phone_shape", {"phone": "12345"}, None),
        ("head_named_otherwise", {"head_name": "示例癸"}, None),
        ("disabled_without_member", {"categories": (CategoryRecord("disabled", date(2020, 1, 1)),)}, None),
        ("id_missing", {"people": (person(id_number=""),)}, 1),
        ("id_shape", {"people": (person(id_number="123"),)}, 1),
        ("id_check", {"people": (person(id_number=number(1)[:17] + ("1" if number(1)[17] == "0" else "0")),)}, 1),
        ("id_born", {"people": (person(id_number=number(1), born=date(1972, 11, 12)),)}, 1),
        ("able_but_weak", {"people": (person(id_number=number(1), labour="none"),), "labourers": 0}, 1),
    ],
)
def test_what_is_wrong_is_named_by_code_and_number(enrol, rule, changes, member):
    enrol(good(**changes))
    assert told(check()) == [(A + "00001", member, rule)]


def test_all_without_labour_is_noted_for_those_the_state_supports(enrol):
    lost = replace(person(id_number=number(1)), health="disabled", labour="lost")
    enrol(good(people=(lost,), labourers=0, categories=(CategoryRecord("destitute", date(2020, 1, 1)),)))
    assert told(check()) == [(A + "00001", None, "all_without_labour")]


def test_a_category_that_has_ended_is_not_looked_at(enrol):
    ended = CategoryRecord("disabled", date(2020, 1, 1), until=date(2025, 1, 1))
    enrol(good(categories=(ended,)))
    assert check().findings == 0


def test_a_code_of_another_village_is_seen(enrol):
    enrol(good())
    Household.objects.update(division=B)
    assert told(check()) == [(A + "00001", None, "village_wrong")]


def test_members_are_numbered_in_each_household(enrol):
    second = replace(person(name="示例乙", id_number="1"), relation="child", labour="none", student=True)
    enrol(good(), good(serial=2, people=(person(id_number=number(2)), second), labourers=1))
    assert told(check()) == [(A + "00002", 2, "id_shape")]


def test_one_person_in_two_households_is_found_in_both(enrol):
    enrol(good(A, 1, 1), good(C, 1, 2, people=(person(id_number=number(1)),)))
    assert told(check("id_elsewhere")) == [(A + "00001", 1, "id_elsewhere"), (C + "00001", 1, "id_elsewhere")]
    assert check(whole=True).counts == check().counts


def test_the_other_household_is_looked_for_outside_ones_own_villages_and_not_shown(enrol):
    enrol(good(A, 1, 1), good(C, 1, 2, people=(person(id_number=number(1)),)))
    assert told(check(within=[A])) == [(A + "00001", 1, "id_elsewhere")]


def test_a_telephone_of_four_households_is_suspicious_and_of_three_is_not(enrol):
    enrol(*(good(serial=each, phone="13800009999") for each in (1, 2, 3)))
    assert check("phone_shared").findings == 0
    enrol(good(C, 1, 4, phone="13800009999"))
    assert check("phone_shared").by_rule() == {"phone_shared": 4}
    (found,) = check("phone_shared", within=[C]).examples
    assert found.reason == "这个电话登记在 4 户"


def test_small_chunks_find_the_same(enrol, monkeypatch):
    twin = (person(id_number=number(1)),)
    enrol(*(good(serial=each, size=each % 2 + 1, **({"people": twin} if each == 7 else {})) for each in range(1, 10)))
    whole = check()
    monkeypatch.setattr(quality, "CHUNK", 2)
    parts = check()
    assert (parts.counts, parts.people) == (whole.counts, whole.people)
    assert sorted(told(parts), key=str) == sorted(told(whole), key=str)
    assert whole.by_rule() == {"id_elsewhere": 2, "size_differs": 5}


def test_findings_are_told_a_stretch_at_a_time(enrol, monkeypatch):
    enrol(*(good(serial=each, size=3) for each in range(1, 10)))
    monkeypatch.setattr(quality, "CHUNK", 4)
    codes = [each.household for each in check("size_differs", start=3, first=4).examples]
    assert codes == [f"{A}{each:05d}" for each in range(4, 8)]


def test_the_number_of_queries_does_not_grow_with_households(enrol):
    enrol(good())
    with CaptureQueriesContext(
        connection,
    ) as few:
        check()
    enrol(*(good(serial=each) for each in range(2, 40)))
    with CaptureQueriesContext(connection) as many:
        check()
    assert len(few) == len(many)


# --- the command ---------------------------------------------------------------------------------


def command(capsys, *words):
    call_command("registry_check", *words)
    return capsys.readouterr().out


@pytest.mark.clause("P1")
def test_the_command_counts_and_names_nobody(enrol, capsys):
    enrol(good(A, 1, size=5), good(B, 1, 2, size=5), good(C, 1, 3))
    told = json.loads(command(capsys, "--json"))
    assert (told["households"], told["people"], told["findings"]) == (3, 3, 2)
    assert told["by_rule"] == [
        {"rule": "size_differs", "title": "人口数与成员不符", "severity": "must_fix", "count": 2}
    ]  # fmt: skip
    assert told["examples"][0] == {
        "household": A + "00001", "rule": "size_differs", "reason": "登记人口 5 人，成员 1 人"
    }  # fmt: skip
    assert told["skipped"]["cleared_early"] == ["cleared_early"]
    text = json.dumps(told, ensure_ascii=False)
    assert not any(secret in text for secret in (number(1), "示例甲", "13800000001"))


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["--village", A], 1), (["--township", "360123101000"], 2), (["--rule", "size_differs"], 3),
        (["--rule", "no_head"], 0), (["--by", "township_officer_b"], 1),
    ],
)  # fmt: skip
def test_the_command_looks_where_it_is_told(enrol, capsys, words, count):
    enrol(*(good(village, 1, place, size=5) for place, village in enumerate((A, B, C), 1)))
    assert json.loads(command(capsys, "--json", *words))["findings"] == count


def test_the_command_says_it_in_lines_for_people(enrol, capsys):
    enrol(good(size=5))
    assert "size_differs\t人口数与成员不符\tmust_fix\t1" in command(capsys)


def test_an_unknown_rule_is_refused_with_the_known_ones(county):
    from anlan.county.errors import BadInput

    with pytest.raises(BadInput, match="no_head"):
        call_command("registry_check", "--rule", "nonsense")


def test_rules_and_reasons_are_told_in_english_too(enrol):
    enrol(good(size=5))
    with translation.override("en"):
        (found,) = check().examples
        assert found.reason == "5 people on the register, 1 members"
        assert quality.title(RULES["size_differs"]) == "Size differs from members"


def test_a_rule_that_needs_other_rooms_is_not_asked_and_nothing_else_is_instead(enrol, capsys):
    enrol(good(size=5))
    told = json.loads(command(capsys, "--json", "--rule", "cleared_early"))
    assert (told["findings"], told["by_rule"]) == (0, [])


def test_households_without_members_are_judged_too(enrol):
    enrol(good(people=(), size=3, labourers=2, phone="1"))
    assert told(check()) == [(A + "00001", None, "phone_shape")]
