"""Feeds of the settings: asked in the background, taken in once, and what is wrong with them is told."""

import pytest

from anlan.county.sense import jobs, polling
from anlan.county.sense.models import Alert, Feed


@pytest.fixture
def folder(tmp_path, settings, people, monkeypatch):
    settings.FEEDS = str(tmp_path)
    monkeypatch.setattr(polling, "WATCHES", {})
    return tmp_path


def turn(folder):
    """Ask, wait until the answer is there, take it in."""
    watch = polling.WATCHES.setdefault(str(folder), polling.Watch())
    watch.asked_s = float("-inf")
    jobs.poll()
    watch.fetch.join(20)
    return jobs.poll()


@pytest.mark.clause("W1")
def test_an_alert_that_appears_in_a_feed_is_taken_in_once_and_rings(folder, sample):
    (folder / "red.xml").write_bytes(sample())
    assert turn(folder) == 1
    alert = Alert.objects.get()
    assert alert.answer_by is not None
    assert turn(folder) == 0
    assert Alert.objects.count() == 1
    assert Feed.objects.get().heard_at is not None


def test_what_cannot_be_read_is_told_on_the_feed_and_does_not_keep_out_the_rest(folder, sample):
    (folder / "a.xml").write_bytes(b"<alert>")
    (folder / "b.xml").write_bytes(sample())
    assert turn(folder) == 1
    feed = Feed.objects.get()
    assert feed.trouble.startswith("a.xml")
    assert not feed.failed
    before = feed.trouble_at
    assert turn(folder) == 0
    assert Feed.objects.get().trouble_at == before


def test_a_feed_that_gives_nothing_says_why_until_it_is_well(folder, settings, sample):
    gone = folder / "not-there"
    settings.FEEDS = str(gone)
    turn(gone)
    feed = Feed.objects.get()
    assert (feed.failed, feed.heard_at) == (True, None)
    assert feed.trouble
    gone.mkdir()
    turn(gone)
    assert not Feed.objects.get().failed


def test_it_is_not_asked_again_before_its_minute_is_over(folder):
    jobs.poll()
    watch = polling.WATCHES[str(folder)]
    watch.fetch.join(20)
    jobs.poll()
    assert watch.fetch is None


def test_without_a_feed_nothing_is_asked(people, settings, monkeypatch):
    monkeypatch.setattr(polling, "WATCHES", {})
    settings.FEEDS = ""
    assert jobs.poll() == 0
    assert polling.WATCHES == {}


def test_the_name_of_a_feed_holds_no_password():
    assert polling.named("https://me:secret@alerts.example/cap/feed.xml?key=1") == "alerts.example/cap/feed.xml"
    assert polling.named("/srv/alerts") == "/srv/alerts"
