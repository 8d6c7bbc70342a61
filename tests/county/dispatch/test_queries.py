"""What waits, for how long, and what became of the rest."""

from datetime import timedelta

import pytest
from tests.county.dispatch.conftest import draft, queue

from anlan.county import clock
from anlan.county.dispatch import queries
from anlan.county.dispatch.actions import cancel, deliver, dispatch_batch, fail
from anlan.county.dispatch.models import Message, Route


def test_the_backlog_counts_what_waits_by_kind(outbox, now):
    queue(draft("a"), draft("b"), draft("c", kind="voice"), draft("d", kind="voice"))
    cancel(keys=["d"])
    assert queries.backlog() == {"sms": 2, "voice": 1}
    dispatch_batch(worker="w")
    assert queries.backlog() == {}


@pytest.mark.clause("H3")
def test_the_state_of_a_channel_counts_every_message_in_each_way_it_ended(outbox, now):
    arrived, bad, _silent = queue(draft("arrived"), draft("bad"), draft("silent"))
    dispatch_batch(worker="w")
    deliver(receipts=[(arrived.pk, now)])
    fail(failures=[(bad.pk, now, "空号")])
    clock.advance(timedelta(minutes=1))
    queue(draft("waiting"), draft("gone"))
    clock.advance(timedelta(minutes=1))
    queue(draft("newer"))
    cancel(keys=["gone"])
    Message.objects.filter(key="newer").update(attempts=1)
    (state,) = [state for state in queries.channel_states() if state.kind == "sms"]
    assert state == queries.ChannelState(
        kind="sms", channel="file", waiting=2, retrying=1, handed=3, delivered=1, failed=1, cancelled=1,
        oldest_at=now + timedelta(minutes=1), handed_last_at=now, delivered_last_at=now, recent=0,
    )  # fmt: skip


@pytest.mark.clause("H3")
def test_a_channel_is_silent_where_messages_wait_and_nothing_leaves_any_more(outbox, now):
    def sms():
        return next(state for state in queries.channel_states() if state.kind == "sms")

    two = timedelta(minutes=2)
    assert not sms().silent(now, two)  # nothing waits
    queue(draft("a"))
    assert not sms().silent(clock.now(), two)
    clock.advance(two)
    assert sms().silent(clock.now(), two)
    dispatch_batch(worker="w")
    assert sms().recent == 1
    clock.advance(timedelta(minutes=1))
    assert sms().recent == 0
    queue(draft("b"))
    Message.objects.filter(key="b").update(created_at=now)
    assert not sms().silent(clock.now(), two)  # one left a minute ago
    clock.advance(timedelta(minutes=1))
    assert sms().silent(clock.now(), two)


def test_every_route_has_a_line_and_so_has_a_kind_without_one(outbox):
    Route.objects.filter(kind="email").delete()
    queue(draft("m", kind="email"))
    states = {state.kind: state for state in queries.channel_states()}
    assert set(states) == {"sms", "voice", "loudspeaker", "list", "email"}
    assert (states["email"].channel, states["email"].waiting) == ("", 1)
    assert (states["voice"].channel, states["voice"].waiting, states["voice"].oldest_at) == ("file", 0, None)


def test_asking_for_the_state_is_two_queries_however_many_messages(outbox, django_assert_num_queries):
    queue(*(draft(f"m{number}") for number in range(30)))
    with django_assert_num_queries(2):
        queries.channel_states()


def test_messages_are_found_by_their_keys(outbox):
    queue(draft("a"), draft("b"))
    assert [message.key for message in queries.by_keys(["b", "z"])] == ["b"]
