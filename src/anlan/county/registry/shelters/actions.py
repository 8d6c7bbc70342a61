"""Deeds on shelters and schools: keeping them, saying who goes where, taking in a list of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.errors import BadInput
from anlan.county.ledger.actions import record
from anlan.county.office.models import Division, User
from anlan.county.office.permissions import check
from anlan.county.registry.files.table import Unreadable
from anlan.county.registry.importing import NotImported
from anlan.county.registry.places import Places, Village
from anlan.county.registry.queries import villages
from anlan.county.registry.shelters import reading
from anlan.county.registry.shelters.reading import Said
from anlan.county.registry.shelters.records import SchoolRecord, ShelterRecord, Way, fault, shelter_fault
from anlan.county.registry.sites import SCHOOLS, Assignment, School, Shelter
from anlan.county.registry.workbook import Refusal

__all__ = ["SchoolRecord", "ShelterRecord", "Way", "assign", "close", "end", "import_schools", "import_shelters",
           "save_school", "save_shelter"]  # fmt: skip


@dataclass(slots=True)
class TakenIn:
    """What came of a list: rows read, and how many things are new, changed and as they were."""

    rows: int
    new: int = 0
    changed: int = 0
    unchanged: int = 0


@transaction.atomic
def save_shelter(*, record_of: ShelterRecord, by: User, shelter: Shelter | None = None) -> Shelter:
    """Add a shelter, or change one. A name that is already there in its place is that shelter."""
    _name, wrong = shelter_fault(record_of)
    if wrong:
        raise BadInput(wrong + "。")
    found = shelter or Shelter.objects.filter(division_id=record_of.division, name=record_of.name).first()
    values = {
        "division_id": record_of.division, "name": record_of.name, "short": record_of.short or record_of.name,
        "capacity": record_of.capacity, "lon": record_of.lon, "lat": record_of.lat, "closed_on": None,
    }  # fmt: skip
    fresh = found or Shelter(code=_next_code(record_of.division))
    _save(fresh, values, by, f"shelter:{fresh.code}", "registry.save_shelter")
    return fresh


@transaction.atomic
def save_school(*, record_of: SchoolRecord, by: User, school: School | None = None) -> School:
    """Add a school or a kindergarten, or change one. Of the telephone the ledger only says that it changed."""
    wrong = fault(_("学校名称"), record_of.name, 40)
    if wrong or record_of.kind not in SCHOOLS or len(record_of.phone) > 20:
        raise BadInput((wrong or _("学校类别或电话不对")) + "。")
    found = school or School.objects.filter(division_id=record_of.division, name=record_of.name).first()
    values = {
        "division_id": record_of.division, "name": record_of.name, "kind": record_of.kind, "phone": record_of.phone,
        "pupils": record_of.pupils, "closed_on": None,
    }  # fmt: skip
    fresh = found or School()
    _save(fresh, values, by, f"division:{record_of.division}", "registry.save_school")
    return fresh


def _save(thing: Any, values: dict[str, Any], by: User, about: str, verb: str) -> None:
    """Give a place these values: only what differs is written, and the ledger says what."""
    place = Division.objects.filter(pk=values["division_id"]).first()
    if place is None or place.level not in ("village", "township"):
        raise BadInput(_("没有代码为 %(code)s 的村或乡镇。") % {"code": values["division_id"]})
    for division in sorted({place.code, thing.division_id or place.code}):
        check(by, "registry.write", division)
    there = type(thing).objects.filter(division=place, name=values["name"])
    if there.exclude(pk=thing.pk).exists():
        raise BadInput(_("%(place)s已经有“%(name)s”。") % {"place": place.name, "name": values["name"]})
    changed = [name for name, value in values.items() if thing._state.adding or getattr(thing, name) != value]
    if changed:
        told = {name: values[name] for name in changed if name not in ("phone", "closed_on")}
        for name in changed:
            setattr(thing, name, values[name])
        thing.save()
        record(verb, about=about, by=by.username, changed=sorted(changed), **told)


@transaction.atomic
def close(*, place: Shelter | School, by: User) -> None:
    """It is there no more: nobody is sent to it, and nobody called at it. What was is kept."""
    check(by, "registry.write", place.division_id)
    today = clock.today()
    if isinstance(place, Shelter):
        end(ways=[(each.division_id, each.group_no) for each in place.assignments.filter(until__isnull=True)], by=by)
    place.closed_on = today
    place.save(update_fields=["closed_on"])
    about = f"shelter:{place.code}" if isinstance(place, Shelter) else f"division:{place.division_id}"
    record("registry.close_place", about=about, by=by.username, name=place.name)


@transaction.atomic
def assign(*, ways: Sequence[Way], by: User) -> int:
    """Say where villages or their groups go, and by which way; what held before ends today.

    Returns how many changed.
    """
    today, changed = clock.today(), 0
    for way in ways:
        check(by, "registry.write", way.village)
        if way.route and (wrong := fault(_("转移路线"), way.route, 60)):
            raise BadInput(wrong + "。")
        shelter = Shelter.objects.filter(pk=way.shelter, closed_on__isnull=True).first()
        if shelter is None or not Division.objects.filter(pk=way.village, level="village").exists():
            raise BadInput(_("没有这个村，或没有这个安置点。"))
        held = Assignment.objects.filter(division_id=way.village, group_no=way.group_no, until__isnull=True).first()
        if held is not None and (held.shelter_id, held.route) == (way.shelter, way.route):
            continue
        _replace(held, way, today)
        record("registry.assign_shelter", about=f"division:{way.village}", by=by.username, group=way.group_no,
               shelter=way.shelter, before=held.shelter_id if held else None)  # fmt: skip
        changed += 1
    return changed


def _replace(held: Assignment | None, way: Way, today: date) -> None:
    if held is not None and held.since == today:  # a slip put right on the same day is no history
        Assignment.objects.filter(pk=held.pk).update(shelter_id=way.shelter, route=way.route)
        return
    if held is not None:
        Assignment.objects.filter(pk=held.pk).update(until=today)
    Assignment.objects.create(
        division_id=way.village, group_no=way.group_no, shelter_id=way.shelter, route=way.route, since=today
    )


@transaction.atomic
def end(*, ways: Sequence[tuple[str, int]], by: User) -> int:
    """A village or its group goes nowhere that we know of any more. Returns how many did."""
    today, ended = clock.today(), 0
    for village, group_no in ways:
        check(by, "registry.write", village)
        held = Assignment.objects.filter(division_id=village, group_no=group_no, until__isnull=True).first()
        if held is None:
            continue
        if held.since == today:
            held.delete()
        else:
            Assignment.objects.filter(pk=held.pk).update(until=today)
        record("registry.end_shelter", about=f"division:{village}", by=by.username, group=group_no,
               shelter=held.shelter_id)  # fmt: skip
        ended += 1
    return ended


def import_shelters(*, path: Path, by: User, dry_run: bool = False) -> TakenIn:
    """Take a list of shelters, and of who goes where, out of a file: all of it or nothing.

    What the list does not name stays. Raises NotImported, naming sheet, row and column.
    """
    return _import(path, by, reading.SHELTERS, _take_shelters, dry_run=dry_run)


def import_schools(*, path: Path, by: User, dry_run: bool = False) -> TakenIn:
    """Take a list of schools and kindergartens out of a file: all of it or nothing, as `import_shelters`."""
    return _import(path, by, reading.SCHOOLS, _take_schools, dry_run=dry_run)


def _import(path: Path, by: User, columns: Any, take: Any, *, dry_run: bool) -> TakenIn:
    check(by, "registry.write")
    every = villages()
    towns = {town: f"{each.code[:9]}000" for each in every if (town := each.township)}
    places = Places([*every, *(Village(code, name, "") for name, code in sorted(towns.items()))])
    try:
        found = reading.rows(path, columns, places)
    except Unreadable as error:
        raise NotImported(0, [Refusal(error.sheet, error.row, "", error.reason)]) from error
    done = TakenIn(len(found))
    with transaction.atomic():
        for row in found:
            if not row.wrong:
                take(row, by, done)
        if refused := [each for row in found for each in row.wrong]:
            raise NotImported(len(found), refused)
        if dry_run:
            transaction.set_rollback(True)
    return done


def _take_shelters(row: Said, by: User, done: TakenIn) -> None:
    said = row.values
    known = Shelter.objects.filter(division_id=said["place"], name=said["name"], closed_on__isnull=True).first()
    kept = {name: said.get(name, getattr(known, name, None)) for name in ("capacity", "lon", "lat")}
    short = said.get("short", known.short if known else "")
    wanted = ShelterRecord(said["place"], said["name"], short, **kept)
    column, wrong = shelter_fault(wanted)
    if wrong:
        row.refuse(reading.SHELTERS[column][0], wrong)
        return
    route = said.get("route", "")
    if wrong := fault(reading.SHELTERS["route"][0], route, 60) if route else "":
        row.refuse(reading.SHELTERS["route"][0], wrong)
        return
    before = (known.capacity, known.lon, known.lat, known.short) if known else None
    shelter = save_shelter(record_of=wanted, by=by)
    changed = before is not None and before != (shelter.capacity, shelter.lon, shelter.lat, shelter.short)
    if "village" in said:
        changed |= bool(assign(ways=[Way(said["village"], said.get("group_no", 0), shelter.code, route)], by=by))
    _count(done, known is None, changed)


def _take_schools(row: Said, by: User, done: TakenIn) -> None:
    said: dict[str, Any] = row.values
    if wrong := fault(_("学校名称"), said["name"], 40):
        row.refuse(reading.SCHOOLS["name"][0], wrong)
        return
    if len(said.get("phone", "")) > 20:
        row.refuse(reading.SCHOOLS["phone"][0], _("电话太长"))
        return
    known = School.objects.filter(division_id=said["place"], name=said["name"], closed_on__isnull=True).first()
    values: dict[str, Any] = {name: said.get(name, getattr(known, name, empty))
              for name, empty in (("kind", "school"), ("phone", ""), ("pupils", None))}  # fmt: skip
    before = (known.kind, known.phone, known.pupils) if known else None
    school = save_school(record_of=SchoolRecord(said["place"], said["name"], **values), by=by)
    _count(done, known is None, before is not None and before != (school.kind, school.phone, school.pupils))


def _count(done: TakenIn, new: bool, changed: bool) -> None:
    done.new += new
    done.changed += changed and not new
    done.unchanged += not new and not changed


def _next_code(division: str) -> str:
    last = Shelter.objects.filter(code__startswith=f"S{division}-").aggregate(last=models.Max("code"))["last"]
    return f"S{division}-{int(last.rpartition('-')[2]) + 1 if last else 1:03d}"
