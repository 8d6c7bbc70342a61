"""`anlan registry duplicates`: households that may be one and the same."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.registry.life import duplicates
from anlan.county.registry.models import Household


class Command(AnlanCommand):
    """Pairs by code; who they are is on the screen, for those who may see it."""

    help = "list pairs of households that may be one: the same identity number, name and birthday, or telephone"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--division", default="", metavar="CODE", help="a township's or a village's twelve digits")
        parser.add_argument("--limit", type=int, default=200, metavar="N", help="so many pairs (default 200)")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who asks (default: the program)")

    def perform(self, **options: Any) -> Any:
        found = Household.objects.visible_to(user(options["by"]))
        pairs = duplicates.candidates(found.within(options["division"]) if options["division"] else found)
        shown = duplicates.shown(pairs[: max(0, options["limit"])])
        return {
            "pairs": len(pairs),
            "shown": [
                {"first": one.code, "second": other.code, "grounds": list(pair.grounds)} for pair, one, other in shown
            ],
        }

    def say(self, document: Any) -> None:
        for each in document["shown"]:
            self.stdout.write(f"{each['first']}\t{each['second']}\t{', '.join(each['grounds'])}")
        self.stdout.write(str(document["pairs"]))
