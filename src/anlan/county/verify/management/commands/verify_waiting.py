"""`anlan verify waiting`: doors still to knock at, and findings still to compare."""

from collections import Counter
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.sense.queries import event
from anlan.county.verify import queries


class Command(AnlanCommand):
    """As one person sees them, or the whole county."""

    help = "visits to make and findings to compare, by village"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--event", metavar="CODE", default="")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        chosen, by = event(options["event"]) if options["event"] else None, user(options["by"])
        visits = Counter(lead.household.division_id for lead in queries.to_visit(by, chosen))
        matches = Counter(each.lead.household.division_id for each in queries.to_match(by, chosen))
        villages = sorted(visits | matches)
        return [{"village": code, "visits": visits[code], "matches": matches[code]} for code in villages]

    def say(self, document: Any) -> None:
        for each in document:
            self.stdout.write(f"{each['village']}\t{each['visits']}\t{each['matches']}")
