"""Queueing, routing, receipts, cancelling."""

from contextlib import nullcontext
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection
from tests.county.dispatch.conftest import draft, queue

from anlan.county import bulk
from anlan.county.dispatch import actions, queries
from anlan.county.dispatch.actions import cancel, deliver, dispatch_batch, enqueue, fail, load_reference, route
from anlan.county.dispatch.models import Message, Route
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry


def test_a_queued_message_is_what_was_drafted(outbox, now):
    (message,) = queue(
        draft(kind="voice", subject="预警", priority=0, exercise=True, not_after=now + timedelta(hours=1))
    )
    assert (message.kind, message.subject, message.priority, message.exercise) == ("voice", "预警", 0, True)
    assert message.created_at == now
    assert message.not_after == now + timedelta(hours=1)
    assert (message.handed_at, message.attempts, message.claimed_by) == (None, 0, "")


def test_a_key_is_queued_once_whatever_comes_after_it(outbox):
    first = enqueue(drafts=[draft("a", body="甲"), draft("a", body="乙"), draft("b")])
    again = enqueue(drafts=[draft("b", body="丙"), draft("c"), draft("a")])
    assert first["a"] == again["a"]
    assert first["b"] == again["b"]
    assert list(Message.objects.order_by("id").values_list("key", "body")) == [
        ("a", "甲"), ("b", draft().body), ("c", draft().body),
    ]  # fmt: skip


def test_more_than_one_chunk_keeps_its_order(outbox):
    count = actions.CHUNK + 3
    numbers = enqueue(drafts=(draft(f"m{number}") for number in range(count)))
    assert len(numbers) == count
    assert [numbers[f"m{number}"] for number in range(count)] == sorted(numbers.values())


def test_a_rival_who_queues_the_same_key_first_wins(outbox, monkeypatch):
    really = bulk.insert
    calls = []

    def insert(model, columns, rows):
        calls.append(model)
        if len(calls) == 1:
            raise IntegrityError("the rival was here")
        return really(model, columns, rows)

    monkeypatch.setattr(bulk, "insert", insert)
    assert set(enqueue(drafts=[draft("a"), draft("b")])) == {"a", "b"}
    assert Message.objects.count() == 2


def test_a_server_counts_the_outbox_anew_after_many_messages_and_only_then(outbox, monkeypatch):
    said = []
    stand_in = SimpleNamespace(
        vendor="postgresql", ops=connection.ops,
        cursor=lambda: nullcontext(SimpleNamespace(execute=said.append)),
    )  # fmt: skip
    monkeypatch.setattr(actions, "connection", stand_in)
    enqueue(drafts=[draft(f"few{number}") for number in range(3)])
    assert said == []
    enqueue(drafts=[draft(f"many{number}") for number in range(actions.MANY)])
    assert said == ['ANALYZE "dispatch_message"']


@pytest.mark.needs("postgresql")
def test_what_points_to_a_message_is_checked_by_its_index_however_few_there_were(outbox):
    if connection.vendor != "postgresql":
        pytest.skip("postgresql is not the database of this run")
    enqueue(drafts=[draft("first")])
    enqueue(drafts=[draft(f"many{number}") for number in range(actions.MANY)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'dispatch_message'")
        assert cursor.fetchone()[0] >= actions.MANY
        cursor.execute("EXPLAIN SELECT 1 FROM ONLY dispatch_message WHERE id = 7 FOR KEY SHARE")
        assert "Index Scan" in "".join(row[0] for row in cursor.fetchall())


def test_nothing_to_queue_is_no_error(outbox):
    assert enqueue(drafts=[]) == {}


def test_reference_routes_never_undo_the_countys_own(county, people):
    load_reference()
    route(kind="sms", channel="console", by=people["administrator"])
    load_reference()
    assert queries.routes()["sms"] == "console"
    assert queries.routes()["email"] == "smtp"
    assert Entry.objects.filter(verb="dispatch.route", about="route:sms").count() == 1


@pytest.mark.parametrize(("kind", "channel"), [("sms", "smtp"), ("sms", "pigeon"), ("tam-tam", "file")])
def test_a_channel_carries_only_its_own_kinds(county, people, kind, channel):
    with pytest.raises(BadInput, match=channel):
        route(kind=kind, channel=channel, by=people["administrator"])
    assert not Route.objects.exists()


def test_only_the_administrator_changes_a_route(county, people):
    with pytest.raises(NotAllowed):
        route(kind="sms", channel="console", by=people["duty_officer"])
    assert not Route.objects.exists()


@pytest.mark.clause("W4")
def test_the_first_receipt_counts_and_unknown_ones_are_left_alone(outbox, now):
    (message,) = queue(draft())
    dispatch_batch(worker="w")
    later = now + timedelta(seconds=30)
    late = now + timedelta(seconds=90)
    assert deliver(receipts=[(message.pk, late), (message.pk, later), (999_999, now)]) == 1
    assert deliver(receipts=[(message.pk, late)]) == 0
    message.refresh_from_db()
    assert (message.handed_at, message.delivered_at) == (now, later)
    assert list(Entry.objects.filter(verb="dispatch.deliver").values_list("payload", flat=True)) == ['{"count":1}']


def test_a_receipt_before_our_own_record_never_parts_the_two_moments(outbox, now):
    sent, overtaken = queue(draft("sent"), draft("overtaken"))
    Message.objects.filter(pk=sent.pk).update(handed_at=now)
    early = now - timedelta(seconds=5)
    deliver(receipts=[(sent.pk, early), (overtaken.pk, early)])
    sent.refresh_from_db()
    overtaken.refresh_from_db()
    assert (sent.handed_at, sent.delivered_at) == (now, now)
    assert (overtaken.handed_at, overtaken.delivered_at) == (early, early)


def test_a_failure_needs_no_reason_but_always_gets_one(outbox, now):
    (one, other, arrived) = queue(draft("a"), draft("b"), draft("c"))
    deliver(receipts=[(arrived.pk, now)])
    assert fail(failures=[(one.pk, now, ""), (other.pk, now, "空号"), (arrived.pk, now, "空号")]) == 2
    assert fail(failures=[(one.pk, now, "again")]) == 0
    assert dict(Message.objects.values_list("key", "failure")) == {"a": "unknown", "b": "空号", "c": ""}


def test_cancelling_catches_only_what_still_waits(outbox, now):
    handed, _waiting, failed = queue(draft("handed"), draft("waiting"), draft("failed"))
    Message.objects.filter(pk=handed.pk).update(handed_at=now)
    fail(failures=[(failed.pk, now, "空号")])
    assert cancel(keys=["handed", "waiting", "failed", "unheard of"]) == 1
    assert cancel(keys=["waiting"]) == 0
    assert list(Message.objects.filter(cancelled_at=now).values_list("key", flat=True)) == ["waiting"]


def test_nothing_about_a_message_reaches_the_ledger_but_counts(outbox, now):
    (message,) = queue(draft(body="张三家", address="13912345678"))
    dispatch_batch(worker="w")
    deliver(receipts=[(message.pk, now)])
    written = "".join(f"{entry.about}{entry.payload}" for entry in Entry.objects.all())
    assert "张三" not in written
    assert "13912345678" not in written
    assert '"handed":1' in written
