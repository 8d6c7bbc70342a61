"""A household's own words: its shelter and way, its crop; schools; whoever else can tell a silent household."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anlan.county import clock
from anlan.county.dispatch.models import Message
from anlan.county.registry.models import Holding, Household
from anlan.county.registry.shelters.actions import SchoolRecord, ShelterRecord, Way, assign, save_school, save_shelter
from anlan.county.sense.models import Event
from anlan.county.warn import answers, climbing, queries, wording
from anlan.county.warn.actions import all_clear, approve, draft, edit, release
from anlan.county.warn.models import Target
from anlan.county.warn.models import Warning as TheWarning
from anlan.engine.audience import words

A, B, C = "360123101201", "360123101202", "360123102201"
LONG = "示例甲村第一第二村民小组联合文化活动中心大楼"


@pytest.fixture
def hall(red, people):
    """The first village goes to its school by the eastern road, its second group to a place with a long name."""
    by = people["anlan"]
    hall = save_shelter(record_of=ShelterRecord(A, "甲村小学"), by=by)
    centre = save_shelter(record_of=ShelterRecord(A, LONG, "甲村文化楼"), by=by)
    assign(
        ways=[Way(A, 0, hall.code, "村东水泥路"), Way(A, 2, centre.code, "从村口过石桥后沿水渠往北走到晒谷场再上坡")],
        by=by,
    )
    Household.objects.filter(code=f"{A}00002").update(group_no=2)
    Household.objects.filter(code=f"{A}00001").update(phone="10066660001")
    return hall


def out(event, people, only=None, change=None):
    found = {each.audience: each for each in draft(event=event, by=people["duty_officer"])}
    for name, each in found.items():
        if only is None or name in only:
            if change:
                edit(warning=each, by=people["duty_officer"], **change)
            approve(warning=each, by=people["county_director"])
            release(warning=each, by=people["duty_officer"])
    return {each.audience: each for each in TheWarning.objects.all()}


def body(code, kind="sms"):
    return Message.objects.get(key__contains=f"/{kind}/{code}").body


# --- the shelter ---------------------------------------------------------------------------------------
@pytest.mark.clause("H4", "G1", "G2", "W1")
@pytest.mark.parametrize("hazard", ["rainstorm", "flash_flood", "landslide", "debris_flow"])
def test_who_is_in_danger_is_told_the_shelter_and_the_way_and_never_too_long(red, hall, people, hazard):
    Event.objects.filter(pk=red.event.pk).update(hazard=hazard)
    red.event.refresh_from_db()
    found = out(red.event, people)
    first, second = body(f"{A}00001"), body(f"{A}00002")
    assert "甲村小学，走村东水泥路" in first
    assert "甲村文化楼" in second or LONG in second
    assert "石桥" not in second  # the way is what gives way first
    for each in Message.objects.filter(kind="sms"):
        assert words.units(each.body) <= words.SMS_UNITS
        assert words.unfit(each.body) == ()
    elsewhere = body(f"{B}00002")
    assert elsewhere == found["danger"].sms
    assert body(f"{A}00003") == found["key"].sms


@pytest.mark.clause("H3", "H4")
def test_the_loudspeaker_says_which_group_goes_where(red, hall, people):
    found = out(red.event, people, only={"danger"})
    said = body(A, "loudspeaker")
    assert said.startswith(found["danger"].voice)
    assert f"二组的到{LONG}" in said
    assert "其他组的到甲村小学，走村东水泥路" in said
    assert body(B, "loudspeaker") == found["danger"].voice


def test_the_telephone_says_more_than_the_short_message(red, hall, people):
    out(red.event, people, only={"danger"})
    clock.advance(timedelta(minutes=3))
    climbing.climb()
    called = body(f"{A}00002", "voice")
    assert "石桥" in called
    assert LONG in called
    assert "村干部报到" in called


def test_words_that_a_person_has_changed_go_to_everybody_as_they_were_approved(red, hall, people):
    out(red.event, people, only={"danger"}, change={"sms": "水库放水，请马上上山。", "voice": "水库放水。"})
    assert {each.body for each in Message.objects.filter(kind="sms")} == {"水库放水，请马上上山。"}
    assert {each.body for each in Message.objects.filter(kind="loudspeaker")} == {"水库放水。"}


def test_a_hazard_from_which_nobody_flees_names_no_shelter(red, hall, people):
    Event.objects.filter(pk=red.event.pk).update(hazard="drought")
    red.event.refresh_from_db()
    found = out(red.event, people, only={"danger"})
    assert {each.body for each in Message.objects.filter(kind="sms")} == {found["danger"].sms}


@pytest.mark.clause("H4")
def test_the_approver_sees_the_words_and_the_household_reads_its_own(red, hall, people, as_):
    drafted = {each.audience: each for each in draft(event=red.event, by=people["duty_officer"])}["danger"]
    page = as_("county_director").get(reverse("warn:warning", args=[drafted.code])).content.decode()
    assert "甲村小学，走村东水泥路" in page
    out(red.event, people, only={"danger"})
    target = Target.objects.get(household__code=f"{A}00001")
    own = as_("duty_officer").get(reverse("warn:answer", args=[answers.token(target.pk)])).content.decode()
    assert "甲村小学，走村东水泥路" in own


# --- the crop ------------------------------------------------------------------------------------------
@pytest.fixture
def drought(red):
    """A red drought over households of which the fifth of each village grows something."""
    Event.objects.filter(pk=red.event.pk).update(hazard="drought")
    red.event.refresh_from_db()
    for village, kinds in ((A, [("rice", 3000)]), (B, [("pigs", 9000), ("rice", 100)]), (C, [("equipment", 500)])):
        household = Household.objects.get(code=f"{village}00005")
        for kind, yuan in kinds:
            Holding.objects.create(household=household, kind=kind, quantity=1, value_yuan=yuan)
    return red


@pytest.mark.clause("W1", "W3")
def test_a_farmer_hears_what_the_crop_needs_and_one_without_hears_what_all_hear(drought, people):
    found = out(drought.event, people)
    assert "孕穗抽穗田先保" in body(f"{A}00005")
    assert "够重的先出栏" in body(f"{B}00005")
    assert body(f"{C}00005") == found["general"].sms
    assert body(f"{A}00003") == found["key"].sms
    assert all(words.units(each.body) <= words.SMS_UNITS for each in Message.objects.filter(kind="sms"))


def test_before_the_harvest_the_ripe_is_brought_in_and_after_it_there_is_nothing_to_say(drought, people):
    household = Household.objects.get(code=f"{A}00005")
    warning = {each.audience: each for each in draft(event=drought.event, by=people["duty_officer"])}["general"]
    said = {}
    for month in (6, 9, 12):
        with clock.held(clock.now().replace(month=month, day=20)):
            said[month] = wording.own(warning, {household.pk: A}).get(household.pk)
    assert "抢收" in said[9].sms
    assert "抢收" not in said[6].sms
    assert said[12] is None


def test_people_come_before_crops_where_lives_are_at_stake(red, people):
    household = Household.objects.get(code=f"{A}00005")
    Holding.objects.create(household=household, kind="rice", quantity=1, value_yuan=1)
    warning = {each.audience: each for each in draft(event=red.event, by=people["duty_officer"])}["general"]
    assert wording.own(warning, {household.pk: A}) == {}
    warning.level = 2
    assert "晒场的粮食收进屋" in wording.own(warning, {household.pk: A})[household.pk].sms


def test_own_words_ask_the_same_number_of_questions_however_many(drought, hall, people):
    found = {each.audience: each for each in draft(event=drought.event, by=people["duty_officer"])}
    for name in ("danger", "general"):
        every = queries.audience(drought.event, name).places()
        few = dict(list(every.items())[:1])
        with CaptureQueriesContext(connection) as short:
            wording.own(found[name], few)
        with CaptureQueriesContext(connection) as long:
            wording.own(found[name], every)
        assert len(long) == len(short)


# --- schools -------------------------------------------------------------------------------------------
@pytest.mark.clause("W2", "W3", "H3")
def test_schools_have_words_of_their_own_are_called_at_red_and_see_no_list(red, people, as_):
    by = people["anlan"]
    save_school(record_of=SchoolRecord(A, "示例小学", phone="10088880001"), by=by)
    save_school(record_of=SchoolRecord("360123102000", "示例幼儿园", "kindergarten", "10088880002"), by=by)
    save_school(record_of=SchoolRecord(B, "没有电话的教学点"), by=by)
    drafted = {each.audience: each for each in draft(event=red.event, by=people["duty_officer"])}["school"]
    assert "停课" in drafted.sms
    assert "学校、幼儿园请注意" in drafted.voice
    page = as_("county_director").get(reverse("warn:warning", args=[drafted.code])).content.decode()
    assert "<dt>学校和幼儿园</dt><dd>3</dd>" in page
    found = out(red.event, people, only={"school"})
    sent = Message.objects.filter(key__startswith=f"{found['school'].code}/")
    assert sorted(sent.values_list("kind", flat=True)) == ["sms", "sms", "voice", "voice"]
    assert {each.address for each in sent} == {"10088880001", "10088880002"}
    assert {each.body for each in sent} == {drafted.sms, drafted.voice}
    assert not Target.objects.exists()
    page = as_("duty_officer").get(reverse("warn:warning", args=[drafted.code])).content.decode()
    assert "<dt>学校和幼儿园</dt><dd>2 人</dd>" in page
    assert "叫应名单</dt>" not in page


def test_at_orange_schools_are_written_to_and_not_called(storm, people):
    save_school(record_of=SchoolRecord(A, "示例小学", phone="10088880001"), by=people["anlan"])
    out(storm.event, people, only={"school"})
    assert [each.kind for each in Message.objects.filter(key__contains=".school.")] == ["sms"]


def test_where_no_school_lies_no_warning_is_written_for_one(red, people):
    save_school(record_of=SchoolRecord("360123101000", "示例中学"), by=people["anlan"])
    red.run.impacts.filter(household__code__startswith="360123101").delete()
    assert "school" not in {each.audience for each in draft(event=red.event, by=people["duty_officer"])}


# --- the second contact --------------------------------------------------------------------------------
SECOND = "10077770003"


@pytest.fixture
def kin(red, people):
    """A household with a second contact, one that has nothing else, and one without; the storm's warnings out."""
    Household.objects.filter(code=f"{A}00003").update(phone="10077770033", second_phone=SECOND)
    Household.objects.filter(code=f"{A}00001").update(second_phone="10077770001")
    return out(red.event, people)


@pytest.mark.clause("W4", "L1", "D6")
def test_after_three_minutes_the_telephone_rings_and_the_second_contact_is_told(kin):
    assert not Message.objects.filter(key__contains="/second").exists()
    clock.advance(timedelta(minutes=3))
    climbing.climb()
    target = Target.objects.select_related("second", "call").get(household__code=f"{A}00003")
    assert (target.second.address, target.second.kind, target.second.body) == (SECOND, "sms", kin["key"].sms)
    assert target.call.kind == "voice"
    sent = Message.objects.filter(key__contains="/second")
    assert sorted((each.kind, each.address) for each in sent) == [("sms", SECOND), ("voice", SECOND)]
    clock.advance(timedelta(minutes=30))
    climbing.climb()
    assert Message.objects.filter(key__contains="/second").count() == 2


def test_who_has_no_telephone_is_told_through_the_second_contact_from_the_beginning(kin):
    target = Target.objects.select_related("message").get(household__code=f"{A}00001")
    assert target.message.address == "10077770001"


def test_whoever_answers_for_them_is_counted_as_that(kin):
    at = clock.now()
    assert answers.replied(said=[(SECOND, "1", at)]) == 0  # nobody has asked them yet
    clock.advance(timedelta(minutes=3))
    climbing.climb()
    at = clock.now()
    assert answers.replied(said=[(SECOND, "2", at), ("10077770001", "1", at)]) == 3
    mine = Target.objects.get(household__code=f"{A}00003")
    assert (mine.acknowledged_how, mine.acknowledged_at, mine.safe_at) == ("second", at, at)
    assert Target.objects.get(household__code=f"{A}00001").acknowledged_how == "second"


def test_the_all_clear_reaches_them_too(kin, people):
    clock.advance(timedelta(minutes=3))
    climbing.climb()
    Message.objects.update(handed_at=clock.now())
    drafted = all_clear(warning=kin["key"], by=people["duty_officer"])
    approve(warning=drafted, by=people["county_director"])
    release(warning=drafted, by=people["duty_officer"])
    told = [each.address for each in Message.objects.filter(key__startswith=f"{drafted.code}/", kind="sms")]
    assert told.count(SECOND) == 1
