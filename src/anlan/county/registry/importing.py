"""Judging a staged file against the register, and merging it: what the deeds of importing have in common."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Mapping_
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, cast

from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.errors import BadInput
from anlan.county.ledger.actions import record
from anlan.county.office.models import County, User
from anlan.county.registry import previews, waiting
from anlan.county.registry.batches import Batch, Mapping
from anlan.county.registry.intake import Intake, stage
from anlan.county.registry.matching import Matcher
from anlan.county.registry.merging import Codes, Outcome, Walk, merge
from anlan.county.registry.models import WaterSource
from anlan.county.registry.places import Places
from anlan.county.registry.queries import next_serial, villages
from anlan.county.registry.returning import return_refused
from anlan.county.registry.workbook import Refusal


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
    if not refusal.row:
        return _("“%(sheet)s”：%(reason)s。") % asdict(refusal)
    return _("“%(sheet)s”第 %(row)d 行“%(column)s”：%(reason)s。") % asdict(refusal)


class Changed(Exception):
    """The register is no longer as it was when the differences were shown."""


Take = Callable[[list[Outcome]], None]


NAMED = 5  # how many places a refusal names in its own sentence


@dataclass(slots=True)
class Tally:
    """How many households came out how; `seen` is a digest of all that would change."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    people: int = 0
    digest: Any = field(default_factory=sha256)

    @property
    def usable(self) -> int:
        """Households that can be used."""
        return self.new + self.changed + self.unchanged

    @property
    def seen(self) -> str:
        """What the differences were, in one word."""
        return str(self.digest.hexdigest())

    def count(self, outcome: Outcome) -> None:
        """Count one household."""
        if outcome.record is not None:
            self.new += 1
            self.people += len(outcome.record.people)
            self.digest.update(outcome.code.encode())  # all else of it stands in the file
        elif outcome.differences:
            self.changed += 1
            changes = [(each.table, each.row, each.field, each.old, each.new) for each in outcome.differences]
            self.digest.update(repr((outcome.code, changes)).encode())
        else:
            self.unchanged += 1


def judge(intake: Intake, *, by: User, today: date, take: Take | None = None) -> Tally:
    """Walk a staged file along the register as it is now; `take` gets the households some thousand at a time."""
    tally = Tally()
    walk = Walk(
        intake, Places(villages()), set(WaterSource.objects.values_list("code", flat=True)),
        Matcher(lambda village: by.may("registry.import", village)), Codes(intake.codes, next_serial), today,
    )  # fmt: skip
    for outcomes in walk.outcomes():
        for outcome in outcomes:
            tally.count(outcome)
        if take is not None:
            take(outcomes)
    return tally


def learned(mapping: Mapping | None) -> dict[str, str]:
    """A department's own names for columns."""
    return dict(mapping.headings) if mapping else {}


def cleared(mapping: Mapping | None) -> frozenset[str]:
    """The fields whose empty cells take a value out."""
    return frozenset(mapping.clears) if mapping else frozenset()


def file_digest(path: Path) -> str:
    """A file's digest, read in pieces."""
    whole = sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            whole.update(piece)
    return whole.hexdigest()


def begin(name: str, by: User, mapping: Mapping | None, digest: str = "", state: str = "merged") -> Batch:
    """Open a batch for a file."""
    division = next((code for code in by.scopes() if by.may("registry.import", code)), None)
    return Batch.objects.create(
        division_id=division or County.objects.get().division_id, file_name=name[-120:], digest=digest,
        mapping=mapping, state=state, by=by, at=clock.now(),
    )  # fmt: skip


def merged(batch: Batch, intake: Intake, by: User, whole: bool = False) -> Tally:
    """Merge a staged file as a batch. Call it where nobody else imports."""
    at = clock.now()
    tally = judge(
        intake, by=by, today=clock.today(),
        take=lambda outcomes: merge(outcomes, by=by.username, at=at, batch=batch.pk),
    )  # fmt: skip
    usable(intake, tally, whole)
    _count(batch, intake, tally)
    batch.state, batch.merged_at = "merged", at
    batch.save()
    record("registry.import", about=f"batch:{batch.pk}", by=by.username, source=batch.digest[:16], new=tally.new,
           changed=tally.changed, unchanged=tally.unchanged, refused=batch.refused, digest=tally.seen)  # fmt: skip
    return tally


def usable(intake: Intake, tally: Tally, whole: bool = False) -> None:
    """Raise NotImported where nothing of a file can be used; with `whole`, where not all of it can."""
    if not tally.usable or (whole and intake.refused):
        raise NotImported(intake.found.rows, sorted(intake.refusals, key=_order))


def _count(batch: Batch, intake: Intake, tally: Tally) -> None:
    batch.rows, batch.refused = intake.found.rows, len(intake.refused)
    batch.new, batch.changed, batch.unchanged = tally.new, tally.changed, tally.unchanged
    batch.seen, batch.ignored = tally.seen, list(dict.fromkeys(intake.found.ignored))


def _order(refusal: Refusal) -> tuple[str, int, str]:
    return refusal.sheet, refusal.row, refusal.column


def passed_over(intake: Intake) -> list[str]:
    """Headings nobody knows, and sheets that are hidden."""
    hidden = [_("隐藏的工作表“%(sheet)s”") % {"sheet": name} for name in intake.found.hidden]
    return [*dict.fromkeys(intake.found.ignored), *hidden]


def places_of(intake: Intake) -> list[dict[str, Any]]:
    """Every refusal as a plain dict, in the order of the file."""
    return [asdict(refusal) for refusal in sorted(intake.refusals, key=_order)]


def look(batch: Batch) -> None:
    """Stage a kept file and write its preview: what would change, what is refused and why, the workbook to return."""
    for path in (waiting.preview(batch.pk), waiting.refusals(batch.pk), waiting.returned(batch.pk)):
        path.unlink(missing_ok=True)
    with _staged(batch) as (source, intake):
        unusable = intake.found.unusable
        if not unusable:
            with waiting.writing(waiting.preview(batch.pk)) as shown:
                tally = judge(
                    intake, by=batch.by, today=clock.today(), take=lambda outcomes: previews.keep(shown, outcomes)
                )
            _count(batch, intake, tally)
            if intake.refused:
                with waiting.writing(waiting.returned(batch.pk)) as returned:
                    return_refused(source, intake, cast("IO[bytes]", returned))
        refused = [asdict(each) for each in unusable] or places_of(intake)
        with waiting.writing(waiting.refusals(batch.pk)) as said:
            previews.write(said, refused)
        batch.state = "staged" if not unusable and tally.usable else "refused"
        batch.reason = "" if batch.state == "staged" else str(NotImported(intake.found.rows, _refusals(refused)))
    batch.save()


def over(kept: Sequence[int], since: datetime) -> list[int]:
    """Which of these batches were taken back, merged or sent in before a moment, or broke off in being sent."""
    rows = Batch.objects.filter(pk__among=kept).annotate(ended=Coalesce("undone_at", "merged_at", "at"))
    held = {pk: (state, ended) for pk, state, ended in rows.values_list("pk", "state", "ended")}
    alone = ("", datetime.fromtimestamp(0, tz=since.tzinfo))
    return [
        pk
        for pk in kept
        if (known := held.get(pk, alone))[1] < since and known[0] != "confirmed"
        and (pk in held or waiting.written(pk) < since.timestamp())
    ]  # fmt: skip


def _refusals(refused: Sequence[Mapping_[str, Any]]) -> list[Refusal]:
    return [Refusal(**each) for each in refused]


def merge_kept(batch: Batch) -> None:
    """Merge a kept file, unless it would change something else than was shown. Call it where nobody else imports."""
    seen = batch.seen
    with _staged(batch) as (_source, intake):
        if merged(batch, intake, batch.by).seen != seen:
            raise Changed


@contextmanager
def _staged(batch: Batch) -> Iterator[tuple[Path, Intake]]:
    """A kept file, opened and staged."""
    known = batch.mapping
    with (
        waiting.opened(waiting.source(batch.pk)) as source,
        closing(stage(source, clock.today(), learned(known), cleared(known))) as intake,
    ):
        yield source, intake
