"""The register on the screen: who sees whom, fifty at a time, and a workbook coming in."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.county.registry.conftest import A, B, C, household

from anlan.county.registry import actions, finding, forms
from anlan.county.registry.models import Household
from anlan.county.registry.records import CategoryRecord
from anlan.county.registry.sheets import template, workbook

HOME, UPLOAD = "/registry/", "/registry/import/"


@pytest.fixture
def enrol(people):
    def enrol(*records):
        actions.enrol(records=records, by=people["anlan"], source="test")

    return enrol


@pytest.fixture
def see(client, people):
    """The list as a person sees it: the codes on the page, and the page itself."""

    def see(username="administrator", **asked):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        response = client.get(HOME, asked)
        assert response.status_code == 200
        return [each.code for each in response.context["page"].households], response.content.decode()

    return see


# --- the list ----------------------------------------------------------------------------------------


@pytest.mark.clause("L1")
@pytest.mark.parametrize(
    ("username", "villages"),
    [
        ("administrator", [A, B, C]),
        ("auditor", [A, B, C]),
        ("township_officer_a", [A, B]),
        ("village_cadre_b", [C]),
    ],
)
def test_everyone_sees_the_households_of_the_own_divisions(enrol, see, username, villages):
    enrol(*(household(village, people=()) for village in (A, B, C)))
    codes, _text = see(username)
    assert codes == [village + "00001" for village in villages]


def test_a_stranger_is_asked_to_log_in(client, county):
    assert client.get(HOME).status_code == 302
    assert client.get(UPLOAD).status_code == 302


def test_pages_follow_each_other_and_hold_fifty(enrol, see):
    enrol(*(household(A, serial, people=()) for serial in range(1, 121)))
    first, text = see()
    assert first == [f"{A}{serial:05d}" for serial in range(1, 51)]
    assert f"past={A}00050" in text
    second, _text = see(past=first[-1])
    third, text = see(past=second[-1])
    assert [*first, *second, *third] == list(Household.objects.values_list("code", flat=True))
    assert 'rel="next"' not in text
    assert "共 120 户" in text


def test_a_full_last_page_offers_no_empty_one(enrol, see):
    enrol(*(household(A, serial, people=()) for serial in range(1, 51)))
    codes, text = see()
    assert len(codes) == 50
    assert 'rel="next"' not in text


def test_counting_stops_where_nobody_reads_on(enrol, see, monkeypatch):
    monkeypatch.setattr(finding, "COUNT_UP_TO", 3)
    enrol(*(household(A, serial, people=()) for serial in range(1, 6)))
    assert "超过 1000 户" in see()[1]


@pytest.mark.parametrize(
    ("asked", "serials"),
    [
        ({"q": "丙"}, [2]),
        ({"q": " 示例 "}, [1, 2, 3]),
        ({"q": A + "00003"}, [3]),
        ({"q": A}, [1, 2, 3]),
        ({"q": "%"}, []),
        ({"q": "没有此人"}, []),
        ({"township": "360123101000"}, [1, 2, 3]),
        ({"township": "360123102000"}, []),
        ({"township": "360123102000", "q": "丙"}, []),
        ({"township": "x"}, [1, 2, 3]),
        ({"past": "'; drop"}, [1, 2, 3]),
        ({"q": "\0"}, [1, 2, 3]),
        ({"q": "9" * 5000}, [1, 2, 3]),
    ],
)
def test_a_household_is_found_by_name_code_or_township(enrol, see, asked, serials):
    names = ("示例甲", "示例丙", "示例丁")
    enrol(*(household(A, serial, head_name=name, people=()) for serial, name in enumerate(names, 1)))
    assert see(**asked)[0] == [f"{A}{serial:05d}" for serial in serials]


def test_a_filter_shows_nobody_outside_the_own_divisions(enrol, see):
    enrol(household(A), household(C, people=()))
    assert see("village_cadre_a", township="360123102000")[0] == []
    assert see("village_cadre_a", q=C)[0] == []


def test_townships_to_choose_from_are_those_one_may_look_into(enrol, see):
    _codes, text = see("township_officer_a")
    assert "万埠镇" in text
    assert "石鼻镇" not in text


def test_a_row_says_who_where_and_in_which_categories_today_and_no_more(enrol, see):
    held = (CategoryRecord("ex_poor", date(2020, 1, 1)), CategoryRecord("unstable", date(2020, 1, 1), date(2026, 1, 1)))
    enrol(household(A, phone="13812345678", categories=held))
    _codes, text = see("village_cadre_a")
    assert "示例甲" in text
    assert "示例甲村" in text
    assert reverse("desk:household", args=[A + "00001"]) in text
    assert "脱贫户" in text
    assert 'badge--info">脱贫不稳定户' not in text
    assert "13812345678" not in text
    assert "990123197211110033" not in text


def test_a_household_known_only_from_a_report_is_marked(people, see):
    actions.enrol_reported(village=A, head_name="新来", phone="", size=1, by=people["anlan"])
    assert "尚未在册" in see()[1]


def test_a_page_costs_the_same_queries_however_many_rows(enrol, see, django_assert_max_num_queries):
    enrol(*(household(A, serial, people=()) for serial in range(1, 60)))
    see()
    with django_assert_max_num_queries(12):
        see()


# --- a workbook --------------------------------------------------------------------------------------


ROWS = [
    ("村", "姓名", "身份证号", "家庭人口数"),
    ("示例甲村", "示例甲", "990123197211110033", "4"),
]


@pytest.fixture
def send(client, people):
    def send(content, username="administrator"):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        return client.post(UPLOAD, {"file": SimpleUploadedFile("名册.xlsx", content)}, follow=True)

    return send


def test_a_workbook_comes_in_and_one_sees_what_came(send):
    response = send(workbook(ROWS))
    assert response.redirect_chain == [(HOME, 302)]
    assert "已导入 1 户、1 人" in response.content.decode()
    assert Household.objects.get().size == 4


def test_what_has_to_be_put_right_is_listed_and_nothing_came_in(send):
    response = send(workbook([ROWS[0], (*ROWS[1][:2], "990123197211110034", "四")]))
    assert response.status_code == 422
    assert {each["column"] for each in response.context["refusals"]} == {"身份证号", "家庭人口数"}
    text = response.content.decode()
    assert "有 2 处要改" in text
    assert "农户名册" in text
    assert "990123197211110034" not in text
    assert not Household.objects.exists()


@pytest.mark.parametrize("content", [b"", b"not a workbook"])
def test_a_file_that_is_none_is_refused_in_words(send, content):
    response = send(content)
    assert response.status_code in {200, 422}
    assert not Household.objects.exists()


def test_a_file_larger_than_any_register_is_refused(send, monkeypatch):
    monkeypatch.setattr(forms, "MOST_BYTES", 10)
    assert "50 MB" in send(workbook(ROWS)).content.decode()
    assert not Household.objects.exists()


@pytest.mark.parametrize("username", ["village_cadre_a", "county_director", "auditor"])
def test_only_an_administrator_may_send_one_or_see_where(send, see, client, username):
    assert send(workbook(ROWS), username).status_code == 403
    assert client.get(reverse("registry:template")).status_code == 403
    assert UPLOAD not in see(username)[1]
    assert UPLOAD in see("administrator")[1]


def test_the_empty_workbook_is_there_to_take(client, people):
    client.force_login(people["administrator"], backend="anlan.county.office.authentication.Passwords")
    assert client.get(UPLOAD).status_code == 200
    response = client.get(reverse("registry:template"))
    assert response.content == template()
    assert "attachment" in response.headers["Content-Disposition"]
