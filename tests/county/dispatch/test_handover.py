"""Claim, send, record: what is sent, when it is tried again, when never."""

import itertools
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from tests.county.dispatch.conftest import Trying, draft, queue, spooled

from anlan.county import clock
from anlan.county.dispatch import handover, holding, queries
from anlan.county.dispatch.actions import abandon, cancel, dispatch_batch, enqueue
from anlan.county.dispatch.channels.shape import Health, Outcome, Receipt, TransportFailed
from anlan.county.dispatch.models import Message, Route
from anlan.county.dispatch.rules import RETRY_AFTER, retry_after
from anlan.county.ledger.models import Entry

METHODS = {"send", "names", "use", "beat", "receipts", "early", "stored"}


def raising(error):
    def before():
        raise error

    return before


@pytest.mark.clause("W2")
def test_the_urgent_go_first_whenever_they_were_queued(trying):
    queue(draft("slow 1", priority=5), draft("slow 2", priority=5), draft("red", priority=0), draft("soon", priority=1))
    assert dispatch_batch(worker="w", limit=2) == 2
    assert dispatch_batch(worker="w", limit=9) == 2
    assert trying.sent == ["red", "soon", "slow 1", "slow 2"]
    assert dispatch_batch(worker="w") == 0


def test_what_was_handed_over_says_when_and_is_not_sent_again(trying, now):
    (message,) = queue(draft())
    dispatch_batch(worker="w")
    dispatch_batch(worker="other")
    message.refresh_from_db()
    assert (message.handed_at, message.attempts, message.claimed_by, message.claimed_until) == (now, 1, "", None)
    assert trying.sent == [message.key]


def test_pauses_between_tries_grow_and_the_last_failure_is_final(trying, now):
    trying.answer = lambda message: "busy"
    (message,) = queue(draft())
    pauses = []
    for _attempt in range(20):
        taken_at = clock.now()
        assert dispatch_batch(worker="w") == 1
        message.refresh_from_db()
        if message.failed_at:
            break
        assert dispatch_batch(worker="w") == 0, "not before the pause is over"
        pauses.append(message.claimed_until - taken_at)
        clock.advance(pauses[-1])
    assert tuple(pauses) == RETRY_AFTER
    assert all(longer > shorter for shorter, longer in itertools.pairwise(pauses))
    assert (message.failure, message.attempts) == ("busy", len(RETRY_AFTER) + 1)
    clock.advance(timedelta(days=2))
    assert dispatch_batch(worker="w") == 0


def test_there_is_no_pause_after_the_last_try():
    assert retry_after(len(RETRY_AFTER)) == RETRY_AFTER[-1]
    assert retry_after(len(RETRY_AFTER) + 1) is None


def test_a_success_after_a_failure_leaves_no_failure_behind(trying):
    trying.answer = lambda message: "busy"
    (message,) = queue(draft())
    dispatch_batch(worker="w")
    trying.answer = lambda message: ""
    clock.advance(RETRY_AFTER[0])
    dispatch_batch(worker="w")
    message.refresh_from_db()
    assert message.handed_at == clock.now()
    assert (message.failure, message.failed_at) == ("", None)


def test_a_permanent_failure_is_not_tried_again(trying, now):
    trying.answer, trying.permanent = (lambda message: "空号" if message.key == "bad" else ""), True
    good, bad = queue(draft("good"), draft("bad"))
    dispatch_batch(worker="w")
    clock.advance(timedelta(days=1))
    assert dispatch_batch(worker="w") == 0
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.failed_at, bad.failed_at, bad.failure) == (None, now, "空号")


@pytest.mark.parametrize("permanent", [True, False])
def test_a_channel_that_is_down_fails_its_whole_batch_alike(trying, permanent):
    trying.before = raising(TransportFailed("down", permanent=permanent))
    queue(draft("a"), draft("b"))
    dispatch_batch(worker="w")
    assert Message.objects.filter(failure="down", failed_at__isnull=not permanent).count() == 2


def test_a_defect_in_a_channel_does_not_hold_up_the_others_and_logs_no_text(trying, caplog, monkeypatch):
    monkeypatch.setattr("anlan.county.dispatch.handover.routes", lambda: {"sms": "trying", "list": "file"})
    trying.before = raising(KeyError("张三 13800000001"))
    queue(draft("sms"), draft("list", kind="list"))
    assert dispatch_batch(worker="w") == 2
    assert dict(Message.objects.values_list("key", "failure")) == {"sms": "trying: KeyError", "list": ""}
    assert Message.objects.get(key="list").handed_at
    assert "KeyError" in caplog.text
    assert "张三" not in caplog.text


def test_nothing_goes_after_its_time(trying, now):
    early, late = queue(draft("early", not_after=now + timedelta(minutes=5)), draft("late", not_after=now))
    assert dispatch_batch(worker="w") == 2
    late.refresh_from_db()
    assert trying.sent == ["early"]
    assert (late.failed_at, late.failure, late.handed_at) == (now, "expired", None)
    assert Entry.objects.filter(verb="dispatch.expire").count() == 1
    assert early.key in trying.sent


def test_a_retry_whose_time_is_over_is_not_made(trying, now):
    trying.answer = lambda message: "busy"
    (message,) = queue(draft(not_after=now + timedelta(seconds=10)))
    dispatch_batch(worker="w")
    clock.advance(RETRY_AFTER[0])
    dispatch_batch(worker="w")
    message.refresh_from_db()
    assert trying.sent == [message.key]
    assert message.failure == "expired"


def test_what_expires_while_the_batch_is_under_way_stays_here(trying, now):
    trying.batch, trying.before = 1, lambda: clock.advance(timedelta(minutes=1))
    queue(draft("first"), draft("second", not_after=now + timedelta(seconds=30)))
    dispatch_batch(worker="w")
    assert trying.sent == ["first"]


def test_nothing_cancelled_goes_not_even_from_a_claimed_batch(trying):
    queue(draft("first"), draft("second"), draft("third"))
    cancel(keys=["third"])
    trying.batch, trying.before = 1, lambda: cancel(keys=["second"])
    dispatch_batch(worker="w")
    assert trying.sent == ["first"]
    assert Message.objects.get(key="second").handed_at is None


def test_a_dispatcher_whose_lease_ran_out_sends_no_more_of_its_batch(trying):
    queue(draft("first"), draft("second"))
    trying.batch, trying.before = 1, lambda: clock.advance(timedelta(minutes=3))
    dispatch_batch(worker="slow")
    trying.before = lambda: None
    dispatch_batch(worker="quick")
    assert trying.sent == ["first", "second"]


def test_a_claimed_batch_is_left_alone_until_its_lease_runs_out(trying):
    def killed():
        raise SystemExit

    trying.before = killed
    queue(draft())
    with pytest.raises(SystemExit):
        dispatch_batch(worker="killed")
    trying.before = lambda: None
    assert dispatch_batch(worker="next") == 0
    clock.advance(timedelta(minutes=2))
    assert dispatch_batch(worker="next") == 1
    assert trying.sent == ["warning:W1/1"]


def test_the_leases_of_a_dispatcher_known_to_be_dead_can_be_given_up(trying, now):
    queue(draft("dead"), draft("alive"), draft("handed"))
    until = now + timedelta(minutes=2)
    Message.objects.filter(key="dead").update(claimed_by="dead", claimed_until=until)
    Message.objects.filter(key="alive").update(claimed_by="alive", claimed_until=until)
    Message.objects.filter(key="handed").update(claimed_by="dead", claimed_until=until, handed_at=now)
    assert abandon(worker="dead") == 1
    assert dispatch_batch(worker="next") == 1
    assert trying.sent == ["dead"]


def test_an_outcome_that_comes_too_late_takes_no_lease_from_another(trying, now):
    """The slow dispatcher's failure must not end the lease that a second one holds by now."""
    trying.answer = lambda message: "busy"

    def overtaken():
        Message.objects.update(claimed_by="quick", claimed_until=now + timedelta(minutes=5))

    trying.before = overtaken
    (message,) = queue(draft())
    dispatch_batch(worker="slow")
    message.refresh_from_db()
    assert (message.claimed_by, message.failure) == ("quick", "")


def test_exercises_never_use_a_channel_that_reaches_people(trying, spool):
    queue(draft("real"), draft("exercise", exercise=True))
    dispatch_batch(worker="w")
    assert trying.sent == ["real"]
    assert [(line["key"], line["exercise"]) for line in spooled(spool)] == [("exercise", True)]


def test_a_kind_without_a_route_or_with_a_lost_channel_waits_and_says_so(outbox):
    Route.objects.update_or_create(kind="sms", defaults={"channel": "pigeon"})
    queue(draft("lost"), draft("unrouted", kind="tam-tam"))
    assert dispatch_batch(worker="w") == 2
    assert dict(Message.objects.values_list("key", "failure")) == {"lost": "no_channel", "unrouted": "no_route"}
    assert queries.backlog() == {"sms": 1, "tam-tam": 1}
    Route.objects.update_or_create(kind="tam-tam", defaults={"channel": "file"})
    clock.advance(RETRY_AFTER[0])
    dispatch_batch(worker="w")
    assert Message.objects.get(key="unrouted").handed_at


@pytest.mark.django_db(transaction=True)
def test_handing_over_inside_a_transaction_is_refused(now):
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        dispatch_batch(worker="w")


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_channel_sends(now, monkeypatch, spool):
    open_blocks = []
    channel = Trying(before=lambda: open_blocks.append(transaction.get_connection().in_atomic_block))
    monkeypatch.setattr("anlan.county.dispatch.handover.channels", lambda: {"trying": channel})
    monkeypatch.setattr("anlan.county.dispatch.handover.routes", lambda: {"sms": "trying"})
    queue(draft())
    dispatch_batch(worker="w")
    assert open_blocks == [False]


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_anything_outside_is_asked(now, monkeypatch, spool):
    """Whatever a channel is asked for may take as long as a carrier likes; others must be able to write meanwhile."""
    asked = []

    class Outside(Trying):
        def __getattribute__(self, name):
            if name in METHODS:
                asked.append((name, transaction.get_connection().in_atomic_block))
            return super().__getattribute__(name)

        def send(self, messages):
            return [Outcome(each.pk, account="a", references=(f"{each.pk}",)) for each in messages]

        def names(self):
            return ["a"]

        def use(self, names):
            pass

        def beat(self):
            return [Health("a", True, 0.0)]

        def receipts(self):
            return [Receipt("a", f"{key}") for key in Message.objects.values_list("pk", flat=True)]

        early = receipts

        def stored(self):
            pass

    channel = Outside(name="trying")
    for module in (handover, holding):
        monkeypatch.setattr(module, "channels", lambda: {"trying": channel})
    monkeypatch.setattr(handover, "routes", lambda: {"sms": "trying"})
    queue(draft("a"), draft("b"))
    asked.clear()
    handover.run_once("w")
    holding.beat("w")
    holding.release("w")
    assert {name for name, _open in asked} >= METHODS
    assert not any(inside for _name, inside in asked)
    assert Message.objects.filter(delivered_at__isnull=False).count() == 2


@pytest.mark.django_db(transaction=True)
def test_several_dispatchers_never_take_the_same_message(now, monkeypatch, spool):
    if connection.vendor != "postgresql":
        pytest.skip("one writer at a time: SQLite's own lock keeps dispatchers apart")
    channel = Trying(batch=20)
    monkeypatch.setattr("anlan.county.dispatch.handover.channels", lambda: {"trying": channel})
    monkeypatch.setattr("anlan.county.dispatch.handover.routes", lambda: {"sms": "trying"})
    enqueue(drafts=[draft(f"m{number}") for number in range(1000)])

    def work(worker):
        try:
            while dispatch_batch(worker=worker, limit=20):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(channel.sent) == len(set(channel.sent)) == 1000
