"""What a phone takes along: its person's divisions, in order, with what the form begins with; and no more than that."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from tests.county import cases as steps

from anlan.county import clock
from anlan.county.decide.actions import reopen
from anlan.county.discover.actions import Report, release, report
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household, Person
from anlan.county.verify.field import pack as packing
from anlan.county.verify.field.words import words
from anlan.county.verify.models import Device, Finding

OWN = "360123101201"


def codes(phone):
    return [row["code"] for event in phone.pack["events"] for row in event["rows"]]


@pytest.mark.clause("D2", "M2")
@pytest.mark.parametrize(
    ("who", "places"),
    [("village_cadre_a", {OWN}), ("village_cadre_b", {"360123102201"}), ("township_officer_a", {OWN, "360123101202"})],
)
def test_no_household_outside_the_persons_divisions_is_ever_taken_along(phone_of, who, places):
    phone = phone_of(who)
    assert {code[:12] for code in codes(phone)} == places == set(phone.pack["villages"])
    others = Household.objects.exclude(division__in=places)
    text = json.dumps(phone.pack, ensure_ascii=False)
    assert others.count() == 20 - 5 * len(places)
    assert not [each.head_name for each in others if each.code in text or f'"{each.head_name}"' in text]


def test_no_number_no_health_and_no_coordinates_leave_the_house(phone_of):
    Household.objects.update(lon=115.612345, lat=28.912345)
    phone = phone_of("village_cadre_a")
    text = json.dumps(phone.pack, ensure_ascii=False)
    numbers = set(Person.objects.values_list("id_number", flat=True)) | set(
        Household.objects.values_list("phone", flat=True)
    )
    assert not [number for number in numbers - {""} if number in text]
    assert "healthy" not in text
    assert "115.6" not in text
    assert set(phone.row(OWN + "00001")) == {
        "code", "village", "name", "group", "size", "address", "rank", "lead", "green", "kinds", "expected", "key",
        "released", "again_on", "second", "objected", "base",
    }  # fmt: skip


@pytest.mark.clause("D2", "D5")
def test_urgent_ones_come_first_then_the_ranking_then_who_is_done(phone_of, storm, people):
    first, second, third, fourth, fifth = (f"{OWN}0000{serial}" for serial in range(1, 6))
    assert codes(phone_of("village_cadre_a")) == [first, second, third, fourth, fifth]
    at = clock.now()
    ids = {each.code: each.pk for each in storm.households.values()}
    told = [
        Report("a", "self", ids[fifth], at, {"kinds": ["water"]}),
        Report("b", "self", ids[third], at, {"kinds": ["crop"]}),
    ]
    report(event=storm.event, reports=told, by=people["anlan"])
    release(event=storm.event, households=[(ids[first], "moved_away")], by=people["county_director"])
    phone = phone_of("village_cadre_a")
    phone.send(phone.record(second, "unharmed"))
    phone = phone_of("village_cadre_a")
    assert codes(phone) == [fifth, third, fourth, first, second]
    assert (phone.row(fifth)["green"], phone.row(third)["kinds"], phone.row(third)["lead"]) == (True, ["crop"], "open")
    assert (phone.row(first)["released"], phone.row(second)["base"]["outcome"]) == (True, "unharmed")


@pytest.mark.clause("D2", "D6")
def test_an_objection_and_what_is_new_after_a_decision_stand_first_as_at_the_desk(phone_of, storm, as_):
    homes = [storm.household(0, serial) for serial in (5, 4)]
    (case, other) = sorted(steps.found(storm.event, *homes), key=lambda each: each.household.code, reverse=True)
    steps.move("publicity", case)
    clock.advance(timedelta(hours=1))
    steps.move("objection", case, note="村民反映有商铺")
    steps.move("not_confirmed", other, note="收入稳定")
    clock.advance(timedelta(hours=1))
    told = Report("RNEW00000001", "self", other.household_id, clock.now(), {"kinds": ["home"]})
    report(event=storm.event, reports=[told], by=machine())
    reopen(by=machine())
    steps.lead(storm.event, storm.household(0, 1), storm.household(0, 3))
    phone = phone_of("village_cadre_a")
    assert [row["objected"] for row in phone.pack["events"][0]["rows"]] == [True, True, False, False, False]
    desk = as_("village_cadre_a").get(reverse("verify:list")).context["errands"]
    listed = [each.row.lead.household.code for each in desk]
    assert len(listed) == 4
    assert [code for code in codes(phone) if code in listed] == listed
    assert phone.row(other.household.code)["green"] is False  # its lead is found: help has begun
    assert words()["objected"] in as_("village_cadre_a").get(reverse("verify:list")).text
    phone.send(phone.record(other.household.code))
    assert phone_of("village_cadre_a").row(other.household.code)["objected"] is False


def test_the_form_begins_with_what_is_known_and_expected(phone_of, storm):
    storm.run.impacts.update(crop_yuan=1234.0, house_yuan=0.0)
    row = phone_of("village_cadre_a").row(OWN + "00002")
    assert row["expected"] == {"loss_crop": 1200.0}
    assert (row["base"]["income_per_head_yuan"], row["base"]["water_safe"], row["base"]["loss_crop"]) == (
        9000.0,
        True,
        0.0,
    )
    assert row["key"]
    storm.run.impacts.all().delete()
    row = phone_of("village_cadre_a").row(OWN + "00002")
    assert (row["rank"], row["base"]["income_per_head_yuan"], row["expected"]) == (0, 10_000.0, {})


def test_a_second_look_begins_with_the_first(phone_of):
    phone = phone_of("village_cadre_a")
    phone.send(phone.record(OWN + "00003", income_per_head_yuan=4321.0, water_safe=False))
    base = phone_of("village_cadre_a").row(OWN + "00003")["base"]
    assert (base["outcome"], base["income_per_head_yuan"], base["water_safe"]) == ("harmed", 4321.0, False)
    assert Finding.objects.count() == 1


def test_where_there_are_too_many_the_most_at_risk_are_taken_along(phone_of, monkeypatch):
    monkeypatch.setattr(packing, "MOST_HOUSEHOLDS", 7)
    assert len(codes(phone_of("township_officer_a"))) == 7
    assert codes(phone_of("township_officer_a"))[0] == OWN + "00001"


def test_with_no_event_there_is_nothing_to_visit(phone_of, storm):
    storm.event.closed_at = clock.now()
    storm.event.save()
    assert phone_of("village_cadre_a").pack["events"] == []


def test_an_event_without_an_estimate_still_has_its_households(phone_of, storm, monkeypatch):
    storm.run.impacts.all().delete()
    storm.run.delete()
    assert len(codes(phone_of("village_cadre_a"))) == 5
    monkeypatch.setattr(packing, "MOST_HOUSEHOLDS", 3)
    assert codes(phone_of("village_cadre_a")) == []


def test_the_pack_is_made_in_a_constant_number_of_questions(phone_of, people, django_assert_max_num_queries):
    phone_of("village_cadre_a")
    with django_assert_max_num_queries(16):
        packing.pack(people["township_officer_a"])


# --- phones -------------------------------------------------------------------------------------------
def test_a_phone_is_known_by_its_number_and_its_person_and_has_a_key_of_its_own(phone_of, people):
    phone = phone_of("village_cadre_a")
    key = phone.pack["key"]
    clock.advance(timedelta(hours=1))
    assert phone.sign_in().json()["key"] == key
    device = Device.objects.get()
    assert (device.label, device.user, device.seen_at) == ("Phone 1", people["village_cadre_a"], clock.now())
    assert len(bytes.fromhex(key)) == 32
    assert phone_of("village_cadre_b").pack["key"] != key


def test_a_phone_without_a_number_is_told_so(as_):
    assert as_("village_cadre_a").post(reverse("verify:field_pack"), {"device": "mine"}).status_code == 422


@pytest.mark.clause("A2")
def test_the_township_revokes_a_phone_of_its_people_and_no_other(phone_of, as_):
    phone, _other = phone_of("village_cadre_a"), phone_of("village_cadre_b")
    address = reverse("verify:field_devices")
    page = as_("township_officer_a").get(address).content.decode()
    assert "village_cadre_a" in page
    assert "village_cadre_b" not in page
    foreign = Device.objects.get(user__username="village_cadre_b")
    assert as_("township_officer_a").post(reverse("verify:field_revoke", args=[foreign.pk])).status_code == 404
    mine = Device.objects.get(user__username="village_cadre_a")
    answer = as_("township_officer_a").post(reverse("verify:field_revoke", args=[mine.pk]), follow=True)
    assert "停用" in answer.content.decode()
    assert (phone.sign_in().status_code, phone.pack["code"]) == (403, "Revoked")
    assert "key" not in phone.pack
    assert Device.objects.filter(revoked_at=None).get() == foreign


def test_a_cadre_revokes_the_own_phone_once(phone_of, people):
    from anlan.county.errors import NotFound
    from anlan.county.verify.field.actions import revoke

    phone_of("village_cadre_a")
    device = Device.objects.get()
    first = revoke(device=device, by=people["village_cadre_a"])
    clock.advance(timedelta(hours=1))
    assert revoke(device=device, by=people["township_officer_a"]).revoked_at == first.revoked_at
    with pytest.raises(NotFound):
        revoke(device=device, by=people["village_cadre_b"])


# --- the page ------------------------------------------------------------------------------------------
def test_the_page_holds_nobody_and_is_kept_whole(as_, storm, client):
    page = as_("village_cadre_a").get(reverse("verify:field_page"))
    assert page.status_code == 200
    assert "csrftoken" in page.cookies
    assert "示例户" not in page.content.decode()
    worker = client.get(reverse("verify:field_worker"))
    assert worker.headers["Content-Type"].startswith("text/javascript")
    kept = json.loads(worker.content.decode().split("KEPT = ")[1].split(";")[0])
    static = [each.removeprefix("/static/") for each in kept if each.startswith("/static/")]
    assert all(finders.find(each) for each in static)
    assert [client.get(each).status_code for each in kept if not each.startswith("/static/")] == [200, 200]
    manifest = client.get(reverse("verify:field_manifest")).json()
    assert manifest["start_url"] == manifest["scope"] == reverse("verify:field_page")


def test_every_part_of_the_page_is_kept(client, db):
    parts = {path.name for path in Path(finders.find("field/worker.js")).parent.iterdir()} - {"worker.js"}
    worker = client.get(reverse("verify:field_worker")).content.decode()
    assert {name for name in parts if f"/static/field/{name}" not in worker} == set()


def test_a_part_that_is_missing_is_not_found(client, db, monkeypatch):
    from anlan.county.verify.field import views

    monkeypatch.setattr(views, "PARTS", ("field/gone.js",))
    assert client.get(reverse("verify:field_worker")).status_code == 404


def test_who_is_logged_in_without_a_household_to_see_takes_nobody_along(client, people, storm):
    from anlan.county.office.models import Appointment

    Appointment.objects.filter(user=people["village_cadre_a"]).delete()
    client.force_login(people["village_cadre_a"])
    assert client.post(reverse("verify:field_pack"), {"device": str(uuid4())}).status_code == 403
