"""What others use to send messages, doing the same work: run by the bench in an environment of their own.

    python tests/bench/messages_rival.py WAY PORT COUNT

Prints the CPU seconds (user and system, children included) and the wall seconds of sending COUNT messages to a sink on
127.0.0.1:PORT, and of waiting until each was taken. Starting, loading and connecting once is not counted; connecting
for every message is, where that is how the way works.
"""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

TEXT = "示例县发布暴雨红色预警：未来三小时降雨一百毫米以上，请沿河和山边住户立即转移到村委会安置点，不要返回取物。"
TEXT += "沿途避开河道、陡坡和电线，互相照应老人孩子。收到请回复数字一。示例演练用语，请勿转发，谢谢配合。"
PLAY = json.dumps({"id": "{}", "text": TEXT}, ensure_ascii=False)
PATIENCE_S = 300.0
RECEIPTS = 2  # a message has two segments, and the carrier reports each


WORKERS: list[int] = []  # leaders of groups of processes that work for us


def cpu() -> float:
    """User and system seconds of this process, and of the workers'."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime + sum(map(of_group, WORKERS))


def of_group(leader: int) -> float:
    """User and system seconds of all living processes of a group."""
    ticks, found = os.sysconf("SC_CLK_TCK"), 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[2]) == leader:
                found += int(fields[11]) + int(fields[12])
    return found / ticks


def smpplib(port: int, count: int) -> Callable[[], None]:
    """The synchronous client: each segment sent, its answer and its receipt read and acknowledged, then the next."""
    import smpplib.client
    import smpplib.consts
    import smpplib.gsm

    client = smpplib.client.Client("127.0.0.1", port, allow_unknown_opt_params=True)
    client.connect()
    client._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else every other segment waits 40 ms
    client.bind_transceiver(system_id="b", password="sink")
    heard = [0, 0]
    client.set_message_sent_handler(lambda pdu: heard.__setitem__(0, heard[0] + 1))
    client.set_message_received_handler(lambda pdu: heard.__setitem__(1, heard[1] + 1))

    def send() -> None:
        for number in range(count):
            parts, encoding, kind = smpplib.gsm.make_parts(TEXT)
            for part in parts:
                client.send_message(
                    source_addr_ton=smpplib.consts.SMPP_TON_INTL, source_addr="10086",
                    dest_addr_ton=smpplib.consts.SMPP_TON_INTL, destination_addr=f"139{number:08}",
                    short_message=part, data_coding=encoding, esm_class=kind, registered_delivery=True,
                )  # fmt: skip
                client.read_once()
                client.read_once()
        while min(heard) < count * RECEIPTS:
            client.read_once()

    return send


def apprise_smpp(port: int, count: int) -> Callable[[], None]:
    """Apprise's smpp://, without the pause it makes between messages."""
    from apprise.plugins.smpp import NotifySMPP

    NotifySMPP.request_rate_per_sec = 0
    return apprise_smpp_as_it_is(port, count)


def apprise_smpp_as_it_is(port: int, count: int) -> Callable[[], None]:
    """Apprise's smpp:// as it comes: one notification to everybody, on one connection."""
    everybody = "/".join(f"86139{number:08}" for number in range(count))
    return _apprise(f"smpp://b:sink@127.0.0.1:{port}/8613800000000/{everybody}", 1)


def apprise_json(port: int, count: int) -> Callable[[], None]:
    """Apprise's json://, one request a message; without the pause, which is only between messages of one object."""
    from apprise.plugins.custom_json import NotifyJSON

    NotifyJSON.request_rate_per_sec = 0
    return _apprise(f"json://127.0.0.1:{port}/?+X-TC-Action=SendSms&:PhoneNumberSet=1", count)


def apprise_mqtt(port: int, count: int) -> Callable[[], None]:
    """Apprise's mqtt://, without the pause it makes between messages."""
    from apprise.plugins.mqtt import NotifyMQTT

    NotifyMQTT.request_rate_per_sec = 0
    return apprise_mqtt_as_it_is(port, count)


def apprise_mqtt_as_it_is(port: int, count: int) -> Callable[[], None]:
    """Apprise's mqtt:// as it comes, at its quality of service 1."""
    return _apprise(f"mqtt://127.0.0.1:{port}/anlan/loudspeaker/1/play?qos=1", count, PLAY)


def _apprise(url: str, count: int, text: str = TEXT) -> Callable[[], None]:
    import apprise

    kept = apprise.Apprise()
    kept.add(url)

    def send() -> None:
        for _number in range(count):
            if not kept.notify(body=text):
                sys.exit(f"not sent: {url}")

    return send


def paho_single(port: int, count: int) -> Callable[[], None]:
    """paho's publish.single: a connection for every message, as CAP Composer does."""
    import paho.mqtt.publish

    def send() -> None:
        for number in range(count):
            topic = f"anlan/loudspeaker/{number}/play"
            paho.mqtt.publish.single(topic, PLAY, qos=1, hostname="127.0.0.1", port=port)

    return send


def paho_client(port: int, count: int) -> Callable[[], None]:
    """paho's client on one connection, a thousand messages under way."""
    import paho.mqtt.client as paho

    client = paho.Client(paho.CallbackAPIVersion.VERSION2, "rival", protocol=paho.MQTTv5)
    client.max_inflight_messages_set(1000)
    client.max_queued_messages_set(0)
    client.connect("127.0.0.1", port)
    client.loop_start()

    def send() -> None:
        last = [client.publish(f"anlan/loudspeaker/{number}/play", PLAY, qos=1) for number in range(count)]
        for each in last:
            each.wait_for_publish(60)

    return send


def celery(port: int, count: int) -> Callable[[], None]:
    """Celery: a task that does nothing for every message, queued one by one, taken by two processes of a worker."""
    folder = Path(os.environ["ANLAN_BENCH_FOLDER"])
    os.environ["ANLAN_BENCH_PORT"] = str(port)
    (folder / "tasks.py").write_text(TASKS)
    sys.path.insert(0, str(folder))
    import tasks

    command = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "tasks", "worker", "-c", "2", "-l", "error",
               "--without-gossip", "--without-mingle"]  # fmt: skip
    done = folder / "done"
    done.mkdir()
    worker = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    WORKERS.append(worker.pid)

    def wait(number: int) -> None:
        until = time.monotonic() + PATIENCE_S
        while sum(path.stat().st_size for path in done.iterdir()) < number:
            if worker.poll() is not None or time.monotonic() > until:
                sys.exit("Celery's worker does not work")
            time.sleep(0.1)

    def send() -> None:
        for number in range(count):
            tasks.nothing.delay(number, TEXT)
        wait(1 + count)

    tasks.nothing.delay(-1, TEXT)
    wait(1)
    return send


TASKS = """
import os
from celery import Celery
app = Celery("tasks", broker="amqp://guest:guest@127.0.0.1:" + os.environ["ANLAN_BENCH_PORT"] + "//")
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)
PLACE = os.path.join(os.environ["ANLAN_BENCH_FOLDER"], "done")
@app.task
def nothing(number, text):
    with open(os.path.join(PLACE, str(os.getpid())), "ab", buffering=0) as file:
        file.write(b".")  # how else to know that it was done
"""


WAYS = {way.__name__: way for way in (
    smpplib, apprise_smpp, apprise_smpp_as_it_is, apprise_json, apprise_mqtt, apprise_mqtt_as_it_is, paho_single,
    paho_client, celery,
)}  # fmt: skip


def main(way: str, port: int, count: int) -> None:
    """Send, and print what it took."""
    send = WAYS[way](port, count)
    begun, used = time.monotonic(), cpu()
    send()
    told = {"cpu_s": cpu() - used, "wall_s": time.monotonic() - begun, "messages": count}
    for leader in WORKERS:
        os.killpg(leader, signal.SIGKILL)
    print(json.dumps(told), flush=True)
    os._exit(0)  # whatever threads its library keeps


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
