"""`anlan warn draft EVENT`: write the warnings of an event."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.sense.queries import event
from anlan.county.warn import actions


class Command(AnlanCommand):
    """An audience whose warning still waits keeps it."""

    help = "write an event's warnings, one for each audience"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", help="the event's code")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        drafts = actions.draft(event=event(options["event"]), by=user(options["by"]))
        return [{"code": each.code, "audience": each.audience, "state": each.state, "sms": each.sms} for each in drafts]

    def say(self, document: Any) -> None:
        for each in document:
            self.stdout.write("\t".join(each.values()))
