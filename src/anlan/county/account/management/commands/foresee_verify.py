"""`anlan foresee verify EVENT`: what was foreseen, held against what was found."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.account.actions import look_back
from anlan.county.command import AnlanCommand
from anlan.county.office.queries import machine
from anlan.county.sense.queries import event


class Command(AnlanCommand):
    """Keeps the comparison as it stands now, and prints it."""

    help = "hold what was foreseen of an event against what was found"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", help="the event's code")

    def perform(self, **options: Any) -> Any:
        made = look_back(event=event(options["event"]), by=machine())
        return {"event": options["event"], **made.body, "sha": made.sha}

    def say(self, document: Any) -> None:
        for name, each in document["outcomes"].items():
            self.stdout.write(f"{name}\t{each['foreseen']}\t{each['found']}\tbrier {each['brier']}")
        for each in document["recall_at"]:
            self.stdout.write(f"{each['visits']}\t{each['recall']}")
