"""What is kept of a file that was sent: sealed, forgotten when its time is over, never left behind in the clear."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler
from tests.county.registry.books import house, number, rows_of, zipped

from anlan.county import clock, seal
from anlan.county.ledger.models import Entry
from anlan.county.registry import actions, jobs, previews, rotation, waiting
from anlan.county.registry.actions import confirm, discard, merge_confirmed, preview, receive, undo
from anlan.county.registry.models import Batch, Household
from anlan.county.registry.sheets import workbook

GOOD, BAD = house(1), house(2, 户主身份证号="990123197211110034")
NAME = "示例1".encode()


@pytest.fixture(autouse=True)
def imports(settings, tmp_path):
    settings.IMPORTS = tmp_path / "imports"
    return settings.IMPORTS


@pytest.fixture
def sent(people):
    """A file with one household to take in and one to give back, looked at."""

    def sent(*houses, by="administrator"):
        content = workbook(rows_of(*(houses or (GOOD, BAD))))
        return preview(batch=receive(pieces=[content], name="名册.xlsx", by=people[by]))

    return sent


def merged(batch, people):
    return merge_confirmed(batch=confirm(batch=batch, by=people["administrator"], seen=batch.seen))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_that_lies_there_can_be_read_without_the_key(sent, imports):
    batch = sent()
    found = contents(waiting.folder(batch.pk))
    assert set(found) == {"source", "preview.jsonl", "refusals.jsonl", "refused.xlsx"}
    for name, content in found.items():
        assert content[:4] == seal.ring().current, name
        assert not any(word in content for word in (NAME, number(1).encode(), b"PK\x03\x04", b'"code"')), name
    with seal.held(seal.new_ring("aes")), pytest.raises(seal.KeyMissing):
        list(previews.read(waiting.preview(batch.pk), 0, 5))
    assert [line["name"] for line in previews.read(waiting.preview(batch.pk), 0, 5)] == ["示例1"]


def test_a_page_of_a_preview_begins_where_it_is_asked_to(sent):
    batch = sent(*(house(serial) for serial in range(1, 8)))
    names = [line["name"] for line in previews.read(waiting.preview(batch.pk), 2, 3)]
    assert names == ["示例3", "示例4", "示例5"]
    assert list(previews.read(waiting.returned(batch.pk), 0, 5)) == []


def test_a_file_of_another_batch_is_refused(sent):
    one, other = sent(), sent()
    waiting.source(other.pk).write_bytes(waiting.source(one.pk).read_bytes())
    with pytest.raises(seal.KeyWrong):
        preview(batch=other)


def test_merged_the_file_goes_and_the_rows_to_put_right_stay_until_their_time(sent, people):
    batch = merged(sent(), people)
    assert set(contents(waiting.folder(batch.pk))) == {"refusals.jsonl", "refused.xlsx"}
    with waiting.given_out(waiting.returned(batch.pk)) as file:
        assert file.read(4) == b"PK\x03\x04"
    with clock.held(clock.now() + timedelta(days=30)):
        assert jobs.forget_files() == 0
    with clock.held(clock.now() + timedelta(days=31)):
        assert jobs.forget_files() == 1
        assert jobs.forget_files() == 0
    assert not waiting.folder(batch.pk).exists()
    assert Batch.objects.get().state == "merged"
    assert Household.objects.count() == 1
    (line,) = Entry.objects.filter(verb="registry.forget_file")
    assert (line.about, line.by) == (f"batch:{batch.pk}", "anlan")


def test_the_time_runs_anew_from_the_day_it_was_taken_back(sent, people):
    batch = merged(sent(), people)
    with clock.held(clock.now() + timedelta(days=20)):
        undo(batch=batch, by=people["administrator"])
    with clock.held(clock.now() + timedelta(days=31)):
        assert jobs.forget_files() == 0
    with clock.held(clock.now() + timedelta(days=51)):
        assert jobs.forget_files() == 1
    assert Batch.objects.get().state == "undone"


@pytest.mark.parametrize("houses", [(GOOD,), (BAD,)], ids=["staged", "refused"])
def test_what_nobody_decided_on_is_thrown_away(sent, people, houses):
    batch = sent(*houses)
    with clock.held(clock.now() + timedelta(days=31)):
        assert jobs.forget_files() == 1
    batch.refresh_from_db()
    assert batch.state == "discarded"
    assert not waiting.folder(batch.pk).exists()
    with pytest.raises(actions.Refused):
        discard(batch=batch, by=people["administrator"])


def test_what_somebody_confirmed_is_merged_however_late(sent, people):
    batch = sent()
    confirm(batch=batch, by=people["administrator"], seen=batch.seen)
    with clock.held(clock.now() + timedelta(days=300)):
        assert jobs.forget_files() == 0
        assert jobs.merge_confirmed() == 1
    assert Household.objects.count() == 1


def test_what_is_confirmed_while_old_files_are_looked_for_stays(sent, people, monkeypatch):
    batch = sent()

    def over(kept, _since):
        confirm(batch=batch, by=people["administrator"], seen=batch.seen)
        return kept

    monkeypatch.setattr(actions.importing, "over", over)
    assert jobs.forget_files() == 0
    assert jobs.merge_confirmed() == 1


def test_what_broke_off_in_being_sent_goes_too_when_it_is_old(people, imports, now):
    waiting.keep(99, [b"never committed"])
    (imports / "lock").touch()
    assert jobs.forget_files() == 0
    long_ago = (now - timedelta(days=40)).timestamp()
    os.utime(waiting.folder(99), (long_ago, long_ago))
    assert jobs.forget_files() == 1
    assert [each.name for each in imports.iterdir()] == ["lock"]


def test_the_worker_forgets_by_itself(sent):
    sent()
    with clock.held(clock.now() + timedelta(days=31)):
        assert jobs.forget_files in jobs.JOBS
        assert sum(job() for job in jobs.JOBS) == 1


def test_a_new_key_takes_the_waiting_files_along(keys, people):
    content = workbook(rows_of(GOOD))
    batch = preview(batch=receive(pieces=[content], name="名册.xlsx", by=people["administrator"]))
    (waiting.folder(batch.pk) / "source.killed").write_bytes(waiting.source(batch.pk).read_bytes())
    old = seal.ring().current
    rotation.new_key("sm4")
    assert waiting.heads() == {old}
    assert rotation.forget_old(by="t") == 0
    assert rotation.seal_anew(by="t") >= 3
    assert waiting.heads() == {seal.ring().current} != {old}
    assert rotation.forget_old(by="t") == 1
    assert merged(batch, people).state == "merged"


def test_an_old_key_stays_while_a_file_needs_it(keys, people):
    receive(pieces=[b"x"], name="x", by=people["administrator"])
    Batch.objects.all().delete()
    rotation.new_key("aes")
    assert rotation.forget_old(by="t") == 0
    assert waiting.seal_anew() == 1


def test_the_rows_to_put_right_are_given_out_until_then_and_not_after(client, sent, people):
    client.force_login(people["administrator"], backend="anlan.county.office.authentication.Passwords")
    batch = sent()
    page = f"/registry/import/{batch.pk}/"
    assert b"".join(client.get(f"{page}refused.xlsx")).startswith(b"PK")
    with clock.held(clock.now() + timedelta(days=31)):
        jobs.forget_files()
        assert client.get(f"{page}refused.xlsx").status_code == 404
        text = client.get(page).content.decode()
    assert "refused.xlsx" not in text


def test_nothing_is_unpacked_or_uploaded_under_a_name(client, people, tmp_path, monkeypatch, settings):
    """Large enough for Django to put it on the disk; a zip, so that its members are unpacked."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr(
        MemoryFileUploadHandler, "handle_raw_input", lambda self, *_words, **_more: setattr(self, "activated", False)
    )
    seen = []
    stage = actions.importing.stage
    monkeypatch.setattr(actions.importing, "stage", lambda *words: seen.append([*folder.iterdir()]) or stage(*words))
    path = zipped(tmp_path / "a.zip", **{"名册.xlsx": workbook(rows_of(GOOD))})
    client.force_login(people["administrator"], backend="anlan.county.office.authentication.Passwords")
    with path.open("rb") as file:
        client.post("/registry/import/", {"file": file}, follow=True)
    assert seen == [[]]
    assert Batch.objects.get().state == "staged"
    assert [*folder.iterdir()] == []
    assert Path("/proc/self/fd").is_dir()


def test_an_upload_that_breaks_off_is_let_go():
    from anlan.county.config.uploads import UnnamedFileUploadHandler

    handler = UnnamedFileUploadHandler()
    handler.upload_interrupted()
    handler.new_file("file", "a.xlsx", "x", 10)
    handler.receive_data_chunk(b"abc", 0)
    kept = handler.file
    assert handler.file_complete(3).read() == b"abc"
    handler.upload_interrupted()
    assert kept.closed


def test_where_nothing_was_ever_sent_there_is_nothing_to_forget(db, imports):
    assert waiting.kept() == []
    assert jobs.forget_files() == 0
    assert not imports.exists()
