"""Sealed files: of any size they come back whole or not at all, and nothing lies there that can be read."""

import os
import subprocess
import sys

import pytest
from django.test.utils import override_settings
from hypothesis import given
from hypothesis import strategies as st

from anlan.county import seal, sealed_files
from anlan.county.sealed_files import PIECE, TAG, lines, opened, pieces, unnamed, writing

PLACE = "registry.import 7 source"
HEAD = seal.KEY_ID + sealed_files.SALT


@pytest.fixture(params=["aes", "sm4"])
def ring(request, tmp_path):
    """A key file of the test's own, in either suite."""
    made, path = seal.new_ring(request.param), tmp_path / "keys.toml"
    seal.write(made, path, new=True)
    with override_settings(KEYS=path):
        seal.forget()
        yield made
    seal.forget()


@pytest.fixture
def kept(tmp_path, ring):
    """Seals some bytes into a file, written in uneven parts."""

    def kept(content, parts=3):
        path, step = tmp_path / "kept", max(1, len(content) // parts)
        with writing(path, PLACE) as file:
            for start in range(0, len(content), step):
                file.write(content[start : start + step])
        return path

    return kept


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 5])
def test_a_file_of_any_size_comes_back_as_it_was(kept, size):
    content = os.urandom(size)
    path = kept(content)
    found = list(pieces(path, PLACE))
    assert b"".join(found) == content
    assert max(map(len, found)) <= PIECE
    assert len(found) == max(1, -(-size // PIECE))
    assert path.stat().st_size == HEAD + size + TAG * len(found)


@given(parts=st.lists(st.binary(max_size=200), max_size=20))
def test_how_it_was_cut_when_it_was_written_makes_no_difference(tmp_path_factory, parts):
    path = tmp_path_factory.mktemp("cut") / "kept"
    with writing(path, PLACE) as file:
        assert [file.write(part) for part in parts] == [len(part) for part in parts]
    assert b"".join(pieces(path, PLACE)) == b"".join(parts)


def test_nothing_that_was_written_can_be_read_in_it_and_nobody_else_may_open_it(kept):
    name = "示例甲".encode()
    path = kept(name * 50_000)
    assert name not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert path.read_bytes() != kept(name * 50_000).read_bytes()


@pytest.mark.parametrize("place", [0, seal.KEY_ID, HEAD, HEAD + PIECE + TAG + 3, -1])
def test_a_changed_bit_is_refused(kept, place):
    path = kept(os.urandom(PIECE * 2))
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises((seal.KeyWrong, seal.KeyMissing)):
        list(pieces(path, PLACE))


@pytest.mark.parametrize("length", [0, 3, HEAD, HEAD + 5, HEAD + PIECE + TAG, -1])
def test_a_file_cut_short_is_refused_even_between_two_pieces(kept, length):
    path = kept(os.urandom(PIECE * 2 + 9))
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises((seal.KeyWrong, seal.KeyMissing)):
        list(pieces(path, PLACE))


def test_pieces_that_changed_places_are_refused(kept):
    path = kept(os.urandom(PIECE * 3))
    content, long = path.read_bytes(), PIECE + TAG
    head, first, second = content[:HEAD], content[HEAD : HEAD + long], content[HEAD + long : HEAD + 2 * long]
    path.write_bytes(head + second + first + content[HEAD + 2 * long :])
    with pytest.raises(seal.KeyWrong):
        list(pieces(path, PLACE))


def test_more_at_the_end_is_refused(kept):
    path = kept(b"x")
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(seal.KeyWrong):
        list(pieces(path, PLACE))


def test_a_file_laid_in_another_place_is_refused(kept):
    with pytest.raises(seal.KeyWrong):
        list(pieces(kept(b"x"), "registry.import 8 source"))


def test_a_defect_of_the_cipher_is_no_wrong_key(kept, monkeypatch):
    class Broken:
        def decrypt(self, *_words):
            raise OSError("no such device")

    path = kept(b"x")
    monkeypatch.setattr(seal.Ring, "of_file", lambda *_words: Broken())
    with pytest.raises(OSError, match="no such device"):
        list(pieces(path, PLACE))


def test_lines_come_back_across_the_pieces(kept):
    said = [f"第 {number} 行" for number in range(40_000)]
    assert list(lines(kept("\n".join(said).encode()), PLACE)) == said
    assert list(lines(kept(b"a\n\nb\n"), PLACE)) == ["a", "", "b"]
    assert list(lines(kept(b""), PLACE)) == []


def test_a_file_that_breaks_off_takes_no_name_and_leaves_the_old_one(kept, tmp_path):
    path = kept(b"old")

    def broken():
        with writing(path, PLACE) as file:
            file.write(b"new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert b"".join(pieces(path, PLACE)) == b"old"
    assert {each.name for each in tmp_path.iterdir()} == {"kept", "keys.toml"}


def test_it_is_sealed_anew_once_and_never_without_its_key(kept, ring):
    path = kept(b"x" * 100)
    assert not sealed_files.seal_anew(path, PLACE)
    newer = seal.Ring([*seal.new_ring("aes").keys, *ring.keys], ring.blind_key)
    with seal.held(newer):
        assert sealed_files.seal_anew(path, PLACE)
        assert not sealed_files.seal_anew(path, PLACE)
        assert sealed_files.head(path) == newer.current
        assert b"".join(pieces(path, PLACE)) == b"x" * 100
    assert not sealed_files.seal_anew(path, PLACE)  # sealed with a key that is not here


def test_what_must_be_read_from_a_path_has_one_as_long_as_it_is_read(kept):
    path = kept(b"abc" * 1000)
    with opened(path, PLACE) as plain:
        assert plain.read_bytes() == b"abc" * 1000
        assert plain.read_bytes() == b"abc" * 1000  # opened anew each time
    assert not plain.exists() or plain.read_bytes() != b"abc" * 1000


def test_a_system_without_such_paths_gives_it_a_name_of_its_own(kept, tmp_path, monkeypatch):
    monkeypatch.setattr(sealed_files, "DESCRIPTORS", tmp_path / "none")
    with opened(kept(b"abc"), PLACE) as plain:
        assert plain.read_bytes() == b"abc"
        assert plain.stat().st_mode & 0o077 == 0
    assert not plain.exists()


KILLED = """
import os, signal, sys
from anlan.county.sealed_files import unnamed
with unnamed() as (file, path):
    file.write(b"secret")
    file.flush()
    assert path.read_bytes() == b"secret"
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_it_leaves_nothing_behind(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    environment["DJANGO_SETTINGS_MODULE"] = "anlan.county.config.settings"
    done = subprocess.run([sys.executable, "-c", KILLED], env=environment, check=False, capture_output=True)
    assert done.returncode == -9, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unnamed_file_is_in_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with unnamed() as (file, path):
        file.write(b"x")
        file.flush()
        assert path.read_bytes() == b"x"
        assert list(tmp_path.iterdir()) == []
