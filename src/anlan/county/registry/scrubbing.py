"""A copy of the database in which nobody is left: for tests, for training, for looking into a defect elsewhere.

Every personal field is replaced by its kind's rule, the same for the same; every key, count, date and amount stays. The
copy has keys of its own. The ledger is chained anew over the replaced lines, and its last line says so, with the hash
the original ended in.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import connections, models, transaction
from django.utils.translation import gettext as _

from anlan.county import bulk, clock, personal, seal
from anlan.county.errors import Refused
from anlan.county.ledger.models import Entry, Head
from anlan.county.ledger.rules import canonical, digest
from anlan.county.mission import NAMES
from anlan.county.office.models import MACHINE
from anlan.county.registry.members import DISABLED, marker, words
from anlan.county.registry.models import Household, Person
from anlan.county.sealed import BlindIndex

ALIAS = "scrubbed"
CHUNK = 5000
Row = dict[str, Any]


class NotEmpty(Refused):
    """The copy's place is taken."""


def copy(*, into: dict[str, Any], keys: Path, by: str) -> dict[str, int]:
    """Write the scrubbed copy into an empty database, and its keys into a file. Returns the rows by table."""
    if keys.exists():
        raise NotEmpty(_("密钥文件 %(file)s 已经存在，请换一个位置。") % {"file": keys})
    connections.settings[ALIAS] = {**connections["default"].settings_dict, **into, "TIME_ZONE": None}
    try:
        call_command("migrate", database=ALIAS, verbosity=0, interactive=False)
        if any(model._base_manager.using(ALIAS).exists() for model in _models()):
            raise NotEmpty(_("目标数据库里已经有数据，请指定一个空的数据库。"))
        ring = seal.new_ring(seal.ring().keys[0].suite)
        with transaction.atomic(using=ALIAS), transaction.atomic():
            told = _copy(ring, by)
        seal.write(ring, keys, new=True)
    finally:
        connections[ALIAS].close()
        del connections[ALIAS], connections.settings[ALIAS]
    return told


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in NAMES]


def _copy(ring: seal.Ring, by: str) -> dict[str, int]:
    mask = personal.Mask(secrets.token_bytes(32), kept=[MACHINE, ""])
    told = {}
    for model in _models():
        fields = [each.attname for each in model._meta.concrete_fields if not isinstance(each, BlindIndex)]
        rows = _lines(mask, by) if model is Entry else _rows(model, mask, ring)
        told[model._meta.label] = 0
        while chunk := list(islice(rows, CHUNK)):
            with seal.held(ring):
                told[model._meta.label] += bulk.insert(
                    model, fields, ([row[name] for name in fields] for row in chunk), using=ALIAS
                )
    last = Entry.objects.using(ALIAS).order_by("-seq").first()
    Head.objects.using(ALIAS).update_or_create(pk=1, defaults={"seq": last.seq, "hash": last.hash} if last else {})
    _continue_numbers()
    return told


def _rows(model: type[models.Model], mask: personal.Mask, ring: seal.Ring) -> Iterator[Row]:
    found = model._base_manager.order_by("pk").values(*[each.attname for each in model._meta.concrete_fields])
    rows = iter(found.iterator(chunk_size=CHUNK))
    while chunk := list(islice(rows, CHUNK)):
        scrubbed = [personal.scrub(mask, model, row) for row in chunk]
        yield from _with_members(scrubbed, mask, ring) if model is Household else scrubbed


def _with_members(households: list[Row], mask: personal.Mask, ring: seal.Ring) -> list[Row]:
    """The households with what their rows tell of their members, under the members' new names."""
    people: dict[int, list[Row]] = defaultdict(list)
    found = Person.objects.filter(household__gte=households[0]["id"], household__lte=households[-1]["id"])
    for row in found.order_by("id").values("id", "household_id", "name", "id_number", "sex", "born", "health"):
        people[row["household_id"]].append(personal.scrub(mask, Person, dict(row)))
    with seal.held(ring):
        mark = marker()
    for each in households:
        members = people[each["id"]]
        each["names"] = words([each["head_name"], *(row["name"] for row in members)])
        each["disabled_mark"] = mark(each["code"], any(row["health"] == DISABLED for row in members))
    return households


def _lines(mask: personal.Mask, by: str) -> Iterator[Row]:
    """The ledger's lines, replaced and chained anew, and one more that says so."""
    previous, seq, original = "0" * 64, 0, ""
    for row in Entry.objects.order_by("seq").values().iterator(chunk_size=CHUNK):
        original, seq = row["hash"], row["seq"]
        line = personal.scrub(mask, Entry, dict(row))
        yield (chained := _chained(line, previous))
        previous = chained["hash"]
    payload = canonical({"lines": seq, "original": original, "note": "scrubbed copy, chained anew"})
    note = {"seq": seq + 1, "at": clock.now(), "by": mask.username(by, {}), "verb": "registry.scrub"}
    yield _chained({**note, "about": "ledger:*", "payload": payload}, previous)


def _chained(line: Row, previous: str) -> Row:
    hash_ = digest(previous, line["seq"], line["at"], line["by"], line["verb"], line["about"], line["payload"])
    return {**line, "previous": previous, "hash": hash_}


def _continue_numbers() -> None:
    """On PostgreSQL the copy's own numbering goes on after the copied rows."""
    into = connections[ALIAS]
    from django.core.management.color import no_style

    with into.cursor() as cursor:
        for statement in into.ops.sequence_reset_sql(no_style(), _models()):
            cursor.execute(statement)
