"""Deeds of the registry: enrolling, relocating, categorising."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
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
from anlan.county.registry import roll, workbook
from anlan.county.registry.enrolment import CATEGORY, check_record, chunks, digest, write
from anlan.county.registry.members import words
from anlan.county.registry.models import CATEGORIES, MASKED, REASONS, Category, Household, Person, WaterSource
from anlan.county.registry.places import Places
from anlan.county.registry.queries import by_id_number, by_ids, enrolled, next_serial, open_categories, villages
from anlan.county.registry.records import HouseholdRecord
from anlan.county.registry.roll import Roll
from anlan.county.registry.rules import household_code, on_the_map
from anlan.county.registry.workbook import Refusal

NAMED = 5  # how many places a refusal names in its own sentence
CATEGORISERS = ("registry.write", "decide.county", "clear.county")


class AlreadyEnrolled(Refused):
    """A household's code is in the registry, or twice among the records."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a workbook. `refusals` is empty: a workbook with any is not imported (NotImported)."""

    rows: int
    households: int
    people: int
    refusals: list[dict[str, Any]]  # {"sheet", "row", "column", "reason"}
    ignored: list[str]  # headings nobody knows


class NotImported(BadInput):
    """A workbook with places that cannot be read as they stand; nothing of it was written."""

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


@transaction.atomic
def import_workbook(*, path: Path, by: User) -> Imported:
    """Enrol the households of an xlsx or xls workbook: one row per person or per household, columns in any order.

    All or nothing: raises NotImported with every place that cannot be read, and writes nothing. Households whose
    number is not one of ours get the next code of their village.
    """
    check(by, "registry.import")
    today = clock.today()
    read = workbook.read(path, today)
    if not read.rows:
        raise NotImported(0, read.refusals)
    sources = set(WaterSource.objects.values_list("code", flat=True))
    found = roll.build(read.rows, Places(villages()), sources, today)
    records, known = _coded(found)
    refusals = [*read.refusals, *found.refusals, *known]
    if refusals:
        raise NotImported(len(read.rows), sorted(refusals, key=lambda each: (each.sheet, each.row)))
    count = enrol(records=records, by=by, source=f"workbook:{sha256(path.read_bytes()).hexdigest()[:16]}")
    return Imported(len(read.rows), count, sum(len(each.people) for each in records), [], read.ignored)


def _coded(found: Roll) -> tuple[list[HouseholdRecord], list[Refusal]]:
    """Every record with its code, and those whose code or people are in the registry already."""
    given = {each.code for each, _row in found.households if each.code}
    taken = enrolled(given)
    refusals = [row.refuse("household", _("这一户已经在册")) for each, row in found.households if each.code in taken]
    refusals += [
        found.numbers[number].refuse("id_number", _("这个人已经在册")) for number in sorted(by_id_number(found.numbers))
    ]
    serials: dict[str, int] = {}
    records = []
    for each, _row in found.households:
        code, village = each.code, each.division
        while not code:
            serial = serials.get(village) or next_serial(village)
            serials[village] = serial + 1
            candidate = household_code(village, serial)
            code = "" if candidate in given else candidate
        records.append(replace(each, code=code))
    return records, refusals


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
        registered=False, updated_at=clock.now(), names=words([head_name]),
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
    rows = [
        (household, kind, since, None, source, households[household].code) for (household, kind), since in fresh.items()
    ]
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


@transaction.atomic
def unmask(*, household: Household, person: Person | None = None, field: str, reason: str, by: User) -> str:
    """Show one personal value of a household or of a member in full, and write down who asked, for what.

    The ledger's line names the field and the reason, never the value.
    """
    check(by, "registry.unmask", household.division_id)
    thing = household if person is None else person
    if field not in MASKED or (field == "phone") != (person is None):
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
