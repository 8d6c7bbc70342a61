"""The report of one warning, worked out by hand for a small county."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from docx import Document
from tests.county.storm import VILLAGES

from anlan.county import clock
from anlan.county.dispatch.actions import deliver, fail
from anlan.county.dispatch.models import Message
from anlan.county.errors import BadInput
from anlan.county.warn import answers, climbing, queries, rules
from anlan.county.warn.actions import acknowledge, approve, draft, release
from anlan.county.warn.models import Target
from anlan.county.warn.models import Warning as TheWarning
from anlan.county.warn.reports import report


@pytest.fixture
def key(storm, people):
    """The key groups' warning of a red storm, released: eight households in four villages, all with a telephone."""
    storm.event.level = 4
    storm.event.save()
    drafts = {each.audience: each for each in draft(event=storm.event, by=people["duty_officer"])}
    clock.advance(timedelta(minutes=5))
    return release(warning=approve(warning=drafts["key"], by=people["county_director"]), by=people["duty_officer"])


def sent(warning):
    """Its targets in order, all messages handed over."""
    Message.objects.filter(key__startswith=f"{warning.code}/").update(handed_at=clock.now())
    return list(Target.objects.filter(warning=warning).order_by("household__code"))


@pytest.mark.clause("W3", "W4", "D6")
def test_each_household_counts_once_by_the_furthest_that_was_shown(key, people):
    targets, at = sent(key), clock.now()
    for number in range(4):
        deliver(receipts=[(targets[number].message_id, at + timedelta(minutes=number + 1))])
    fail(failures=[(targets[4].message_id, at, "空号")])
    acknowledge(acks=[(targets[0].pk, at + timedelta(minutes=6))], how="reply", by=people["anlan"])
    acknowledge(acks=[(targets[5].pk, at + timedelta(minutes=9))], how="cadre", by=people["anlan"])
    answers.settle(safe=[(targets[0].pk, at + timedelta(minutes=7))])
    Target.objects.filter(pk=targets[7].pk).update(message=None)
    body = report(key)
    counts = ("targeted", "handed", "reached", "acknowledged", "safe", "unreached")
    assert [body[name] for name in counts] == [8, 7, 5, 2, 1, 3]
    assert body["states"] == {"planned": 1, "handed": 2, "delivered": 3, "heard": 0, "acknowledged": 1, "safe": 1}
    assert body["unreached_by_reason"] == {"no_phone": 1, "invalid": 1, "not_delivered": 1}
    assert body["minutes"] == {
        "since_issued": {"t50": 19.0, "t90": None, "t95": None},
        "since_received": {"t50": 9.0, "t90": None, "t95": None},
        "since_released": {"t50": 4.0, "t90": None, "t95": None},
    }
    assert body["by_channel"] == {
        "sms": 4, "voice": 0, "reply": 1, "key": 0, "page": 0, "cadre": 1, "second": 0,
        "loudspeaker": {"villages": 4, "played": 0},
    }  # fmt: skip
    assert [row["targeted"] for row in body["by_village"]] == [2, 2, 2, 2]
    assert [(row["key"], row["reached"]) for row in body["by_town"]] == [("360123101000", 4), ("360123102000", 1)]
    assert {row["key"]: row["targeted"] for row in body["by_group"]} == {"monitored": 4, "ex_poor": 4}


def test_a_loudspeaker_that_played_covers_its_village_and_reaches_no_household(key):
    speaker = Message.objects.get(kind="loudspeaker", division_id=VILLAGES[0])
    deliver(receipts=[(speaker.pk, clock.now())])
    body = report(key)
    assert body["by_channel"]["loudspeaker"] == {"villages": 4, "played": 1}
    assert body["reached"] == 0
    assert body["minutes"]["since_released"] == {"t50": None, "t90": None, "t95": None}


@pytest.mark.clause("W4")
def test_a_call_that_was_answered_has_arrived_everywhere_it_is_counted(key, storm):
    first, *_rest = sent(key)
    clock.advance(timedelta(minutes=3))
    assert climbing.climb() == 8
    first.refresh_from_db()
    deliver(receipts=[(first.call_id, clock.now())])
    body = report(key)
    assert (body["reached"], body["by_channel"]["voice"], body["unreached_by_reason"]) == (1, 1, {"not_delivered": 7})
    assert queries.tally(storm.event)["delivered"] == 1
    assert first not in list(queries.unreached(storm.event))
    assert queries.progress(key)["unreached"] == 7


def test_nothing_sent_yet_nobody_targeted_and_what_was_taken_back(key, storm):
    assert report(key)["unreached_by_reason"] == {"not_yet": 8}
    Message.objects.update(cancelled_at=clock.now())
    assert report(key)["unreached_by_reason"] == {"cancelled": 8}
    Target.objects.all().delete()
    empty = report(key)
    assert (empty["targeted"], empty["by_town"], empty["minutes"]["since_issued"]["t50"]) == (0, [], None)
    waiting = TheWarning.objects.filter(state="draft").first()
    assert report(waiting)["released_at"] is None


@pytest.mark.clause("W4")
def test_what_no_channel_took_is_told_apart_from_a_number_that_reaches_nobody(key, storm):
    first, second = (
        Message.objects.filter(kind="sms", key__startswith=f"{key.code}/").order_by("id")[place] for place in (0, 1)
    )
    fail(failures=[(first.pk, clock.now(), "the carrier refuses")])
    Message.objects.filter(pk=second.pk).update(handed_at=clock.now())
    fail(failures=[(second.pk, clock.now(), "unknown number")])
    assert report(key)["unreached_by_reason"] == {"refused": 1, "invalid": 1, "not_yet": 6}
    reasons = {each.message_id: each.reason for each in queries.unreached(storm.event)}
    assert (reasons[first.pk], reasons[second.pk]) == ("refused", "invalid")
    assert set(reasons.values()) <= set(rules.UNREACHED)


def test_who_got_the_very_same_words_twice_is_counted(key, storm, people):
    assert report(key)["duplicates"] == 0
    sent(key)
    drafts = {each.audience: each for each in draft(event=storm.event, by=people["duty_officer"])}
    again = release(warning=approve(warning=drafts["key"], by=people["county_director"]), by=people["duty_officer"])
    TheWarning.objects.filter(pk=again.pk).update(sms=key.sms)
    sent(again)
    assert report(key)["duplicates"] == report(again)["duplicates"] == 8


def test_a_township_sees_its_own(key, people):
    body = report(key, people["township_officer_a"])
    assert (body["targeted"], [row["key"] for row in body["by_town"]]) == (4, ["360123101000"])
    assert body["by_channel"]["loudspeaker"]["villages"] == 2
    client = Client()
    client.force_login(people["township_officer_a"])
    shown = client.get(reverse("warn:report", args=[key.code])).content.decode()
    assert "没有电话的户也在分母里" in shown
    document = Document(BytesIO(client.get(reverse("warn:word", args=[key.code])).content))
    assert document.tables[0].rows[1].cells[0].text == "4"
    client.force_login(people["village_cadre_a"])
    assert client.get(reverse("warn:report", args=[key.code])).status_code == 403


def test_by_command_as_json_and_as_word(key, capsys, tmp_path):
    call_command("warn_report", key.code, "--json", "--out", str(tmp_path / "r.docx"))
    assert json.loads(capsys.readouterr().out)["targeted"] == 8
    texts = [each.text for each in Document(tmp_path / "r.docx").paragraphs]
    assert "预警发布效果报告" in texts
    assert key.sms in texts
    with pytest.raises(BadInput, match="nowhere"):
        call_command("warn_report", key.code, "--out", str(tmp_path / "nowhere" / "r.docx"))
