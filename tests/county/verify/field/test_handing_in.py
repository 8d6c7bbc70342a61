"""A record from a phone: taken in once, whatever the line did to it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.county.verify.field.conftest import JPEG

from anlan.county import clock
from anlan.county.discover.models import Lead, Source
from anlan.county.ledger.models import Entry
from anlan.county.registry import pictures
from anlan.county.registry.models import Household
from anlan.county.verify.models import Finding, Photo, Submission, Visit

MINE, ALSO = "36012310120100005", "36012310120100004"
THEIRS = "36012310220100001"


def counts():
    return tuple(model.objects.count() for model in (Lead, Source, Visit, Finding, Submission, Photo, Entry))


@pytest.mark.clause("D2", "M2")
def test_an_unharmed_household_is_one_lead_one_visit_and_closed(phone_of):
    phone = phone_of("village_cadre_a")
    answer = phone.send(phone.record(MINE, "unharmed"))
    assert answer.status_code == 200
    lead = Lead.objects.get()
    assert (lead.household.code, lead.state, lead.outcome) == (MINE, "closed", "unharmed")
    assert Visit.objects.get().submission.uuid == answer.json()["uuid"]
    assert Source.objects.get().door == "cadre"


@pytest.mark.clause("D2", "P2")
def test_harm_becomes_a_finding_with_what_was_changed(phone_of):
    phone = phone_of("village_cadre_a")
    answer = phone.send(phone.record(MINE, loss_crop=4000.0, water_safe=False, kinds=["crop", "water"]))
    assert answer.json()["held"] is False
    finding = Finding.objects.get()
    assert (finding.losses_yuan, finding.water_safe, finding.income_per_head_yuan) == ({"crop": 4000.0}, False, 9000.0)
    assert Lead.objects.get().green


@pytest.mark.clause("D2")
def test_the_same_record_again_is_the_same_receipt_and_changes_nothing(phone_of):
    phone = phone_of("village_cadre_a")
    record = phone.record(MINE)
    first = phone.send(record, JPEG).json()
    before = counts()
    clock.advance(timedelta(hours=3))
    assert phone.send({**record, "sent_at": clock.now().isoformat()}, JPEG).json() == first
    assert counts() == before


def test_an_absent_household_keeps_a_date(phone_of):
    phone = phone_of("village_cadre_a")
    assert phone.send(phone.record(MINE, "absent")).status_code == 200
    assert Visit.objects.get().again_on == clock.today() + timedelta(days=2)
    again = phone_of("village_cadre_a").row(MINE)
    assert (again["lead"], again["again_on"]) == ("taken_in", (clock.today() + timedelta(days=2)).isoformat())


def test_a_date_that_passed_while_the_record_waited_is_today(phone_of):
    phone = phone_of("village_cadre_a")
    record = phone.record(MINE, "absent")
    clock.advance(timedelta(days=5))
    assert phone.send({**record, "sent_at": clock.now().isoformat()}).status_code == 200
    visit = Visit.objects.get()
    assert (visit.again_on, visit.at) == (clock.today(), clock.now() - timedelta(days=5))


@pytest.mark.clause("A1")
def test_photographs_lie_sealed_with_their_time_and_place(phone_of, as_):
    phone = phone_of("village_cadre_a")
    record = phone.record(MINE)
    record["photos"] = [{"at": record["at"], "place": {"lon": 115.6, "lat": 28.9, "accuracy": 8}}]
    answer = phone.send(record, JPEG)
    photo = Photo.objects.get()
    assert (photo.lon, photo.lat, photo.taken_at, photo.size) == (115.6, 28.9, clock.now(), len(JPEG))
    path = pictures.path(f"{answer.json()['uuid']}-1")
    assert JPEG not in path.read_bytes()
    shown = as_("village_cadre_a").get(f"/verify/field/photo/{photo.pk}/")
    assert shown.content == JPEG
    assert as_("village_cadre_b").get(f"/verify/field/photo/{photo.pk}/").status_code == 404


def test_what_is_refused_leaves_no_row_and_no_photograph(phone_of):
    phone = phone_of("village_cadre_a")
    before = counts()
    record = phone.record(MINE, loss_crop=-5.0)
    answer = phone.send(record, JPEG)
    assert answer.status_code == 422
    assert "种植业" in answer.json()["error"]
    record = phone.record(MINE, "absent", again_on="2020-01-01", at="2026-06-18T20:00:00+08:00")
    assert phone.send({**record, "note": "x" * 301}, JPEG).status_code == 422
    assert counts() == before
    assert not pictures.path(f"{record['uuid']}-1").exists()


@pytest.mark.clause("M2")
def test_a_phone_knows_and_tells_of_its_own_divisions_only(phone_of):
    phone = phone_of("village_cadre_a")
    record = {**phone.record(MINE), "household": THEIRS}
    answer = phone.send(record)
    assert (answer.status_code, answer.json()["code"]) == (404, "NotFound")
    assert not Lead.objects.exists()


def test_a_forged_number_is_told_so(phone_of):
    phone = phone_of("village_cadre_a")
    for forged in ("1", "", "00000000-0000-0000-0000-000000000000", 7):
        answer = phone.send({**phone.record(MINE), "uuid": forged})
        assert answer.status_code == 422
        assert "编号" in answer.json()["error"]


def test_a_number_that_is_another_records_is_refused_without_telling_whose(phone_of):
    one = phone_of("village_cadre_a")
    record = one.record(MINE, "unharmed")
    one.send(record)
    other = phone_of("village_cadre_b")
    answer = other.send({**other.record(THEIRS), "uuid": record["uuid"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "UuidTaken")
    assert MINE not in answer.content.decode()
    assert one.send({**one.record(ALSO), "uuid": record["uuid"]}).json()["code"] == "UuidTaken"


def test_a_number_that_a_visit_has_already_is_taken(phone_of, people, storm):
    phone = phone_of("village_cadre_a")
    record = phone.record(MINE, "unharmed")
    phone.send(record)
    Visit.objects.update(uuid=(other := str(uuid4())))
    assert phone.send({**record, "uuid": other}).json()["code"] == "UuidTaken"


def test_a_huge_photograph_and_one_that_is_none_are_told_so(phone_of):
    phone = phone_of("village_cadre_a")
    answer = phone.send(phone.record(MINE), JPEG + b"0" * 50 * 1024 * 1024)
    assert (answer.status_code, "50.0 MB" in answer.json()["error"]) == (422, True)
    assert "不是照片" in phone.send(phone.record(MINE), b"MZ a program").json()["error"]
    assert "最多 6 张" in phone.send(phone.record(MINE), *[JPEG] * 7).json()["error"]
    assert not Submission.objects.exists()


def test_a_click_on_a_household_that_is_found_already_is_told_so(phone_of):
    phone = phone_of("village_cadre_a")
    phone.send(phone.record(MINE))
    again = phone_of("village_cadre_a")
    answer = again.send(again.record(MINE, "unharmed"))
    assert (answer.status_code, answer.json()["code"]) == (409, "LeadOver")
    assert "已有核实结果" in answer.json()["error"]


@pytest.mark.parametrize("days", [-365, 365])
def test_a_phone_a_year_off_is_corrected_and_flagged(phone_of, days):
    phone = phone_of("village_cadre_a")
    shift = timedelta(days=days)
    record = phone.record(MINE, at=(clock.now() + shift).isoformat())
    clock.advance(timedelta(hours=2))
    answer = phone.send({**record, "sent_at": (clock.now() + shift).isoformat()})
    assert answer.json()["flags"] == ["clock", "no_place"]
    submission = Submission.objects.get()
    assert submission.at == submission.received_at - timedelta(hours=2)
    assert submission.phone_at == submission.at + shift


def test_a_clock_set_on_the_way_cannot_be_believed(phone_of):
    phone = phone_of("village_cadre_a")
    record = phone.record(MINE, at=(clock.now() - timedelta(days=365)).isoformat())
    assert "clock" in phone.send(record).json()["flags"]
    assert Submission.objects.get().at == clock.now()


def test_in_a_drill_no_phones_clock_is_wrong(phone_of, county):
    county.clock_at = clock.now()
    county.save()
    phone = phone_of("village_cadre_a")
    off = (clock.now() + timedelta(days=100)).isoformat()
    assert phone.send(phone.record(MINE, at=off, sent_at=off)).json()["flags"] == ["no_place"]


def test_who_stands_elsewhere_is_flagged_and_not_refused(phone_of):
    Household.objects.filter(code__in=(MINE, ALSO)).update(lon=115.61, lat=28.91)
    phone = phone_of("village_cadre_a")
    near, away = ({"lon": 115.611, "lat": lat, "accuracy": 20} for lat in (28.911, 28.95))
    assert phone.send(phone.record(MINE, place=near)).json()["flags"] == []
    assert phone.send(phone.record(ALSO, place=away)).json()["flags"] == ["far"]
    assert 4000 < Submission.objects.get(household__code=ALSO).distance_m < 5000


def test_a_house_without_a_place_is_far_from_nowhere(phone_of):
    phone = phone_of("village_cadre_a")
    assert phone.send(phone.record(MINE, place={"lon": 115, "lat": 28, "accuracy": None})).json()["flags"] == []


def test_the_record_of_another_person_on_this_phone_waits_for_that_person(phone_of, people):
    phone = phone_of("village_cadre_a")
    record = phone.record(MINE)
    phone.user = people["township_officer_a"]
    answer = phone.send(record)
    assert (answer.status_code, answer.json()["code"]) == (401, "SomebodyElse")
    assert not Submission.objects.exists()


def test_who_is_not_logged_in_hears_so_in_a_way_a_script_understands(client, db):
    for path in ("/verify/field/send/", "/verify/field/pack/"):
        answer = client.post(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "SignIn")
        assert client.get(path).status_code == 405


def test_who_visits_nobody_is_not_let_in(as_):
    answer = as_("auditor").post("/verify/field/pack/", {"device": str(uuid4())})
    assert (answer.status_code, answer.json()["code"]) == (403, "Unpermitted")


BROKEN = [
    ("outcome", "asleep"), ("outcome", 3), ("owner", "x"), ("owner", True), ("event", 5), ("at", "yesterday"),
    ("at", "2026-06-18T20:00:00"), ("at", "1066-10-14T09:00:00Z"), ("place", "here"), ("place", {"lon": "x", "lat": 1}),
    ("place", {"lon": 999, "lat": 1}), ("kinds", "crop"), ("kinds", ["moon"]), ("finding", {}), ("finding", None),
    ("base", None), ("base", {"outcome": 1}), ("photos", [1]), ("note", "x" * 301), ("household", ["x"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_a_record_that_cannot_be_read_is_refused_in_a_sentence(phone_of, name, value):
    phone = phone_of("village_cadre_a")
    answer = phone.send({**phone.record(MINE), name: value})
    assert answer.status_code == 422, answer.content
    assert answer.json()["error"].endswith("。")
    assert not Submission.objects.exists()


@pytest.mark.parametrize(("name", "value"), [("home_grade", "E"), ("home_grade", 1), ("home_safe", 1),
                                             ("income_per_head_yuan", None), ("loss_home", float("inf"))])  # fmt: skip
def test_a_finding_that_cannot_be_read_is_refused_in_a_sentence(phone_of, name, value):
    phone = phone_of("village_cadre_a")
    assert phone.send(phone.record(MINE, **{name: value})).status_code == 422


def test_what_is_no_record_at_all_is_refused(phone_of, client):
    phone_of("village_cadre_a")
    for text in ("", "[]", "{", "nothing"):
        assert client.post("/verify/field/send/", {"record": text}).status_code == 422
    phone = phone_of("village_cadre_a")
    assert phone.send({**phone.record(MINE), "photos": []}).status_code == 200
    record = phone.record(ALSO)
    record["photos"] = [3]
    assert phone.send(record, JPEG).status_code == 422
    assert phone.send(phone.record(ALSO, "absent", again_on="soon")).status_code == 422


def test_where_the_disk_fails_half_way_nothing_of_the_record_is_left(phone_of, monkeypatch):
    phone = phone_of("village_cadre_a")
    record, keep = phone.record(MINE), pictures.keep

    def fail_at_the_second(name, data):
        if name.endswith("-2"):
            raise OSError("no space left")
        keep(name, data)

    monkeypatch.setattr(pictures, "keep", fail_at_the_second)
    with pytest.raises(OSError, match="no space"):
        phone.send(record, JPEG, JPEG)
    assert not pictures.path(f"{record['uuid']}-1").exists()
    assert not Submission.objects.exists()
    monkeypatch.undo()
    assert phone.send(record, JPEG, JPEG).status_code == 200
    assert Photo.objects.count() == 2
