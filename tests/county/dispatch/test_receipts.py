"""Receipts by carriers' names: late, early, twice, of nobody; and what a message's segments make of it."""

from datetime import timedelta

import pytest
from django.db import transaction
from tests.county.dispatch.conftest import Trying, draft, queue

from anlan.county import clock
from anlan.county.dispatch import handover
from anlan.county.dispatch.actions import dispatch_batch, receive
from anlan.county.dispatch.channels.shape import Outcome, Receipt, TransportFailed
from anlan.county.dispatch.handover import collect, run_once
from anlan.county.dispatch.models import Message, Segment
from anlan.county.dispatch.receipts import carried, forget
from anlan.county.ledger.models import Entry


class Naming(Trying):
    """A channel whose carrier names two segments of each message, and says what a test has it say."""

    def __init__(self):
        super().__init__(name="trying")
        self.mail, self.answered, self.names = [], [], 2

    def send(self, messages):
        self.before()
        return [
            Outcome(each.pk, account="a", references=tuple(f"{each.key}.{n}" for n in range(self.names)))
            for each in messages
        ]

    def receipts(self):
        self.before()
        return self.mail

    def stored(self):
        self.answered += self.mail
        self.mail = []


@pytest.fixture
def naming(trying, monkeypatch):
    """It stands where the channel for sms stands."""
    channel = Naming()
    monkeypatch.setattr(handover, "channels", lambda: {"trying": channel})
    return channel


def state(key):
    message = Message.objects.get(key=key)
    return message.handed_at is not None, message.delivered_at, message.failure


@pytest.mark.clause("W4")
def test_a_message_arrived_when_all_of_its_segments_did(naming, now):
    queue(draft("m"))
    dispatch_batch(worker="w")
    clock.advance(timedelta(seconds=5))
    assert receive(receipts=[Receipt("a", "m.0")]) == 1
    assert state("m") == (True, None, "")
    clock.advance(timedelta(seconds=5))
    assert receive(receipts=[Receipt("a", "m.1")]) == 1
    assert state("m") == (True, now + timedelta(seconds=10), "")


def test_one_lost_segment_is_a_lost_message_once_all_are_reported(naming, now):
    queue(draft("m"))
    dispatch_batch(worker="w")
    receive(receipts=[Receipt("a", "m.0", "smpp: EXPIRED")])
    assert Message.objects.get().failed_at is None
    receive(receipts=[Receipt("a", "m.1")])
    assert (Message.objects.get().failed_at, state("m")) == (now, (True, None, "smpp: EXPIRED"))


def test_receipts_that_overtake_our_own_record_are_kept_until_it_comes(naming, now):
    queue(draft("m"))
    naming.before = lambda: receive(receipts=[Receipt("a", "m.1"), Receipt("a", "m.0")])
    dispatch_batch(worker="w")
    assert state("m") == (True, now, "")
    assert Segment.objects.filter(message__key="m").count() == 2


def test_the_first_receipt_of_a_segment_counts(naming):
    naming.names = 1
    queue(draft("m"))
    dispatch_batch(worker="w")
    assert receive(receipts=[Receipt("a", "m.0", "smpp: UNDELIV"), Receipt("a", "m.0")]) == 1
    assert receive(receipts=[Receipt("a", "m.0"), Receipt("a", "m.0")]) == 0
    assert state("m")[1:] == (None, "smpp: UNDELIV")


def test_a_receipt_of_nobody_is_kept_and_touches_nobody(naming, now):
    queue(draft("m"))
    dispatch_batch(worker="w")
    assert receive(receipts=[Receipt("other", "m.0"), Receipt("other", "m.1"), Receipt("a", "stranger")]) == 3
    assert state("m") == (True, None, "")
    strangers = Segment.objects.filter(message=None).order_by("account", "reference")
    assert [str(each) for each in strangers] == ["a stranger", "other m.0", "other m.1"]
    assert {each.reported_at for each in strangers} == {now}


def test_no_receipt_is_no_deed(db):
    assert receive(receipts=[]) == 0


def test_a_long_reason_is_kept_as_far_as_it_fits(naming):
    naming.names = 1
    queue(draft("m"))
    dispatch_batch(worker="w")
    receive(receipts=[Receipt("a", "m.0", "x" * 500)])
    assert state("m")[2] == "x" * 120


def test_a_carrier_hears_that_we_have_a_receipt_only_when_we_have_it(naming, monkeypatch):
    naming.mail = [Receipt("a", "x")]

    def broken(receipts):
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(handover, "receive", broken)
        with pytest.raises(RuntimeError, match="full"):
            collect()
    assert naming.answered == []
    assert collect() == 1
    assert (naming.answered, Segment.objects.count()) == ([Receipt("a", "x")], 1)
    assert collect() == 0


def test_a_turn_of_handing_over_stores_what_comes_meanwhile(naming):
    queue(draft("m"))
    naming.mail = [Receipt("a", "m.0"), Receipt("a", "m.1")]
    assert run_once("w") == 1
    assert state("m")[1]


def test_a_channel_that_cannot_hear_does_not_keep_the_others_from_it(naming, caplog):
    def deaf():
        raise TransportFailed("smpp: account 1 lacks “host”")

    naming.before = deaf
    assert collect() == 0
    assert "account 1 lacks" in caplog.text


def test_what_there_was_no_room_for_waits_as_if_never_tried(trying, now):
    trying.send = lambda messages: [Outcome(each.pk, "postponed", postponed=True) for each in messages]
    queue(draft("m"))
    assert dispatch_batch(worker="w") == 1
    message = Message.objects.get()
    assert (message.attempts, message.claimed_by, message.claimed_until, message.failure) == (0, "", None, "")
    assert dispatch_batch(worker="w") == 1, "it may be taken again at once"


def test_a_turn_ends_after_its_time_so_that_other_rooms_get_theirs(trying, monkeypatch):
    monkeypatch.setattr(handover, "TURN_S", 0.0)
    queue(draft("a"), draft("b"))
    assert run_once("w", limit=1) == 1


def hand_over(message, *names):
    with transaction.atomic():
        carried([Outcome(message.pk, account="a", references=names)], [], clock.now())


def test_single_receipts_are_forgotten_when_their_time_is_over_and_what_became_of_messages_is_not(outbox, now):
    old, quiet = queue(draft("old"), draft("quiet"))
    hand_over(old, "o1", "o2")
    hand_over(quiet, "q1")
    receive(receipts=[Receipt("a", "o1"), Receipt("a", "o2"), Receipt("a", "nobody's")])
    clock.advance(timedelta(days=90))
    assert forget() == 0, "not on the last day"
    (new,) = queue(draft("new"))
    hand_over(new, "n1")
    clock.advance(timedelta(seconds=1))
    assert forget() == 4
    assert [each.reference for each in Segment.objects.all()] == ["n1"]
    old.refresh_from_db()
    assert old.delivered_at == now
    assert Entry.objects.filter(verb="dispatch.forget").count() == 1
    assert forget() == 0
