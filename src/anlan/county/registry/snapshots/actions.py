"""Taking a snapshot of the register, and letting old ones go."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.errors import NotFound
from anlan.county.ledger.actions import record
from anlan.county.office.models import Division, User
from anlan.county.office.permissions import check
from anlan.county.registry.lock import alone, standing_still
from anlan.county.registry.snapshots import files
from anlan.engine.values.divisions import full


def snapshot(*, out: Path, by: User, county: str = "") -> list[dict[str, Any]]:
    """Write the register's counties, or one of them, under a folder, and write it down. Returns their manifests."""
    check(by, "registry.export", full(county) if county.isdecimal() and len(county) in (6, 12) else None)
    places = Division.objects.filter(level="county").visible_to(by).order_by("code")
    if county:
        places = places.filter(code__startswith=county)
    found = list(places)
    if not found:
        raise NotFound(_("名册里没有代码为“%(code)s”的县。") % {"code": county})
    with standing_still():
        taken = [files.write(out, each.code, clock.now(), synthetic=each.synthetic) for each in found]
    for each in taken:
        told = {name: [table["rows"], table["digest"][:16]] for name, table in each["tables"].items()}
        record("registry.snapshot", about=f"division:{full(each['county'])}", by=by.username, **told)
    return taken


def nightly(*, by: User) -> int:
    """Take this night's snapshot where it has not been taken, and delete those whose days are over. Returns 1 or 0."""
    folder, night = Path(settings.SNAPSHOTS), tonight()
    if settings.SNAPSHOT_DAYS <= 0 or (folder / night.isoformat()).exists():
        return 0
    with alone(folder) as first:
        if not first or (folder / night.isoformat()).exists():
            return 0
        files.forget(folder, night - timedelta(days=settings.SNAPSHOT_DAYS))
        aside = folder / f".{night.isoformat()}"
        snapshot(out=aside, by=by)
        aside.rename(folder / night.isoformat())
    return 1


def tonight() -> date:
    """The night that has begun last."""
    return (clock.now() - timedelta(hours=settings.SNAPSHOT_HOUR)).date()
