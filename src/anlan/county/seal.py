"""Personal data at rest: sealed by a key that is not in the database, found again by a blind index.

A sealed value is `key id (4) | nonce (12) | ciphertext | tag (16)`: AES-256-GCM, or SM4-GCM where the county's
setting asks for the national ciphers. The key id is a fingerprint of the key itself, so keys may change while older
values stay readable, and a wrong key is a refusal and never a garbled number. The column's name is authenticated
with the value, so that a value cannot be moved into another column. Values are padded to sixteens: the length of a
sealed state of health must not tell which one it is.

A blind index is a keyed hash of the value, as a 64-bit number: it answers "is it this one?" and nothing else.
"""

import hashlib
import hmac
import os
import secrets
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from anlan.county.errors import Refused

SUITES = {"aes": "sha256", "sm4": "sm3"}  # the cipher, and the hash of the blind indexes that goes with it
BLOCK = 16
KEY_ID, NONCE = 4, 12
PADDING = [b"\0" * (-length % BLOCK) for length in range(BLOCK)]
HEAD = KEY_ID + NONCE
TAIL = 4  # how many last characters of a telephone number the second index knows


class KeyMissing(Refused):
    """The key that a value was sealed with is not here."""

    status = 503


class KeyWrong(Refused):
    """The key is here, and does not open the value: it was changed, or is not what it says it is."""

    status = 503


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its cipher's suite and its secret."""

    suite: str
    secret: bytes

    @property
    def fingerprint(self) -> bytes:
        """The key id: it tells keys apart, and nothing about the key."""
        return hashlib.sha256(b"anlan key\0" + self.suite.encode() + b"\0" + self.secret).digest()[:KEY_ID]


class Ring:
    """The keys of an installation, ready for use. The first one seals; every one opens."""

    def __init__(self, keys: list[Key], blind: Key) -> None:
        self.keys, self.blind_key = keys, blind
        self.ciphers = {key.fingerprint: _cipher(key) for key in keys}
        self.current = keys[0].fingerprint

    def sealer(self, column: bytes) -> Callable[[str], bytes]:
        """What seals the texts of one column. An empty text stays empty."""
        current, encrypt, urandom = self.current, self.ciphers[self.current].encrypt, os.urandom

        def seal(text: str) -> bytes:
            if not text:
                return b""
            nonce, data = urandom(NONCE), text.encode()
            return current + nonce + bytes(encrypt(nonce, data + PADDING[len(data) % BLOCK], column))

        return seal

    def open(self, sealed: bytes, column: bytes) -> str:
        """The text again. Raises KeyMissing or KeyWrong, never gives anything else back."""
        cipher = self.ciphers.get(sealed[:KEY_ID])
        if cipher is None:
            raise _missing(sealed[:KEY_ID])
        return _opened(cipher.decrypt, sealed, column)

    def of_file(self, fingerprint: bytes, salt: bytes) -> Any:
        """The cipher of one file: its key is made from ours and the file's salt, so its nonces may simply count."""
        key = next((each for each in self.keys if each.fingerprint == fingerprint), None)
        if key is None:
            raise _missing(fingerprint)
        return _cipher(Key(key.suite, hmac.digest(key.secret, b"anlan file\0" + salt, SUITES[key.suite])))

    def blinder(self, purpose: str) -> Callable[[str], int]:
        """What hashes the values of one purpose, to signed 64-bit numbers; they say nothing to another purpose's."""
        # HMAC by its definition, from two states kept ready: a third of the time of the library's objects.
        name = SUITES[self.blind_key.suite]
        padded = self.blind_key.secret.ljust(64, b"\0")
        inner = hashlib.new(name, bytes(byte ^ 0x36 for byte in padded) + f"{purpose}\0".encode())
        outer = hashlib.new(name, bytes(byte ^ 0x5C for byte in padded))
        from_bytes = int.from_bytes

        def blind(value: str) -> int:
            within, around = inner.copy(), outer.copy()
            within.update(value.encode())
            around.update(within.digest())
            return from_bytes(around.digest()[:8], "big", signed=True)

        return blind

    def digest(self, text: str, purpose: str) -> str:
        """A keyed hash of a text that holds something personal, as forty letters and digits."""
        message = f"{purpose}\0{text}".encode()
        return hmac.new(self.blind_key.secret, message, SUITES[self.blind_key.suite]).hexdigest()[:40]


def _opened(decrypt: Callable[[bytes, bytes, bytes], Any], sealed: bytes, column: bytes) -> str:
    try:
        return bytes(decrypt(sealed[KEY_ID:HEAD], sealed[HEAD:], column)).rstrip(b"\0").decode()
    except Exception as error:
        if type(error).__name__ != "InvalidTag":
            raise
        raise KeyWrong(_("一项个人信息与密钥不符或已被改动，拒绝读取。请核对数据库与密钥文件。")) from None


def _missing(fingerprint: bytes) -> KeyMissing:
    return KeyMissing(
        _("密钥文件里没有编号为 %(key)s 的密钥，无法读取个人信息。请放回原来的密钥文件（ANLAN_KEYS）。")
        % {"key": fingerprint.hex()}
    )


class _Sm4:
    """SM4 in GCM under the interface of AESGCM."""

    def __init__(self, secret: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers import algorithms

        self.algorithm = algorithms.SM4(secret[:16])

    def encrypt(self, nonce: bytes, data: bytes, column: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, modes

        sealing = Cipher(self.algorithm, modes.GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(column)
        return sealing.update(data) + sealing.finalize() + sealing.tag

    def decrypt(self, nonce: bytes, data: bytes, column: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers import Cipher, modes

        if len(data) < BLOCK:
            raise InvalidTag
        opening = Cipher(self.algorithm, modes.GCM(nonce, data[-BLOCK:])).decryptor()
        opening.authenticate_additional_data(column)
        return opening.update(data[:-BLOCK]) + opening.finalize()


def _cipher(key: Key) -> Any:
    # Only here: a command that touches no person need not load a cryptographic library.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key.secret) if key.suite == "aes" else _Sm4(key.secret)


# --- the key file --------------------------------------------------------------------------------


def new_ring(suite: str) -> Ring:
    """A ring of one new key."""
    return Ring([Key(suite, secrets.token_bytes(32))], Key(suite, secrets.token_bytes(32)))


def write(ring: Ring, path: Path, *, new: bool) -> None:
    """Write a key file that nobody else may read; `new` refuses to write over one. The change is whole or none."""
    lines = ["# The keys of personal data. Who loses this file loses the data; keep a copy, apart from the database's.",
             f'blind = "{_told(ring.blind_key)}"', "keys = ["]  # fmt: skip
    lines += [*(f'  "{_told(key)}",' for key in ring.keys), "]", ""]
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write("\n".join(lines))
        file.flush()
        os.fsync(file.fileno())
    try:
        aside.replace(path) if not new else os.link(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _told(key: Key) -> str:
    return f"{key.suite}:{key.secret.hex()}"


def read(path: Path) -> Ring:
    """The ring in a key file. Raises KeyMissing where there is none, KeyWrong where it is no key file."""
    try:
        said = tomllib.loads(path.read_text())
        return Ring([_key(each) for each in said["keys"]], _key(said["blind"]))
    except FileNotFoundError:
        raise KeyMissing(
            _("没有个人信息的密钥文件。新装的系统请运行 anlan setup；已有数据的请把原来的密钥文件放回（ANLAN_KEYS）。")
        ) from None
    except (OSError, KeyError, IndexError, TypeError, ValueError) as error:
        raise KeyWrong(
            _("密钥文件无法读取（%(why)s）。请放回原来的密钥文件（ANLAN_KEYS）。") % {"why": type(error).__name__}
        ) from None


def _key(told: str) -> Key:
    suite, _colon, secret = told.partition(":")
    if suite not in SUITES or len(bytes.fromhex(secret)) != 32:
        raise ValueError(suite)
    return Key(suite, bytes.fromhex(secret))


_held: ContextVar[Ring | None] = ContextVar("held ring", default=None)
_read = lru_cache(maxsize=4)(read)


def ring() -> Ring:
    """The ring in use: the installation's own, unless another is held."""
    return _held.get() or _read(settings.KEYS)


@contextmanager
def held(other: Ring) -> Iterator[None]:
    """Use another ring for the length of a `with` block."""
    token = _held.set(other)
    try:
        yield
    finally:
        _held.reset(token)


def forget() -> None:
    """Read the key file anew the next time: it has changed."""
    _read.cache_clear()


def opener(column: bytes) -> Callable[[bytes], str]:
    """What opens many sealed values of one column: it looks for each key once."""
    known: dict[bytes, Callable[[bytes, bytes, bytes], Any]] = {}

    def unseal(sealed: bytes) -> str:
        if not sealed:
            return ""
        decrypt = known.get(fingerprint := sealed[:KEY_ID])
        if decrypt is None:
            keys = ring_with(fingerprint)
            if fingerprint not in keys.ciphers:
                raise _missing(fingerprint)
            decrypt = known[fingerprint] = keys.ciphers[fingerprint].decrypt
        return _opened(decrypt, sealed, column)

    return unseal


def ring_with(fingerprint: bytes) -> Ring:
    """The ring in use, read anew where it lacks a key that another process may have added since."""
    keys = ring()
    if fingerprint not in keys.ciphers:
        forget()
        keys = ring()
    return keys


def blinder(purpose: str, *, tail: bool = False) -> Callable[[str], int | None]:
    """What gives the blind index of a value, or of its last four characters; none of an empty (or shorter) one.

    Letter case, spaces and hyphens make no difference.
    """
    hash_ = ring().blinder(f"{purpose} tail" if tail else purpose)
    if not tail:
        return lambda value: hash_(plain(value)) if value else None
    known = lru_cache(maxsize=1 << 14)(hash_)
    return lambda value: known(plain(value)[-TAIL:]) if len(plain(value)) >= TAIL else None


def plain(value: str) -> str:
    """A number as it is compared."""
    return value if value.isdigit() else value.replace(" ", "").replace("-", "").upper()
