"""Taking an import back: what it made is unmade and what it changed is put back, unless something stands on it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from anlan.county.registry.batches import Batch, Change
from anlan.county.registry.enrolment import refresh
from anlan.county.registry.history import TABLES, after, before
from anlan.county.registry.merging import assign
from anlan.county.registry.models import Household, Mending

CHUNK = 2000
NAMED = 5
PARTS = ("person", "home", "income", "holding", "category", "address")


def standing(batch: Batch) -> list[str]:
    """What stands on a batch's changes, in words, a few of them; empty where it can be taken back."""
    found: list[str] = []
    for changes in _chunks(batch):
        found += _later(batch, changes)
        found += _moved(changes)
        found += _used(changes)
        if len(found) >= NAMED:
            break
    return found[:NAMED]


def put_back(batch: Batch) -> int:
    """Put back all that a batch changed. Returns how many households it made that are gone again."""
    gone = 0
    for changes in _chunks(batch):
        made = [each.row for each in changes if each.table == "household" and not each.field]
        assign((each.table, each.row, each.field, before(each)) for each in changes if each.field)
        for table in PARTS:
            _delete(TABLES[table], "id", [each.row for each in changes if each.table == table and not each.field])
            _delete(TABLES[table], "household_id", made)
        _delete(Mending, "household_id", made)
        _delete(Household, "id", made)
        refresh(Household.objects.filter(code__among={each.code for each in changes}).values_list("id", flat=True))
        gone += len(made)
    return gone


def _chunks(batch: Batch) -> Iterator[list[Change]]:
    last = 0
    while chunk := list(Change.objects.filter(batch=batch, id__gt=last).order_by("id")[:CHUNK]):
        last = chunk[-1].pk
        yield chunk


def _later(batch: Batch, changes: Sequence[Change]) -> Iterator[str]:
    """Later changes of the same fields, or of households that this batch made."""
    codes = sorted({each.code for each in changes})
    made = {each.code for each in changes if each.table == "household" and not each.field}
    mine = {(each.table, each.row, each.field) for each in changes}
    rows = {(each.table, each.row) for each in changes if not each.field}
    later = Change.objects.filter(code__among=codes, id__gt=changes[0].pk).exclude(batch=batch)
    seen: set[str] = set()
    for each in later.exclude(batch__state="undone").order_by("id").select_related("batch"):
        touches = each.code in made or (each.table, each.row) in rows or (each.table, each.row, each.field) in mine
        if touches and each.field != "updated_at" and each.code not in seen:
            seen.add(each.code)
            which = _("导入 %(batch)d") % {"batch": each.batch_id} if each.batch_id else each.by
            yield _("%(code)s：之后由 %(which)s 改过") % {"code": each.code, "which": which}


def _moved(changes: Sequence[Change]) -> Iterator[str]:
    """Fields that are no longer as this batch left them, whoever changed them."""
    tables: dict[str, list[Change]] = defaultdict(list)
    for each in changes:
        if each.field and each.field != "updated_at":
            tables[each.table].append(each)
    for table, mine in tables.items():
        names = sorted({each.field for each in mine})
        rows = TABLES[table]._default_manager.filter(pk__among={each.row for each in mine}).values("pk", *names)
        held = {row["pk"]: row for row in rows}
        for each in mine:
            row = held.get(each.row)
            if row is None or row[each.field] != after(each):
                yield _("%(code)s：之后改过") % {"code": each.code}


def _used(changes: Sequence[Change]) -> Iterator[str]:
    """Households this batch made on which other rooms already keep something."""
    made = {each.row: each.code for each in changes if each.table == "household" and not each.field}
    if not made:
        return
    own = {*TABLES.values(), Mending}  # what the rules say of a household goes with it
    for relation in Household._meta.related_objects:
        if relation.related_model in own:
            continue
        name = relation.field.attname
        model: Any = relation.related_model
        for key in model._default_manager.filter(**{f"{name}__among": list(made)}).values_list(name, flat=True)[:NAMED]:
            words = {"code": made[key], "what": model._meta.verbose_name}
            yield _("%(code)s：已有后续记录（%(what)s）") % words


def _delete(model: type[models.Model], column: str, keys: Iterable[int]) -> None:
    rows = model._default_manager.filter(**{f"{column}__among": set(keys)})
    rows._raw_delete(rows.db)  # their own parts are gone, and nothing else may hang on them
