"""Photographs at rest: sealed, moved to a new key with everything else, and gone when they are told to go."""

import pytest

from anlan.county import seal
from anlan.county.registry import pictures, rotation

WALL = b"\xff\xd8\xff a wall with a crack" * 20_000  # more than one piece


@pytest.fixture
def own_folder(settings, tmp_path):
    settings.PHOTOS = tmp_path / "photos"


def test_it_is_read_as_it_was_kept_and_lies_sealed(own_folder):
    pictures.keep("a-1", WALL)
    assert b"".join(pictures.read("a-1")) == WALL
    assert b"crack" not in pictures.path("a-1").read_bytes()
    assert [each.name for each in pictures.path("a-1").parent.iterdir()] == ["a-1.photo"]


def test_one_under_anothers_name_is_refused(own_folder):
    pictures.keep("a-1", WALL)
    pictures.path("a-1").rename(pictures.path("a-2"))
    with pytest.raises(seal.KeyWrong):
        list(pictures.read("a-2"))


def test_what_is_not_here_is_nothing(own_folder):
    assert b"".join(pictures.read("gone")) == b""
    pictures.forget("gone")
    pictures.keep("a-1", WALL)
    pictures.forget("a-1")
    assert b"".join(pictures.read("a-1")) == b""


def test_a_new_key_takes_it_along_and_the_old_one_can_go(own_folder, settings, tmp_path, people):
    settings.KEYS = tmp_path / "keys.toml"
    seal.write(seal.new_ring("aes"), settings.KEYS, new=True)
    pictures.keep("a-1", WALL)
    old = pictures.heads()
    rotation.new_key("aes")
    assert b"".join(pictures.read("a-1")) == WALL
    assert rotation.seal_anew(by="administrator") >= 1
    assert pictures.heads() == {seal.ring().current} != old
    assert rotation.forget_old(by="administrator") == 1
    assert b"".join(pictures.read("a-1")) == WALL
