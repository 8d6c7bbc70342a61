"""Loudspeakers and screens by MQTT 5, each message delivered at least once (QoS 1). One `[[mqtt]]` in the file that
ANLAN_CHANNELS names; a second is not used.

That a loudspeaker played is that village's, and nobody's acknowledgement.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from anlan.county import clock
from anlan.county.dispatch.channels.accounts import accounts, needed
from anlan.county.dispatch.channels.mqtt import codec
from anlan.county.dispatch.channels.shape import ARRIVED, Health, Outcome, Outgoing, Receipt, TransportFailed
from anlan.county.dispatch.channels.wire import ProtocolError, Said

log = logging.getLogger(__name__)
ANSWER_S = 10.0
IN_FLIGHT = 200
KEPT_S = 7 * 86400  # the broker keeps receipts for us while no dispatcher runs


@dataclass(frozen=True, slots=True)
class Settings:
    """The broker and how to log in."""

    name: str
    host: str
    port: int = 1883
    root: str = "anlan"
    user: str = ""
    password: str = ""
    tls: bool = False


class Channel:
    """One connection, kept open, as the broker's client of that name."""

    name = "mqtt"
    kinds = frozenset({"loudspeaker", "led"})
    safe_for_exercise = False
    batch = 500

    def __init__(self) -> None:
        self.broker: Broker | None = None
        self.lock = threading.Lock()
        self.used = True

    def names(self) -> list[str]:
        """The broker, where one is set."""
        return [own.name for own in accounts(self.name, Settings)[:1]]

    def use(self, names: Collection[str]) -> None:
        """Keep to the broker, or leave it: two clients of one name throw each other out."""
        self.used = bool(set(names) & set(self.names()))
        if not self.used:
            self.close()

    def beat(self) -> list[Health]:
        """Whether the broker is there; paho asks it."""
        broker = self._broker(accounts) if self.used else None
        return [broker.health()] if broker else []

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish all and wait until the broker has them."""
        return self._broker(needed).send(messages)  # type: ignore[union-attr]  # `needed` raises where there is none

    def receipts(self) -> list[Receipt]:
        """What devices said since; nothing where no broker is set."""
        broker = self._broker(accounts) if self.used else None
        return broker.receipts() if broker else []

    def early(self) -> list[Receipt]:
        """What came while we sent."""
        return self.broker.receipts() if self.broker else []

    def stored(self) -> None:
        """Let the broker forget them."""
        if self.broker:
            self.broker.stored()

    def close(self) -> None:
        """Leave the broker; the next message comes back."""
        if self.broker:
            self.broker.close()
            self.broker = None

    def _broker(self, reading: Callable[[str, type[Settings]], list[Settings]]) -> "Broker | None":
        with self.lock:
            if self.broker is None and (found := reading(self.name, Settings)):
                self.broker = Broker(found[0])
            return self.broker


class Broker:
    """The connection to one broker; paho keeps it up in a thread of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.up = settings, threading.Event()
        self.refused = ""
        self.handed_at: float | None = None
        self.heard: SimpleQueue[tuple[paho.MQTTMessage, Said]] = SimpleQueue()
        self.given: list[tuple[paho.MQTTMessage, Said]] = []
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2, f"anlan-{settings.name}", protocol=paho.MQTTv5, manual_ack=True
        )
        self.client.max_inflight_messages_set(IN_FLIGHT)
        self.client.reconnect_delay_set(1, 30)
        if settings.user:
            self.client.username_pw_set(settings.user, settings.password)
        if settings.tls:
            self.client.tls_set()
        self.client.on_connect, self.client.on_disconnect = self._connected, self._disconnected
        self.client.on_message, self.client.on_subscribe = self._message, self._subscribed
        keep = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        keep.SessionExpiryInterval = KEPT_S
        self.client.connect_async(settings.host, settings.port, 30, clean_start=False, properties=keep)
        self.client.loop_start()

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish each to be played now, and as what holds now."""
        if not self.up.wait(ANSWER_S):
            raise TransportFailed(self._missing())
        under_way = [(message, self._publish(message)) for message in messages]
        until = ANSWER_S
        outcomes = []
        for message, published in under_way:
            outcomes.append(self._outcome(message, published, until))
            if outcomes[-1].failure and not outcomes[-1].permanent:
                until = 0.0  # waited for once; whatever is not there by now is not coming
        if not outcomes[-1].failure:
            self.handed_at = time.monotonic()
        return outcomes

    def receipts(self) -> list[Receipt]:
        """What came since the last that was stored."""
        while True:
            try:
                self.given.append(self.heard.get_nowait())
            except Empty:
                break
        return [Receipt(self.settings.name, said.reference, said.failure) for _message, said in self.given]

    def stored(self) -> None:
        """Acknowledge them to the broker."""
        given, self.given = self.given, []
        for message, _said in given:
            self.client.ack(message.mid, message.qos)

    def health(self) -> Health:
        """Whether it is there, and since when it last took something."""
        up, handed = self.up.is_set(), self.handed_at and time.monotonic() - self.handed_at
        return Health(self.settings.name, up, 0.0 if up else None, handed, "" if up else self._missing())

    def _missing(self) -> str:
        return f"mqtt: {self.refused or 'no broker answers'}"

    def close(self) -> None:
        """Disconnect and end paho's thread."""
        self.client.disconnect()
        self.client.loop_stop()

    def _publish(self, message: Outgoing) -> paho.MQTTMessageInfo | None:
        now = clock.now()
        try:
            play, state = (codec.topic(self.settings.root, message, what) for what in ("play", "state"))
        except ValueError:
            return None
        text = codec.payload(message, now)
        left = None if message.not_after is None else max(1, int((message.not_after - now).total_seconds()))
        properties = _expiring(left)
        self.client.publish(state, text, qos=1, retain=True, properties=properties)
        return self.client.publish(play, text, qos=1, properties=properties)

    def _outcome(self, message: Outgoing, published: paho.MQTTMessageInfo | None, until: float) -> Outcome:
        if published is None:
            return Outcome(message.pk, "mqtt: not an address", permanent=True)
        try:
            published.wait_for_publish(until)
            there = published.is_published()
        except (RuntimeError, ValueError):  # the connection went, or the queue is full
            there = False
        if not there:
            return Outcome(message.pk, "mqtt: no answer")
        return Outcome(message.pk, account=self.settings.name, references=(codec.reference(message),))

    # --- paho's thread ------------------------------------------------------------------------------

    def _connected(self, client: paho.Client, _data: Any, _flags: Any, code: Any, _properties: Any) -> None:
        if code.is_failure:
            self.refused = f"not let in ({code.value})"
            return
        client.subscribe(f"{self.settings.root}/+/+/played", qos=1)

    def _subscribed(self, *_of_paho: Any) -> None:
        self.up.set()  # not before: what devices say until then would be nobody's

    def _disconnected(self, *_of_paho: Any) -> None:
        self.up.clear()

    def _message(self, client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        try:
            said = codec.read(bytes(message.payload))
        except ProtocolError as error:
            log.warning("mqtt: %s", error)
            said = Said("unwanted", 0)
        if said.kind != "report":
            client.ack(message.mid, message.qos)
            return
        self.heard.put((message, said))
        ARRIVED.set()


@lru_cache(maxsize=64)  # making them takes longer than sending a message
def _expiring(seconds: int | None) -> Properties | None:
    if seconds is None:
        return None
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = seconds
    return properties
