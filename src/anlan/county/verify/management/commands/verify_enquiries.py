"""`anlan verify enquiries`: which departments were asked about households, who has not answered, who is late."""

from collections import Counter
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.verify.enquiring import queries


class Command(AnlanCommand):
    """One line a department."""

    help = "which departments were asked about households, and who is late"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who asks (default: the program)")

    def perform(self, **options: Any) -> Any:
        by = user(options["by"])
        counts = {
            state: Counter(each.department_id for each in queries.enquiries(by, state)) for state in queries.STATES
        }
        asked = sorted(set().union(*counts.values()))
        return [{"department": each, **{state: counts[state][each] for state in queries.STATES}} for each in asked]

    def say(self, document: Any) -> None:
        for each in document:
            self.stdout.write("\t".join(str(value) for value in each.values()))
