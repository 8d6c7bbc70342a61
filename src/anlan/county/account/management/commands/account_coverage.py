"""`anlan account coverage EVENT`: the closed balance of an event."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.account.queries import coverage, parts
from anlan.county.command import AnlanCommand
from anlan.county.sense.queries import event


class Command(AnlanCommand):
    """Exits 2 where a household of the event is unaccounted for."""

    help = "prove that every household of an event is accounted for; exit 2 where one is not"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event")

    def perform(self, **options: Any) -> Any:
        covered = coverage(event(options["event"]))
        self.exit_code = 0 if covered.closes else 2
        self.terms = parts(covered)
        return {"event": options["event"], **asdict(covered)}

    def say(self, document: Any) -> None:
        for title, number in self.terms:
            self.stdout.write(f"{number}\t{title}")
        self.stdout.write(f"{document['unaccounted']}\t没有着落")
        self.stdout.write(f"{document['exposed']}\t受影响合计\n{document['sha']}")
