"""Judging a staged file against the register, and merging it: what the deeds of importing have in common."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from anlan.county.office.models import User
from anlan.county.registry.batches import Mapping
from anlan.county.registry.intake import Intake
from anlan.county.registry.matching import Matcher
from anlan.county.registry.merging import Codes, Outcome, Walk
from anlan.county.registry.models import WaterSource
from anlan.county.registry.places import Places
from anlan.county.registry.queries import next_serial, villages

Take = Callable[[list[Outcome]], None]


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
