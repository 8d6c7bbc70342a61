"""`anlan warn report EVENT`: how far an event's warnings got."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.sense.queries import event
from anlan.county.warn.queries import tally


class Command(AnlanCommand):
    """Counts each household once; minutes run from the signal."""

    help = "how far an event's warnings got"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", help="the event's code")

    def perform(self, **options: Any) -> Any:
        return tally(event(options["event"]))
