"""Changing rows within a deed, so that history has every field, and taking a deed back to exactly what was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.errors import NotFound, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.registry.batches import Change
from anlan.county.registry.enrolment import refresh
from anlan.county.registry.history import TABLES, Difference, after, before, remember
from anlan.county.registry.merging import assign
from anlan.county.registry.models import Deed, Household

NAMED = 5
BORN_OF = {"person", "address"}  # rows that a deed makes and taking it back unmakes


@dataclass(slots=True)
class Doing:
    """A deed under way: what it changes is kept until it is done, and written at once."""

    deed: Deed
    changes: list[tuple[str, Difference]] = field(default_factory=list)

    def turn(self, table: str, row: Any, about: str, /, **values: Any) -> None:
        """Set fields of a row; those that are so already stay out of the history."""
        for name, value in values.items():
            old = getattr(row, name)
            if old != value:
                setattr(row, name, value)
                self.changes.append((about, Difference(table, row.pk, name, old, value)))

    def made(self, table: str, row: models.Model, code: str) -> None:
        """A row that came into being."""
        self.changes.append((code, Difference(table, row.pk, "", None, None)))

    def done(self, **payload: Any) -> Deed:
        """Write the changes, their history and the ledger's line."""
        for household in (self.deed.household, self.deed.other):
            if household is not None:
                self.turn("household", household, household.code, updated_at=self.deed.at)
        turned = [each for _code, each in self.changes if each.field]
        assign((each.table, each.row, each.field, each.new) for each in turned)
        refresh(each.pk for each in (self.deed.household, self.deed.other) if each is not None)
        remember(self.changes, by=self.deed.by.username, at=self.deed.at, deed=self.deed.pk)
        on = self.deed.on.isoformat()
        record(
            f"registry.{self.deed.kind}", about=f"household:{self.deed.household.code}", by=self.deed.by.username,
            deed=self.deed.pk, on=on, **payload,
        )  # fmt: skip
        return self.deed


def begin(kind: str, household: Household, *, by: User, on: date, other: Household | None = None) -> Doing:
    """A deed of a day on one household or two. Refused on days to come."""
    if on > clock.today():
        raise Refused(_("日期不能晚于今天。"))
    deed = Deed.objects.create(kind=kind, household=household, other=other, on=on, by=by, at=clock.now())
    return Doing(deed)


def held(by: User, *households: Household) -> list[Household]:
    """These households as they stand now, locked in one order. Refused where one is gone, or out of one's division."""
    keys = [each.pk for each in households]
    found = {each.pk: each for each in Household.every.select_for_update().filter(pk__in=keys).order_by("pk")}
    if len(found) < len(set(keys)):
        raise NotFound(_("这一户不在名册中。"))
    for each in found.values():
        check(by, "registry.write", each.division_id)
        if each.merged_into_id or each.closed_on:
            raise Refused(_("农户 %(code)s 已并入别的户或已销户。") % {"code": each.code})
    return [found[key] for key in keys]


def standing(deed: Deed) -> list[str]:
    """What stands on a deed's changes, in words, a few of them; empty where it can be taken back."""
    changes = list(deed.changes.order_by("id"))
    return list(dict.fromkeys([*_later(deed), *_moved(changes), *_touched(deed, changes)]))[:NAMED]


def _later(deed: Deed) -> Iterator[str]:
    mine = {deed.household_id, deed.other_id} - {None}
    about = models.Q(household__in=mine) | models.Q(other__in=mine)
    for each in Deed.objects.filter(about, id__gt=deed.pk, undone_at__isnull=True).select_related("household"):
        yield _("%(code)s：%(day)s又办理过户内变动，请先撤销后办的") % {
            "code": each.household.code, "day": each.on.isoformat(),
        }  # fmt: skip


def _moved(changes: Sequence[Change]) -> Iterator[str]:
    for each in changes:
        if not each.field or each.field == "updated_at":
            continue
        now = TABLES[each.table]._base_manager.filter(pk=each.row).values_list(each.field, flat=True).first()
        if now != after(each):
            yield _("%(code)s：之后改过") % {"code": each.code}


def _touched(deed: Deed, changes: Sequence[Change]) -> Iterator[str]:
    """Rows that this deed made and that were changed since."""
    later = Change.objects.filter(id__gt=changes[-1].pk, deed__undone_at__isnull=True)
    for each in changes:
        if not each.field and later.filter(table=each.table, row=each.row).exists():
            yield _("%(code)s：之后改过") % {"code": each.code}


def put_back(deed: Deed) -> None:
    """Put every field back as it was before a deed, and write down that this was done."""
    changes = list(deed.changes.order_by("-id"))
    assign((each.table, each.row, each.field, before(each)) for each in changes if each.field)
    for each in changes:
        if not each.field and each.table in BORN_OF:
            TABLES[each.table]._base_manager.filter(pk=each.row).delete()
    refresh(each for each in (deed.household_id, deed.other_id) if each is not None)
    back = [
        (each.code, Difference(each.table, each.row, each.field, after(each), before(each)))
        for each in changes
        if each.field
    ]
    remember(back, by=_whom(deed), at=_when(deed), deed=deed.pk)


def _whom(deed: Deed) -> str:
    return deed.undone_by.username if deed.undone_by else deed.by.username


def _when(deed: Deed) -> datetime:
    return deed.undone_at or deed.at
