"""Whose signatures count here: the roots that the settings name, read once for as long as the file stays the same."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from anlan.county.errors import BadInput
from anlan.county.sense.feeds.cap.roots import NONE, NotRoots, Roots, load


def trusted_roots() -> Roots:
    """The configured roots; none where none are configured. Refused where the setting names what cannot be used."""
    if not settings.CAP_ROOTS:
        return NONE
    path = Path(settings.CAP_ROOTS)
    try:
        changed = max((each.stat().st_mtime_ns for each in (path, *path.glob("*"))), default=0)
        return _loaded(path, changed)
    except (OSError, NotRoots) as error:
        raise BadInput(_("设置 ANLAN_CAP_ROOTS 的根证书不能用：%(reason)s") % {"reason": error}) from error


@lru_cache(maxsize=2)
def _loaded(path: Path, _changed: int) -> Roots:
    return load(path)
