"""What people said back becomes answers: theirs, once, to the warnings that were out; the rest stays to be seen."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.county import clock
from anlan.county.dispatch.channels.wire import Reply
from anlan.county.dispatch.models import Heard, Message
from anlan.county.dispatch.replies import keep
from anlan.county.ledger.models import Entry
from anlan.county.warn import answers, jobs
from anlan.county.warn.actions import approve, cancel, draft, release
from anlan.county.warn.models import Target

pytestmark = pytest.mark.clause("W4")


def send_out(storm, people):
    for each in draft(event=storm.event, by=people["duty_officer"]):
        release(warning=approve(warning=each, by=people["county_director"]), by=people["duty_officer"])


@pytest.fixture
def out(storm, people):
    """A red warning to everyone, released; every household has a number of its own."""
    storm.event.level = 4
    storm.event.save()
    for number, household in enumerate(storm.households.values()):
        if household.phone:
            household.phone = f"139{number:08d}"
            household.save()
    send_out(storm, people)
    return storm


@pytest.fixture
def targets(out):
    """The households that got a message."""
    return list(Target.objects.filter(message__isnull=False).select_related("household").order_by("id"))


def write(target, text, **more):
    return Reply(target.household.phone, text, "mobile", **more)


def take_up(*said):
    """Store, take up; the outcomes in the order of the rows, and the targets as they are now."""
    keep(replies=said)
    answers.take_up()
    return list(Heard.objects.order_by("id").values_list("outcome", flat=True))


def now_is(target):
    return Target.objects.get(pk=target.pk)


def test_words_become_answers_and_every_row_says_what_it_was_taken_for(targets, out):
    first, second, third, fourth, *_ = targets
    keep(replies=[write(first, "收 到！"), write(second, "我们安全了"), write(third, "水进屋了，救命")])
    keep(replies=[Reply("13999999999", "1", "mobile"), write(fourth, "")])
    assert answers.take_up() == 5
    assert dict(Heard.objects.values_list("address", "outcome")) == {
        first.household.phone: "known", second.household.phone: "safe", third.household.phone: "unknown",
        fourth.household.phone: "unknown", "13999999999": "stranger",
    }  # fmt: skip
    assert (now_is(first).acknowledged_how, now_is(first).safe_at) == ("reply", None)
    assert (now_is(second).acknowledged_at, now_is(second).safe_at) == (clock.now(), clock.now())
    assert now_is(third).acknowledged_at is None
    line = json.loads(Entry.objects.get(verb="warn.take_up").payload)
    assert line == {"how": "reply", "known": 1, "safe": 1, "unknown": 2, "stranger": 1}
    assert answers.take_up() == 0
    assert Entry.objects.filter(verb="warn.take_up").count() == 1


def test_nobodys_number_or_words_are_in_the_ledger(targets):
    take_up(write(targets[0], "水进屋了"), write(targets[1], "1"))
    told = " ".join(Entry.objects.values_list("payload", flat=True))
    assert "水进屋了" not in told
    assert targets[1].household.phone not in told


def test_whoever_answered_is_not_turned_to_in_the_same_round(targets, out):
    keep(replies=[write(each, "1") for each in targets])
    clock.advance(timedelta(minutes=3))
    for job in jobs.JOBS:
        job()
    assert Target.objects.filter(rung=1).count() == Target.objects.filter(message__isnull=True).count()


def test_the_same_message_twice_is_one_answer_and_the_first_counts(targets):
    first = targets[0]
    keep(replies=[write(first, "1", reference="a")])
    answers.take_up()
    at = clock.now()
    clock.advance(timedelta(minutes=2))
    assert take_up(write(first, "1", reference="a"), write(first, "收到", reference="b")) == ["known", "known"]
    assert now_is(first).acknowledged_at == at
    assert take_up(write(first, "2", reference="c"))[-1] == "safe"
    assert now_is(first).safe_at == clock.now()


def test_of_several_words_taken_up_together_the_first_of_each_kind_counts(targets):
    first, begun = targets[0], clock.now()
    keep(replies=[write(first, "2", reference="a")])
    clock.advance(timedelta(minutes=2))
    take_up(write(first, "安全", reference="b"))
    assert (now_is(first).acknowledged_at, now_is(first).safe_at) == (begun, begun)


def test_an_answer_before_our_own_record_of_the_hand_over_counts(targets):
    Message.objects.update(handed_at=None)
    assert take_up(write(targets[0], "1")) == ["known"]
    assert now_is(targets[0]).acknowledged_at == clock.now()


def test_a_number_that_several_households_gave_stays_unknown(targets):
    first, second, *_ = targets
    second.household.phone = first.household.phone
    second.household.save()
    assert take_up(write(first, "1")) == ["stranger"]
    assert not Target.objects.filter(acknowledged_at__isnull=False).exists()


def test_a_household_whose_warning_is_over_or_was_taken_back_is_not_taken_to_have_answered_it(targets, people):
    first, second, *_ = targets
    at = clock.now()
    clock.advance(timedelta(minutes=20))
    cancel(warning=first.warning, reason="误报", by=people["duty_officer"])
    assert take_up(write(first, "1")) == ["closed"]
    assert now_is(first).acknowledged_at is None
    late = write(second, "1", reference="kept back", at=at)
    assert take_up(late)[-1] == ("known"), "the carrier kept back what was said while it held"
    assert now_is(second).acknowledged_at == at
    clock.advance(timedelta(days=3))
    assert take_up(write(targets[-1], "1"))[-1] == "closed"
    assert take_up(write(targets[-2], "喂"))[-1] == "unknown"


def test_what_was_said_before_a_warning_went_out_does_not_answer_it(targets):
    assert take_up(write(targets[0], "1", at=clock.now() - timedelta(minutes=30))) == ["closed"]
    assert now_is(targets[0]).acknowledged_at is None


def test_a_text_in_pieces_is_one_answer(targets):
    first = targets[0]
    take_up(write(first, "知道", thread="7", part=2, parts=2), write(first, "收到，", thread="7", part=1, parts=2))
    assert now_is(first).acknowledged_at == clock.now()
    assert set(Heard.objects.values_list("outcome", flat=True)) == {"known"}


def test_half_a_text_is_no_answer_even_where_that_half_would_be(targets):
    keep(replies=[write(targets[0], "收到", thread="7", part=1, parts=2)])
    assert answers.take_up() == 0
    clock.advance(timedelta(minutes=10))
    assert answers.take_up() == 1
    assert Heard.objects.get().outcome == "unknown"
    assert now_is(targets[0]).acknowledged_at is None


# --- calls ------------------------------------------------------------------------------------------------
@pytest.fixture
def calls(targets):
    """The targets whose telephone rang."""
    clock.advance(timedelta(minutes=3))
    jobs.climb()
    return list(Target.objects.filter(call__isnull=False).order_by("id"))


def call(target, key="", seconds=None):
    return Reply("", key, "voice", f"c{target.call_id}", message=target.call_id, seconds=seconds)


@pytest.mark.parametrize(
    ("key", "seconds", "outcome", "heard", "known", "safe"),
    [("", 7, "unknown", False, False, False), ("", 8, "heard", True, False, False),
     ("1", 5, "known", False, True, False), ("2", 12, "safe", True, True, True),
     ("9", 30, "heard", True, False, False), ("1", None, "known", False, True, False)],
)  # fmt: skip
def test_a_call_says_by_its_length_and_its_key_what_became_of_it(calls, key, seconds, outcome, heard, known, safe):
    assert take_up(call(calls[0], key, seconds)) == [outcome]
    now = now_is(calls[0])
    assert (now.heard_at is not None, now.acknowledged_at is not None, now.safe_at is not None) == (heard, known, safe)
    assert now.acknowledged_how == ("key" if known else "")


def test_a_call_is_one_households_alone_even_where_two_share_a_number(calls):
    take_up(call(calls[0], "1", 10))
    assert Target.objects.filter(acknowledged_at__isnull=False).count() == 1


def test_a_call_to_a_cadre_or_of_nobodys_answers_for_no_household(calls, people):
    cadre = Message.objects.filter(kind="sms").first()
    strange = Reply("", "1", "voice", "x", message=cadre.pk, seconds=20)
    assert take_up(strange, Reply("", "1", "voice", "y", message=10**9, seconds=20)) == ["stranger", "stranger"]
    assert not Target.objects.filter(acknowledged_at__isnull=False).exists()
    assert not Target.objects.filter(heard_at__isnull=False).exists()


def test_a_call_about_a_warning_that_was_taken_back_is_closed(calls, people):
    cancel(warning=calls[0].warning, reason="误报", by=people["duty_officer"])
    assert take_up(call(calls[0], "1", 20)) == ["closed"]
    assert now_is(calls[0]).acknowledged_at is None


def test_taking_up_asks_as_often_for_many_as_for_few(targets):
    def asked(*said):
        keep(replies=said)
        with CaptureQueriesContext(connection) as queries:
            assert answers.take_up() == len(said)
        return len(queries)

    by_village = {}
    for each in (target for target in targets if target.warning_id == targets[0].warning_id):
        by_village.setdefault(each.household.division_id, []).append(each)
    firsts, *_others = zip(*by_village.values(), strict=True)
    half = len(firsts) // 2
    few = asked(*(write(each, "2", reference=f"a{each.pk}") for each in firsts[:half]))
    many = asked(*(write(each, "2", reference=f"{n}.{each.pk}") for each in firsts[half:] for n in range(20)))
    assert half > 1
    assert many == few
