"""Texts as sound: once for each text, whole or not at all, and nothing where this machine cannot speak."""

import io
import logging
import shutil
import subprocess
import wave
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.county.dispatch import speaking
from anlan.engine.audience import words
from anlan.engine.audience.speech import pronounce

TEXT = "石鼻镇的乡亲请注意：未来24小时暴雨红色预警。"
speaks = pytest.mark.needs("espeak")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.SPEECH = tmp_path / "speech"
    return settings.SPEECH


def seconds(sound):
    with wave.open(io.BytesIO(sound)) as read:
        assert (read.getnchannels(), read.getsampwidth()) == (1, 2)
        return read.getnframes() / read.getframerate()


@speaks
def test_a_text_becomes_sound_once_and_is_kept_under_what_is_spoken(folder, monkeypatch):
    sound = speaking.wav(TEXT)
    assert 3 < seconds(sound) < 20
    (kept,) = folder.iterdir()
    assert kept.name == f"{speaking.address(TEXT).rpartition('/')[2]}"
    assert speaking.kept(kept.stem) == sound
    monkeypatch.setattr(subprocess, "run", lambda *_words, **_more: pytest.fail("spoken twice"))
    assert speaking.wav(TEXT) == sound
    assert speaking.wav(TEXT.replace("24小时", "二十四小时")) == sound, "it sounds the same"


@speaks
def test_a_longer_text_takes_longer(folder):
    assert seconds(speaking.wav(TEXT * 3)) > 2 * seconds(speaking.wav(TEXT))


@speaks
def test_several_at_once_leave_one_whole_file(folder):
    with ThreadPoolExecutor(4) as pool:
        sounds = set(pool.map(speaking.wav, [TEXT] * 4))
    assert len(sounds) == 1
    assert [each.suffix for each in folder.iterdir()] == [".wav"]


@speaks
@settings(max_examples=8, deadline=None)
@given(st.text(max_size=40))
def test_whatever_the_text_there_is_sound_or_nothing(text):
    sound = speaking.wav(text)
    assert sound == b"" or seconds(sound) >= 0


def test_where_this_machine_cannot_speak_there_is_nothing_and_nothing_is_left(folder, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda program: None)
    assert not speaking.available()
    assert speaking.wav(TEXT) == b""
    assert list(folder.glob("*")) == []


@pytest.mark.parametrize("program", ["false", "/nowhere/espeak-ng"])
def test_a_program_that_fails_leaves_nothing_and_does_not_quote_the_text(folder, monkeypatch, caplog, program):
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{program}" if program == "false" else program)
    with caplog.at_level(logging.WARNING):
        assert speaking.wav(TEXT) == b""
    assert list(folder.glob("*")) == []
    assert "espeak-ng failed" in caplog.text
    assert "石鼻" not in caplog.text


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_is_not_spoken(text):
    assert speaking.wav(text) == b""


def sounds_of(text):
    """What the program would say, in its own letters."""
    command = [speaking.PROGRAM, "-v", speaking.VOICE, "-q", "-x", "--stdin"]
    return subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout.decode()


@speaks
@pytest.mark.long
def test_no_word_of_any_template_is_read_as_english():
    every = {
        words.draft(hazard, level, audience, "石鼻镇等10个乡镇", hours, "安义县").voice
        for hazard in words.hazards()
        for level in (2, 4)
        for audience in words.AUDIENCES
        for hours in (24, 240)
    }
    said = sounds_of(pronounce("\n".join(sorted(every)) + words.prompt()))
    assert len(said) > 1000
    assert "(en)" not in said


@speaks
@pytest.mark.parametrize(
    ("word", "wrong"),
    [("淹没", "m'ei"), ("避难", "n'a35n"), ("倒塌", "t'Au51"), ("应急", "j'i55N"), ("处置", "ts.h'u51")],
)
def test_a_word_with_two_readings_is_read_in_the_right_one(word, wrong):
    assert wrong in sounds_of(word), "the program has learnt it: take it off the list"
    assert wrong not in sounds_of(pronounce(word))
