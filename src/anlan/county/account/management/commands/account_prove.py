"""`anlan account prove EVENT`: everybody gets a place, and the balance is signed."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.account.actions import prove
from anlan.county.command import AnlanCommand
from anlan.county.office.queries import machine, user
from anlan.county.sense.queries import event


class Command(AnlanCommand):
    """Refused where the tables and the ledger do not agree on a household."""

    help = "give whoever stands nowhere a task, hold tables and ledger against each other, and sign the balance"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event")
        parser.add_argument("--by", default="", help="username of who signs")

    def perform(self, **options: Any) -> Any:
        made = prove(event=event(options["event"]), by=user(options["by"]) if options["by"] else machine())
        return {
            "event": made.event.code, "sha": made.sha, "made_at": made.made_at.isoformat(), "exposed": made.exposed,
            "disposed": made.disposed, "open": made.open, "unaccounted": 0, "added": made.added,
            "previous": made.previous.sha if made.previous else None,
        }  # fmt: skip
