"""A device that plays every loudspeaker's part on a broker, for benchmarks."""

import socket
import time
from collections.abc import Callable

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from anlan.county.dispatch.channels.posting import coded, decoded

PATIENCE_S, PAUSE_S = 10.0, 0.02


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer_everything(port: int, ready: Callable[[], object]) -> None:
    """Say of everything that is to be played that it was; until the process is ended."""
    client = paho.Client(CallbackAPIVersion.VERSION2, "devices", protocol=paho.MQTTv5)
    client.max_inflight_messages_set(1000)

    def played(device: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        named = decoded(bytes(message.payload))["id"]
        device.publish(message.topic.removesuffix("play") + "played", coded({"id": named, "code": 3}), qos=1)

    def connected(device: paho.Client, *_of_paho: object) -> None:
        device.subscribe("anlan/+/+/play", qos=1)

    def subscribed(*_of_paho: object) -> None:
        ready()

    client.on_message, client.on_connect, client.on_subscribe = played, connected, subscribed
    _connect(client, port)
    client.loop_forever()


def _connect(client: paho.Client, port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            client.connect("127.0.0.1", port)
        except ConnectionRefusedError:  # the broker is still starting
            if time.monotonic() >= until:
                raise
            time.sleep(PAUSE_S)
        else:
            return
