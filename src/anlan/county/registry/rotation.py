"""Changing the key that seals: a new key, and every value sealed anew, batch by batch.

The new key is in the file before the first value is sealed with it, and the old one stays there, so whenever this is
broken off every value can be read, and running it again goes on. What was sealed with the current key is left alone.
"""

from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from anlan.county import bulk, seal, sealed_files
from anlan.county.ledger.actions import record
from anlan.county.registry import waiting
from anlan.county.sealed import SealedField, sealed

CHUNK = 5000


def new_key(suite: str) -> str:
    """Put a new key before the others in the key file. Returns its id."""
    old = seal.ring()
    ring = seal.Ring([*seal.new_ring(suite).keys, *old.keys], old.blind_key)
    seal.write(ring, settings.KEYS, new=False)
    seal.forget()
    return ring.current.hex()


def seal_anew(*, by: str) -> int:
    """Seal every value and every file that lies under an older key with the current one. Returns how many.

    Each batch commits by itself. Values written meanwhile by a process that has not seen the new key stay readable and
    are caught by the next run.
    """
    total = sum(_column(model, field) for model in apps.get_models() for field in sealed(model)) + waiting.seal_anew()
    total += sum(sealed_files.seal_anew(path, place) for path, place in _files())
    if total:
        record("registry.seal_anew", about="key:*", by=by, count=total, key=seal.ring().current.hex())
    return total


def forget_old(*, by: str) -> int:
    """Take keys out of the file that no value and no waiting file needs any more. Returns how many."""
    ring = seal.ring()
    needed = {ring.current} | {
        head for model in apps.get_models() for field in sealed(model) for head in _heads(model, field)
    }
    needed |= waiting.heads()
    needed |= {sealed_files.head(path) for path, _place in _files()}
    kept = [key for key in ring.keys if key.fingerprint in needed]
    gone = len(ring.keys) - len(kept)
    if gone:
        seal.write(seal.Ring(kept, ring.blind_key), settings.KEYS, new=False)
        seal.forget()
        record("registry.forget_keys", about="key:*", by=by, count=gone)
    return gone


def _files() -> list[tuple[Path, str]]:
    """The sealed files of later rooms, each with what it is sealed to."""
    return [
        (path, f"{noun} {path.name}")
        for noun, folder in settings.SEALED_FOLDERS.items()
        for path in sealed_files.named(Path(getattr(settings, folder)))
    ]


def _raw(model: type[models.Model], field: SealedField, past: int) -> list[tuple[int, bytes]]:
    """The next values of a column as they lie there, by their keys."""
    quote = connection.ops.quote_name
    table, column, key = quote(model._meta.db_table), quote(str(field.column)), quote(str(model._meta.pk.column))
    sql = f"SELECT {key}, {column} FROM {table} WHERE {key} > %s ORDER BY {key} LIMIT {CHUNK}"  # noqa: S608 (own names)
    with connection.cursor() as cursor:
        cursor.execute(sql, [past])
        return [(number, bytes(value)) for number, value in cursor.fetchall()]


def _batches(model: type[models.Model], field: SealedField) -> Iterator[list[tuple[int, bytes]]]:
    past = 0
    while rows := _raw(model, field, past):
        yield rows
        past = rows[-1][0]


def _heads(model: type[models.Model], field: SealedField) -> set[bytes]:
    return {value[: seal.KEY_ID] for rows in _batches(model, field) for _key, value in rows if value}


def _column(model: type[models.Model], field: SealedField) -> int:
    current, total = seal.ring().current, 0
    for rows in _batches(model, field):
        stale = [key for key, value in rows if value and value[: seal.KEY_ID] != current]
        if not stale:
            continue
        with transaction.atomic():  # read again under the lock: what changed meanwhile is not written over
            plain = model._base_manager.select_for_update().filter(pk__in=stale).values_list(field.name, "pk")
            total += bulk.update(model, (field.attname,), list(plain))
    return total
