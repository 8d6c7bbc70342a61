"""The carrier is dead on the night of a red alert. Loudspeakers and cadres carry the warning; the report says so."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.county.storm import VILLAGES, make_storm

from anlan.county import clock
from anlan.county.dispatch import handover
from anlan.county.dispatch.actions import deliver
from anlan.county.dispatch.channels.shape import TransportFailed
from anlan.county.dispatch.models import Message
from anlan.county.dispatch.queries import channel_states
from anlan.county.sense.models import Alert
from anlan.county.warn import jobs, queries
from anlan.county.warn.actions import acknowledge
from anlan.county.warn.models import Errand, Target
from anlan.county.warn.models import Warning as TheWarning
from anlan.county.warn.reports import report


class Dead:
    """A carrier that answers nothing."""

    name, kinds, safe_for_exercise, batch = "carrier", frozenset({"sms", "voice"}), True, 500

    def send(self, messages):
        raise TransportFailed("no answer")


@pytest.fixture
def night(people, now, monkeypatch, settings, tmp_path):
    """A red alert over the small storm; short messages and calls go to the dead carrier, the rest stays in files."""
    settings.SPOOL = tmp_path
    known = {**handover.channels(), "carrier": Dead()}
    monkeypatch.setattr(handover, "channels", lambda: known)
    carried = {"sms": "carrier", "voice": "carrier", "loudspeaker": "file", "list": "file"}
    monkeypatch.setattr(handover, "routes", lambda: carried)
    storm = make_storm(now)
    storm.event.alert = Alert.objects.create(
        source="t", identifier="t", sender="upstream", sent_at=now, received_at=now, status="Actual",
        msg_type="Alert", hazard="flood", level=4, verdict="accepted", digest="0" * 64, raw=b"",
    )  # fmt: skip
    storm.event.level = 4
    storm.event.save()
    return storm


def turn(minutes: float = 0) -> None:
    """Time passes, and the worker has its round."""
    clock.advance(timedelta(minutes=minutes))
    for job in (*jobs.JOBS, lambda: handover.run_once("w")):
        job()


@pytest.mark.clause("W2", "W3", "W4", "H3", "L1", "D6")
def test_loudspeakers_and_cadres_carry_what_the_carrier_does_not(night, people):
    turn()
    turn(2)  # nobody said no: everyone's turn
    assert {each.state for each in TheWarning.objects.all()} == {"released"}
    assert not Message.objects.filter(kind="sms", handed_at__isnull=False).exists()
    speakers = Message.objects.filter(kind="loudspeaker", handed_at__isnull=False)
    assert {each.division_id for each in speakers} == set(VILLAGES)
    deliver(receipts=[(each.pk, clock.now()) for each in speakers])
    assert queries.tally(night.event)["delivered"] == 0  # a loudspeaker answers for nobody

    turn(3)
    silence_is_seen(people)

    turn(2)
    assert {each.division_id for each in Errand.objects.filter(rung=2)} == set(VILLAGES)
    cadre = people["village_cadre_a"]
    mine = Target.objects.visible_to(cadre)
    told = acknowledge(acks=[(each.pk, clock.now()) for each in mine], how="cadre", by=cadre, place="家中")
    assert told == 5
    for minutes in (3, 5, 5, 10):
        turn(minutes)
    called = Errand.objects.filter(rung=4, division_id="360123101000")
    assert sum(each.households for each in called) == 5  # of the township's two villages only the other one
    assert {each.holder for each in called} == {people["township_officer_a"]}
    rest = Target.objects.filter(acknowledged_at__isnull=True)
    acknowledge(acks=[(each.pk, clock.now()) for each in rest], how="cadre", by=people["anlan"])
    before = Errand.objects.count()
    turn(30)
    assert Errand.objects.count() == before

    told_by_cadres_alone(night)


def silence_is_seen(people) -> None:
    """The desk's page marks the channel on which messages wait."""
    desk = Client()
    desk.force_login(people["duty_officer"])
    assert "不通" in desk.get(reverse("warn:channels")).content.decode()
    (sms,) = [state for state in channel_states() if state.kind == "sms"]
    assert (sms.handed, sms.waiting > 0) == (0, True)


def told_by_cadres_alone(night) -> None:
    """What the reports and the desk say in the end."""
    reports = [report(each) for each in TheWarning.objects.exclude(audience="cadre")]
    assert sum(body["reached"] for body in reports) == sum(body["targeted"] for body in reports) == 20
    assert sum(body["by_channel"]["cadre"] for body in reports) == 20
    assert sum(body["by_channel"]["sms"] + body["by_channel"]["voice"] for body in reports) == 0
    assert all(body["by_channel"]["loudspeaker"]["played"] == 4 for body in reports)
    assert queries.tally(night.event)["unreached"] == 0
    assert not queries.unreached(night.event).exists()
