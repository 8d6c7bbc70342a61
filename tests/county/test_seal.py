"""Sealing: what comes out is what went in, or a refusal; what lies there tells nothing."""

import hashlib
import hmac
import stat

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.test.utils import override_settings
from hypothesis import given
from hypothesis import strategies as st

from anlan.county import seal

COLUMN = b"registry.person.id_number"
NUMBER = "990123197211110033"
STATES = ("healthy", "chronic", "grave", "disabled")


@pytest.fixture(params=["aes", "sm4"])
def ring(request):
    return seal.new_ring(request.param)


def test_sm3_and_sm4_are_those_of_the_standards():
    assert hashlib.new("sm3", b"abc").hexdigest().startswith("66c7f0f462eeedd9d1f2d46bdc10e4e24167c487")
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    block = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 (the standard's own vector)
    assert block.update(key).hex() == "681edf34d206965e86b3e94f536e4246"


@given(text=st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1))
@pytest.mark.parametrize("suite", ["aes", "sm4"])
def test_what_is_sealed_opens_again(suite, text):
    ring = seal.new_ring(suite)
    assert ring.open(ring.sealer(COLUMN)(text), COLUMN) == text


def test_nothing_stays_nothing(ring):
    assert ring.sealer(COLUMN)("") == b""


def test_the_same_text_never_lies_there_twice(ring):
    sealer = ring.sealer(COLUMN)
    sealed = {sealer(NUMBER) for _ in range(100)}
    assert len(sealed) == 100
    assert all(NUMBER.encode() not in each for each in sealed)


def test_a_sealed_state_of_health_does_not_tell_by_its_length_which_one_it_is(ring):
    assert len({len(ring.sealer(COLUMN)(state)) for state in STATES}) == 1


@pytest.mark.parametrize("place", [5, 20, -1])
def test_a_changed_bit_is_refused(ring, place):
    sealed = bytearray(ring.sealer(COLUMN)(NUMBER))
    sealed[place] ^= 1
    with pytest.raises(seal.KeyWrong):
        ring.open(bytes(sealed), COLUMN)


def test_a_value_cut_short_is_refused(ring):
    with pytest.raises(seal.KeyWrong):
        ring.open(ring.sealer(COLUMN)(NUMBER)[:20], COLUMN)


def test_a_value_moved_into_another_column_is_refused(ring):
    with pytest.raises(seal.KeyWrong):
        ring.open(ring.sealer(COLUMN)(NUMBER), b"registry.household.phone")


def test_another_installations_key_is_named_as_missing(ring):
    sealed = seal.new_ring("aes").sealer(COLUMN)(NUMBER)
    with pytest.raises(seal.KeyMissing, match=sealed[:4].hex()):
        ring.open(sealed, COLUMN)


def test_a_new_key_seals_and_the_old_one_still_opens(ring):
    old = ring.sealer(COLUMN)(NUMBER)
    both = seal.Ring([*seal.new_ring("sm4").keys, *ring.keys], ring.blind_key)
    assert both.sealer(COLUMN)(NUMBER)[:4] != old[:4]
    assert both.open(old, COLUMN) == NUMBER


def test_the_key_file_is_for_its_owner_alone_and_reads_back(ring, tmp_path):
    path = tmp_path / "deep" / "keys.toml"
    seal.write(ring, path, new=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = seal.read(path)
    assert again.open(ring.sealer(COLUMN)(NUMBER), COLUMN) == NUMBER
    assert again.blinder("x")(NUMBER) == ring.blinder("x")(NUMBER)
    assert [each.name for each in path.parent.iterdir()] == ["keys.toml"]


def test_a_key_file_is_not_written_over_by_a_new_one(ring, tmp_path):
    seal.write(ring, tmp_path / "keys.toml", new=True)
    before = (tmp_path / "keys.toml").read_bytes()
    with pytest.raises(FileExistsError):
        seal.write(seal.new_ring("aes"), tmp_path / "keys.toml", new=True)
    assert (tmp_path / "keys.toml").read_bytes() == before


def test_without_a_key_file_the_refusal_says_what_to_do(tmp_path):
    with override_settings(KEYS=tmp_path / "none.toml"), pytest.raises(seal.KeyMissing, match="anlan setup"):
        seal.ring()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not toml",
        "keys = []\nblind = 'aes:00'",
        "keys = ['aes:00']\nblind = 'aes:zz'",
        "keys = ['rot13:00']",
        "x = 1",
    ],
)
def test_what_is_no_key_file_is_refused(tmp_path, text):
    (tmp_path / "keys.toml").write_text(text)
    with pytest.raises(seal.KeyWrong):
        seal.read(tmp_path / "keys.toml")


def test_a_key_that_another_process_added_is_found(tmp_path):
    path = tmp_path / "keys.toml"
    old = seal.new_ring("aes")
    seal.write(old, path, new=True)
    with override_settings(KEYS=path):
        seal.ring()
        both = seal.Ring([*seal.new_ring("aes").keys, *old.keys], old.blind_key)
        seal.write(both, path, new=False)
        assert seal.opener(COLUMN)(both.sealer(COLUMN)(NUMBER)) == NUMBER


def test_a_blind_index_knows_the_number_however_it_is_written():
    blind = seal.blinder("a")
    assert blind("99012319721111003x") == blind("990123 19721111 003X") != blind("990123197211110031")
    assert blind("138-0000-1234") == blind("13800001234")
    assert blind("") is None


def test_a_blind_index_of_one_purpose_says_nothing_to_another_nor_to_another_key():
    assert seal.blinder("a")(NUMBER) != seal.blinder("b")(NUMBER) != seal.blinder("b", tail=True)(NUMBER)
    with seal.held(seal.new_ring("aes")):
        other = seal.blinder("a")(NUMBER)
    assert other != seal.blinder("a")(NUMBER)


def test_the_tail_is_the_last_four():
    tail = seal.blinder("a", tail=True)
    assert tail("13800001234") == tail("1234") != tail("13800001235")
    assert tail("234") is None


@pytest.mark.parametrize("suite", ["aes", "sm4"])
def test_a_blind_index_is_the_beginning_of_an_hmac(suite):
    ring = seal.new_ring(suite)
    whole = hmac.digest(ring.blind_key.secret, b"a\0" + NUMBER.encode(), seal.SUITES[suite])
    assert ring.blinder("a")(NUMBER) == int.from_bytes(whole[:8], "big", signed=True)


def test_what_opens_many_opens_each_as_the_ring_does():
    keys = seal.Ring([*seal.new_ring("aes").keys, *seal.new_ring("sm4").keys], seal.new_ring("aes").blind_key)
    older = seal.Ring(keys.keys[1:], keys.blind_key)
    with seal.held(keys):
        unseal = seal.opener(COLUMN)
        values = [each.sealer(COLUMN)(text) for each in (keys, older) for text in (NUMBER, "示例", "")]
        assert [unseal(value) for value in (*values, *values)] == [NUMBER, "示例", ""] * 4
        with pytest.raises(seal.KeyWrong):
            unseal(values[0][:-1] + b"x")
        with pytest.raises(seal.KeyMissing):
            unseal(seal.new_ring("aes").sealer(COLUMN)(NUMBER))
