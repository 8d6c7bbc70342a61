"""Loudspeakers and screens, on a real broker."""

import json
import queue as queues
import socket
import subprocess
from contextlib import suppress
from datetime import timedelta

import paho.mqtt.client as paho
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.county.dispatch.channels.conftest import all_receipts, message
from tests.county.dispatch.conftest import draft, queue

from anlan.county.dispatch import handover
from anlan.county.dispatch.actions import dispatch_batch, load_reference, route
from anlan.county.dispatch.channels.mqtt import codec, transport
from anlan.county.dispatch.channels.mqtt.transport import Channel
from anlan.county.dispatch.channels.shape import Receipt, TransportFailed
from anlan.county.dispatch.channels.wire import ProtocolError, Said
from anlan.county.dispatch.models import Message, Segment

VILLAGE = "360123101201"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=80),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "code", "x"]), inner),
    max_leaves=6,
)


def speaker(number=1, **changes):
    return message(number, **({"kind": "loudspeaker", "address": VILLAGE, "subject": "预警"} | changes))


# --- the words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "said"),
    [(0, ("intermediate", "")), (1, ("intermediate", "")), (2, ("intermediate", "")), (3, ("report", "")),
     (4, ("report", "mqtt: code 4")), (5, ("report", "mqtt: code 5"))],
)  # fmt: skip
def test_a_playback_code_is_a_receipt_once_it_is_over(code, said):
    read = codec.read(json.dumps({"id": "a", "code": code, "volume": 7}).encode())
    assert (read.reference, read.kind, read.failure) == ("a", *said)


@given(st.binary(max_size=100) | JSON.map(lambda document: json.dumps(document).encode()))
def test_no_receipt_is_worse_than_a_protocol_error(given):
    with suppress(ProtocolError):
        assert isinstance(codec.read(given), Said)


@pytest.mark.parametrize(
    "given",
    [b"", b"[]", b"3", b'{"id": "", "code": 3}', b'{"id": "a", "code": 6}', b'{"id": "a", "code": true}',
     b'{"id": 1, "code": 3}', b'{"code": 3}', b"[" * 5000, b"[" * 4000],
)  # fmt: skip
def test_what_is_no_receipt_is_said_to_be_none(given):
    with pytest.raises(ProtocolError):
        codec.read(given)


@pytest.mark.parametrize("address", ["", "a/b", "+", "#", "$SYS", "a\x00"])
def test_no_address_reaches_beyond_its_own_topic(address):
    with pytest.raises(ValueError, match="topic"):
        codec.topic("anlan", speaker(address=address), "play")


# --- on a broker ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    """The port of a broker that keeps nothing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = tmp_path_factory.mktemp("mosquitto") / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    process = subprocess.Popen(["mosquitto", "-c", settings], stderr=subprocess.DEVNULL)
    while True:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            break
    yield port
    process.terminate()
    process.wait(10)


class Device:
    """A loudspeaker or a screen: it keeps what it hears."""

    def __init__(self, port, name, *topics):
        self.heard, self.ready = queues.SimpleQueue(), queues.SimpleQueue()
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, name, protocol=paho.MQTTv5)
        self.client.on_message = lambda _client, _data, message: self.heard.put(message)
        self.client.on_subscribe = lambda *_of_paho: self.ready.put(True)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        for topic in topics:
            self.client.subscribe(topic, qos=1)
            self.ready.get(timeout=10)

    def hear(self):
        message = self.heard.get(timeout=10)
        return message.topic, message.retain, json.loads(message.payload)

    def say(self, topic, document):
        self.client.publish(topic, json.dumps(document), qos=1).wait_for_publish(10)

    def leave(self):
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def device(broker):
    devices = []

    def join(*topics):
        devices.append(Device(broker, f"device{len(devices)}", *topics))
        return devices[-1]

    yield join
    for each in devices:
        each.leave()


@pytest.fixture
def channel(broker, accounts, request, now):
    root = f"test/{abs(hash(request.node.name))}"
    accounts(f'[[mqtt]]\nname = "speakers"\nhost = "127.0.0.1"\nport = {broker}\nroot = "{root}"\n')
    channel = Channel()
    channel.root = root
    channel.receipts()  # it subscribes
    assert channel.broker.up.wait(30)
    yield channel
    channel.close()


@pytest.mark.needs("mosquitto")
def test_a_message_is_played_once_and_shown_to_whoever_comes_later(channel, device, now):
    early = device(f"{channel.root}/loudspeaker/{VILLAGE}/play")
    (outcome,) = channel.send([speaker(priority=0, not_after=now + timedelta(hours=1))])
    assert (outcome.failure, outcome.account) == ("", "speakers")
    topic, retained, document = early.hear()
    assert (topic, retained) == (f"{channel.root}/loudspeaker/{VILLAGE}/play", False)
    assert document == {
        "id": outcome.references[0], "subject": "预警", "text": "请立即转移。", "urgent": True,
        "sent_at": now.isoformat(), "not_after": (now + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    late = device(f"{channel.root}/loudspeaker/{VILLAGE}/#")
    topic, retained, again = late.hear()
    assert (topic.rsplit("/", 1)[1], retained, again) == ("state", True, document)


@pytest.mark.needs("mosquitto")
def test_the_same_message_twice_is_one_to_its_device(channel, device):
    heard = device(f"{channel.root}/led/+/play")
    channel.send([speaker(1, kind="led"), speaker(1, kind="led"), speaker(2, kind="led")])
    first, second, other = (heard.hear()[2]["id"] for _each in range(3))
    assert first == second != other


@pytest.mark.needs("mosquitto")
def test_hundreds_go_in_one_batch(channel, device):
    heard = device(f"{channel.root}/loudspeaker/+/play")
    outcomes = channel.send([speaker(n, address=f"v{n}") for n in range(500)])
    assert not any(each.failure for each in outcomes)
    assert {heard.hear()[0].split("/")[-2] for _each in range(500)} == {f"v{n}" for n in range(500)}


@pytest.mark.needs("mosquitto")
def test_what_is_no_address_fails_alone(channel):
    bad, good = channel.send([speaker(1, address="a/#"), speaker(2)])
    assert (bad.failure, bad.permanent, good.failure) == ("mqtt: not an address", True, "")


@pytest.mark.needs("mosquitto")
def test_nonsense_from_a_device_is_passed_over(channel, device, caplog):
    (outcome,) = channel.send([speaker()])
    played = f"{channel.root}/loudspeaker/{VILLAGE}/played"
    loud = device()
    loud.say(played, ["what?"])
    loud.say(played, {"id": outcome.references[0], "code": 2})
    loud.say(played, {"id": outcome.references[0], "code": 4})
    assert all_receipts(channel, 1) == [Receipt("speakers", outcome.references[0], "mqtt: code 4")]
    assert "does not say of what" in caplog.text
    assert "what?" not in caplog.text


@pytest.mark.needs("mosquitto")
def test_a_receipt_that_was_not_stored_comes_again_to_the_next_dispatcher(channel, device):
    loud = device()
    loud.say(f"{channel.root}/loudspeaker/{VILLAGE}/played", {"id": "x", "code": 3})
    while not channel.receipts():
        pass
    channel.broker.client.loop_stop()  # killed: no goodbye, nothing acknowledged
    channel.broker.client._sock_close()
    channel.broker = None
    assert all_receipts(channel, 1) == [Receipt("speakers", "x")]


@pytest.mark.needs("mosquitto")
@pytest.mark.clause("W4")
def test_a_playback_is_delivered_for_its_village_and_nobodys_acknowledgement(
    channel, device, people, spool, monkeypatch
):
    load_reference()
    known = {**handover.channels(), "mqtt": channel}
    monkeypatch.setattr(handover, "channels", lambda: known)
    route(kind="loudspeaker", channel="mqtt", by=people["administrator"])
    queue(draft("v", kind="loudspeaker", address=VILLAGE), draft("drill", kind="loudspeaker", exercise=True))
    queue(draft("sms"))
    heard = device(f"{channel.root}/#")
    assert dispatch_batch(worker="w") == 3
    while (told := heard.hear())[0].endswith("state"):
        pass
    heard.say(f"{channel.root}/loudspeaker/{VILLAGE}/played", {"id": told[2]["id"], "code": 3})
    while not handover.collect():
        pass
    delivered = Message.objects.filter(delivered_at__isnull=False)
    assert [each.key for each in delivered] == ["v"]
    assert [segment.message.key for segment in Segment.objects.all()] == ["v"], "the exercise went by file"


def test_no_broker_is_a_failure_to_try_again(accounts, monkeypatch, now):
    monkeypatch.setattr(transport, "ANSWER_S", 0.05)
    accounts('[[mqtt]]\nname = "speakers"\nhost = "127.0.0.1"\nport = 1\n')
    channel = Channel()
    try:
        with pytest.raises(TransportFailed, match="no broker") as caught:
            channel.send([speaker()])
    finally:
        channel.close()
    assert not caught.value.permanent


def test_without_an_account_nothing_is_published_and_nothing_heard(settings, tmp_path):
    settings.CHANNELS = tmp_path / "none.toml"
    channel = Channel()
    channel.stored()
    channel.close()
    assert channel.receipts() == []
    with pytest.raises(TransportFailed, match="ANLAN_CHANNELS"):
        channel.send([speaker()])
