"""Whatever goes wrong on a wire, with every protocol: nothing is lost, and only what was under way is repeated."""

import itertools
import threading
from collections import Counter

import pytest
from tests.county.dispatch.channels import cmpp_sink
from tests.county.dispatch.channels.proxy import Proxy, as_it_comes, by_length, by_packet, cut, gathered, half, once
from tests.county.dispatch.channels.test_mqtt import Device, broker  # noqa: F401 (a fixture)
from tests.county.dispatch.conftest import draft

from anlan.county import clock
from anlan.county.dispatch import handover, holding
from anlan.county.dispatch.actions import enqueue
from anlan.county.dispatch.channels.cmpp import codec as cmpp
from anlan.county.dispatch.channels.cmpp.transport import Channel as CmppChannel
from anlan.county.dispatch.channels.mqtt.transport import Channel as MqttChannel
from anlan.county.dispatch.channels.posting import coded, decoded
from anlan.county.dispatch.channels.shape import ARRIVED
from anlan.county.dispatch.channels.smpp import codec as smpp
from anlan.county.dispatch.channels.smpp.sink import Sink as SmppSink
from anlan.county.dispatch.channels.smpp.transport import Channel as SmppChannel
from anlan.county.dispatch.channels.tencent.sink import Sink as TencentSink
from anlan.county.dispatch.channels.tencent.transport import Channel as TencentChannel
from anlan.county.dispatch.models import Message, Segment
from anlan.county.dispatch.rules import RETRY_AFTER

COUNT, WINDOW, BATCH = 120, 10, 40
ANSWER = 0x80000000


def command(frame):
    return int.from_bytes(frame[4:8], "big")


def taken(frame):
    return command(frame) == 0x04 | ANSWER  # the same number in both protocols


def delivered(frame):
    return command(frame) == 0x05


class Owing:
    """As carriers do: receipts that were not acknowledged are given again to whoever logs in next."""

    def __init__(self, sink, at):
        self.sink, self.at, self.owed, self.open = sink, at, {}, sink.open
        self.start, sink.answer = sink.start, self.answer
        self.honest = type(sink).answer

    def answer(self, given):
        said = self.honest(self.sink, given)
        for frame in by_length(bytearray(said)):
            if delivered(frame):
                self.owed[frame[self.at : self.at + 4]] = frame
        if command(given) == 0x05 | ANSWER:
            self.owed.pop(given[self.at : self.at + 4], None)
        if command(given) in (smpp.BIND, cmpp.CONNECT):
            said += b"".join(self.owed.values())
        return said


def overtaking():
    """A receipt goes before the answer to the submission that it is about."""
    waits = []

    def edit(frame):
        if taken(frame):
            waits.append(frame)
            return ()
        if delivered(frame) and waits:
            gone, waits[:] = [frame, *waits], []
            return gone
        return (frame,)

    return edit


FAULTS = {
    "reset": lambda: once(taken, 15, cut),
    "half a reply": lambda: once(taken, 15, half),
    "half a receipt": lambda: once(delivered, 15, half),
    "delayed and in another order": lambda: gathered(taken, WINDOW),
    "every receipt twice": lambda: lambda frame: (frame, frame) if delivered(frame) else (frame,),
    "every answer twice": lambda: lambda frame: (frame, frame) if taken(frame) else (frame,),
    "receipts first": overtaking,
}
BROKEN = {"reset", "half a reply", "half a receipt"}


def dispatching(monkeypatch, channel, kind="sms"):
    """This channel, and no other, carries everything."""
    for module in (handover, holding):
        monkeypatch.setattr(module, "channels", lambda: {channel.name: channel})
    monkeypatch.setattr(handover, "routes", lambda: {kind: channel.name})


def carry_all(count, **changes):
    """Queue so many and turn until all have arrived; where nothing moves, the time of a retry is come."""
    enqueue(drafts=[draft(f"m{n}", address=f"138{n:08}", **changes) for n in range(count)])
    for _turn in range(300):
        ARRIVED.clear()
        did = handover.run_once("w", limit=BATCH) + handover.collect()
        if not Message.objects.filter(delivered_at=None).exists():
            return
        if not did and not ARRIVED.wait(0.05):
            clock.advance(RETRY_AFTER[0])
    raise AssertionError(Counter(Message.objects.values_list("failure", "delivered_at")))


@pytest.fixture
def carrier(running, accounts, monkeypatch):
    """A channel to a sink, with a wire between that is edited as told."""
    opened = []

    def open_(protocol, edit):
        if protocol == "smpp":
            sink, channel, at = SmppSink(keep=True), SmppChannel(), 12
            own = 'user = "u"\npassword = "sink"'
        else:
            sink, channel, at = cmpp_sink.Sink(), CmppChannel(), 8
            own = 'source = "901234"\npassword = "sink"\nsender = "1"\nservice = "S"'
        proxy = Proxy(running.serve(Owing(sink, at)), by_length, to_client=edit)
        port = running.serve(proxy)
        accounts(f'[[{protocol}]]\nname = "a"\nhost = "127.0.0.1"\nport = {port}\n{own}\nwindow = {WINDOW}\n')
        dispatching(monkeypatch, channel)
        opened.append(channel)
        return sink, proxy

    yield open_
    for channel in opened:
        channel.close()


@pytest.mark.clause("W2")
@pytest.mark.parametrize(("protocol", "fault"), list(itertools.product(["smpp", "cmpp"], FAULTS)))
def test_whatever_happens_on_the_line_every_message_arrives(protocol, fault, outbox, carrier):
    sink, proxy = carrier(protocol, FAULTS[fault]())
    carry_all(COUNT)
    counts = Counter(address for address, _class, _text in sink.kept)
    assert set(counts) == {f"138{n:08}" for n in range(COUNT)}, "none is lost"
    twice = counts.total() - COUNT
    assert twice <= (WINDOW if fault in BROKEN else 0), "only what was in flight may go twice"
    assert proxy.lines == (2 if fault in BROKEN else 1)
    assert not Message.objects.filter(failed_at__isnull=False).exists()
    assert Segment.objects.filter(message=None).count() <= twice, "a segment is unknown only if its answer was lost"


# --- over HTTP -----------------------------------------------------------------------------------


class Doubling(TencentSink):
    """It reports everything twice."""

    def answer(self, action, document):
        said = super().answer(action, document)
        if "PullSmsSendStatusSet" in said:
            said["PullSmsSendStatusSet"] *= 2
        return said


class Counting(TencentSink):
    """It knows whom it was asked to tell."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def answer(self, action, document):
        if action == "SendSms":
            self.kept += document["PhoneNumberSet"]
        return super().answer(action, document)


class CountingDoubling(Counting, Doubling):
    """Both."""


def is_taken(frame):
    return b"SendStatusSet" in frame and b"Pull" not in frame


def in_crumbs(frame):
    return [frame[start : start + 7] for start in range(0, len(frame), 7)]


@pytest.mark.parametrize(
    ("sink", "edit"),
    [
        (Counting, once(is_taken, 2, cut)),
        (Counting, once(is_taken, 2, half)),
        (Counting, in_crumbs),
        (CountingDoubling, lambda frame: (frame,)),
    ],
    ids=["reset", "half a reply", "in crumbs", "receipts twice"],
)
def test_whatever_happens_over_http_every_message_arrives(sink, edit, outbox, running, accounts, monkeypatch):
    with sink() as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        port = running.serve(Proxy(service.server_port, as_it_comes, to_client=edit))
        accounts('[[tencent]]\nname = "a"\nsecret_id = "x"\nsecret_key = "x"\napp = "1"\nsign = "s"\ntemplate = "1"\n'
                 f'url = "http://127.0.0.1:{port}"\n')  # fmt: skip
        moments = itertools.count(0.0, 5.0)
        dispatching(monkeypatch, TencentChannel(lambda: next(moments)))
        carry_all(COUNT)
        service.shutdown()
        thread.join(10)
    counts = Counter(service.kept)
    assert len(counts) == COUNT
    assert counts.total() - COUNT in (0, BATCH), "one request at most goes twice"
    assert not Message.objects.filter(failed_at__isnull=False).exists()


# --- to loudspeakers -------------------------------------------------------------------------------

PUBLISH, PUBACK, CONNACK = 3, 4, 2


def packet(kind):
    return lambda frame: frame[0] >> 4 == kind


@pytest.mark.needs("mosquitto")
@pytest.mark.parametrize(
    "edit",
    [
        once(packet(PUBACK), 15, cut),
        once(packet(PUBACK), 15, half),
        gathered(packet(PUBACK), 2),
        lambda frame: (frame, frame) if packet(PUBLISH)(frame) else (frame,),
    ],
    ids=["reset", "half a reply", "delayed and in another order", "every receipt twice"],
)
def test_whatever_happens_on_the_way_to_loudspeakers_every_one_plays(
    edit, outbox, running, accounts, monkeypatch, broker, request  # noqa: F811 (the fixture)
):  # fmt: skip
    root, played = f"faults/{abs(hash(request.node.name))}", []
    speaker = Device(broker, "speakers-of-faults")

    def play(client, _data, message):
        played.append(message.topic)
        named = decoded(bytes(message.payload))["id"]
        client.publish(message.topic.removesuffix("play") + "played", coded({"id": named, "code": 3}), qos=1)

    speaker.client.on_message = play
    speaker.client.subscribe(f"{root}/+/+/play", qos=1)
    speaker.ready.get(timeout=10)
    port = running.serve(Proxy(broker, by_packet, to_client=edit))
    accounts(f'[[mqtt]]\nname = "a{abs(hash(root))}"\nhost = "127.0.0.1"\nport = {port}\nroot = "{root}"\n')
    channel = MqttChannel()
    dispatching(monkeypatch, channel, "loudspeaker")
    try:
        carry_all(COUNT, kind="loudspeaker")
    finally:
        channel.close()
        speaker.leave()
    assert set(played) == {f"{root}/loudspeaker/138{n:08}/play" for n in range(COUNT)}
    assert len(played) - COUNT <= BATCH
    assert not Message.objects.filter(failed_at__isnull=False).exists()
