"""`anlan clear recheck MONTH`: draw by lot which cleared households are looked at once more."""

from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.clear.recheck.actions import draw
from anlan.county.command import AnlanCommand
from anlan.county.errors import BadInput
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user


class Command(AnlanCommand):
    """With the seed that the ledger keeps of a draw, anybody draws the same households."""

    help = "draw by lot, from what was cleared in a month that is over, who is looked at once more"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("--seed", default="", help="draw with this seed instead of the ledger's head")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        try:
            month = date.fromisoformat(f"{options['month']}-01")
        except ValueError as error:
            raise BadInput("月份请写成 2026-06 这样。 (write the month as 2026-06)") from error
        made = draw(month=month, by=user(options["by"]), seed=options["seed"])
        return [{"household": each.clearance.episode.household.code, "why": each.why} for each in made]

    def say(self, document: Any) -> None:
        for each in document:
            self.stdout.write(f"{each['household']}\t{each['why']}")
