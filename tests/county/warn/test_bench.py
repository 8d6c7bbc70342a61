"""`anlan warn bench`: figures, and nothing of the county's touched."""

import io
import json

import pytest
from django.core.management import call_command

from anlan.county.dispatch.models import Message, Segment
from anlan.county.errors import BadInput
from anlan.county.warn.management.commands import warn_bench

FIGURES = {"plan_s", "first_handover_s", "all_handed_s", "all_receipts_s", "p50", "p99", "cpu_us_per_msg",
           "sink_cpu_us_per_msg"}  # fmt: skip


def bench(**options):
    out = io.StringIO()
    call_command("warn_bench", json=True, stdout=out, **options)
    return json.loads(out.getvalue())


@pytest.mark.long
@pytest.mark.parametrize(
    "channel", ["smpp", "http", pytest.param("mqtt", marks=pytest.mark.needs("mosquitto"))]
)  # fmt: skip
def test_every_message_is_handed_over_and_every_receipt_stored(db, channel, tmp_path, monkeypatch):
    monkeypatch.setattr(warn_bench.tempfile, "tempdir", str(tmp_path))  # others measure on this machine too
    figures = bench(recipients=300, channel=channel)
    assert (figures.pop("channel"), figures.pop("recipients")) == (channel, 300)
    assert set(figures) == FIGURES
    assert 0 <= figures["plan_s"] <= figures["first_handover_s"] <= figures["p50"] <= figures["p99"]
    assert figures["p99"] <= figures["all_handed_s"] <= figures["all_receipts_s"]
    assert figures["cpu_us_per_msg"] > 0
    assert not Message.objects.exists()
    assert not Segment.objects.exists()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "words"),
    [({"recipients": 10, "channel": "pigeon"}, "smpp, mqtt, http"), ({"recipients": 0, "channel": "smpp"}, "10000000"),
     ({"recipients": 10**9, "channel": "smpp"}, "10000000")],
)  # fmt: skip
def test_what_cannot_be_measured_is_refused(options, words):
    with pytest.raises(BadInput, match=words):
        bench(**options)


def test_without_a_broker_its_channel_is_refused(monkeypatch):
    monkeypatch.setattr(warn_bench.shutil, "which", lambda _name: None)
    with pytest.raises(BadInput, match="mosquitto"):
        bench(recipients=10, channel="mqtt")
