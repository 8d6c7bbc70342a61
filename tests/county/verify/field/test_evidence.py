"""What hangs on a visit: where it was made and why so far off, what was asked by cause, how long photographs stay."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from tests.county import cases
from tests.county.registry.test_exif import jpeg
from tests.county.verify.field.conftest import JPEG
from tests.county.verify.field.test_copies import copied, type_in

from anlan.county import clock
from anlan.county.desk.waiting import waiting
from anlan.county.discover.models import Lead
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.registry.exif import told
from anlan.county.registry.models import Household
from anlan.county.verify.actions import FindingReport, VisitReport, match, record_visits
from anlan.county.verify.causes import BLANKS, CAUSES, DETAILS, fits, touched
from anlan.county.verify.field.actions import explain, forget_photos
from anlan.county.verify.field.queries import looks, unexplained
from anlan.county.verify.jobs import forget_old_photos
from anlan.county.verify.models import Finding, Photo, Submission, Visit
from anlan.engine import policy

HERE, THERE = "36012310120100005", "36012310120100003"
AWAY = {"lon": 115.65, "lat": 28.91, "accuracy": 10}


@pytest.fixture(autouse=True)
def pictures(tmp_path):
    with override_settings(PHOTOS=tmp_path / "photos"):
        yield tmp_path / "photos"


@pytest.fixture
def far(phone_of):
    """A record made four kilometres off, with a photograph taken at the house."""
    Household.objects.filter(code=HERE).update(lon=115.61, lat=28.91)
    phone = phone_of("village_cadre_a")
    record = phone.record(HERE, place=AWAY)
    record["photos"] = [{"at": record["at"], "place": {"lon": 115.61, "lat": 28.92, "accuracy": 5}}]
    answer = phone.send(record, jpeg()).json()
    assert answer["explain"] == reverse("verify:field_choice", args=[Submission.objects.get().pk])
    return Submission.objects.get()


# --- far from the house ----------------------------------------------------------------------------------
@pytest.mark.clause("D2", "M2")
def test_who_stood_elsewhere_is_asked_why_and_the_answer_stands_beside_the_visit(far, people, as_):
    browser = as_("village_cadre_a")
    assert "示例户" in browser.get(reverse("verify:field_handed_in"), {"state": "far"}).content.decode()
    page = browser.get(reverse("verify:field_choice", args=[far.pk])).content.decode()
    assert "请说明原因" in page
    action = reverse("verify:field_explain", args=[far.pk])
    answer = browser.post(action, {"words": "住在安置点，在那里问的"}, follow=True).content.decode()
    assert "住在安置点，在那里问的" in answer
    assert "请说明原因" not in answer
    assert list(unexplained(people["village_cadre_a"])) == []
    (look,) = looks(Lead.objects.get(household__code=HERE))
    (picture,) = look.pictures
    assert (look.submission.explained, look.flags) == ("住在安置点，在那里问的", ["离农户位置较远"])
    assert picture.distance_m == pytest.approx(1112, abs=1)
    found = browser.get(reverse("verify:finding", args=[far.event.code, HERE])).content.decode()
    for said in ("住在安置点", "离农户位置 1112 米", reverse("verify:field_photo", args=[picture.photo.pk])):
        assert said in found
    (line,) = Entry.objects.filter(verb="verify.explain")
    assert "安置点" not in json.dumps(line.payload, ensure_ascii=False)


def test_the_township_may_explain_for_a_cadre_and_a_colleague_may_not(far, people):
    with pytest.raises(NotAllowed):
        explain(submission=far, words="我去的", by=people["village_cadre_b"])
    assert explain(submission=far, words="定位不准", by=people["township_officer_a"]).explained == "定位不准"


@pytest.mark.parametrize("words", ["", "  ", "长" * 301])
def test_an_explanation_says_something_and_not_a_novel(far, people, words):
    with pytest.raises(BadInput, match="300 字"):
        explain(submission=far, words=words, by=people["village_cadre_a"])
    assert Submission.objects.get().explained == ""


def test_what_was_made_at_the_house_needs_no_explanation(phone_of, people):
    phone = phone_of("village_cadre_a")
    assert phone.send(phone.record(HERE)).json()["explain"] == ""
    with pytest.raises(BadInput, match="不用说明"):
        explain(submission=Submission.objects.get(), words="没事", by=people["village_cadre_a"])


def test_a_photo_with_its_place_in_it_shows_none_to_others(far, as_):
    seen = as_("village_cadre_a").get(reverse("verify:field_photo", args=[Photo.objects.get().pk]))
    assert (told(seen.content).lon, seen["Content-Type"]) == (None, "image/jpeg")


def test_visits_are_shown_in_as_many_queries_however_many_there_are(far):
    lead = Lead.objects.select_related("household").get(household__code=HERE)
    with CaptureQueriesContext(
        connection,
    ) as few:
        looks(lead)
    assert len(few) == 3


# --- by cause ----------------------------------------------------------------------------------------------
@pytest.mark.clause("D2", "P2")
def test_what_was_asked_by_cause_comes_with_the_phone_and_stands_in_the_finding(phone_of):
    phone = phone_of("village_cadre_a")
    assert {name: phone.row(HERE)["base"][name] for name in DETAILS} == BLANKS
    phone.send(phone.record(HERE, crop_mu=4.5, home_damage="severe", home_safe=False, loss_crop=900))
    finding = Finding.objects.get()
    assert (finding.details, finding.home_safe) == ({"crop_mu": 4.5, "home_damage": "severe"}, False)
    assert touched({"home_safe": False, "loss_crop": 900.0, **finding.details}) == ["home", "crop"]
    (line,) = Entry.objects.filter(verb="verify.visit")
    assert "details" not in json.loads(line.payload)["finding"]
    assert phone_of("village_cadre_a").row(HERE)["base"]["crop_mu"] == 4.5


@pytest.mark.parametrize(
    ("name", "value"),
    [("home_damage", "gone"), ("home_damage", 1), ("crop_mu", -1), ("crop_mu", 1e9), ("crop_mu", "three"),
     ("water_days", True), ("work_months", 13)],
)  # fmt: skip
def test_a_detail_that_cannot_be_is_told_by_its_name_and_changes_nothing(phone_of, name, value):
    phone = phone_of("village_cadre_a")
    answer = phone.send(phone.record(HERE, **{name: value}))
    assert answer.status_code == 422
    assert str(DETAILS[name].title) in answer.json()["error"]
    assert not Visit.objects.exists()


def test_details_that_nobody_knows_do_not_fit():
    assert not fits("crop_mood", 1)
    assert {field for fields in CAUSES.values() for field in fields} >= set(DETAILS)


@pytest.mark.parametrize(("details", "said"), [({"crop_mood": 1}, "crop_mood"), ({"water_days": 999}, "断水")])
def test_the_deed_itself_takes_no_detail_that_cannot_be(storm, details, said):
    home = storm.household(0, 5)
    cases.lead(storm.event, home)
    with pytest.raises(BadInput, match=said):
        cases.visit(storm.event, home, finding=FindingReport(5000.0, details=details))
    assert not Visit.objects.exists()


def test_the_deed_itself_knows_why_nobody_was_met(storm, people):
    (made,) = cases.lead(storm.event, storm.household(0, 5))
    report = VisitReport("u", made.pk, people["anlan"].pk, clock.now(), "absent", again_on=clock.today(), why="holiday")
    with pytest.raises(BadInput, match="没有见到人的原因"):
        record_visits(visits=[report], by=people["anlan"])


@pytest.mark.clause("M2")
def test_a_form_from_before_the_details_were_asked_is_taken_in_as_it_is(phone_of, as_):
    phone = phone_of("village_cadre_a")
    old = phone.record(HERE, loss_crop=300)
    for part in (old["finding"], old["base"]):
        for name in DETAILS:
            part.pop(name)
    assert phone.send(old).status_code == 200
    assert Finding.objects.get().details == {}


def test_a_copied_text_from_before_is_read_too(phone_of, as_):
    record = phone_of("village_cadre_a").record(THERE, loss_crop=300)
    text = copied(record, fields=15, parts=11)
    assert "已登记，回执" in type_in(as_("township_officer_a"), text).content.decode()
    assert Finding.objects.get().losses_yuan == {"crop": 300.0}


@pytest.mark.parametrize(("fields", "parts"), [(14, 12), (23, 10)])
def test_a_text_that_lacks_something_else_is_refused(phone_of, as_, fields, parts):
    record = phone_of("village_cadre_a").record(THERE)
    assert "不完整" in type_in(as_("township_officer_a"), copied(record, fields, parts)).content.decode()
    assert not Submission.objects.exists()


@pytest.mark.clause("M3")
def test_two_people_who_count_differently_leave_it_to_the_township(phone_of, as_):
    first, second = phone_of("village_cadre_a"), phone_of("township_officer_a")
    first.send(first.record(HERE, crop_mu=3, home_damage="light"))
    second.send(second.record(HERE, crop_mu=8, water_days=2))
    held = Submission.objects.get(state="held")
    assert [each["field"] for each in held.conflicts] == ["crop_mu"]
    assert Finding.objects.get().details == {"crop_mu": 3.0, "home_damage": "light", "water_days": 2.0}
    page = as_("township_officer_a").get(reverse("verify:field_choice", args=[held.pk])).content.decode()
    assert "保留现有：3" in page
    seen = re.search(r'name="seen" value="([^"]+)"', page).group(1)
    as_("township_officer_a").post(
        reverse("verify:field_choice", args=[held.pk]), {"seen": seen, "take-crop_mu": "sent"}
    )
    assert Finding.objects.get().details["crop_mu"] == 8.0


# --- nobody met --------------------------------------------------------------------------------------------
@pytest.mark.clause("D2")
@pytest.mark.parametrize("why", ["", "unanswered", "road", "away"])
def test_a_phone_says_why_nobody_was_met_and_when_somebody_comes_again(phone_of, why):
    phone = phone_of("village_cadre_a")
    assert phone.send(phone.record(HERE, "absent", why=why)).status_code == 200
    visit = Visit.objects.get()
    assert (visit.why, visit.outcome, visit.again_on) == (why, "absent", clock.today() + timedelta(days=2))
    assert phone.send(phone.record(THERE, "absent", why="holiday")).status_code == 422


@pytest.mark.clause("D2")
@pytest.mark.parametrize(("outcome", "stands"), [("unharmed", "unharmed"), ("moved", "moved")])
def test_a_household_of_the_list_that_nobody_reported_is_released_from_the_phone(phone_of, outcome, stands):
    phone = phone_of("village_cadre_a")
    assert phone.row(HERE)["lead"] == ""
    phone.send(phone.record(HERE, outcome))
    lead = Lead.objects.get(household__code=HERE)
    assert (lead.state, lead.outcome) == ("closed", stands)
    assert phone_of("village_cadre_a").row(HERE)["base"]["outcome"] == stands


# --- how long photographs stay -------------------------------------------------------------------------------
@pytest.mark.clause("M2")
def test_photos_of_the_unharmed_go_when_the_county_says_and_those_of_findings_stay(
    phone_of, people, monkeypatch, pictures
):
    phone = phone_of("village_cadre_a")
    phone.send(phone.record(HERE), JPEG)
    phone.send(phone.record(THERE, "unharmed"), JPEG)
    clock.advance(timedelta(days=400))
    assert forget_photos(by=people["anlan"]) == 0  # nobody has set a retention
    own, plain = type(policy.on(clock.today())), type(policy.on(clock.today())).number
    for days, gone in ((500, 0), (365, 1), (365, 0)):
        monkeypatch.setattr(
            own, "number", lambda self, key, days=days: days if key == "photo_keep_days" else plain(self, key)
        )
        assert forget_old_photos() == gone
    assert [each.submission.household.code for each in Photo.objects.all()] == [HERE]
    assert len(list(pictures.iterdir())) == 1
    assert Entry.objects.filter(verb="verify.forget_photos").count() == 1
    with pytest.raises(NotAllowed):
        forget_photos(by=people["auditor"])


# --- a second visitor -----------------------------------------------------------------------------------------
@pytest.mark.clause("D2")
def test_a_finding_near_the_line_goes_to_somebody_who_has_not_been_there(phone_of, people, as_):
    line = policy.on(clock.today()).number("monitoring_line_yuan")
    first = phone_of("village_cadre_a")
    first.send(first.record(HERE, income_per_head_yuan=line + 1))
    match(findings=[Finding.objects.get().pk], by=people["department_clerk"])
    assert phone_of("village_cadre_a").row(HERE)["second"] is False  # who has been there is not sent again
    page = as_("village_cadre_a").get(reverse("verify:list")).content.decode()
    assert "须由另一人再核实" not in page.split("<main")[1]
    town = people["township_officer_a"]
    assert any(task.title == "须由另一人再核实" and task.number == 1 for task in waiting(town))
    other = phone_of("township_officer_a")
    assert other.row(HERE)["second"] is True
    assert next(row["code"] for row in other.pack["events"][0]["rows"] if row["base"]["outcome"]) == HERE
    listed = as_("township_officer_a").get(reverse("verify:list")).content.decode()
    assert "须由另一人再核实" in listed
    assert reverse("verify:visit", args=[other.pack["events"][0]["code"], HERE]) in listed
    other.send(other.record(HERE))
    assert [each.by.username for each in Visit.objects.order_by("id")] == ["village_cadre_a", "township_officer_a"]
    assert phone_of("township_officer_a").row(HERE)["second"] is False
    assert not any(task.title == "须由另一人再核实" and task.number for task in waiting(town))
