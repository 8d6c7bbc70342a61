"""Hand-overs and receipts in any order, repeated and of strangers, against a plain model of what must come of it."""

import threading
from contextlib import suppress

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.county.dispatch.conftest import draft

from anlan.county import clock
from anlan.county.dispatch import receipts as storing
from anlan.county.dispatch.actions import enqueue, load_reference, receive
from anlan.county.dispatch.channels.shape import Outcome, Receipt
from anlan.county.dispatch.models import Message, Segment

MESSAGES, PARTS = 4, 3
RECEIPTS = st.tuples(
    st.just("receipt"), st.sampled_from(["a", "b"]), st.integers(0, MESSAGES), st.integers(0, PARTS - 1),
    st.sampled_from(["", "", "EXPIRED"]),
)  # fmt: skip
HAND_OVERS = st.tuples(st.just("handed"), st.integers(0, MESSAGES - 1))
# Receipts by themselves, or a hand-over while some are in hand already.
STEPS = st.lists(
    st.lists(RECEIPTS, min_size=1, max_size=4)
    | st.tuples(HAND_OVERS, st.lists(RECEIPTS, max_size=4)).map(lambda each: [each[0], *each[1]]),
    max_size=14,
)


class Plain:
    """What must come of it, one segment at a time."""

    def __init__(self, parts):
        self.parts, self.said, self.handed = parts, {}, set()

    def receipt(self, name, failure):
        self.said.setdefault(name, failure)

    def state(self, number):
        """Delivered, failed, or neither."""
        names = [("a", f"{number}.{part}") for part in range(self.parts[number])]
        if number not in self.handed or not all(name in self.said for name in names):
            return None
        return "failed" if any(self.said[name] for name in names) else "delivered"


def hand_over(numbers, number, parts, heard=()):
    """As the dispatcher records it. Returns the receipts that are stored by it."""
    references = tuple(f"{number}.{part}" for part in range(parts))
    outcome = Outcome(numbers[number], account="a", references=references)
    with transaction.atomic():
        return storing.carried([outcome], heard, clock.now())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.integers(1, PARTS), min_size=MESSAGES, max_size=MESSAGES), steps=STEPS)
@example(parts=[1, 1, 1, 1], steps=[[("handed", 1), ("receipt", "a", 1, 0, "EXPIRED"), ("receipt", "a", 1, 0, "")]])
def test_any_order_comes_to_what_the_plain_model_says(db, now, parts, steps):
    with transaction.atomic():
        load_reference()
        keys = enqueue(drafts=[draft(f"m{number}") for number in range(MESSAGES)])
        numbers, plain = [keys[f"m{number}"] for number in range(MESSAGES)], Plain(parts)
        for step in steps:
            given = []
            for what, *words in step:
                if what == "handed":
                    plain.handed.add(words[0])
                else:
                    account, number, part, failure = words
                    plain.receipt((account, f"{number}.{part}"), failure)
                    given.append(Receipt(account, f"{number}.{part}", failure))
            told = set()
            if step[0][0] == "handed":
                told = hand_over(numbers, step[0][1], parts[step[0][1]], given)
            receive(receipts=[each for each in given if each not in told])
        for number, key in enumerate(numbers):
            message = Message.objects.get(pk=key)
            state = "delivered" if message.delivered_at else "failed" if message.failed_at else None
            assert state == plain.state(number), (number, parts, steps)
        kept = {(each.account, each.reference): each for each in Segment.objects.all()}
        assert {name for name, each in kept.items() if each.reported_at} == set(plain.said)
        assert all(kept[name].failure == failure for name, failure in plain.said.items())
        strangers = {name for name in plain.said if name[0] == "b" or int(name[1][0]) not in plain.handed}
        assert strangers <= {name for name, each in kept.items() if each.message_id is None}
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_hear_of_one_segment_each_settle_the_message_between_them(now, spool):
    if connection.vendor != "postgresql":
        pytest.skip("one writer at a time: SQLite's own lock keeps them apart")
    count = 40
    keys = enqueue(drafts=[draft(f"m{number}") for number in range(count)])
    numbers = [keys[f"m{number}"] for number in range(count)]
    for number in range(count):
        hand_over(numbers, number, 2)
    at_once = threading.Barrier(2)

    def hear(part):
        try:
            for number in range(count):
                with suppress(threading.BrokenBarrierError):
                    at_once.wait(10)
                receive(receipts=[Receipt("a", f"{number}.{part}")])
        finally:
            connection.close()

    threads = [threading.Thread(target=hear, args=(part,)) for part in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Message.objects.filter(delivered_at__isnull=False).count() == count
