"""An account whose receipts do not come goes behind the others, and comes back by a trial. On a held tick."""

import pytest
from tests.county.dispatch.channels.conftest import message

from anlan.county.dispatch.channels.carrier import Carrier
from anlan.county.dispatch.channels.contracts import Account, Contract, promptness
from anlan.county.dispatch.channels.shape import ARRIVED
from anlan.county.dispatch.channels.smpp.codec import Smpp
from anlan.county.dispatch.channels.smpp.sink import Sink
from anlan.county.dispatch.pacing import Promptness

WITHIN_S, LEAST = 120.0, 20


class Route:
    """Two accounts with a carrier each, and a tick that only a test moves."""

    def __init__(self, running, *sinks):
        self.now, self.sinks, self.next = 0.0, sinks, 0
        ports = [running.serve(sink) for sink in sinks]
        accounts = [
            Account(
                Contract(f"a{n}", ("127.0.0.1", port, False), 0, 64),
                Smpp("u", "sink"),
                Promptness(WITHIN_S, 0.5, LEAST),
            )
            for n, port in enumerate(ports, 1)
        ]
        self.carrier = Carrier(accounts, lambda: self.now)

    def send(self, count):
        """So many messages; how many each account took."""
        before = [sink.count for sink in self.sinks]
        self.next += count
        outcomes = self.carrier.send([message(self.next - n) for n in range(count)])
        assert not any(each.failure for each in outcomes)
        return [sink.count - had for sink, had in zip(self.sinks, before, strict=True)]

    def hear(self, count):
        """Wait until so many receipts are there, and store them."""
        while True:
            ARRIVED.clear()
            if len(self.carrier.receipts()) >= count:
                break
            assert ARRIVED.wait(10)
        self.carrier.stored()

    def state(self, name):
        return next(each for each in self.carrier.beat() if each.name == name)


@pytest.fixture
def route(running):
    opened = []

    def open_(*sinks):
        opened.append(Route(running, *sinks))
        return opened[-1]

    yield open_
    for each in opened:
        each.carrier.close()


@pytest.mark.clause("W2")
def test_late_receipts_send_the_next_messages_by_the_other_account(route):
    silent = Sink(stat=lambda number: "")
    two = route(silent, Sink())
    assert two.send(30) == [30, 0]
    two.now = WITHIN_S
    assert two.send(5) == [5, 0], "they are not late yet"
    two.now = WITHIN_S + 1
    assert two.send(5) == [0, 5]
    assert (two.state("a1").trouble, two.state("a1").up) == ("receipts are late", True)
    assert two.state("a2").trouble == ""


def test_it_is_tried_again_with_few_and_comes_back_when_their_receipts_come(route):
    says = [""]
    slow = Sink(stat=lambda number: says[0])
    two = route(slow, Sink())
    two.send(30)
    two.now = 130.0
    assert two.send(50) == [0, 50]
    two.now = 130.0 + 60.0  # it has rested
    assert two.send(50) == [LEAST, 30], "no more than tell how it is"
    assert two.send(50) == [0, 50], "until they have told"
    two.now += WITHIN_S + 1
    assert two.send(50) == [0, 50], "late again: it rests twice as long"
    says[0] = "DELIVRD"
    two.now += 119.0
    assert two.send(50) == [0, 50]
    two.now += 1.0
    two.hear(50 + 30 + 50 + 50 + 50)
    assert two.send(50) == [LEAST, 30]
    two.hear(50)
    assert two.send(50) == [50, 0]
    assert two.state("a1").trouble == ""


def test_a_slow_account_is_better_than_none(route):
    only = route(Sink(stat=lambda number: ""))
    only.send(30)
    only.now = 1000.0
    assert only.send(30) == [30]
    assert only.state("a1").trouble == "receipts are late"


def test_it_is_taken_where_the_other_is_not_there(route, running):
    gone = Sink()
    two = route(Sink(stat=lambda number: ""), gone)
    two.send(30)
    two.now = 130.0
    assert two.send(5) == [0, 5]
    (server,) = running.servers[1:]
    running.call(server.close)
    for session in list(gone.open):
        running.call(session.transport.abort)
    while two.carrier.accounts[1].line.up:
        pass
    assert two.send(5) == [5, 0]


def test_both_late_they_are_tried_in_their_order(route):
    two = route(Sink(stat=lambda number: ""), Sink(stat=lambda number: ""))
    two.send(30)
    two.now = 130.0
    assert two.send(30) == [0, 30]
    two.now = 260.0
    assert two.send(30) == [30, 0]


def test_the_rule_is_the_countys_policy(now):
    rule = promptness()
    assert (rule.within_s, rule.share, rule.least) == (120.0, 0.5, 20)


def test_a_throttled_account_slows_down_and_is_seen_to(running):
    from anlan.county.dispatch.channels.smpp.codec import OK, THROTTLED

    sink = Sink(status=lambda number: THROTTLED if number == 3 else OK)
    port = running.serve(sink)
    account = Account(Contract("a", ("127.0.0.1", port, False), 100, 64), Smpp("u", "sink"), promptness())
    carrier = Carrier([account])
    try:
        assert not any(each.failure for each in carrier.send([message(n) for n in range(20)]))
        (state,) = carrier.beat()
        assert (state.rate, state.allowed) == (100, 50)
    finally:
        carrier.close()
