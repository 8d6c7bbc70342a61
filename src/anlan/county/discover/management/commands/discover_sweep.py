"""`anlan discover sweep EVENT`: have every village on the list gone through."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.discover import actions
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.sense.queries import event


class Command(AnlanCommand):
    """Harmless to repeat."""

    help = "send every village on an event's list out, house by house"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", help="the event's code")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        return {"opened": actions.open_sweeps(event=event(options["event"]), by=user(options["by"]))}
