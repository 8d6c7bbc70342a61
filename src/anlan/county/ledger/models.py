"""Ledger entries, and the head that shows when the last ones were cut off.

No foreign keys to what an entry describes: nothing in the county can block or erase a line.
"""

from typing import Any, ClassVar

from django.db import models

import anlan.county.among  # every room may ask for rows `__among` many keys
import anlan.county.moments  # noqa: F401 (the same: both are there once they are imported)


class Entry(models.Model):
    """One deed. `hash` covers every other column and the hash before it."""

    PERSONAL: ClassVar = {"by": "username", "about": "subject", "payload": "payload"}

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    verb = models.CharField(max_length=60)
    about = models.CharField(max_length=160)
    payload = models.TextField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]
        indexes = [models.Index(fields=["about"], name="ledger_about")]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb} {self.about}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refused: entries are written by `actions.record_many` alone."""
        raise TypeError("the ledger is append-only; use ledger.actions.record")

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: nothing leaves the ledger."""
        raise TypeError("the ledger is append-only")


class Head(models.Model):
    """The last entry's number and hash, kept apart, so that a shortened chain is seen. One row."""

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"
