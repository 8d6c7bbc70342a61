"""The accounts that channels use: one TOML file, named by ANLAN_CHANNELS. It holds passwords; keep it from others."""

import hmac
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

from anlan.county.dispatch.channels.shape import TransportFailed

T = TypeVar("T")
SHORTEST_WORD = 16  # of the secret that ends a callback's address


def accounts(channel: str, shape: type[T]) -> list[T]:
    """The channel's accounts in the order in which they are tried, each as a `shape` of its own.

    Raises TransportFailed, naming the file, the account and the field, but never what stands there.
    """
    given = _read(Path(settings.CHANNELS)).get(channel, [])
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise TransportFailed(f"{channel}: accounts are written as [[{channel}]]")
    return [_shaped(channel, number, each, shape) for number, each in enumerate(given, 1)]


def needed(channel: str, shape: type[T]) -> list[T]:
    """The same, for who cannot do without one."""
    found = accounts(channel, shape)
    if not found:
        raise TransportFailed(f"{channel}: no account is set (ANLAN_CHANNELS)")
    return found


def behind(channel: str, shape: type[T], name: str, word: str) -> T | None:
    """The account whose service may call under this word; None for every other name or word, however near.

    Raises TransportFailed where the file cannot be read.
    """
    found = None
    for each in accounts(channel, shape):
        secret = str(getattr(each, "callback", ""))
        right = hmac.compare_digest(secret.encode(), word.encode()) and len(secret) >= SHORTEST_WORD
        if right and getattr(each, "name", "") == name:
            found = each
    return found


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise TransportFailed(f"{path.name}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise TransportFailed(f"{path.name} is not TOML") from None  # its text may be quoted in the cause


def _shaped(channel: str, number: int, given: dict[str, Any], shape: type[T]) -> T:
    known = {each.name: each for each in fields(shape)}  # type: ignore[arg-type]  # a dataclass, by contract
    if strange := sorted(set(given) - set(known)):
        raise TransportFailed(f"{channel}: account {number} has a field “{strange[0]}” that nobody knows")
    for name, each in known.items():
        if name not in given and each.default is MISSING:
            raise TransportFailed(f"{channel}: account {number} lacks “{name}”")
        if name in given and type(given[name]) is not each.type:
            wanted = getattr(each.type, "__name__", "")
            raise TransportFailed(f"{channel}: account {number}: “{name}” is not of type {wanted}")
    return shape(**given)
