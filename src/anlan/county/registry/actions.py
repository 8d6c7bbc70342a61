"""Deeds of the registry: enrolling, relocating, categorising."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Mapping_
from contextlib import closing
from datetime import date, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.errors import BadInput, NotFound, Refused
from anlan.county.ledger.actions import Line, record, record_many
from anlan.county.office.models import Department, Division, User
from anlan.county.office.permissions import check
from anlan.county.registry import current, importing, waiting
from anlan.county.registry.batches import Batch, Mapping
from anlan.county.registry.enrolment import CATEGORY, check_record, chunks, digest, write
from anlan.county.registry.headings import FIELDS, normal
from anlan.county.registry.history import Difference, remember
from anlan.county.registry.importing import Imported, NotImported
from anlan.county.registry.intake import stage
from anlan.county.registry.lock import one_at_a_time
from anlan.county.registry.members import words
from anlan.county.registry.models import CATEGORIES, MASKED, PHONES, REASONS, Category, Household, Person, WaterSource
from anlan.county.registry.queries import by_ids, mapping_named, mapping_of, next_serial, open_categories
from anlan.county.registry.records import HouseholdRecord, Reported
from anlan.county.registry.returning import return_refused
from anlan.county.registry.rules import household_code, on_the_map
from anlan.county.registry.undoing import put_back, standing
from anlan.engine import policy

__all__ = ["NotImported"]
WAITING = ("received", "staged", "refused")
CATEGORISERS = ("registry.write", "decide.county", "clear.county")


class AlreadyEnrolled(Refused):
    """A household's code is in the registry, or twice among the records."""


@transaction.atomic
def enrol(*, records: Iterable[HouseholdRecord], by: User, source: str) -> int:
    """Add households with their people, homes, land, income and categories. Returns how many.

    Streams: memory stays flat however many come. All or nothing; one ledger line carries count and digest.
    """
    divisions = set(Division.objects.filter(level="village").values_list("code", flat=True))
    sources = set(WaterSource.objects.values_list("code", flat=True))
    cleared: set[str] = set()
    whole, count, at = sha256(), 0, clock.now()
    for chunk in chunks(records):
        for each in chunk:
            check_record(each, divisions, sources)
        for village in {each.division for each in chunk} - cleared:
            check(by, "registry.import", village)
            cleared.add(village)
        try:
            write(chunk, at)
        except IntegrityError as error:
            raise AlreadyEnrolled(_("有户编号已经在册，或在名册中重复。")) from error
        whole.update(digest(chunk))
        count += len(chunk)
    if count:
        record("registry.enrol", about="household:*", by=by.username, source=source, count=count,
               digest=whole.hexdigest())  # fmt: skip
    return count


def import_workbook(
    *, path: Path, by: User, mapping: str = "", dry_run: bool = False, returned: Path | None = None, whole: bool = False
) -> Imported:
    """Take a file of households into the register: new ones, and what differs in known ones, in one transaction.

    A household with a refused row is refused whole, and the others come in; `returned` names a workbook to write
    the refused rows to. Raises NotImported where nothing of the file can be used, and with `whole` where not all can.
    """
    check(by, "registry.import")
    known = mapping_named(mapping) or mapping_of(by)
    with closing(stage(path, clock.today(), importing.learned(known), importing.cleared(known))) as intake:
        if intake.found.unusable:
            raise NotImported(intake.found.rows, intake.found.unusable)
        if dry_run:
            tally, batch = importing.judge(intake, by=by, today=clock.today()), None
            importing.usable(intake, tally, whole)
        else:
            with one_at_a_time():
                batch = importing.begin(path.name, by, known, digest=importing.file_digest(path))
                tally = importing.merged(batch, intake, by, whole)
        if returned is not None and intake.refused:
            return_refused(path, intake, returned)
        return Imported(
            intake.found.rows, tally.new, tally.changed, tally.unchanged, len(intake.refused),
            importing.places_of(intake), batch.pk if batch else None, importing.passed_over(intake),
        )  # fmt: skip


def receive(*, pieces: Iterable[bytes], name: str, by: User, mapping: Mapping | None = None) -> Batch:
    """Keep a file that was sent, to be compared with the register before anything of it comes in."""
    check(by, "registry.import")
    with transaction.atomic():
        batch = importing.begin(name, by, mapping, state="received")
        batch.digest = waiting.keep(batch.pk, pieces)
        batch.save(update_fields=["digest"])
    return batch


def preview(*, batch: Batch) -> Batch:
    """Compare a received file with the register as it is, and keep what it would change. Nothing else is written."""
    importing.look(batch)
    return batch


def confirm(*, batch: Batch, by: User, seen: str) -> Batch:
    """Ask for a previewed file to be merged; `seen` is the digest of the differences that were shown."""
    check(by, "registry.import", batch.division_id)
    asked = Batch.objects.filter(pk=batch.pk, state="staged", seen=seen).update(state="confirmed")
    if not asked:
        raise Refused(_("这次导入已经变化或处理过，请重新查看。"))
    batch.refresh_from_db()
    return batch


def merge_confirmed(*, batch: Batch) -> Batch:
    """Merge a confirmed file. Where the register has changed since the preview, it is previewed again instead."""
    try:
        with one_at_a_time():
            batch = Batch.objects.select_for_update().get(pk=batch.pk)
            if batch.state != "confirmed":
                return batch
            importing.merge_kept(batch)
    except importing.Changed:
        Batch.objects.filter(pk=batch.pk).update(state="received")
        return preview(batch=batch)
    waiting.forget(batch.pk, whole=False)
    return batch


def discard(*, batch: Batch, by: User) -> Batch:
    """Throw away a file that has not been merged."""
    check(by, "registry.import", batch.division_id)
    if not Batch.objects.filter(pk=batch.pk, state__in=WAITING).update(state="discarded"):
        raise Refused(_("这次导入已经处理过。"))
    waiting.forget(batch.pk, whole=True)
    batch.refresh_from_db()
    return batch


def forget_files(*, by: User) -> int:
    """Delete what is kept of files whose time is over; one that nobody decided on by then is thrown away."""
    since = clock.now() - timedelta(days=policy.on(clock.today()).number("import_retention_days"))
    gone = 0
    for pk in importing.over(waiting.kept(), since):
        with transaction.atomic():
            Batch.objects.filter(pk=pk, state__in=WAITING).update(state="discarded")
            if Batch.objects.filter(pk=pk, state="confirmed").exists():
                continue  # somebody has confirmed it this moment
            record("registry.forget_file", about=f"batch:{pk}", by=by.username)
        waiting.forget(pk, whole=True)
        gone += 1
    return gone


def undo(*, batch: Batch, by: User) -> Batch:
    """Take a merged file back: everything is as it was before it. Refused where later changes stand on it."""
    check(by, "registry.import", batch.division_id)
    with one_at_a_time():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if batch.state != "merged":
            raise Refused(_("导入 %(batch)d 没有合并，或已经撤销。") % {"batch": batch.pk})
        if reasons := standing(batch):
            raise Refused(
                "\n".join([_("导入 %(batch)d 不能撤销，之后的记录建立在它上面：") % {"batch": batch.pk}, *reasons])
            )
        gone = put_back(batch)
        batch.state, batch.undone_by, batch.undone_at = "undone", by, clock.now()
        batch.save()
        record("registry.undo", about=f"batch:{batch.pk}", by=by.username, removed=gone, changed=batch.changed)
    return batch


@transaction.atomic
def save_mapping(
    *, name: str, headings: Mapping_[str, str], by: User, clears: Iterable[str] = (), department: str = ""
) -> Mapping:
    """Save what a department calls its columns: heading to field, or to nothing where it is to be passed over."""
    check(by, "registry.import")
    fields, cleared = {normal(heading): field for heading, field in headings.items()}, sorted(set(clears))
    if unknown := sorted(({*fields.values(), *cleared} - {""}) - set(FIELDS)):
        raise BadInput(_("没有“%(field)s”这个字段。") % {"field": unknown[0]})
    if not name or len(name) > 60:
        raise BadInput(_("请给列名对照起一个 60 字以内的名称。"))
    if department and not Department.objects.filter(pk=department).exists():
        raise BadInput(_("没有“%(key)s”这个部门。") % {"key": department})
    held = Mapping.objects.filter(name=name).first() or Mapping(name=name)
    held.headings, held.clears, held.updated_at = {**held.headings, **fields}, cleared, clock.now()
    held.department_id = department or None
    held.save()
    record("registry.save_mapping", about=f"mapping:{held.pk}", by=by.username, fields=sorted(set(fields.values())))
    return held


def map_columns(*, batch: Batch, by: User, name: str, headings: Mapping_[str, str], department: str = "") -> Batch:
    """Save what a waiting file's unknown columns mean, and compare it again with that knowledge."""
    check(by, "registry.import", batch.division_id)
    batch.mapping = save_mapping(
        name=name, headings=headings, by=by, clears=batch.mapping.clears if batch.mapping else (), department=department
    )
    batch.save(update_fields=["mapping"])
    return preview(batch=batch)


def record_export(*, by: User, layout: str, households: int, filters: Mapping_[str, str]) -> None:
    """Write down that a list was given out: by whom, how many households, by which filters."""
    check(by, "registry.export")
    kept = {name: value for name, value in filters.items() if value and name != "q"}
    record("registry.export", about="household:*", by=by.username, layout=layout, households=households, **kept)


@transaction.atomic
def enrol_water_sources(*, rows: Iterable[tuple[str, str, str, str]], by: User) -> int:
    """Add or rename water sources: (code, division code, kind, name). Returns how many."""
    sources = [
        WaterSource(code=code, division_id=division, kind=kind, name=name) for code, division, kind, name in rows
    ]
    known = WaterSource.objects.filter(code__among=[each.code for each in sources])
    for division in sorted({each.division_id for each in sources} | set(known.values_list("division_id", flat=True))):
        check(by, "registry.import", division)
    WaterSource.objects.bulk_create(
        sources, update_conflicts=True, unique_fields=["code"], update_fields=["division", "kind", "name"],
        batch_size=200,
    )  # fmt: skip
    record("registry.enrol_water_sources", about="water_source:*", by=by.username, count=len(sources))
    return len(sources)


@transaction.atomic
def enrol_reported_each(*, reported: Sequence[Reported], by: User) -> list[Household]:
    """Add households known only from reports, so that they can have leads before they are in the registry."""
    serials = {}
    for village in sorted({each.village for each in reported}):
        check(by, "discover.report", village)
        # The village's row is the lock on its serials.
        if Division.objects.select_for_update().filter(pk=village, level="village").first() is None:
            raise BadInput(_("没有代码为 %(code)s 的村。") % {"code": village})
        serials[village] = count(next_serial(village))
    if any(each.size < 1 for each in reported):
        raise BadInput(_("家庭人口数至少为 1。"))
    added = [
        Household(
            code=household_code(each.village, next(serials[each.village])), division_id=each.village, size=each.size,
            head_name=each.head_name, names=words([each.head_name]), phone=each.phone, registered=False,
            updated_at=clock.now(),
        )
        for each in reported
    ]  # fmt: skip
    Household.objects.bulk_create(added)
    record_many((_line("registry.enrol_reported", each, size=each.size) for each in added), by=by.username)
    return added


def enrol_reported(*, village: str, head_name: str, phone: str, size: int, by: User) -> Household:
    """Add one of them."""
    return enrol_reported_each(reported=[Reported(village, head_name, phone, size)], by=by)[0]


@transaction.atomic
def relocate(*, changes: Sequence[tuple[int, float, float]], by: User) -> int:
    """Give households a point: (household id, lon, lat). Returns how many."""
    households = _known((household for household, _lon, _lat in changes), by, "registry.write")
    for household, lon, lat in changes:
        if not on_the_map(lon, lat):
            raise BadInput(_("农户 %(code)s 的坐标超出范围。") % {"code": households[household].code})
    at = clock.now()
    rows = [(lon, lat, "point", at, household) for household, lon, lat in changes]
    held = {each["id"]: each for each in current.households_of(households)}
    bulk.update(Household, ("lon", "lat", "location", "updated_at"), rows)
    values = [(household, {"lon": lon, "lat": lat, "location": "point"}) for household, lon, lat in changes]
    differences = [
        (households[household].code, Difference("household", household, name, held[household][name], value))
        for household, fields in values
        for name, value in fields.items()
        if held[household][name] != value
    ]
    remember(differences, by=by.username, at=at)
    lines = [
        _line("registry.relocate", households[household], before=households[household].location, lon=lon, lat=lat)
        for household, lon, lat in changes
    ]
    return record_many(lines, by=by.username)


@transaction.atomic
def categorise(*, changes: Sequence[tuple[int, str, date]], by: User, source: str) -> int:
    """Put households into categories: (household id, kind, since). One it is in already stays as it is.

    Returns how many were new.
    """
    households = _known((household for household, _kind, _since in changes), by, *CATEGORISERS)
    if unknown := sorted({kind for _household, kind, _since in changes} - set(CATEGORIES)):
        raise BadInput(_("没有“%(kind)s”这个类别。") % {"kind": unknown[0]})
    held = open_categories(households)
    fresh = {(household, kind): since for household, kind, since in changes if (household, kind) not in held}
    keys = bulk.reserve(Category, len(fresh))
    rows = [
        (key, household, kind, since, None, source, households[household].code)
        for key, ((household, kind), since) in zip(keys, fresh.items(), strict=True)
    ]
    bulk.insert(Category, ("id", *CATEGORY), rows)
    remember(
        (
            (households[household].code, Difference("category", key, "", None, {"kind": kind, "since": since}))
            for key, household, kind, since, _until, _source, _code in rows
        ),
        by=by.username, at=clock.now(),
    )  # fmt: skip
    lines = [
        _line("registry.categorise", households[household], kind=kind, since=since.isoformat(), source=source)
        for (household, kind), since in fresh.items()
    ]
    return record_many(lines, by=by.username)


@transaction.atomic
def end_categories(*, changes: Sequence[tuple[int, str, date]], by: User) -> int:
    """Take households out of categories: (household id, kind, until). Returns how many were in them.

    A category lasts at least the day it began, so that its row stays as history.
    """
    households = _known((household for household, _kind, _until in changes), by, *CATEGORISERS)
    held = open_categories(households)
    ended = {
        (household, kind): max(until, held[household, kind].since + timedelta(days=1))
        for household, kind, until in changes
        if (household, kind) in held
    }
    bulk.update(Category, ("until",), [(until, held[which].pk) for which, until in ended.items()])
    remember(
        (
            (households[which[0]].code, Difference("category", held[which].pk, "until", None, until))
            for which, until in ended.items()
        ),
        by=by.username, at=clock.now(),
    )  # fmt: skip
    lines = [
        _line("registry.end_category", households[household], kind=kind, until=until.isoformat())
        for (household, kind), until in ended.items()
    ]
    return record_many(lines, by=by.username)


@transaction.atomic
def unmask(*, household: Household, person: Person | None = None, field: str, reason: str, by: User) -> str:
    """Show one personal value of a household or of a member in full, and write down who asked, for what.

    The ledger's line names the field and the reason, never the value.
    """
    check(by, "registry.unmask", household.division_id)
    thing = household if person is None else person
    if field not in MASKED or (field in PHONES) != (person is None):
        raise BadInput(_("没有这一项个人信息。"))
    if person is not None and person.household_id != household.pk:
        raise NotFound(_("这一户没有这个人。"))
    if reason not in REASONS:
        raise BadInput(_("请选择查看的理由。"))
    payload = {"field": field, "reason": reason} | ({"person": person.pk} if person else {})
    record("registry.unmask", about=f"household:{household.code}", by=by.username, **payload)
    return str(getattr(thing, field))


def _line(verb: str, household: Household, **payload: Any) -> Line:
    return Line(verb, f"household:{household.code}", payload)


def _known(ids: Iterable[int], by: User, *permissions: str) -> dict[int, Household]:
    """The households by id, all of them in divisions where this person holds one of the permissions."""
    wanted = set(ids)
    found = by_ids(wanted)
    if len(found) < len(wanted):
        raise NotFound(_("有 %(count)d 户不在名册中。") % {"count": len(wanted) - len(found)})
    held = next((permission for permission in permissions if by.may(permission)), permissions[0])
    for village in sorted({household.division_id for household in found.values()}):
        check(by, held, village)
    return found
