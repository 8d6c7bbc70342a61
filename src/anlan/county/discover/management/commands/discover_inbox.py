"""`anlan discover inbox`: leads nobody has visited yet, the most urgent first."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.discover import queries
from anlan.county.discover.queries import Shown
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.sense.queries import event


class Command(AnlanCommand):
    """As one person sees them, or the whole county."""

    help = "leads that wait, the most urgent first"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--event", metavar="CODE", default="")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        chosen = event(options["event"]) if options["event"] else None
        return [_told(each) for each in queries.shown(queries.inbox(user(options["by"]), chosen))]

    def say(self, document: Any) -> None:
        for each in document:
            self.stdout.write("\t".join(str(value) for value in each.values()))


def _told(row: Shown) -> dict[str, Any]:
    lead = row.lead
    return {
        "event": lead.event.code,
        "household": lead.household.code,
        "state": lead.state,
        "priority": lead.priority,
        "green": lead.green,
        "doors": row.doors,
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "overdue": row.overdue,
    }
