"""Texts as sound, by espeak-ng where this machine has it: a program beside us, called and never linked.

Each distinct text is rendered once and kept as a file under its digest. Only what is broadcast or read out to many is
rendered: nothing of a person is in it, so the files need no sealing.
"""

import hashlib
import logging
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from anlan.engine.audience.speech import pronounce

log = logging.getLogger(__name__)
PROGRAM = "espeak-ng"
# Not `cmn`: as Debian ships it, that one reads half of the syllables as English letters and numbers.
VOICE, WORDS_A_MINUTE, GAP = "cmn-latn-pinyin", 150, 2
LONGEST, PATIENCE_S = 2000, 60.0
DIGEST = re.compile(r"[0-9a-f]{64}")


def available() -> bool:
    """Whether this machine can speak."""
    return shutil.which(PROGRAM) is not None


def wav(text: str) -> bytes:
    """The text as a WAV file; empty where this machine cannot speak, or the text is none."""
    spoken = pronounce(text[:LONGEST])
    if not spoken.strip():
        return b""
    kept = _place(_digest(text))
    if not kept.exists() and not _render(spoken, kept):
        return b""
    return kept.read_bytes()


def address(text: str) -> str:
    """Where a voice gateway fetches what `wav` made of a text: under its digest, which only who has the text knows."""
    return reverse("dispatch:speech", args=[_digest(text)])


def kept(digest: str) -> bytes:
    """A file that was rendered before; empty where there is none under that name."""
    try:
        return _place(digest).read_bytes() if DIGEST.fullmatch(digest) else b""
    except FileNotFoundError:
        return b""


def _digest(text: str) -> str:
    return hashlib.sha256(f"{VOICE} {WORDS_A_MINUTE} {GAP}\n{pronounce(text[:LONGEST])}".encode()).hexdigest()


def _place(digest: str) -> Path:
    return Path(settings.SPEECH) / f"{digest}.wav"


def _render(spoken: str, into: Path) -> bool:
    """Speak into a file of its own first: whoever is killed, or comes second, leaves no half a file behind."""
    program = shutil.which(PROGRAM)
    if program is None:
        return False
    into.parent.mkdir(parents=True, exist_ok=True)
    half = into.with_suffix(f".{os.getpid()}.{threading.get_ident()}.half")
    words = [program, "-v", VOICE, "-s", str(WORDS_A_MINUTE), "-g", str(GAP), "-w", str(half), "--stdin"]
    try:
        subprocess.run(words, input=spoken.encode(), capture_output=True, timeout=PATIENCE_S, check=True)  # noqa: S603 (our own words; the text goes by stdin)
        half.replace(into)
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("%s failed: %s", PROGRAM, type(error).__name__)
        return False
    finally:
        half.unlink(missing_ok=True)
    return True
