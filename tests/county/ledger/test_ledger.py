"""The chain holds, and every way of tampering with it shows."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from anlan.county import clock
from anlan.county.ledger.actions import Line, record, record_many
from anlan.county.ledger.models import Entry, Head
from anlan.county.ledger.queries import about, verify
from anlan.county.ledger.rules import canonical, digest


@pytest.fixture
def chain(db, now):
    record_many([Line("household.enrol", f"household:{n}", {"size": n}) for n in range(1, 8)], by="anlan")


def sql(text: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


@pytest.mark.clause("A2")
def test_a_whole_chain_is_verified(chain):
    verdict = verify()
    assert (verdict.entries, verdict.verified, verdict.first_broken) == (7, True, None)


def test_an_empty_chain_is_whole(db):
    assert verify().verified


@pytest.mark.clause("A2")
@pytest.mark.parametrize("column", ["verb", "about", "payload", '"by"', "hash", "previous"])
def test_an_edited_entry_shows(chain, column):
    sql(f"UPDATE ledger_entry SET {column} = %s WHERE seq = 4", "x")
    assert not verify().verified
    assert verify().first_broken == 4


def test_an_edited_time_shows(chain):
    sql("UPDATE ledger_entry SET at = %s WHERE seq = 2", "2020-01-01 00:00:00")
    assert verify().first_broken == 2


@pytest.mark.clause("A2")
@pytest.mark.parametrize("seq", [1, 4, 7])
def test_a_deleted_entry_shows(chain, seq):
    sql("DELETE FROM ledger_entry WHERE seq = %s", seq)
    assert verify().first_broken == seq
    assert verify().entries == 6


def test_an_emptied_chain_shows(chain):
    sql("DELETE FROM ledger_entry")
    assert verify().first_broken == 1


@pytest.mark.clause("A2")
def test_two_entries_that_changed_places_show(chain):
    sql("UPDATE ledger_entry SET seq = 99 WHERE seq = 3")
    sql("UPDATE ledger_entry SET seq = 3 WHERE seq = 5")
    sql("UPDATE ledger_entry SET seq = 5 WHERE seq = 99")
    assert verify().first_broken == 3


@pytest.mark.clause("A2")
def test_an_inserted_entry_shows_even_with_a_right_hash(chain, now):
    last = Entry.objects.get(seq=7)
    forged = digest(last.hash, 8, now, "x", "x", "x", "{}")
    sql(
        'INSERT INTO ledger_entry (seq, at, "by", verb, about, payload, previous, hash)'
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        8, connection.ops.adapt_datetimefield_value(now), "x", "x", "x", "{}", last.hash, forged,
    )  # fmt: skip
    assert verify().first_broken == 8


def test_a_changed_head_shows(chain):
    Head.objects.update(hash="0" * 64)
    assert not verify().verified


def test_entries_cannot_be_saved_or_deleted_by_the_model(chain):
    entry = Entry.objects.first()
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


def test_what_happened_to_a_thing_is_found_in_order(chain):
    record("household.relocate", about="household:3", by="cadre")
    assert [entry.verb for entry in about("household:3")] == ["household.enrol", "household.relocate"]


def test_an_entry_tells_itself_in_a_line(chain):
    assert str(Entry.objects.first()) == "1 household.enrol household:1"
    assert str(Head.objects.get()).startswith("7 ")


def test_writing_nothing_changes_nothing(chain):
    assert record_many([], by="anlan") == 0
    assert verify().entries == 7


def test_a_given_moment_is_kept(db, now):
    at = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    record_many([Line("x", "y")], by="anlan", at=at)
    assert Entry.objects.get().at == at


def run(*arguments: str, capsys) -> tuple[int, dict]:
    try:
        call_command(*arguments)
        code = 0
    except SystemExit as leaving:
        code = leaving.code
    return code, json.loads(capsys.readouterr().out)


def test_the_command_prints_the_verdict_and_exits_2_when_broken(chain, capsys):
    assert run("ledger_verify", "--json", capsys=capsys) == (
        0,
        {"entries": 7, "verified": True, "first_broken": None},
    )
    sql("UPDATE ledger_entry SET payload = '{}' WHERE seq = 6")
    assert run("ledger_verify", "--json", capsys=capsys) == (
        2,
        {"entries": 7, "verified": False, "first_broken": 6},
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
@settings(max_examples=50)
def test_a_payload_has_one_text_that_reads_back(payload):
    assert json.loads(canonical(payload)) == payload
    assert canonical(json.loads(canonical(payload))) == canonical(payload)


@given(st.lists(st.text(max_size=5), min_size=2, max_size=2), st.integers(1, 9))
@settings(max_examples=50)
def test_columns_cannot_shift_into_each_other(words, seq):
    at = datetime(2026, 6, 18, tzinfo=UTC)
    one = digest("0", seq, at, words[0], words[1], "a", "{}")
    other = digest("0", seq, at, words[0] + words[1], "", "a", "{}")
    assert (one == other) == (words[1] == "")


class AnyHistory(TestCase):
    """Whatever is written in whatever portions, the chain verifies, and one changed byte breaks it."""

    @settings(max_examples=20, deadline=None)
    @given(portions=st.lists(st.lists(st.text(max_size=8), max_size=4), min_size=1, max_size=5), data=st.data())
    def test_any_history(self, portions, data):
        with clock.held(datetime(2026, 6, 18, tzinfo=UTC)):
            for portion in portions:
                record_many([Line("v", "a:b", {"t": text}) for text in portion], by="x")
        entries = sum(map(len, portions))
        assert verify().entries == entries
        assert verify().verified
        if entries:
            seq = data.draw(st.integers(1, entries))
            Entry.objects.filter(seq=seq).update(payload="tampered")
            assert verify().first_broken == seq
