"""Up the ladder, off it, and what households answer."""

from datetime import timedelta

import pytest
from tests.county.storm import VILLAGES

from anlan.county import clock
from anlan.county.dispatch.actions import deliver
from anlan.county.dispatch.again import again
from anlan.county.dispatch.models import Message
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import give_duty
from anlan.county.warn import answers, climbing, jobs
from anlan.county.warn.actions import acknowledge, approve, cancel, draft, release
from anlan.county.warn.models import Errand, Target


@pytest.fixture
def out(storm, people):
    """A red warning to everyone, released; the first village's cadre has a telephone."""
    storm.event.level = 4
    storm.event.save()
    people["village_cadre_a"].phone = "10000000009"
    people["village_cadre_a"].save()
    for each in draft(event=storm.event, by=people["duty_officer"]):
        release(warning=approve(warning=each, by=people["county_director"]), by=people["duty_officer"])
    return storm


def after(minutes: float) -> int:
    clock.advance(timedelta(minutes=minutes))
    return jobs.climb()


@pytest.mark.clause("W4", "L1", "H4")
def test_each_rung_has_its_turn_and_no_rung_twice(out):
    households = Target.objects.count()
    assert after(2.9) == 0
    assert after(0.1) == households
    assert Message.objects.filter(kind="voice", priority__lte=2).exclude(key__contains=".cadre.").count() == 16
    assert jobs.climb() == 0
    assert after(2) == after(5) == after(5) == after(10) == households
    assert after(1000) == 0
    rungs = {(each.rung, each.division_id) for each in Errand.objects.all()}
    assert {place for rung, place in rungs if rung in (2, 3)} == set(VILLAGES)
    assert {place for rung, place in rungs if rung == 4} == {"360123101000", "360123102000"}
    assert {place for rung, place in rungs if rung == 5} == {"360123000000"}
    assert Entry.objects.filter(verb="warn.climb").count() == 5 * 3


def test_whoever_holds_the_place_is_named_and_where_nobody_does_that_stays_to_be_seen(out, people):
    village = people["village_cadre_b"].current()[0].division
    give_duty(duty="warn_call", division=village.pk, user=people["village_cadre_b"], since=clock.today())
    for minutes in (3, 2, 5, 5):
        after(minutes)
    by_place = {(each.rung, each.division_id): each.holder for each in Errand.objects.select_related("holder")}
    assert by_place[2, VILLAGES[0]] == people["village_cadre_a"]
    assert by_place[2, VILLAGES[3]] is None
    assert by_place[3, village.pk] == people["village_cadre_b"]
    assert by_place[4, "360123101000"] == people["township_officer_a"]
    told = Message.objects.filter(key__contains="/sms.2.")
    assert {each.address for each in told} == {"10000000009"}
    assert all("户没有叫应" in each.body and "示例户" not in each.body for each in told)


@pytest.mark.clause("W4")
def test_an_answer_at_any_time_ends_a_households_ladder_and_a_loudspeaker_answers_for_nobody(out, people):
    first, second = Target.objects.order_by("id")[:2]
    acknowledge(acks=[(first.pk, clock.now())], how="cadre", by=people["anlan"], place="村口小店")
    assert Target.objects.get(pk=first.pk).acknowledged_place == "村口小店"
    households = Target.objects.count()
    speakers = Message.objects.filter(kind="loudspeaker").values_list("id", flat=True)
    deliver(receipts=[(key, clock.now()) for key in speakers])
    assert Target.objects.filter(acknowledged_at__isnull=False).count() == 1
    assert after(3) == households - 1
    acknowledge(acks=[(second.pk, clock.now())], how="key", by=people["anlan"])
    assert after(2) == households - 2


def test_a_cancelled_or_ended_warning_climbs_no_further(out, people):
    assert after(3)
    for each in {target.warning for target in Target.objects.select_related("warning")}:
        assert Target.objects.filter(warning=each, next_at__isnull=False).exists()
        cancel(warning=each, reason="误报", by=people["duty_officer"])
    assert after(2) == 0
    assert not Target.objects.filter(next_at__isnull=False).exists()


def test_the_timers_of_an_expired_warning_are_taken_away(out):
    clock.advance(timedelta(hours=24))
    assert jobs.expire_overdue()
    assert not Target.objects.filter(next_at__isnull=False).exists()
    assert jobs.climb() == 0


def test_timers_that_come_due_together_are_taken_in_parts(out, monkeypatch):
    monkeypatch.setattr(climbing, "CLAIM", 3)
    households = Target.objects.count()
    assert after(3) == households
    assert after(2) == households
    assert sum(each.households for each in Errand.objects.filter(rung=2)) == households


def test_a_late_turn_never_puts_the_next_rung_in_the_past(out):
    after(40)
    assert set(Target.objects.values_list("next_at", flat=True)) == {clock.now() + timedelta(seconds=1)}


def test_yellow_has_no_ladder(storm, people):
    storm.event.level = 2
    storm.event.save()
    (first, *_rest) = draft(event=storm.event, by=people["duty_officer"])
    release(warning=approve(warning=first, by=people["county_director"]), by=people["duty_officer"])
    assert not Target.objects.filter(next_at__isnull=False).exists()


@pytest.mark.clause("L1")
def test_at_red_cadres_are_called_and_not_only_written_to(out):
    called = Message.objects.filter(kind="voice", key__contains=".cadre.")
    assert {each.address for each in called} == {"10000000009"}


def test_the_same_people_are_written_to_another_way_once_and_without_opening_their_addresses(out):
    old = Message.objects.filter(kind="sms", key__contains=".key.").first()
    (new,) = again(numbers=[old.pk], kind="voice", body="话").values()
    assert again(numbers=[old.pk], kind="voice", body="话") == {old.pk: new}
    made = Message.objects.get(pk=new)
    assert (made.address, made.kind, made.body, made.exercise, made.priority) == (
        old.address, "voice", "话", old.exercise, old.priority,
    )  # fmt: skip
    assert (made.handed_at, made.attempts, made.created_at) == (None, 0, clock.now())


def with_phones_of_their_own():
    """Targets with a telephone; the first four have a number that nobody else has."""
    found = list(Target.objects.filter(message__isnull=False).select_related("household").order_by("id"))
    for number, target in enumerate(found[:4]):
        target.household.phone = f"1005555000{number}"
        target.household.save()
    return found


# --- what households answer ----------------------------------------------------------------------------
@pytest.mark.clause("W4")
def test_a_reply_of_one_says_they_know_and_of_two_that_they_are_safe(out):
    first, second, third, *_rest, shared = with_phones_of_their_own()
    at = clock.now()
    said = [
        (first.household.phone, " １ ", at), (second.household.phone, "2", at), (third.household.phone, "水来了", at),
        ("10099999999", "1", at), ("", "1", at), (shared.household.phone, "1", at),
    ]  # fmt: skip
    assert answers.replied(said=said) == 3
    assert answers.replied(said=said) == 0
    first, second, third = (Target.objects.get(pk=each.pk) for each in (first, second, third))
    assert (first.acknowledged_how, first.safe_at) == ("reply", None)
    assert (second.acknowledged_at, second.safe_at) == (at, at)
    assert third.acknowledged_at is None
    assert (
        Target.objects.get(pk=shared.pk).acknowledged_at is None
    )  # two households have that number: whose answer is it?


def test_silence_is_nobodys_answer(out):
    assert answers.replied(said=[]) == 0
    lines = Entry.objects.count()
    assert answers.replied(said=[("10000000000", "1", clock.now())], how="key") == 0
    assert Entry.objects.count() == lines


def test_a_page_belongs_to_one_household_says_nothing_of_it_and_closes(out):
    target = Target.objects.select_related("household").order_by("id").first()
    token = answers.token(target.pk)
    assert target.household.code not in token
    assert answers.behind(token) == target
    assert answers.behind(token[:-1] + "!") is None
    assert answers.behind("nothing") is None
    assert answers.say(target=target, safe=False) is True
    assert answers.say(target=target, safe=False) is False
    assert answers.say(target=target, safe=True) is True
    clock.advance(timedelta(days=9))
    assert answers.behind(token) is None


def test_a_call_somebody_listened_to_is_heard_and_nothing_more(out):
    target = Target.objects.order_by("id").first()
    assert answers.settle(heard=[(target.pk, clock.now())]) == 1
    assert answers.settle(heard=[(target.pk, clock.now())]) == 0
    target.refresh_from_db()
    assert target.heard_at
    assert target.acknowledged_at is None
