"""Checks before and outside disasters: a record always, a lead where a household is in danger, found again later."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from anlan.county import clock
from anlan.county.discover.inspecting.actions import AlreadyRemedied, Finding, inspect, remedy
from anlan.county.discover.inspecting.queries import inspections, near
from anlan.county.discover.inspecting.reading import HEADINGS, LARGEST_BYTES, read
from anlan.county.discover.models import Inspection, Lead, Source
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock, Division
from anlan.county.registry.models import Household
from anlan.engine import policy

HEAD = "检查类型,村,户编号,地点,经度,纬度,发现问题,危及农户,受损情况,整改措施,整改时限,检查日期,检查单位"


@pytest.fixture
def enter(people, client):
    def log_in(username):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        return client

    return log_in


def finding(storm, village=0, **change):
    home = storm.household(village, 5)
    given = {"kind": "home_fire", "division": home.division, "household": home, "found": "电线老化", "office": "消防所",
             "on": date(2026, 6, 10), "danger": True, "harm": ("home",), "measure": "更换线路"}  # fmt: skip
    return Finding(**{**given, **change})


def a_list(tmp_path, *rows, head=HEAD):
    path = tmp_path / "list.csv"
    path.write_text("\n".join([head, *rows]))
    return path


def placed(household, lon, lat):
    Household.objects.filter(pk=household.pk).update(lon=lon, lat=lat, location="point")


# --- what it does ------------------------------------------------------------------------------------
@pytest.mark.clause("D4", "A1")
def test_danger_to_a_household_is_a_record_with_a_clock_and_a_lead(storm, people):
    outcome = inspect(findings=[finding(storm)], by=people["village_cadre_a"], event=storm.event)
    assert (outcome.new, outcome.known, outcome.leads) == (1, 0, 1)
    lead, source, made = Lead.objects.get(), Source.objects.get(), Inspection.objects.get()
    assert (lead.event, lead.household) == (storm.event, storm.household(0, 5))
    assert (source.door, source.claim["kinds"]) == ("cadre", ["home"])
    assert "电线老化" in source.claim["text"]
    running = Clock.objects.get(kind="inspection")
    days = policy.on(clock.today()).number("inspection_days")
    assert (running.about, running.due_at) == (str(made), clock.now() + timedelta(days=days))
    assert Entry.objects.filter(verb="discover.inspect", about=str(made)).count() == 1


@pytest.mark.clause("D4")
def test_it_joins_the_lead_that_other_doors_opened(storm, people):
    from anlan.county.discover.actions import Report, report

    reports = [Report("r", "self", storm.household(0, 5).pk, clock.now(), {"kinds": ["crop"]})]
    report(event=storm.event, reports=reports, by=people["anlan"])
    inspect(findings=[finding(storm)], by=people["village_cadre_a"], event=storm.event)
    assert Lead.objects.get().sources.count() == 2


@pytest.mark.clause("D4", "A1")
def test_without_danger_it_stays_a_record_that_can_be_found_again(storm, people):
    harmless = finding(storm, danger=False, measure="", household=None, place="村口水塘", found="堤坝完好")
    inspect(findings=[harmless], by=people["village_cadre_a"])
    assert not Lead.objects.exists()
    assert not Clock.objects.filter(kind="inspection").exists()
    mine, theirs = people["township_officer_a"], people["township_officer_b"]
    assert inspections(mine, "home_fire", "水塘").get().found == "堤坝完好"
    assert not inspections(theirs).exists()
    assert not inspections(mine, "flood_season").exists()
    assert not inspections(mine, state="danger").exists()


@pytest.mark.clause("D4")
def test_outside_a_disaster_the_lead_belongs_to_the_months_screening(storm, people):
    inspect(findings=[finding(storm)], by=people["village_cadre_a"])
    assert Lead.objects.get().event.code == "EV20260601-screening-1"


@pytest.mark.clause("D4")
def test_a_hazard_point_endangers_the_households_near_it_and_no_others(storm, people):
    here, there = storm.household(0, 3), storm.household(0, 4)
    placed(here, 115.6, 28.9)
    placed(there, 115.6, 28.91)  # eleven hundred metres
    point = finding(storm, kind="hazard_point", household=None, point=(115.6005, 28.9005), place="屋后山")
    assert inspect(findings=[point], by=people["village_cadre_a"], event=storm.event).leads == 1
    assert Lead.objects.get().household == here
    assert [each.code for each in near(people["village_cadre_a"], 115.6, 28.9, 2000)] == [here.code, there.code]
    assert near(people["village_cadre_b"], 115.6, 28.9, 2000) == []
    assert near(people["village_cadre_a"], 115.5981, 28.8984, 200) == []  # in the square, not in the circle


def test_danger_with_nobody_near_is_kept_and_opens_nothing(storm, people):
    far = finding(storm, household=None, point=(116.0, 28.0))
    assert inspect(findings=[far, finding(storm, household=None, found="二")], by=people["village_cadre_a"]).leads == 0
    assert list(Inspection.objects.values_list("danger", "leads")) == [(True, 0)] * 2


def test_the_same_finding_again_adds_nothing(storm, people):
    first = finding(storm)
    inspect(findings=[first, first], by=people["village_cadre_a"], event=storm.event)
    before = Entry.objects.count()
    outcome = inspect(findings=[first], by=people["village_cadre_a"], event=storm.event)
    assert (outcome.new, outcome.known, outcome.leads) == (0, 1, 0)
    assert (Inspection.objects.count(), Entry.objects.count()) == (1, before)


def test_a_day_that_is_named_is_the_clocks(storm, people):
    inspect(findings=[finding(storm, due_on=date(2026, 6, 30))], by=people["village_cadre_a"], event=storm.event)
    assert Inspection.objects.get().due_at.astimezone(clock.now().tzinfo).date() == date(2026, 6, 30)


def test_a_department_reports_as_a_department(storm, people):
    inspect(findings=[finding(storm)], by=people["department_clerk"], event=storm.event)
    assert Source.objects.get().door == "dept"


@pytest.mark.parametrize(
    ("change", "error"),
    [({"kind": "x"}, BadInput), ({"on": date(2027, 1, 1)}, BadInput), ({"village": 2}, NotAllowed)],
)
def test_what_cannot_be_recorded_changes_nothing(storm, people, change, error):
    before = Entry.objects.count()
    with pytest.raises(error):
        inspect(findings=[finding(storm), finding(storm, **change)], by=people["village_cadre_a"], event=storm.event)
    assert not Inspection.objects.exists()
    assert Entry.objects.count() == before


@pytest.mark.clause("A1")
def test_what_was_demanded_is_done_once_and_by_somebody_there(storm, people):
    inspect(findings=[finding(storm)], by=people["village_cadre_a"], event=storm.event)
    made = Inspection.objects.get()
    with pytest.raises(NotAllowed):
        remedy(inspection=made, by=people["village_cadre_b"])
    assert inspections(people["village_cadre_a"], state="open").exists()
    done = remedy(inspection=made, by=people["village_cadre_a"])
    assert (done.done_by, Clock.objects.get(kind="inspection").stopped_at) == (people["village_cadre_a"], done.done_at)
    assert not inspections(people["village_cadre_a"], state="open").exists()
    with pytest.raises(AlreadyRemedied):
        remedy(inspection=made, by=people["village_cadre_a"])


# --- a list ------------------------------------------------------------------------------------------
def row(storm, **change):
    home = storm.household(0, 5)
    given = {"kind": "消防", "village": home.division_id, "household": home.code, "place": "灶房", "lon": "", "lat": "",
             "found": "电线老化", "danger": "是", "harm": "房屋", "measure": "更换线路", "due_on": "2026-06-30",
             "on": "2026/06/10", "office": "消防所"}  # fmt: skip
    return ",".join({**given, **change}[name] for name in HEADINGS_IN_ORDER)


HEADINGS_IN_ORDER = ("kind", "village", "household", "place", "lon", "lat", "found", "danger", "harm", "measure",
                     "due_on", "on", "office")  # fmt: skip


def test_a_good_row_is_a_finding(storm, people, tmp_path):
    name = storm.household(0, 5).division.name
    point = {"household": "", "lon": "115.6", "lat": "28.9"}
    path = a_list(tmp_path, row(storm, village=name), "", row(storm, **point))
    done = read(path, people["village_cadre_a"])
    assert done.refused == []
    first, second = done.findings
    assert (first.kind, first.household, first.harm) == ("home_fire", storm.household(0, 5), ("home",))
    assert (first.on, first.due_on, first.danger) == (date(2026, 6, 10), date(2026, 6, 30), True)
    assert (second.household, second.point) == (None, (115.6, 28.9))


@pytest.mark.parametrize(
    ("change", "column"),
    [({"kind": "巡逻"}, "kind"), ({"village": "无此村"}, "village"), ({"village": "360123102201"}, "village"),
     ({"household": "360123102201" + "00005"}, "household"), ({"danger": "也许"}, "danger"), ({"found": ""}, "found"),
     ({"on": "昨天"}, "on"), ({"due_on": "x"}, "due_on"), ({"lon": "115.6"}, "lon"), ({"lon": "1", "lat": "2"}, "lon"),
     ({"household": ""}, "danger"), ({"found": "长" * 501}, "found")],
)  # fmt: skip
def test_a_bad_row_is_named_by_row_and_column_and_the_good_ones_are_taken(storm, people, tmp_path, change, column):
    path = a_list(tmp_path, row(storm), row(storm, **change))
    done = read(path, people["village_cadre_a"])
    assert len(done.findings) == 1
    (refused,) = done.refused
    assert (refused["row"], refused["column"]) == (3, HEADINGS[column][0])
    assert not [cell for cell in change.values() if len(cell) > 2 and cell in refused["reason"]]


def test_of_two_villages_of_one_name_the_code_is_asked_for(storm, people, tmp_path):
    code = storm.household(0, 5).division_id
    Division.objects.filter(pk__in=[code, storm.household(1, 5).division_id]).update(name="同名村")
    (refused,) = read(a_list(tmp_path, row(storm, village="同名村")), people["township_officer_a"]).refused
    assert "代码" in refused["reason"]


def test_a_list_without_a_column_or_too_large_is_a_sentence(people, tmp_path):
    with pytest.raises(BadInput, match="检查单位"):
        read(a_list(tmp_path, "", head=HEAD.removesuffix(",检查单位")), people["village_cadre_a"])
    path = tmp_path / "large.csv"
    path.write_bytes(b"0" * (LARGEST_BYTES + 1))
    with pytest.raises(BadInput, match="5 MB"):
        read(path, people["village_cadre_a"])


# --- the screens -------------------------------------------------------------------------------------
@pytest.mark.clause("D4")
def test_a_list_is_handed_in_and_bad_rows_come_back(storm, enter, tmp_path):
    browser = enter("village_cadre_a")
    path = a_list(tmp_path, row(storm), row(storm, danger="也许", found="二"))
    address = reverse("discover:inspect_list")
    page = browser.post(address, {"file": SimpleUploadedFile("a.csv", path.read_bytes()), "event": storm.event.code})
    assert "只能填“是”或“否”" in page.content.decode()
    assert Lead.objects.get().event == storm.event
    path = a_list(tmp_path, row(storm), row(storm, danger="否", found="二"))
    done = browser.post(address, {"file": SimpleUploadedFile("a.csv", path.read_bytes())}, follow=True)
    shown = done.content.decode()
    assert "登记 1 条排查（1 条已经登记过）" in shown
    assert "电线老化" in shown


def test_one_finding_is_written_down_and_its_measure_done(storm, enter):
    browser, home = enter("village_cadre_a"), storm.household(0, 5)
    assert "登记排查发现" in browser.get(reverse("discover:inspect")).content.decode()
    given = {"kind": "flood_season", "village": home.division_id, "household": home.code, "found": "屋后积水",
             "danger": "on", "harm": ["home"], "measure": "挖沟", "on": "2026-06-10", "office": "村委会",
             "event": storm.event.code}  # fmt: skip
    shown = browser.post(reverse("discover:inspect"), given, follow=True).content.decode()
    assert "涉及 1 户" in shown
    made = Inspection.objects.get()
    browser.post(reverse("discover:remedy", args=[made.pk]))
    made.refresh_from_db()
    assert made.done_at == clock.now()
    assert "已完成" in browser.get(reverse("discover:inspections"), {"q": "积水"}).content.decode()
    assert enter("village_cadre_b").post(reverse("discover:remedy", args=[made.pk])).status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [({"household": "36012310220100005"}, "这个村没有这一户"), ({"lon": "115.6"}, "经度和纬度都要填"),
     ({"household": ""}, "请填户编号"), ({"found": ""}, "请改正")],
)  # fmt: skip
def test_a_finding_with_a_mistake_comes_back_with_what_was_typed(storm, enter, change, said):
    home = storm.household(0, 5)
    given = {"kind": "flood_season", "village": home.division_id, "household": home.code, "found": "屋后积水",
             "danger": "on", "on": "2026-06-10", "office": "村干部王某办"}  # fmt: skip
    page = enter("village_cadre_a").post(reverse("discover:inspect"), {**given, **change}).content.decode()
    assert said in page
    assert "村干部王某办" in page
    assert not Inspection.objects.exists()


def test_a_point_on_the_form_finds_the_households_around_it(storm, enter):
    home = storm.household(0, 5)
    placed(home, 115.6, 28.9)
    given = {"kind": "hazard_point", "village": home.division_id, "lon": "115.6", "lat": "28.9", "found": "裂缝",
             "danger": "on", "on": "2026-06-10", "office": "自然资源所"}  # fmt: skip
    enter("village_cadre_a").post(reverse("discover:inspect"), given)
    assert Lead.objects.get().household == home
