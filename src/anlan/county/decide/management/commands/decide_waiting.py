"""`anlan decide waiting`: cases not yet closed."""

from typing import Any

from anlan.county.command import AnlanCommand
from anlan.county.decide.queries import open_cases
from anlan.county.office.queries import machine


class Command(AnlanCommand):
    """One line a case, the oldest lead first."""

    help = "list the cases that are not yet closed, the oldest lead first"

    def perform(self, **options: Any) -> Any:
        return [
            {"event": case.event.code, "household": case.household.code, "state": case.state,
             "since": case.lead_at.isoformat(), "at_risk": bool(case.proposal.get("at_risk"))}
            for case in open_cases(machine())
        ]  # fmt: skip

    def say(self, document: Any) -> None:
        for case in document:
            self.stdout.write("\t".join(str(value) for value in case.values()))
