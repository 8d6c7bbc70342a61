"""The register on the screen: who sees whom, fifty at a time, and a workbook coming in."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.county.registry.books import number
from tests.county.registry.conftest import A, B, C, household

from anlan.county.registry import actions, finding, forms, jobs, waiting
from anlan.county.registry.models import Batch, Household
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


def test_what_would_change_is_shown_before_anything_comes_in(send):
    response = send(workbook(ROWS))
    batch = Batch.objects.get()
    assert response.redirect_chain == [(f"/registry/import/{batch.pk}/", 302)]
    assert (batch.state, batch.rows, batch.new) == ("staged", 1, 1)
    text = response.content.decode()
    assert "确认合并" in text
    assert "示例甲" in text
    assert not Household.objects.exists()


@pytest.fixture
def act(client):
    def act(deed, batch=None, **words):
        batch = batch or Batch.objects.latest("id")
        words.setdefault("seen", batch.seen)
        return client.post(f"/registry/import/{batch.pk}/{deed}/", words, follow=True)

    return act


def test_confirmed_it_comes_in_and_can_be_taken_back(send, act):
    send(workbook(ROWS))
    text = act("confirm").content.decode()
    assert "已合并" in text
    assert "撤销这次导入" in text
    assert Household.objects.get().size == 4
    assert not waiting.source(Batch.objects.get().pk).exists()
    assert "已撤销" in act("undo").content.decode()
    assert not Household.objects.exists()
    assert act("undo").status_code == 409


def test_differences_are_shown_field_by_field(send, act):
    send(workbook(ROWS))
    act("confirm")
    text = send(workbook([ROWS[0], (*ROWS[1][:3], "5")])).content.decode()
    assert "家庭人口数" in text
    assert "<del>4</del>" in text
    assert "<ins>5</ins>" in text
    assert Household.objects.get().size == 4


def test_thrown_away_nothing_of_it_is_left(send, act):
    send(workbook(ROWS))
    batch = Batch.objects.get()
    assert "已放弃" in act("discard").content.decode()
    assert not waiting.folder(batch.pk).exists()
    assert act("discard").status_code == 409
    assert act("confirm").status_code == 409
    assert not Household.objects.exists()


def test_what_was_not_seen_cannot_be_confirmed(send, act):
    send(workbook(ROWS))
    assert act("confirm", seen="x").status_code == 409
    assert not Household.objects.exists()


def test_where_the_register_changed_meanwhile_one_looks_again(send, act, people):
    send(workbook(ROWS))
    actions.enrol(records=[household(A, 1, head_name="别家", people=())], by=people["anlan"], source="test")
    act("confirm")
    batch = Batch.objects.get()
    assert batch.state == "staged"
    act("confirm")
    assert Batch.objects.get().state == "merged"
    assert Household.objects.count() == 2


def test_what_has_to_be_put_right_is_listed_and_the_rest_can_come_in(send, act, client):
    good, bad = ROWS[1], (*ROWS[1][:2], "990123197211110034", "四")
    text = send(workbook([ROWS[0], good, bad])).content.decode()
    batch = Batch.objects.get()
    assert (batch.new, batch.refused) == (1, 1)
    assert "农户名册" in text
    assert "家庭人口数" in text
    assert "990123197211110034" not in text
    back = client.get(f"/registry/import/{batch.pk}/refused.xlsx")
    assert b"".join(back).startswith(b"PK")
    act("confirm")
    assert Household.objects.count() == 1
    again = client.get(f"/registry/import/{batch.pk}/refused.xlsx")
    assert b"".join(again).startswith(b"PK")


def test_a_file_of_no_use_says_why_and_offers_no_merging(send, act):
    text = send(workbook([ROWS[0], (*ROWS[1][:2], "1", "4")])).content.decode()
    assert "有 1 处要改" in text
    assert "确认合并" not in text
    assert Batch.objects.get().state == "refused"
    assert act("confirm").status_code == 409


@pytest.mark.parametrize("content", [b"not a workbook", b"%PDF-1.7"])
def test_a_file_that_is_none_is_refused_in_words(send, content):
    response = send(content)
    assert response.status_code == 200
    assert Batch.objects.get().state == "refused"
    assert not Household.objects.exists()


def test_an_empty_file_is_no_file(send):
    assert send(b"").status_code == 200
    assert not Batch.objects.exists()


def test_a_file_larger_than_any_register_is_refused(send, monkeypatch):
    monkeypatch.setattr(forms, "MOST_BYTES", 10)
    assert "500 MB" in send(workbook(ROWS)).content.decode()
    assert not Batch.objects.exists()


def test_unknown_columns_can_be_explained_and_are_known_from_then_on(send, act, client):
    rows = [("村", "名字", "身份证号", "家庭人口数", "备注"), (*ROWS[1], "x")]
    text = send(workbook([(*rows[0], "姓名"), (*rows[1], "示例甲")])).content.decode()
    assert "2 个列名不认识" in text
    batch = Batch.objects.get()
    assert batch.ignored == ["名字", "备注"]
    words = {"name": "民政", "column0": "address", "column1": ""}
    text = client.post(f"/registry/import/{batch.pk}/columns/", words, follow=True).content.decode()
    assert "1 个列名不认识" in text
    act("confirm")
    assert Household.objects.get().address == "示例甲"


def test_a_long_preview_is_read_page_by_page(send, client):
    people = [("示例甲村", f"示例{at}", number(at), "1") for at in range(1, 121)]
    text = send(workbook([ROWS[0], *people])).content.decode()
    assert text.count('badge--info">新增') == 50
    assert "start_at=50" in text
    pk = Batch.objects.get().pk
    assert client.get(f"/registry/import/{pk}/?start_at=100").content.decode().count('badge--info">新增') == 20
    assert client.get(f"/registry/import/{pk}/?start_at=x").status_code == 200


def test_a_large_file_is_worked_on_by_the_worker_while_the_page_waits(send, act, client, monkeypatch):
    monkeypatch.setattr(waiting, "SMALL_BYTES", 10)
    text = send(workbook(ROWS)).content.decode()
    pk = Batch.objects.get().pk
    assert 'hx-trigger="every 3s"' in text
    assert jobs.merge_confirmed() == 0
    assert jobs.preview_received() == 1
    part = client.get(f"/registry/import/{pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "确认合并" in part
    assert "every 3s" in act("confirm").content.decode()
    assert not Household.objects.exists()
    assert jobs.merge_confirmed() == 1
    assert Household.objects.count() == 1
    assert (jobs.preview_received(), jobs.merge_confirmed()) == (0, 0)


def test_imports_are_listed_for_those_whose_they_are(send, client, people):
    send(workbook(ROWS), "township_officer_a")
    pk = Batch.objects.get().pk
    assert f"/registry/import/{pk}/" in client.get(UPLOAD).content.decode()
    client.force_login(people["township_officer_b"], backend="anlan.county.office.authentication.Passwords")
    assert f"/registry/import/{pk}/" not in client.get(UPLOAD).content.decode()
    for way in ("", "refused.xlsx"):
        assert client.get(f"/registry/import/{pk}/{way}").status_code == 404
    for deed in ("confirm", "discard", "undo", "columns"):
        assert client.post(f"/registry/import/{pk}/{deed}/", {"seen": "x"}).status_code == 404
    assert Batch.objects.get().state == "staged"


def test_a_page_of_an_import_costs_few_queries(send, client, django_assert_max_num_queries):
    people = [("示例甲村", f"示例{at}", number(at), "1") for at in range(1, 60)]
    send(workbook([ROWS[0], *people]))
    with django_assert_max_num_queries(12):
        client.get(f"/registry/import/{Batch.objects.get().pk}/")


@pytest.mark.parametrize("username", ["village_cadre_a", "county_director", "auditor"])
def test_only_who_may_import_may_send_one_or_see_where(send, see, client, username):
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
