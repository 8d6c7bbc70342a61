"""Finding households: by name, initials, code, number, place and category, within what one may see."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.county.registry.conftest import A, B, C, household

from anlan.county import clock, seal
from anlan.county.registry import actions, finding
from anlan.county.registry.enrolment import refresh
from anlan.county.registry.finding import Asked
from anlan.county.registry.members import words
from anlan.county.registry.models import Household, Person
from anlan.county.registry.records import CategoryRecord, PersonRecord

SINCE = date(2020, 1, 1)
NUMBERS = ("990123197211110033", "990123201006061040", "990123194802292015")
NAMES = [("张三丰", "李四"), ("曾小明",), ("单雄信", "张丰三"), ("欧阳娜娜", "王丰"), ("阿卜杜·热合曼",), ("John Li",)]


def record(village, serial, names, **given):
    people = tuple(PersonRecord(name, "", "m", SINCE, "head") for name in names)
    return household(village, serial, head_name=names[0], people=people, **given)


@pytest.fixture
def register(people, now):
    records = [record(A, serial, names) for serial, names in enumerate(NAMES, 1)]
    records.append(record(C, 1, ("张三丰",)))
    actions.enrol(records=records, by=people["anlan"], source="t")


@pytest.fixture
def found(people, register):
    def found(words="", username="administrator", **asked):
        shown = finding.page(people[username], Asked(words, **asked), on=clock.today())
        return [f"{each.division_id[-3:]}/{int(each.code[12:])}" for each in shown.households]

    return found


@pytest.mark.parametrize("rare", [0, 10_000])  # the two ways to the same answer: along the codes, through the words
@pytest.mark.parametrize(
    ("words", "households"),
    [
        ("丰", ["201/1", "201/3", "201/4", "201/1"]),
        ("三丰", ["201/1", "201/1"]),
        ("丰三", ["201/3"]),
        ("张三丰", ["201/1", "201/1"]),
        ("四", ["201/1"]),
        ("丰李", []),
        ("张三丰 李四", ["201/1"]),
        ("zsf", ["201/1", "201/1"]),
        ("ZS", ["201/1", "201/1"]),
        ("zfs", ["201/3"]),
        ("sf", []),
        ("zxm", ["201/2"]),
        ("cxm", ["201/2"]),
        ("sxx", ["201/3"]),
        ("oynn", ["201/4"]),
        ("abd", ["201/5"]),
        ("杜·热", ["201/5"]),
        ("john", ["201/6"]),
        ("没有", []),
        ('" OR *', []),
        ("%", []),
        ("²", []),
    ],
)
def test_a_name_is_found_by_any_part_and_by_initials(found, monkeypatch, rare, words, households):
    monkeypatch.setattr(finding, "RARE", rare)
    assert found(words) == households


def test_the_two_villages_of_one_name_are_kept_apart(found):
    assert found("张三丰", "village_cadre_a") == ["201/1"]
    assert found("张三丰", "village_cadre_b") == ["201/1"]
    assert found("张三丰", place="360123102000") == ["201/1"]
    assert found("李四", "village_cadre_b") == []


def test_a_name_that_changes_is_found_by_the_new_one_only(found, people):
    someone = Household.objects.get(code=f"{A}00002")
    Person.objects.filter(household=someone).update(name="赵六")
    refresh([someone.pk])
    assert found("赵六") == ["201/2"]
    assert found("zl") == ["201/2"]
    Household.objects.filter(pk=someone.pk).update(names="")
    assert found("赵六") == []


def test_a_household_known_only_from_a_report_is_found(found, people):
    actions.enrol_reported(village=A, head_name="新来", phone=PHONE, size=1, by=people["anlan"])
    assert found("新来") == found("xl") == ["201/7"]


PHONE = "10000001234"


@pytest.fixture
def numbered(people, now):
    one = household(A, 1, phone=PHONE)
    other = household(C, 1, phone="10000005678")
    who = PersonRecord("示例乙", NUMBERS[1], "f", date(2010, 6, 6), "child")
    actions.enrol(
        records=[replace(one, people=(*one.people, who)), replace(other, people=())], by=people["anlan"], source="t"
    )


@pytest.mark.parametrize("asked", [PHONE, "1234", "１２３４", NUMBERS[1], NUMBERS[1].lower(), " 1000000 1234"])
def test_a_number_finds_its_household_by_post(numbered, client, people, asked):
    client.force_login(people["administrator"], backend="anlan.county.office.authentication.Passwords")
    response = client.post("/registry/find/", {"q": asked})
    assert [each.code for each in response.context["page"].households] == [f"{A}00001"]
    assert response.headers["Cache-Control"] == "no-store"
    text = response.content.decode()
    assert PHONE not in text
    assert NUMBERS[1] not in text


@pytest.mark.parametrize("asked", ["10000005678", "5678", NUMBERS[2], "0000"])
def test_a_number_of_nobody_here_finds_nothing(numbered, client, people, asked):
    client.force_login(people["village_cadre_a"], backend="anlan.county.office.authentication.Passwords")
    assert list(client.post("/registry/find/", {"q": asked}).context["page"].households) == []


@pytest.mark.parametrize("asked", [PHONE, "1234", NUMBERS[1]])
def test_a_number_in_a_url_is_refused(numbered, client, people, asked):
    client.force_login(people["administrator"], backend="anlan.county.office.authentication.Passwords")
    response = client.get("/registry/", {"q": asked})
    assert response.status_code == 422
    assert f"{A}00001" not in response.content.decode()


def test_anything_else_goes_on_to_the_list_with_its_filters(register, client, people):
    client.force_login(people["administrator"], backend="anlan.county.office.authentication.Passwords")
    response = client.post("/registry/find/", {"q": "zsf", "township": "360123102000", "category": "nonsense"})
    assert response["Location"] == "/registry/?q=zsf&township=360123102000"


@pytest.fixture
def mixed(people, now):
    """Every combination of category, point and name in two villages, by code."""
    kinds = [(), ("ex_poor",), ("marginal",), ("unstable", "disabled"), ("hardship", "marginal")]
    cases = [each for village in (A, B) for each in product([village], kinds, [True, False], ["张三丰", "李四"])]
    records = [
        record(village, serial, (name,), categories=tuple(CategoryRecord(kind, SINCE) for kind in held),
               **({} if placed else {"lon": None, "lat": None, "location": "village"}))
        for serial, (village, held, placed, name) in enumerate(cases, 1)
    ]  # fmt: skip
    actions.enrol(records=records, by=people["anlan"], source="t")
    return cases


@pytest.mark.parametrize("rare", [0, 10_000])
def test_filters_give_what_each_household_is(mixed, people, monkeypatch, rare):
    monkeypatch.setattr(finding, "RARE", rare)
    monitored = {"unstable", "marginal", "hardship"}
    for said, place, category, unplaced in product(
        ("", "三丰", "ls"), ("", A, "360123101000"), ("", "ex_poor", "monitored", "disabled"), (True, False)
    ):
        asked = Asked(said, place, category, unplaced)
        wanted = [
            f"{village}{serial:05d}"
            for serial, (village, held, placed, name) in enumerate(mixed, 1)
            if village.startswith(place.rstrip("0") if place.endswith("000") else place)
            and (not said or (name == "张三丰") == (said == "三丰"))
            and (not category or (monitored if category == "monitored" else {category}) & set(held))
            and not (unplaced and placed)
        ]
        shown = finding.page(people["township_officer_a"], asked, on=clock.today())
        assert [each.code for each in shown.households] == wanted, asked
        assert shown.total == len(wanted)


def test_pages_of_a_filtered_list_follow_each_other(mixed, people, monkeypatch):
    monkeypatch.setattr(finding, "PAGE", 3)
    for asked in (Asked(category="monitored"), Asked("三丰"), Asked(unplaced=True)):
        codes, past = [], ""
        while True:
            shown = finding.page(people["administrator"], asked, on=clock.today(), past=past)
            codes += [each.code for each in shown.households]
            if not (past := shown.following):
                break
        assert codes == sorted(set(codes))
        assert len(codes) == shown.total > 3


def test_a_category_that_has_ended_is_none(people, now):
    held = (CategoryRecord("ex_poor", SINCE, date(2021, 1, 1)),)
    actions.enrol(records=[record(A, 1, ("示例",), categories=held)], by=people["anlan"], source="t")
    assert finding.page(people["administrator"], Asked(category="ex_poor"), on=clock.today()).total == 0


def test_a_place_is_one_range_of_the_index_of_codes(register, people):
    with CaptureQueriesContext(connection) as queries:
        finding.page(people["township_officer_a"], Asked(place=A), on=clock.today())
    (walk,) = [each["sql"] for each in queries if 'AS "code" FROM "registry_household"' in each["sql"]]
    assert walk.count(">=") == 1
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {walk}")
            plan = " ".join(row[3] for row in cursor.fetchall())
        assert "code>? AND code<?" in plan
        assert "TEMP B-TREE" not in plan


def test_what_is_searched_of_a_name_parts_it_from_the_next():
    assert words(["张三丰", "李四", "张三丰", ""]) == "张 三 丰 张三 三丰 zsf 李 四 李四 ls"
    assert words(["曾明", "万俟卨"]) == "曾 明 曾明 zm cm 万 俟 卨 万俟 俟卨 mqx wqx"


def test_the_household_s_mark_tells_only_who_has_the_key(people, now):
    ill = PersonRecord("示例", NUMBERS[0], "m", SINCE, "head", health="disabled")
    records = [household(A, 1, people=(ill,)), household(A, 2, people=()), household(A, 3, people=())]
    actions.enrol(records=records, by=people["anlan"], source="t")
    one, two, three = Household.objects.order_by("code").values_list("disabled_mark", flat=True)
    assert len({one, two, three}) == 3
    assert one == seal.ring().blinder("registry.household.disabled")(f"{A}00001")
    Person.objects.update(health="healthy")
    refresh(Household.objects.values_list("id", flat=True))
    assert Household.objects.get(code=f"{A}00001").disabled_mark != one
