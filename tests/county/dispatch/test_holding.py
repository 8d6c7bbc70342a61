"""One dispatcher at a time on an account, whatever the clock does; and how each account fares."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.county.dispatch.conftest import Trying, draft, queue

from anlan.county import clock
from anlan.county.dispatch import handover, holding, queries
from anlan.county.dispatch.actions import dispatch_batch
from anlan.county.dispatch.channels.shape import Contracted, Health, TransportFailed
from anlan.county.dispatch.holding import APART, BEAT, LEASE
from anlan.county.dispatch.models import Account, Message, Route
from anlan.county.dispatch.queries import ChannelState, account_states
from anlan.county.dispatch.rules import SKEW

DAY = timedelta(days=1)


class Several(Trying):
    """A channel with accounts, as one dispatcher has it."""

    def __init__(self, *names, **changes):
        super().__init__(**changes)
        self.known, self.used, self.states = list(names), set(), []

    def names(self):
        return self.known

    def use(self, names):
        self.used = set(names)

    def beat(self):
        return [state for state in self.states if state.name in self.used]


def known_by(monkeypatch, channel):
    """This channel, and no other, for whoever turns to the channels next."""
    for module in (handover, holding):
        monkeypatch.setattr(module, "channels", lambda: {"trying": channel})


@pytest.fixture
def two(db, now, spool, monkeypatch):
    """The same accounts in two dispatchers; `turn` is a turn of one of them."""
    monkeypatch.setattr(handover, "routes", lambda: {"sms": "trying"})
    first, second = Several("a", "b"), Several("a", "b")

    def turn(worker, channel):
        known_by(monkeypatch, channel)
        return dispatch_batch(worker=worker)

    return first, second, turn


def test_what_a_test_channel_promises_is_what_a_contracted_one_must_have():
    assert isinstance(Several("a"), Contracted)
    assert not isinstance(Trying(), Contracted)


@pytest.mark.clause("W2")
def test_the_second_dispatcher_takes_nothing_for_accounts_that_are_the_firsts(two):
    first, second, turn = two
    turn("one", first)
    queue(draft("m"))
    assert turn("two", second) == 0
    assert (first.used, second.used) == ({"a", "b"}, set())
    assert turn("one", first) == 1
    assert (first.sent, second.sent) == (["m"], [])


def test_when_the_first_is_gone_the_second_follows_after_its_lease_and_the_carriers_second(two):
    first, second, turn = two
    turn("one", first)
    clock.advance(LEASE + APART - timedelta(milliseconds=1))
    queue(draft("m"))
    assert turn("two", second) == 0
    clock.advance(timedelta(milliseconds=1))
    assert turn("two", second) == 1
    assert turn("one", first) == 0
    assert first.used == set(), "it finds out at its next turn"


@pytest.mark.parametrize("behind", [timedelta(milliseconds=1), timedelta(seconds=30)])
def test_a_dispatcher_whose_clock_is_a_little_behind_takes_nobodys_lease(two, behind):
    first, second, turn = two
    queue(draft("m"))
    Message.objects.update(claimed_by="one", claimed_until=clock.now() + timedelta(minutes=2))
    turn("one", first)
    clock.advance(-behind)
    assert turn("two", second) == 0
    assert (first.used, second.used) == ({"a", "b"}, set())
    known = queries.claimable(clock.now())
    assert not known.exists()


def test_who_leaves_lets_the_next_one_follow_at_once(two, monkeypatch):
    first, second, turn = two
    turn("one", first)
    known_by(monkeypatch, first)
    holding.release("one")
    assert first.used == set()
    clock.advance(APART)
    turn("two", second)
    assert second.used == {"a", "b"}


def test_a_lease_is_kept_as_long_as_its_dispatcher_turns(two):
    first, second, turn = two
    for _each in range(20):
        turn("one", first)
        turn("two", second)
        assert (first.used, second.used) == ({"a", "b"}, set())
        clock.advance(LEASE / 3)


def test_an_account_that_is_lost_before_its_batch_goes_lets_the_batch_wait(two, now):
    first, second, turn = two
    turn("one", first)
    queue(draft("m1"), draft("m2"))
    first.batch = 1

    def stolen():
        Account.objects.update(held_by="two", held_until=clock.now() + LEASE)

    first.before = stolen
    turn("one", first)
    assert first.sent == ["m1"]
    waits = Message.objects.get(key="m2")
    assert (waits.claimed_by, waits.attempts, waits.handed_at) == ("", 0, None)
    assert turn("two", second) == 1


def test_other_kinds_go_though_the_account_is_anothers(two, monkeypatch):
    first, second, turn = two
    turn("one", first)
    plain = Trying(name="plain")
    for module in (handover, holding):
        monkeypatch.setattr(module, "channels", lambda: {"trying": second, "plain": plain})
    monkeypatch.setattr(handover, "routes", lambda: {"sms": "trying", "email": "plain"})
    queue(draft("sms", priority=0), draft("mail", kind="email"))
    assert dispatch_batch(worker="two") == 1
    assert plain.sent == ["mail"]


def test_a_file_of_accounts_that_cannot_be_read_is_told_with_the_messages(two):
    first, _second, turn = two

    def broken():
        raise TransportFailed("channels.toml is not TOML")

    first.names = first.before = broken
    queue(draft("m"))
    assert turn("one", first) == 1
    assert Message.objects.get().failure == "channels.toml is not TOML"


STEPS = st.lists(
    st.tuples(st.sampled_from(["one", "two"]), st.sampled_from([0, 1, 3, 9, 16, 40, -3, -100]), st.booleans()),
    max_size=30,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_two_never_hold_one_account_while_the_clock_runs_and_somebody_holds_it_soon(db, now, steps):
    """Whoever may send by its last turn is the one the database names; a step back of the clock confuses no longer
    than a turn."""
    with transaction.atomic():
        channels = {"one": Several("a"), "two": Several("a")}
        asked_at = {}
        for worker, seconds, alive in steps:
            clock.advance(timedelta(seconds=seconds))
            if seconds < 0:
                asked_at = {}  # who was sure before the clock was set back must ask again
            if alive:
                holding.hold(worker, channels[worker])
                asked_at[worker] = clock.now()
            sure = [
                name
                for name, at in asked_at.items()
                if channels[name].used and timedelta() <= clock.now() - at < LEASE / 2
            ]
            assert len(sure) <= 1
        holding.hold("one", channels["one"])  # a large step back is seen now
        clock.advance(LEASE + SKEW + APART)  # a small one is not seen to be one, and is waited for
        assert holding.hold("one", channels["one"])
        transaction.set_rollback(True)


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_clock_set_by_a_day_stops_nobody(two, jump):
    first, second, turn = two
    queue(draft("before"))
    turn("one", first)
    clock.advance(jump)
    queue(draft("after"))
    assert turn("one", first) == 1
    assert (first.used, second.used) == ({"a", "b"}, set())
    clock.advance(LEASE + APART)
    queue(draft("later"))
    assert turn("two", second) == 1, "nor is a dead one waited for a day"


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_claims_and_pauses_survive_a_clock_set_by_a_day(two, jump):
    first, _second, turn = two
    first.answer = lambda message: "busy"
    queue(draft("paused"))
    turn("one", first)
    queue(draft("dead"))
    Message.objects.filter(key="dead").update(claimed_by="dead", claimed_until=clock.now() + timedelta(minutes=2))
    clock.advance(jump)
    first.answer, first.sent = (lambda message: ""), []
    turn("one", first)
    assert sorted(first.sent) == ["dead", "paused"]


# --- how each fares -------------------------------------------------------------------------------


def states(silent=timedelta(minutes=2)):
    return {each.name: each for each in account_states([], silent)}


def beat(monkeypatch, channel):
    known_by(monkeypatch, channel)
    return holding.beat("one")


@pytest.mark.clause("H3")
def test_each_account_is_looked_after_though_nothing_is_sent(two, now, monkeypatch):
    first, _second, turn = two
    turn("one", first)
    first.states = [Health("a", True, 1.0, 60.0, "", 300, 150, 7), Health("b", False, None, None, "smpp: OSError")]
    assert beat(monkeypatch, first) == 2
    a, b = states()["a"], states()["b"]
    assert (a.state, a.held_by, a.rate, a.allowed, a.recent) == ("limited", "one", 300, 150, 7)
    assert (a.seen_at, a.handed_at) == (now - timedelta(seconds=1), now - timedelta(seconds=60))
    assert (b.state, b.trouble, b.seen_at) == ("down", "smpp: OSError", None)
    assert beat(monkeypatch, first) == 0, "not again before its time"
    clock.advance(BEAT)
    first.states = [Health("a", True, 0.0), Health("b", True, 0.0, None, "receipts are late")]
    turn("one", first)
    assert beat(monkeypatch, first) == 2
    assert (states()["a"].state, states()["b"].state) == ("up", "limited")
    assert states()["a"].handed_at == now - timedelta(seconds=60), "what is not known now is not forgotten"


@pytest.mark.clause("H3")
def test_an_account_that_says_nothing_is_down_and_one_without_a_dispatcher_is_unattended(two, now, monkeypatch):
    first, _second, turn = two
    turn("one", first)
    first.states = [Health("a", True, 119.0), Health("b", True, 120.5)]
    beat(monkeypatch, first)
    assert (states()["a"].state, states()["b"].state) == ("up", "down")
    clock.advance(timedelta(minutes=2, seconds=1))
    assert {each.state for each in states().values()} == {"unattended"}


def test_a_dispatcher_tells_nothing_of_accounts_that_are_anothers(two, monkeypatch):
    first, second, turn = two
    turn("one", first)
    second.states, second.used = [Health("a", False)], {"a"}
    known_by(monkeypatch, second)
    assert holding.beat("two") == 0
    assert states()["a"].state == "unattended"


def test_a_channel_that_cannot_be_asked_is_logged_and_the_others_are_asked(two, monkeypatch, caplog):
    first, _second, turn = two
    turn("one", first)

    def broken():
        raise TransportFailed("channels.toml is not TOML")

    first.beat = broken
    assert beat(monkeypatch, first) == 0
    assert "channels.toml is not TOML" in caplog.text


def test_what_waits_for_a_channel_is_shown_with_its_accounts(db, now):
    Account.objects.create(channel="smpp", name="a")
    Account.objects.create(channel="mqtt", name="b")
    nothing = dict.fromkeys(("retrying", "handed", "delivered", "failed", "cancelled"), 0) | {"oldest_at": None}
    waits = [ChannelState(kind=kind, channel="smpp", waiting=2, **nothing) for kind in ("sms", "voice")]
    assert {each.name: each.waiting for each in account_states(waits, DAY)} == {"a": 4, "b": 0}


@pytest.mark.clause("H3")
def test_accounts_are_seen_by_command_and_on_the_duty_desk(as_, outbox, now, capsys):
    Route.objects.update_or_create(kind="sms", defaults={"channel": "smpp"})
    Account.objects.create(
        channel="smpp", name="mobile", held_by="host-1", checked_at=now, up=False, trouble="smpp: OSError", rate=300
    )
    call_command("dispatch_status", "--json")
    rows = {row["kind"]: row for row in json.loads(capsys.readouterr().out)}
    (account,) = rows["sms"]["accounts"]
    assert (account["name"], account["state"], account["waiting"]) == ("mobile", "down", 0)
    assert rows["voice"]["accounts"] == []
    call_command("dispatch_status")
    assert "smpp\tmobile\tdown\tsmpp: OSError" in capsys.readouterr().out
    page = as_("duty_officer").get(reverse("warn:channels")).content.decode()
    assert "smpp · mobile" in page
    assert "smpp: OSError" in page
    assert 'badge--bad">不通' in page


def test_the_states_of_all_accounts_are_one_query(db, now, django_assert_num_queries):
    for number in range(5):
        Account.objects.create(channel="smpp", name=f"a{number}")
    with django_assert_num_queries(1):
        assert len(queries.account_states([], DAY)) == 5
