"""The county's last resort is a file: readable by a person, without anybody's number, which is given out on record."""

import json
import stat

import pytest
from django.core.management import call_command
from tests.county.dispatch.conftest import draft, spooled

from anlan.county.dispatch.actions import enqueue
from anlan.county.dispatch.channels import channels
from anlan.county.dispatch.models import Message
from anlan.county.dispatch.spool import open_lines
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.personal import masked_address

A, C = "360123101201", "360123102201"


@pytest.fixture
def written(people, outbox, spool):
    """Three messages of two villages and a list, written by the file channel; the file of short messages."""
    drafts = [draft(key="a", address="10012345678", division_id=A),
              draft(key="c", address="10012345679", division_id=C),
              draft(key="l", kind="list", address=A, division_id=A)]  # fmt: skip
    enqueue(drafts=drafts)
    channels()["file"].send(list(Message.objects.order_by("id")))
    (path,) = (spool / "sms").glob("*.jsonl")
    return path


@pytest.mark.parametrize(
    ("address", "shown"),
    [("10012345678", "100****5678"), (A, A), ("ming@example.org", "m***@example.org"), ("12345", "*****"), ("", "")],
)
def test_an_address_is_shown_as_what_it_is_and_as_nobodys(address, shown):
    assert masked_address(address) == shown


@pytest.mark.clause("H3")
def test_the_file_says_everything_but_whose_number_it_is(written, spool):
    lines = spooled(spool)
    assert {line["address"] for line in lines} == {"100****5678", "100****5679", A}
    assert "10012345678" not in written.read_text()
    assert all(line["body"] for line in lines)


@pytest.mark.clause("H3", "W2")
def test_somebody_who_says_why_gets_the_numbers_of_their_own_divisions_on_record(written, people):
    lines = written.read_text().splitlines()
    every = open_lines(name="x.jsonl", lines=[*lines, '{"key": "to'], reason="contact", by=people["duty_officer"])
    assert [line["address"] for line in every.lines] == ["10012345678", "10012345679"]
    assert (every.closed, every.torn) == (0, 1)
    mine = open_lines(name="x.jsonl", lines=lines, reason="contact", by=people["village_cadre_a"])
    assert ([line["key"] for line in mine.lines], mine.closed) == (["a"], 1)
    told = [json.loads(each.payload) for each in Entry.objects.filter(verb="dispatch.open")]
    assert told == [{"file": "x.jsonl", "reason": "contact", "count": count} for count in (2, 1)]


def test_without_a_reason_or_the_right_nobody_gets_any(written, people):
    lines = written.read_text().splitlines()
    with pytest.raises(BadInput, match="理由"):
        open_lines(name="x", lines=lines, reason="", by=people["duty_officer"])
    with pytest.raises(NotAllowed):
        open_lines(name="x", lines=lines, reason="contact", by=people["auditor"])
    assert not Entry.objects.filter(verb="dispatch.open").exists()


def test_a_line_of_no_message_of_ours_stays_closed(people):
    found = open_lines(name="x", lines=['{"key": "nobody"}', "[]", '"x"'], reason="contact", by=people["duty_officer"])
    assert (found.lines, found.closed, found.torn) == ([], 1, 2)


def test_the_command_gives_them_out_to_a_file_of_one_s_own(written, people, capsys, tmp_path):
    out = tmp_path / "numbers.jsonl"
    words = ["dispatch_open", str(written), "--reason", "contact", "--by", "duty_officer"]
    call_command(*words, "--out", str(out), "--json")
    assert json.loads(capsys.readouterr().out) == {"count": 2, "closed": 0, "torn": 0, "lines": []}
    assert [json.loads(line)["address"] for line in out.read_text().splitlines()] == ["10012345678", "10012345679"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    call_command(*words)
    assert "10012345678" in capsys.readouterr().out
    with pytest.raises(BadInput, match="读不了"):
        call_command("dispatch_open", str(tmp_path / "none"), "--reason", "contact", "--by", "duty_officer")
    with pytest.raises(BadInput, match="写不进"):
        call_command(*words, "--out", str(tmp_path / "no" / "x"))
