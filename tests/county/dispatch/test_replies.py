"""What people say back: stored once and whole, given whole, marked once."""

from datetime import timedelta

import pytest
from django.db import connection
from tests.county.dispatch.conftest import draft, queue

from anlan.county import clock
from anlan.county.dispatch import handover, replies
from anlan.county.dispatch.channels.shape import Receipt, TransportFailed
from anlan.county.dispatch.channels.wire import Reply
from anlan.county.dispatch.models import Heard
from anlan.county.dispatch.replies import keep, take, waiting
from anlan.county.ledger.models import Entry


def said(text="1", address="13800000001", **more):
    return Reply(**({"account": "mobile", "address": address, "text": text} | more))


def minutes(count):
    clock.advance(timedelta(minutes=count))


def test_what_is_said_is_stored_as_it_came_and_its_number_is_sealed(outbox):
    assert keep(replies=[said("水进屋了", reference="77")]) == 1
    row = Heard.objects.get()
    assert (row.address, row.text, row.said_at, row.received_at, row.taken_at) == (
        "13800000001", "水进屋了", clock.now(), clock.now(), None,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM dispatch_heard")
        assert b"13800000001" not in bytes(cursor.fetchone()[0])
    assert Entry.objects.get(verb="dispatch.hear").payload == '{"count":1}'
    assert keep(replies=[]) == 0


def test_what_a_carrier_names_is_stored_once_however_often_it_comes_and_its_like_is_another(outbox):
    assert keep(replies=[said(reference="77"), said(reference="77"), said(reference="78")]) == 2
    minutes(60)
    assert keep(replies=[said(reference="77"), said(reference="77", account="other")]) == 1
    assert Heard.objects.count() == 3


def test_where_a_carrier_has_no_name_for_it_the_same_words_within_minutes_are_its_repetition(outbox):
    assert keep(replies=[said(), said()]) == 1
    for _turn in range(5):
        minutes(0.9)
        assert keep(replies=[said()]) == 0
    assert keep(replies=[said("2"), said(address="13800000002"), said(account="other")]) == 3
    minutes(11)
    assert keep(replies=[said()]) == 1


@pytest.mark.parametrize(("ago", "believed"), [(2, False), (9, False), (11, True), (-30, False)])
def test_a_carriers_clock_is_believed_only_where_it_kept_something_back(outbox, ago, believed):
    at = clock.now() - timedelta(minutes=ago)
    keep(replies=[said(reference="1", at=at)])
    assert Heard.objects.get().said_at == (at if believed else clock.now())


def test_a_call_that_we_never_made_is_kept_as_nobodys(outbox):
    (message,) = queue(draft("call", kind="voice"))
    keep(replies=[said(reference="1", message=message.pk, seconds=9), said(reference="2", message=10**9)])
    assert [each.message_id for each in Heard.objects.order_by("id")] == [message.pk, None]
    assert [(each.message, each.seconds) for each in waiting()] == [(message.pk, 9), (None, None)]


def test_what_was_taken_up_is_not_given_again(outbox):
    keep(replies=[said("1"), said("2"), said("3")])
    first, second, third = sorted(waiting(), key=lambda each: each.text)
    assert take(outcomes={first: "known", second: "safe"}) == 2
    minutes(1)
    assert take(outcomes={first: "unknown"}) == 0, "the first word counts"
    assert [each.outcome for each in Heard.objects.order_by("text")] == ["known", "safe", ""]
    assert waiting() == [third]


def pieces(*places, text="知道了", thread="7", **more):
    return [said(text[place - 1], thread=thread, part=place, parts=len(text), **more) for place in places]


def test_a_text_in_pieces_is_given_when_all_are_there_in_whatever_order_they_came(outbox):
    keep(replies=pieces(3, 1))
    assert waiting() == []
    keep(replies=pieces(2, 3))
    (whole,) = waiting()
    assert (whole.text, whole.whole, len(whole.rows)) == ("知道了", True, 3)
    assert take(outcomes={whole: "known"}) == 3


def test_pieces_of_different_texts_or_people_are_kept_apart(outbox):
    keep(replies=pieces(1) + pieces(2, 3, thread="8") + pieces(2, 3, address="13800000002"))
    assert waiting() == []


def test_a_text_whose_rest_never_came_is_given_as_it_is(outbox):
    keep(replies=pieces(3, 1))
    minutes(10)
    (torn,) = waiting()
    assert (torn.text, torn.whole) == ("知了", False)


def test_pieces_that_wait_keep_nobody_waiting(outbox, monkeypatch):
    monkeypatch.setattr(replies, "CLAIM", 2)
    keep(replies=pieces(1) + pieces(1, thread="8") + pieces(1, thread="9") + [said("1")])
    assert [each.text for each in waiting()] == ["1"]


class Villagers:
    """A channel by which people answer."""

    name = "villagers"

    def __init__(self, receipts=(), replies=()):
        self.heard, self.said, self.acknowledged = list(receipts), list(replies), 0

    def send(self, messages):
        raise AssertionError

    def receipts(self):
        return self.heard

    def replies(self):
        return self.said

    def stored(self):
        self.acknowledged += 1
        self.heard, self.said = [], []


@pytest.mark.parametrize("receipts", [[], [Receipt("mobile", "1")]])
def test_the_dispatcher_stores_first_and_then_acknowledges(outbox, monkeypatch, receipts):
    channel = Villagers(receipts, [said()])
    monkeypatch.setattr(handover, "channels", lambda: {"villagers": channel})

    def refusing(**_words):
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(handover, "keep", refusing)
        with pytest.raises(RuntimeError):
            handover.collect()
    assert channel.acknowledged == 0
    assert handover.collect() == 1 + len(receipts)
    assert (channel.acknowledged, Heard.objects.count()) == (1, 1)
    assert handover.collect() == 0
    assert channel.acknowledged == 1


def test_a_channel_that_cannot_be_heard_holds_up_nobody(outbox, monkeypatch):
    class Deaf(Villagers):
        def replies(self):
            raise TransportFailed("deaf: no line")

    monkeypatch.setattr(handover, "channels", lambda: {"deaf": Deaf(), "villagers": Villagers((), [said()])})
    assert handover.collect() == 1
