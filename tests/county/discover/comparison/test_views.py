"""The screens of departments' lists, and their commands."""

import json
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook
from tests.county.storm import id_number

from anlan.county.discover.comparison import words
from anlan.county.discover.models import Batch, Lead, Review
from anlan.county.errors import BadInput
from anlan.county.ledger.models import Entry
from anlan.county.office.models import User

OTHER = "赵丁山"


def client_of(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


@pytest.fixture
def clerk(people):
    return client_of("department_clerk")


def the_list(*rows):
    text = "\n".join(["姓名,身份证号,个人自付费用", *(",".join(map(str, row)) for row in rows)])
    return SimpleUploadedFile("六月.csv", text.encode("gb18030"), "text/csv")


@pytest.fixture
def handed_in(storm, clerk):
    """A list with a lead, a stranger, a bad row and two pairs that wait."""
    file = the_list(
        ("示例户05", id_number(0, 5), 30000), ("赵不在", id_number(9, 9), 9), ("示例户04", id_number(0, 4), "x"),
        (OTHER, id_number(1, 5), 40000), (OTHER, id_number(2, 5), 50000),
    )  # fmt: skip
    url = reverse("discover:hand_in", args=["medical_insurance"])
    response = clerk.post(url, {"file": file, "month": "2026-06", "event": ""}, follow=True)
    assert response.redirect_chain[-1][0] == reverse("discover:list", args=[Batch.objects.get().pk])
    return response.content.decode()


@pytest.mark.clause("D3", "M1")
def test_a_clerk_hands_a_list_in_and_sees_what_became_of_every_row(handed_in):
    for word in ("30000", id_number(0, 5)):
        assert word not in handed_in
    assert "赵不在" in handed_in  # not in the register: the department must say who that is
    assert "不是不小于 0 的数" in handed_in
    assert "核对拿不准的人员" in handed_in
    assert Lead.objects.count() == 1


def test_the_same_list_again_says_so(handed_in, clerk):
    file = the_list(
        ("示例户05", id_number(0, 5), 30000), ("赵不在", id_number(9, 9), 9), ("示例户04", id_number(0, 4), "x"),
        (OTHER, id_number(1, 5), 40000), (OTHER, id_number(2, 5), 50000),
    )  # fmt: skip
    url = reverse("discover:hand_in", args=["medical_insurance"])
    response = clerk.post(url, {"file": file, "month": "2026-06", "event": ""}, follow=True)
    assert "已经报送过" in response.content.decode()
    assert Batch.objects.count() == 1


def test_the_form_shows_columns_thresholds_and_what_is_unverified(storm, clerk):
    page = clerk.get(reverse("discover:hand_in", args=["medical_insurance"])).content.decode()
    for word in ("个人自付费用", "20,133", "未核实", "阳原县", "个人信息保护法"):
        assert word in page


def test_a_list_of_a_disaster_is_handed_in_for_it(storm, clerk):
    file = SimpleUploadedFile("a.csv", f"姓名,身份证号,房屋受损\n示例户05,{id_number(0, 5)},倒塌".encode(), "text/csv")
    url = reverse("discover:hand_in", args=["emergency"])
    clerk.post(url, {"file": file, "month": "2026-06", "event": storm.event.code})
    assert Lead.objects.get().event == storm.event


def test_what_cannot_be_read_is_refused_in_a_sentence(storm, clerk):
    url = reverse("discover:hand_in", args=["housing"])
    response = clerk.post(url, {"file": SimpleUploadedFile("a.csv", b"\x00" * 9, "text/csv"), "month": "2026-06"})
    assert response.status_code == 422
    assert "不是表格文件" in response.content.decode()
    wrong = clerk.post(url, {"file": SimpleUploadedFile("a.exe", b"MZ", "text/csv"), "month": "2031-01"})
    assert wrong.status_code == 200
    assert not Batch.objects.exists()


def test_a_file_too_large_is_refused_by_the_form(storm, clerk, monkeypatch):
    monkeypatch.setattr("anlan.county.discover.comparison.forms.LARGEST_BYTES", 4)
    url = reverse("discover:hand_in", args=["housing"])
    page = clerk.post(url, {"file": SimpleUploadedFile("a.csv", b"12345", "text/csv"), "month": "2026-06"})
    assert "文件不能超过" in page.content.decode()


def test_an_unknown_source_is_not_found(storm, clerk):
    assert clerk.get(reverse("discover:hand_in", args=["x"])).status_code == 404


# --- side by side -----------------------------------------------------------------------------------------
def test_both_records_stand_side_by_side_with_what_differs_marked(handed_in, clerk):
    first = Review.objects.order_by("pk").first()
    page = clerk.get(reverse("discover:pair", args=[first.pk])).content.decode()
    assert "<mark>赵丁山</mark>" in page.replace("\n", "")
    number = id_number(1, 5)
    assert number not in page
    assert f"{number[:4]}**********{number[-4:]}" in page
    assert "身份证号一致" in page
    for key in "ynuj":
        assert f'data-key="{key}"' in page
    assert "个人自付费用" in page


@pytest.mark.clause("M1")
def test_deciding_goes_on_to_the_next_pair_until_none_is_left(handed_in, clerk):
    first, second = Review.objects.order_by("pk")
    assert clerk.get(reverse("discover:pairs"))["Location"] == reverse("discover:pair", args=[first.pk])
    answer = clerk.post(reverse("discover:decide_pair", args=[first.pk]), {"decision": "same"})
    assert answer["Location"] == reverse("discover:pair", args=[second.pk])
    answer = clerk.post(reverse("discover:decide_pair", args=[second.pk]), {"decision": "different"})
    assert answer["Location"] == reverse("discover:pairs")
    assert "都核对完了" in clerk.get(reverse("discover:pairs")).content.decode()
    assert clerk.get(reverse("discover:pair", args=[first.pk])).status_code == 404
    assert clerk.post(reverse("discover:decide_pair", args=[first.pk]), {"decision": "same"}).status_code == 409
    assert Lead.objects.count() == 2


def written():
    return [(entry.about, json.loads(entry.payload)) for entry in Entry.objects.filter(verb__contains=".unmask")]


@pytest.mark.parametrize("field", ["id_number", "phone"])
def test_one_field_is_shown_in_full_for_a_reason_on_both_sides_and_on_record(handed_in, clerk, field):
    first = Review.objects.order_by("pk").first()
    url = reverse("discover:unmask_pair", args=[first.pk])
    assert clerk.get(url).status_code == 405
    assert clerk.post(url, {"field": field, "reason": ""}).status_code == 422
    assert clerk.post(url, {"field": "name", "reason": "match"}).status_code == 422
    assert not written()
    answer = clerk.post(url, {"field": field, "reason": "match"})
    page = answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert page.count(id_number(1, 5)) == (2 if field == "id_number" else 0)
    assert (first.household.phone in page) == (field == "phone")
    assert "已记入台账" in page
    who = {"person": first.person_id} if field == "id_number" else {}
    assert written() == [
        (f"household:{first.household.code}", {"field": field, "reason": "match", **who}),
        (f"list:{first.batch_id}", {"row": first.number, "field": field, "reason": "match"}),
    ]
    assert id_number(1, 5) not in clerk.get(reverse("discover:pair", args=[first.pk])).content.decode()


def test_who_may_not_unmask_sees_no_form_and_is_turned_away(handed_in, clerk, monkeypatch):
    first = Review.objects.order_by("pk").first()
    assert "查看完整的个人信息" in clerk.get(reverse("discover:pair", args=[first.pk])).content.decode()
    allowed = User.may
    monkeypatch.setattr(
        User, "may", lambda self, what, place=None: what != "registry.unmask" and allowed(self, what, place)
    )
    assert "查看完整的个人信息" not in clerk.get(reverse("discover:pair", args=[first.pk])).content.decode()
    url = reverse("discover:unmask_pair", args=[first.pk])
    assert clerk.post(url, {"field": "phone", "reason": "match"}).status_code == 403
    assert not written()


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("id_number", "990123197211110033", "9901**********0033"),
        ("id_number", "9901231972", "**********"),
        ("id_number", "", ""),
        ("phone", "13912345678", "139****5678"),
        ("phone", "0791555", "*******"),
        ("name", "张伟", "张伟"),
    ],
)
def test_what_is_masked_is_as_long_as_it_was(kind, text, shown):
    assert words.masked(kind, text) == shown


def test_where_two_masked_numbers_differ_is_marked_and_not_what_stands_there():
    ours, theirs = "990123197211110033", "990123197251110033"
    stretches = words.over(words.marked(ours, theirs), words.masked("id_number", ours))
    assert stretches == [("9901******", False), ("*", True), ("***0033", False)]
    assert words.over(words.marked("", theirs), "") == []


def test_reading_decides_nothing(handed_in, clerk):
    first = Review.objects.order_by("pk").first()
    assert clerk.get(reverse("discover:decide_pair", args=[first.pk])).status_code == 405


@pytest.mark.parametrize("username", ["village_cadre_a", "township_officer_b", "auditor"])
def test_who_is_no_clerk_sees_neither_lists_nor_pairs(handed_in, username):
    client = client_of(username)
    for name, pk in (("list", Batch.objects.get().pk), ("pair", Review.objects.first().pk)):
        response = client.get(reverse(f"discover:{name}", args=[pk]))
        assert response.status_code == 403
        assert "赵" not in response.content.decode()


# --- the calendar and contradictions -------------------------------------------------------------------------
@pytest.mark.clause("M1")
@pytest.mark.parametrize("username", ["department_clerk", "county_director", "auditor"])
def test_the_calendar_shows_what_came(handed_in, username):
    page = client_of(username).get(reverse("discover:lists")).content.decode()
    assert "医疗费用个人自付名单" in page
    assert "06-18" in page
    hand_in = reverse("discover:hand_in", args=["medical_insurance"])
    assert (hand_in in page) is (username == "department_clerk")


def test_the_home_page_tells_the_clerk_and_the_director_what_is_late(storm, clerk, listed, people):
    from datetime import date

    from anlan.county.discover.comparison.actions import compare
    from anlan.county.discover.comparison.sources import source

    path = listed(("姓名", "身份证号", "等级"), ("示例户05", id_number(0, 5), "A"))
    compare(source=source("housing"), path=path, by=people["department_clerk"], month=date(2026, 5, 1))
    for client in (clerk, client_of("county_director")):
        page = client.get(reverse("desk:home")).content.decode()
        assert "逾期未报的部门名单" in page
        assert reverse("discover:lists") in page
    assert "待核对的名单人员" in clerk.get(reverse("desk:home")).content.decode()


def test_the_next_list_is_among_the_departments_own_deadlines(storm, listed, people):
    from datetime import date

    from anlan.county.discover.comparison.actions import compare
    from anlan.county.discover.comparison.sources import source
    from anlan.county.office.actions import appoint

    appoint(username="h", name="h", role="department_clerk", division="360123000000", department="housing",
            since=date(2026, 1, 1))  # fmt: skip
    path = listed(("姓名", "身份证号", "等级"), ("示例户05", id_number(0, 5), "A"))
    compare(source=source("housing"), path=path, by=people["department_clerk"])
    page = client_of("h").get(reverse("desk:home")).content.decode()
    assert f'<a href="{reverse("discover:lists")}">报送部门名单</a>' in page


def test_contradictions_have_a_page(storm, clerk, listed, people):
    from anlan.county.discover.comparison.actions import compare
    from anlan.county.discover.comparison.sources import source

    page = clerk.get(reverse("discover:conflicts")).content.decode()
    assert "没有互相矛盾" in page
    who = ("示例户05", id_number(0, 5))
    by = people["department_clerk"]
    compare(source=source("police"), path=listed(("姓名", "身份证号", "状态"), (*who, "死亡")), by=by)
    path = listed(("姓名", "身份证号", "状态", "村"), (*who, "领取", "示例乙村"), name="h.csv")
    batch = compare(source=source("human_resources"), path=path, by=by).batch
    for url in (reverse("discover:conflicts"), reverse("discover:list", args=[batch.pk])):
        page = clerk.get(url).content.decode()
        for word in ("示例户05", "已死亡", "在世", "户籍变动名单"):
            assert word in page


def test_what_lists_say_otherwise_than_the_register_has_a_page(storm, clerk, listed, people):
    from anlan.county.discover.comparison.actions import compare
    from anlan.county.discover.comparison.sources import source

    url = reverse("discover:contradictions")
    assert "没有互相矛盾" in clerk.get(url).content.decode()
    path = listed(("姓名", "身份证号", "状态"), ("示例户05", id_number(0, 5), "死亡"))
    compare(source=source("police"), path=path, by=people["department_clerk"])
    page = clerk.get(url).content.decode()
    for word in ("示例户05", "已死亡", "在世", "户籍变动名单", "名册"):
        assert word in page
    assert url in clerk.get(reverse("discover:conflicts")).content.decode()


# --- commands -----------------------------------------------------------------------------------------------
def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.clause("D3")
def test_the_command_prints_one_document(storm, listed):
    rows = [("示例户05", id_number(0, 5), 30000), ("赵不在", id_number(9, 9), 1), ("示例户04", id_number(0, 4), "x")]
    path = str(listed(("姓名", "身份证号", "个人自付费用"), *rows))
    trial = json.loads(run("discover_compare", "medical_insurance", path, "--dry-run", "--json"))
    assert (trial["batch"], trial["leads"], Batch.objects.count()) == (None, 1, 0)
    said = json.loads(run("discover_compare", "medical_insurance", path, "--month", "2026-06", "--json"))
    assert set(said) == {"source", "rows", "linked", "by_rule", "review", "not_found", "below_threshold", "leads",
                         "merged", "conflicts", "against_register", "refused", "batch", "seconds", "again"}  # fmt: skip
    assert (said["rows"], said["linked"], said["leads"], said["not_found"]) == (3, 1, 1, [3])
    assert said["refused"] == [{"sheet": "", "row": 4, "column": "个人自付费用", "reason": "不是不小于 0 的数"}]
    assert "示例户" not in json.dumps(said, ensure_ascii=False)
    plain = run("discover_compare", "medical_insurance", path)
    assert "leads\t0" in plain
    assert "个人自付费用" in plain


def test_the_command_takes_an_event_and_tells_contradictions(storm, listed):
    who = ("示例户05", id_number(0, 5))
    run("discover_compare", "police", str(listed(("姓名", "身份证号", "状态"), (*who, "死亡"))))
    path = listed(("姓名", "身份证号", "人员伤亡"), (*who, "受伤"), name="e.csv")
    said = json.loads(run("discover_compare", "emergency", str(path), "--event", storm.event.code, "--json"))
    assert said["against_register"] == []  # the register has them alive, too
    (conflict,) = said["conflicts"]
    assert conflict["household"] == storm.household(0, 5).code
    assert [each["value"] for each in conflict["said"]] == ["yes", "no"]
    with pytest.raises(BadInput, match="2026-06"):
        run("discover_compare", "police", str(path), "--month", "六月")


def test_the_calendar_command(handed_in):
    said = json.loads(run("discover_calendar", "--json"))
    assert (len(said["sources"]), said["late"]) == (11, 0)
    medical = next(each for each in said["sources"] if each["source"] == "medical_insurance")
    assert medical["last"] == "2026-06-18"
    assert medical["months"][-1] == {"month": "2026-06", "came": ["2026-06-18"], "late": False}
    assert "medical_insurance\t2026-06-18" in run("discover_calendar")


@pytest.mark.clause("M1")
def test_the_share_command_writes_a_workbook(handed_in, tmp_path):
    out = tmp_path / "back.xlsx"
    said = json.loads(run("discover_share", "medical_insurance", "--out", str(out), "--json"))
    assert (said["rows"], said["fields"]) == (1, ["name", "id_number", "village", "categories", "lead"])
    rows = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    assert rows[1][1] == "示例户05"
    assert out.stat().st_mode & 0o077 == 0
    with pytest.raises(BadInput):
        run("discover_share", "medical_insurance", "--out", str(tmp_path / "none" / "back.xlsx"))
    with pytest.raises(BadInput):
        run("discover_share", "medical_insurance", "--out", str(tmp_path / "back.txt"))
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(BadInput, match="写不进去"):
        run("discover_share", "medical_insurance", "--out", str(tmp_path / "folder.xlsx"))
