"""Shelters, who goes there by which way, and schools: kept, taken in from a file, seen and changed on pages."""

import json
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from anlan.county import clock
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.registry.actions import enrol
from anlan.county.registry.importing import NotImported
from anlan.county.registry.models import Assignment, School, Shelter
from anlan.county.registry.records import HouseholdRecord
from anlan.county.registry.shelters import queries
from anlan.county.registry.shelters.actions import (
    SchoolRecord,
    ShelterRecord,
    Way,
    assign,
    close,
    end,
    import_schools,
    import_shelters,
    save_school,
    save_shelter,
)
from anlan.engine.audience.closer import Refuge

A, B, C = "360123101201", "360123101202", "360123102201"
HEADS = "安置点,简称,安置点所在村,可容纳人数,经度,纬度,转移村,村民小组,转移路线"


@pytest.fixture
def officer(people):
    return people["township_officer_a"]


@pytest.fixture
def hall(officer):
    return save_shelter(record_of=ShelterRecord(A, "示例甲村小学", capacity=3), by=officer)


def lines():
    return list(Entry.objects.exclude(verb__startswith="office").values_list("verb", flat=True))


def csv(path, *rows, heads=HEADS):
    path.write_text("\n".join([heads, *rows]), encoding="utf-8")
    return path


# --- keeping them --------------------------------------------------------------------------------------
def test_a_shelter_is_added_once_and_changed_with_a_line_that_says_what(hall, officer):
    assert (hall.code, hall.short, hall.capacity) == (f"S{A}-001", "示例甲村小学", 3)
    assert save_shelter(record_of=ShelterRecord(A, "示例甲村小学", capacity=3), by=officer) == hall
    changed = save_shelter(record_of=ShelterRecord(A, "示例甲村小学", "甲小", 80, 115.6, 28.9), by=officer)
    assert (changed.code, changed.capacity, changed.lon) == (hall.code, 80, 115.6)
    assert lines() == ["registry.save_shelter"] * 2
    payload = json.loads(Entry.objects.order_by("-seq").first().payload)
    assert payload["changed"] == ["capacity", "lat", "lon", "short"]
    other = save_shelter(record_of=ShelterRecord(A, "示例甲村祠堂"), by=officer)
    assert other.code == f"S{A}-002"
    with pytest.raises(BadInput, match="已经有"):
        save_shelter(record_of=ShelterRecord(A, "示例甲村小学"), by=officer, shelter=other)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (ShelterRecord(A, ""), "1 到 40"), (ShelterRecord(A, "长" * 41), "1 到 40"),
        (ShelterRecord(A, "【小学】"), "括号"),
        (ShelterRecord(A, "小\n学"), "括号"), (ShelterRecord(A, "长" * 13), "简称"),
        (ShelterRecord(A, "长" * 13, "短" * 13), "简称"), (ShelterRecord(A, "长" * 13, "【短】"), "简称"),
        (ShelterRecord(A, "万埠镇特困供养中心"), "特困"), (ShelterRecord(A, "长" * 13, "低保楼"), "低保"),
        (ShelterRecord(A, "小学", lon=115.6), "坐标"), (ShelterRecord(A, "小学", lon=0.0, lat=0.0), "坐标"),
        (ShelterRecord("360123000000", "小学"), "村或乡镇"), (ShelterRecord("999999999999", "小学"), "村或乡镇"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_to_people_is_refused_and_nothing_is_written(officer, record, why):
    with pytest.raises(BadInput, match=why):
        save_shelter(record_of=record, by=officer)
    assert not Shelter.objects.exists()
    assert lines() == []


@pytest.mark.clause("G2", "H4")
def test_a_village_goes_to_one_shelter_and_a_group_to_its_own(hall, officer):
    chapel = save_shelter(record_of=ShelterRecord(A, "示例甲村祠堂"), by=officer)
    ways = [Way(A, 0, hall.code, "村东水泥路"), Way(A, 2, chapel.code)]
    assert assign(ways=ways, by=officer) == 2
    assert assign(ways=ways, by=officer) == 0
    known = queries.refuges([A, B])
    assert queries.refuge(known, A, 1) == Refuge("示例甲村小学", "示例甲村小学", "村东水泥路")
    assert queries.refuge(known, A, 2) == Refuge("示例甲村祠堂", "示例甲村祠堂")
    assert queries.refuge(known, B, 1) is None


def test_what_held_before_is_kept_and_a_slip_of_the_same_day_is_not(hall, officer, people):
    chapel = save_shelter(record_of=ShelterRecord(A, "示例甲村祠堂"), by=officer)
    assign(ways=[Way(A, 0, hall.code)], by=officer)
    assign(ways=[Way(A, 0, chapel.code, "村西路")], by=officer)
    assert Assignment.objects.get().shelter == chapel
    with clock.held(clock.now() + timedelta(days=30)):
        assign(ways=[Way(A, 0, hall.code, "村东路")], by=officer)
        assert queries.refuges([A])[A, 0].name == "示例甲村小学"
    before, after = Assignment.objects.order_by("since")
    assert (before.shelter, before.until, after.since, after.until) == (
        chapel,
        date(2026, 7, 18),
        date(2026, 7, 18),
        None,
    )
    assert list(queries.past(chapel)) == [before]
    assert lines().count("registry.assign_shelter") == 3


def test_an_arrangement_ends_and_a_closed_shelter_takes_nobody(hall, officer):
    assign(ways=[Way(A, 0, hall.code), Way(B, 1, hall.code)], by=officer)
    assert end(ways=[(A, 0), (A, 5)], by=officer) == 1
    assert list(Assignment.objects.values_list("division_id", flat=True)) == [B]
    with clock.held(clock.now() + timedelta(days=1)):
        close(place=hall, by=officer)
        assert queries.refuges([A, B]) == {}
        with pytest.raises(BadInput, match="没有这个安置点"):
            assign(ways=[Way(A, 0, hall.code)], by=officer)
    assert Assignment.objects.get().until == date(2026, 6, 19)
    assert "registry.close_place" in lines()


@pytest.mark.parametrize(("way", "why"), [(Way("360123101000", 0, "x"), "没有这个"), (Way(A, 0, "x", "【】"), "路线")])
def test_a_way_that_leads_nowhere_is_refused(hall, officer, way, why):
    with pytest.raises(BadInput, match=why):
        assign(ways=[Way(way.village, way.group_no, hall.code, way.route)], by=officer)
    assert not Assignment.objects.exists()


def test_nobody_keeps_another_township_s_shelters(hall, people):
    other = people["township_officer_b"]
    record = ShelterRecord(A, "示例甲村小学", capacity=1)
    for deed in (
        lambda: save_shelter(record_of=record, by=other), lambda: assign(ways=[Way(A, 0, hall.code)], by=other),
        lambda: end(ways=[(A, 0)], by=other), lambda: close(place=hall, by=other),
        lambda: save_school(record_of=SchoolRecord(A, "甲小"), by=other),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            deed()
    assert Shelter.objects.get().capacity == 3
    assert not queries.shelters(other).exists()


@pytest.mark.clause("G2")
def test_a_shelter_knows_how_many_people_it_would_hold_and_how_many_are_too_many(hall, officer, people):
    chapel = save_shelter(record_of=ShelterRecord(A, "示例甲村祠堂"), by=officer)
    records = [HouseholdRecord(f"{A}0000{n}", A, group_no=n, head_name="示例", size=n) for n in (1, 2, 3)]
    enrol(records=records, by=people["anlan"], source="test")
    assign(ways=[Way(A, 0, hall.code), Way(A, 2, chapel.code)], by=officer)
    first, second = queries.filled([hall, chapel])
    assert (first.people, first.over) == (4, 1)
    assert (second.people, second.over) == (2, 0)


def test_a_school_s_telephone_is_sealed_and_in_no_ledger_line(officer):
    school = save_school(record_of=SchoolRecord(A, "示例小学", phone="10099990001", pupils=90), by=officer)
    save_school(record_of=SchoolRecord(A, "示例小学", "kindergarten", "10099990002"), by=officer, school=school)
    assert School.objects.get().phone == "10099990002"
    assert not any("100999" in each.payload for each in Entry.objects.all())
    with pytest.raises(BadInput, match="学校类别"):
        save_school(record_of=SchoolRecord(A, "别的", "university"), by=officer)
    with pytest.raises(BadInput, match="学校名称"):
        save_school(record_of=SchoolRecord(A, ""), by=officer)
    assert [each.name for each in queries.schools_in([A])] == ["示例小学"]
    close(place=school, by=officer)
    assert queries.schools_in([A]) == []


def test_a_school_of_the_township_counts_for_all_its_villages(officer):
    save_school(record_of=SchoolRecord("360123101000", "万埠镇示例中学"), by=officer)
    assert len(queries.schools_in([A, B])) == 1
    assert queries.schools_in([C]) == []


# --- out of a file -------------------------------------------------------------------------------------
@pytest.mark.clause("G2")
def test_a_list_of_shelters_comes_in_whole_and_again_changes_nothing(tmp_path, officer):
    path = csv(
        tmp_path / "s.csv",
        "示例甲村小学,,示例甲村,200人,115.61,28.91,示例甲村,,村东水泥路",
        "示例甲村祠堂,,示例甲村,,,,示例甲村,2组,",
        "万埠镇示例文化体育活动中心,镇文体中心,万埠镇,500,,,示例乙村,,县道",
        ",,,,,,,,",
        "示例乙村旧仓库,,360123101202,,,,,,",
    )
    tried = import_shelters(path=path, by=officer, dry_run=True)
    assert (tried.rows, tried.new) == (4, 4)
    assert not Shelter.objects.exists()
    done = import_shelters(path=path, by=officer)
    assert (done.rows, done.new, done.changed, done.unchanged) == (4, 4, 0, 0)
    assert queries.refuges([A, B]) == {
        (A, 0): Refuge("示例甲村小学", "示例甲村小学", "村东水泥路"), (A, 2): Refuge("示例甲村祠堂", "示例甲村祠堂"),
        (B, 0): Refuge("万埠镇示例文化体育活动中心", "镇文体中心", "县道"),
    }  # fmt: skip
    again = import_shelters(path=path, by=officer)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 4)
    csv(path, "示例甲村小学,,示例甲村,150,,,示例甲村,,村东水泥路", "示例甲村祠堂,,示例甲村,,,,示例甲村,2,村西路")
    third = import_shelters(path=path, by=officer)
    assert (third.changed, third.unchanged) == (2, 0)
    kept = Shelter.objects.get(name="示例甲村小学")
    assert (kept.capacity, kept.lon) == (150, 115.61)


def test_one_wrong_row_and_nothing_comes_in_and_every_place_is_named(tmp_path, officer):
    path = csv(
        tmp_path / "s.csv", "好小学,,示例甲村,1,,,,,", "坏小学,,没有的村,很多,东经,28.9,没有的村,,",
        ",,示例甲村,5,,,,,",
        "一个名字太长的安置点没有简称,,示例甲村,,,,,,", "特困供养中心,,示例甲村,,,,,,",
        "某某小学,,示例甲村,,,,示例甲村,,走{路}",
    )  # fmt: skip
    with pytest.raises(NotImported) as refused:
        import_shelters(path=path, by=officer)
    places = {(each["row"], each["column"]) for each in refused.value.refusals}
    assert places == {
        (3, "安置点所在村"), (3, "可容纳人数"), (3, "经度"), (3, "转移村"), (4, "安置点"), (5, "简称"), (6, "安置点"),
        (7, "转移路线"),
    }  # fmt: skip
    assert not Shelter.objects.exists()
    assert lines() == []


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", "姓名,年龄\n甲,3\n".encode(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_what_is_no_list_of_shelters_is_refused_with_a_sentence(tmp_path, officer, content):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(NotImported):
        import_shelters(path=path, by=officer)


def test_a_list_for_another_township_is_not_one_s_own(tmp_path, officer):
    with pytest.raises(NotAllowed):
        import_shelters(path=csv(tmp_path / "s.csv", "丙小学,,示例丙村,,,,,,"), by=officer)
    assert not Shelter.objects.exists()


def test_a_list_of_schools_comes_in_the_same_way(tmp_path, officer):
    heads = "万埠镇学校登记表,,,,\n学校名称,类别,所在村,值班电话,学生人数"
    path = csv(tmp_path / "s.csv", "示例小学,小学,示例甲村,10099990001,120", "示例幼儿园,幼儿园,万埠镇,,", heads=heads)
    done = import_schools(path=path, by=officer)
    assert (done.new, done.unchanged) == (2, 0)
    assert set(School.objects.values_list("name", "kind", "pupils")) == {
        ("示例小学", "school", 120), ("示例幼儿园", "kindergarten", None),
    }  # fmt: skip
    assert import_schools(path=path, by=officer).unchanged == 2
    csv(path, "示例小学,小学,示例甲村,10099990009,", heads=heads)
    assert import_schools(path=path, by=officer).changed == 1
    csv(path, f"{'长' * 41},,示例甲村,,", f"示例小学,,示例甲村,{'1' * 21},", heads=heads)
    with pytest.raises(NotImported) as refused:
        import_schools(path=path, by=officer)
    assert [each["row"] for each in refused.value.refusals] == [3, 4]


@pytest.mark.parametrize("what", ["shelters", "schools"])
def test_the_commands_take_them_in(tmp_path, county, capsys, what):
    heads = {"shelters": "安置点,安置点所在村", "schools": "学校,所在村"}[what]
    path = csv(tmp_path / "s.csv", "示例小学,示例甲村", heads=heads)
    call_command(f"registry_{what}", str(path), "--json")
    assert json.loads(capsys.readouterr().out) == {"rows": 1, "new": 1, "changed": 0, "unchanged": 0}


# --- on the pages --------------------------------------------------------------------------------------
def page(browser, name, *args):
    answer = browser.get(reverse(f"registry:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.clause("G2")
def test_a_township_keeps_its_shelters_on_the_page(as_, people):
    browser = as_("township_officer_a")
    assert "还没有登记安置点" in page(browser, "shelters")
    given = {"division": A, "name": "示例甲村小学", "capacity": "50"}
    assert browser.post(reverse("registry:add_shelter"), given | {"name": ""}).status_code == 422
    answer = browser.post(reverse("registry:add_shelter"), given, follow=True)
    code = Shelter.objects.get().code
    assert "示例甲村小学" in answer.content.decode()
    browser.post(reverse("registry:assign_shelter", args=[code]), {"village": A, "group_no": "", "route": "村东路"})
    assert "村东路" in page(browser, "shelter", code)
    assert "村东路" in page(browser, "shelters")
    wrong = browser.post(reverse("registry:assign_shelter", args=[code]), {"village": "x"}, follow=True)
    assert "请选择村" in wrong.content.decode()
    browser.post(reverse("registry:shelter", args=[code]), given | {"capacity": "60"})
    assert Shelter.objects.get().capacity == 60
    assert browser.post(reverse("registry:shelter", args=[code]), given | {"lon": "x"}).status_code == 422
    browser.post(reverse("registry:assign_shelter", args=[code]), {"village": A, "group_no": "0", "end": "1"})
    assert not Assignment.objects.exists()
    browser.post(reverse("registry:close_shelter", args=[code]))
    assert "已停用" in page(browser, "shelters")
    assert "修改并重新启用" in page(browser, "shelter", code)


def test_the_stranger_sees_none_of_it_and_the_reader_changes_nothing(hall, as_):
    assert "示例甲村小学" not in page(as_("township_officer_b"), "shelters")
    assert as_("township_officer_b").get(reverse("registry:shelter", args=[hall.code])).status_code == 404
    assert 'name="capacity"' not in page(as_("auditor"), "shelter", hall.code)
    assert as_("auditor").post(reverse("registry:close_shelter", args=[hall.code])).status_code == 403


def test_schools_are_kept_on_their_page_and_only_callers_see_the_number(as_, people):
    browser = as_("township_officer_a")
    given = {"division": A, "name": "示例小学", "kind": "school", "phone": "10099990001", "pupils": "90"}
    browser.post(reverse("registry:school", args=[0]), given)
    school = School.objects.get()
    assert "10099990001" in page(browser, "schools")
    assert "100****0001" in page(as_("auditor"), "schools")
    browser = as_("township_officer_a")
    assert "示例小学" in page(browser, "school", school.pk)
    assert browser.post(reverse("registry:school", args=[school.pk]), given | {"kind": "x"}).status_code == 422
    browser.post(reverse("registry:close_school", args=[school.pk]))
    assert School.objects.get().closed_on == clock.today()


@pytest.mark.parametrize(
    ("what", "text"), [("shelters", "安置点,安置点所在村\n小学,示例甲村"), ("schools", "学校,所在村\n小学,示例甲村")]
)
def test_a_file_is_sent_in_on_the_page(as_, what, text):
    browser, where = as_("township_officer_a"), reverse("registry:take_in", args=[what])
    assert browser.post(where, follow=True).status_code == 200
    answer = browser.post(where, {"file": SimpleUploadedFile("x.csv", text.encode())}, follow=True)
    assert "新增 1" in answer.content.decode()
    wrong = browser.post(where, {"file": SimpleUploadedFile("x.csv", b"nothing\n")})
    assert wrong.status_code == 422
    large = browser.post(where, {"file": SimpleUploadedFile("x.csv", b"x" * (6 * 1024 * 1024))}, follow=True)
    assert "5 MB" in large.content.decode()
