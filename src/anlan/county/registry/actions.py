"""Deeds of the registry: enrolling, relocating, categorising."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.errors import BadInput, NotFound, Refused
from anlan.county.ledger.actions import Line, record, record_many
from anlan.county.office.models import County, Division, User
from anlan.county.office.permissions import check
from anlan.county.registry import importing
from anlan.county.registry.batches import Batch, Mapping
from anlan.county.registry.enrolment import CATEGORY, check_record, chunks, digest, write
from anlan.county.registry.importing import Tally
from anlan.county.registry.intake import Intake, stage
from anlan.county.registry.lock import one_at_a_time
from anlan.county.registry.merging import merge
from anlan.county.registry.models import CATEGORIES, Category, Household, WaterSource
from anlan.county.registry.queries import by_ids, mapping_named, next_serial, open_categories
from anlan.county.registry.records import HouseholdRecord
from anlan.county.registry.returning import return_refused
from anlan.county.registry.rules import household_code, on_the_map
from anlan.county.registry.workbook import Refusal

NAMED = 5  # how many places a refusal names in its own sentence
CATEGORISERS = ("registry.write", "decide.county", "clear.county")


class AlreadyEnrolled(Refused):
    """A household's code is in the registry, or twice among the records."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file. `refused` counts rows, the three before it households; `batch` is None in a dry run."""

    rows: int
    new: int
    changed: int
    unchanged: int
    refused: int
    refusals: list[dict[str, Any]]  # {"sheet", "row", "column", "reason"}
    batch: int | None
    ignored: list[str]  # headings nobody knows, sheets passed over


class NotImported(BadInput):
    """A file of which nothing can be used as it stands; nothing of it was written."""

    def __init__(self, rows: int, refusals: Sequence[Refusal]) -> None:
        self.rows = rows
        self.refusals = [asdict(refusal) for refusal in refusals]
        shown = [_place(refusal) for refusal in refusals[:NAMED]]
        more = len(refusals) - NAMED
        shown += [_("……另有 %(count)d 处。") % {"count": more}] if more > 0 else []
        super().__init__("\n".join([_("名册没有导入，有 %(count)d 处要改：") % {"count": len(refusals)}, *shown]))


def _place(refusal: Refusal) -> str:
    if not refusal.sheet:
        return _("%(reason)s。") % {"reason": refusal.reason}
    return _("“%(sheet)s”第 %(row)d 行“%(column)s”：%(reason)s。") % asdict(refusal)


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
    known = mapping_named(mapping)
    with closing(stage(path, clock.today(), importing.learned(known), importing.cleared(known))) as intake:
        if intake.found.unusable:
            raise NotImported(intake.found.rows, intake.found.unusable)
        if dry_run:
            tally, batch = importing.judge(intake, by=by, today=clock.today()), None
            _usable(intake, tally, whole)
        else:
            with one_at_a_time():
                batch = _begun(path.name, importing.file_digest(path), by, known)
                tally = _merged(batch, intake, by, whole)
        if returned is not None and intake.refused:
            return_refused(path, intake, returned)
        return Imported(
            intake.found.rows, tally.new, tally.changed, tally.unchanged, len(intake.refused), _places(intake),
            batch.pk if batch else None, intake.found.ignored,
        )  # fmt: skip


def _begun(name: str, digest_: str, by: User, mapping: Mapping | None, state: str = "merged") -> Batch:
    division = next((code for code in by.scopes() if by.may("registry.import", code)), None)
    return Batch.objects.create(
        division_id=division or County.objects.get().division_id, file_name=name[-120:], digest=digest_,
        mapping=mapping, state=state, by=by, at=clock.now(),
    )  # fmt: skip


def _merged(batch: Batch, intake: Intake, by: User, whole: bool = False) -> Tally:
    """Merge a staged file as a batch. Call it where nobody else imports."""
    at = clock.now()
    tally = importing.judge(
        intake, by=by, today=clock.today(),
        take=lambda outcomes: merge(outcomes, by=by.username, at=at, batch=batch.pk),
    )  # fmt: skip
    _usable(intake, tally, whole)
    _count(batch, intake, tally)
    batch.state, batch.merged_at = "merged", at
    batch.save()
    record("registry.import", about=f"batch:{batch.pk}", by=by.username, source=batch.digest[:16], new=tally.new,
           changed=tally.changed, unchanged=tally.unchanged, refused=batch.refused, digest=tally.seen)  # fmt: skip
    return tally


def _usable(intake: Intake, tally: Tally, whole: bool = False) -> None:
    if not tally.usable or (whole and intake.refused):
        raise NotImported(intake.found.rows, sorted(intake.refusals, key=_order))


def _count(batch: Batch, intake: Intake, tally: Tally) -> None:
    batch.rows, batch.refused = intake.found.rows, len(intake.refused)
    batch.new, batch.changed, batch.unchanged = tally.new, tally.changed, tally.unchanged
    batch.seen, batch.ignored = tally.seen, intake.found.ignored


def _order(refusal: Refusal) -> tuple[str, int, str]:
    return refusal.sheet, refusal.row, refusal.column


def _places(intake: Intake) -> list[dict[str, Any]]:
    return [asdict(refusal) for refusal in sorted(intake.refusals, key=_order)]


@transaction.atomic
def enrol_water_sources(*, rows: Iterable[tuple[str, str, str, str]], by: User) -> int:
    """Add or rename water sources: (code, division code, kind, name). Returns how many."""
    check(by, "registry.import", County.objects.values_list("division_id", flat=True).first())
    sources = [
        WaterSource(code=code, division_id=division, kind=kind, name=name) for code, division, kind, name in rows
    ]
    WaterSource.objects.bulk_create(
        sources, update_conflicts=True, unique_fields=["code"], update_fields=["division", "kind", "name"],
        batch_size=200,
    )  # fmt: skip
    record("registry.enrol_water_sources", about="water_source:*", by=by.username, count=len(sources))
    return len(sources)


@transaction.atomic
def enrol_reported(*, village: str, head_name: str, phone: str, size: int, by: User) -> Household:
    """Add a household known only from a report, so that it can have a lead before it is in the registry."""
    check(by, "discover.report", village)
    # The village's row is the lock on its serials.
    place = Division.objects.select_for_update().filter(pk=village, level="village").first()
    if place is None:
        raise BadInput(_("没有代码为 %(code)s 的村。") % {"code": village})
    if size < 1:
        raise BadInput(_("家庭人口数至少为 1。"))
    household = Household.objects.create(
        code=household_code(village, next_serial(village)), division=place, head_name=head_name, phone=phone, size=size,
        registered=False, updated_at=clock.now(),
    )  # fmt: skip
    record("registry.enrol_reported", about=f"household:{household.code}", by=by.username, size=size)
    return household


@transaction.atomic
def relocate(*, changes: Sequence[tuple[int, float, float]], by: User) -> int:
    """Give households a point: (household id, lon, lat). Returns how many."""
    households = _known((household for household, _lon, _lat in changes), by, "registry.write")
    for household, lon, lat in changes:
        if not on_the_map(lon, lat):
            raise BadInput(_("农户 %(code)s 的坐标超出范围。") % {"code": households[household].code})
    at = clock.now()
    rows = [(lon, lat, "point", at, household) for household, lon, lat in changes]
    bulk.update(Household, ("lon", "lat", "location", "updated_at"), rows)
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
    rows = [(household, kind, since, None, source) for (household, kind), since in fresh.items()]
    bulk.insert(Category, CATEGORY, rows)
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
    lines = [
        _line("registry.end_category", households[household], kind=kind, until=until.isoformat())
        for (household, kind), until in ended.items()
    ]
    return record_many(lines, by=by.username)


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
