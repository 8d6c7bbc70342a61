"""What the room does on its own: files too large for a page are compared and merged here."""

from collections.abc import Callable

from anlan.county.office.models import County
from anlan.county.office.queries import machine
from anlan.county.registry import actions, waiting
from anlan.county.registry.models import Batch
from anlan.county.registry.snapshots.actions import nightly


def preview_received() -> int:
    """Compare the large files that came in with the register."""
    waits = Batch.objects.filter(state="received").order_by("id")
    large = [batch for batch in waits if waiting.large(batch.pk)]
    for batch in large:
        actions.preview(batch=batch)
    return len(large)


def merge_confirmed() -> int:
    """Merge the files that somebody confirmed."""
    waits = list(Batch.objects.filter(state="confirmed").order_by("id"))
    for batch in waits:
        actions.merge_confirmed(batch=batch)
    return len(waits)


def forget_files() -> int:
    """Delete sent files whose time is over."""
    return actions.forget_files(by=machine()) if waiting.kept() else 0


def snapshot_nightly() -> int:
    """Copy the register for analysis, once a night."""
    return nightly(by=machine()) if County.objects.exists() else 0


JOBS: tuple[Callable[[], int], ...] = (preview_received, merge_confirmed, forget_files, snapshot_nightly)
