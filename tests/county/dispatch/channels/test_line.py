"""The line by itself, with a protocol of a few words and a carrier that is only a list of bytes."""

import asyncio
import json

import pytest

from anlan.county.dispatch.channels import line as lines
from anlan.county.dispatch.channels.carrier import parcel_of
from anlan.county.dispatch.channels.line import LOST, POSTPONED, Line
from anlan.county.dispatch.channels.wire import TAKEN, Parcel, ProtocolError, Said, Verdict
from anlan.county.dispatch.pacing import Pace


def framed(*words):
    body = json.dumps(words).encode().ljust(8)
    return (4 + len(body)).to_bytes(4, "big") + body


class Words:
    """A protocol: every frame is a list of words in JSON."""

    name = "words"

    def hello(self, sequence):
        return framed("hello", sequence)

    def submit(self, sequence, parcel, place):
        if not parcel.address.isdigit():
            raise ValueError("no number")
        return framed("submit", sequence, parcel.number, place)

    def probe(self, sequence):
        return framed("probe", sequence)

    def goodbye(self, sequence):
        return framed("goodbye", sequence)

    def read(self, frame):
        try:
            kind, sequence, status, reference = json.loads(frame[4:])
        except ValueError as error:
            raise ProtocolError("nonsense") from error
        return Said(kind, sequence, status, reference)

    def answer(self, said):
        return framed("answer", said.kind, said.sequence) if said.kind in ("report", "probe", "goodbye") else b""

    def verdict(self, status):
        return {0: TAKEN, 8: Verdict("slow", throttled=True)}.get(status, Verdict(f"no {status}", status > 99))


class Wire:
    """The other end: it keeps what is written."""

    def __init__(self):
        self.said, self.closed = [], False

    def write(self, data):
        while data:
            length = int.from_bytes(data[:4], "big")
            self.said.append(json.loads(data[4:length]))
            data = data[length:]

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True


class Talk:
    """A logged-in line and its wire; `take` answers what was submitted."""

    def __init__(self, window=10, rate=0):
        self.heard = []
        self.line = Line(Words(), Pace(rate, 0.5), window, lambda reports, _line: self.heard.extend(reports))
        self.wire = Wire()
        self.line.connection_made(self.wire)
        self.say("welcome", 1)
        self.wire.said.clear()

    def say(self, kind, sequence, status=0, reference=""):
        self.line.data_received(framed(kind, sequence, status, reference))

    def submitted(self):
        """Sequences, messages and places since the last look."""
        found = [words[1:] for words in self.wire.said if words[0] == "submit"]
        self.wire.said.clear()
        return found

    def send(self, *parcels, for_s=60.0):
        until = asyncio.get_running_loop().time() + for_s
        return asyncio.ensure_future(self.line.send(parcels, until))


def parcel(number, pieces=1, **changes):
    return Parcel(number, **({"address": "138", "pieces": (b"x",) * pieces} | changes))


async def turn():
    for _each in range(5):
        await asyncio.sleep(0)


def run(scenario):
    asyncio.run(scenario())


def test_no_more_are_in_flight_than_the_window_whatever_comes_back_first():
    async def scenario():
        talk = Talk(window=2)
        work = talk.send(parcel(1, 2), parcel(2))
        await turn()
        (first, *_a), (second, *_b) = talk.submitted()
        talk.say("accepted", second, reference="b")
        await turn()
        ((third, number, _place),) = talk.submitted()
        assert number == 2
        talk.say("accepted", first, reference="a")
        talk.say("accepted", third, reference="c")
        results = await work
        assert {each: result.references for each, result in results.items()} == {1: ["a", "b"], 2: ["c"]}

    run(scenario)


def test_what_is_throttled_goes_before_what_was_not_begun():
    async def scenario():
        talk = Talk(window=1)
        work = talk.send(parcel(1), parcel(2))
        await turn()
        for status, expected in ((8, 1), (0, 1), (0, 2)):
            ((sequence, number, _place),) = talk.submitted()
            assert number == expected
            talk.say("accepted", sequence, status, "r")
            await turn()
        assert not any(result.failure for result in (await work).values())

    run(scenario)


def test_a_refused_segment_ends_its_message_and_no_other():
    async def scenario():
        talk = Talk(window=1)
        work = talk.send(parcel(1, 3), parcel(2))
        await turn()
        ((sequence, *_rest),) = talk.submitted()
        talk.say("accepted", sequence, 100)
        await turn()
        ((sequence, number, _place),) = talk.submitted()
        assert number == 2, "the other segments of the first are not worth their price"
        talk.say("accepted", sequence, reference="r")
        results = await work
        assert (results[1].failure, results[1].permanent, results[2].failure) == ("no 100", True, "")

    run(scenario)


@pytest.mark.parametrize("how", ["lost", "goodbye", "nonsense"])
def test_a_line_that_ends_leaves_what_was_begun_in_doubt_and_the_rest_untouched(how):
    async def scenario():
        talk = Talk(window=1)
        work = talk.send(parcel(1), parcel(2))
        await turn()
        if how == "lost":
            talk.line.connection_lost(None)
        elif how == "goodbye":
            talk.say("goodbye", 9)
        else:
            talk.line.data_received(b"\xff" * 8)
        results = await work
        assert (results[1].failure, results[2].failure) == (LOST, POSTPONED)
        assert not talk.line.up
        if how == "goodbye":
            assert ["answer", "goodbye", 9] in talk.wire.said

    run(scenario)


def test_what_is_in_time_is_finished_and_what_is_not_begun_is_postponed():
    async def scenario():
        talk = Talk(window=1)
        work = talk.send(parcel(1, 2), parcel(2), for_s=0.0)
        await turn()
        results = await work
        assert {result.failure for result in results.values()} == {POSTPONED}
        work = talk.send(parcel(3, 2), parcel(4), for_s=0.02)
        await turn()
        ((sequence, *_rest),) = talk.submitted()
        talk.line.until = 0.0  # its time is over now
        talk.say("accepted", sequence, reference="a")
        await turn()
        ((sequence, number, place),) = talk.submitted()
        assert (number, place) == (3, 1), "half a message would be worth nothing"
        talk.say("accepted", sequence, reference="b")
        results = await work
        assert (results[3].references, results[4].failure) == (["a", "b"], POSTPONED)

    run(scenario)


def test_reports_are_heard_together_and_answered_when_they_are_stored():
    async def scenario():
        talk = Talk()
        talk.line.data_received(framed("report", 5, 0, "a") + framed("probe", 6, 0, "") + framed("report", 7, 0, "b"))
        assert [said.reference for said in talk.heard] == ["a", "b"]
        assert talk.wire.said == [["answer", "probe", 6]]
        talk.line.stored(talk.heard)
        assert talk.wire.said[1:] == [["answer", "report", 5], ["answer", "report", 7]]

    run(scenario)


def test_reports_before_the_nonsense_are_not_lost():
    async def scenario():
        talk = Talk()
        talk.line.data_received(framed("report", 5, 0, "a") + framed("what", "is", "this"))
        assert [said.reference for said in talk.heard] == ["a"]
        assert talk.wire.closed
        talk.line.stored(talk.heard)  # on a line that is gone: the carrier will say it again
        assert ["answer", "report", 5] not in talk.wire.said

    run(scenario)


def test_an_answer_to_nothing_we_asked_is_passed_over():
    async def scenario():
        talk = Talk()
        talk.say("accepted", 12345, reference="?")
        work = talk.send(parcel(1))
        await turn()
        ((sequence, *_rest),) = talk.submitted()
        talk.say("accepted", sequence, reference="r")
        assert (await work)[1].references == ["r"]

    run(scenario)


def test_an_address_that_cannot_be_said_takes_no_place_in_the_window():
    async def scenario():
        talk = Talk(window=1)
        work = talk.send(parcel(1, address="x"), parcel(2))
        await turn()
        ((sequence, number, _place),) = talk.submitted()
        assert number == 2
        talk.say("accepted", sequence, reference="r")
        assert (await work)[1].failure == "words: not an address"

    run(scenario)


def test_a_silent_carrier_is_left_after_its_time(monkeypatch):
    monkeypatch.setattr(lines, "ANSWER_S", 0.01)

    async def scenario():
        talk = Talk()
        results = await talk.send(parcel(1))
        assert results[1].failure == LOST
        assert talk.wire.closed

    run(scenario)


def test_sequences_begin_again_before_they_grow_too_long():
    async def scenario():
        talk = Talk()
        talk.line.sequence = 0x7FFFFFFF
        assert (talk.line._next(), talk.line._next()) == (1, 2)

    run(scenario)


def test_a_message_says_how_long_it_is_worth_anything(now):
    from datetime import timedelta

    from tests.county.dispatch.channels.conftest import message

    assert parcel_of(message(not_after=None)).seconds == 0
    assert parcel_of(message(not_after=now + timedelta(minutes=5))).seconds == 300
    assert parcel_of(message(not_after=now - timedelta(minutes=5))).seconds == 1
    assert [parcel_of(message(priority=priority)).urgent for priority in (0, 1, 5)] == [True, False, False]
