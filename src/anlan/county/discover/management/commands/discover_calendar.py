"""`anlan discover calendar`: which departments' lists came, and what is late."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county import clock
from anlan.county.command import AnlanCommand
from anlan.county.discover.comparison import queries
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user


class Command(AnlanCommand):
    """One line a source, the latest first."""

    help = "which departments' lists came month by month, and what is late"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who asks (default: the program)")

    def perform(self, **options: Any) -> Any:
        rows = queries.calendar(user(options["by"]), clock.today())
        return {"sources": [_row(each) for each in rows], "late": sum(each.late for each in rows)}

    def say(self, document: Any) -> None:
        for each in document["sources"]:
            self.stdout.write(f"{each['source']}\t{each['last'] or '—'}\t{each['due']}\t{each['late_days']}")


def _row(each: queries.Expected) -> dict[str, Any]:
    return {
        "source": each.source.key, "department": each.source.department, "cadence_days": each.cadence_days,
        "last": each.last.isoformat() if each.last else None, "due": each.due.isoformat(), "late_days": each.late_days,
        "months": [
            {"month": f"{one.month:%Y-%m}", "came": [day.isoformat() for day in one.came], "late": one.late}
            for one in each.months
        ],
    }  # fmt: skip
