"""`anlan registry summary`: how a county or a province stands, from the database or from snapshots."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county import clock
from anlan.county.command import AnlanCommand
from anlan.county.office.models import MACHINE
from anlan.county.office.permissions import check
from anlan.county.office.queries import user
from anlan.county.registry.snapshots.summary import of_database, of_snapshot


class Command(AnlanCommand):
    """Counts by county: households, people, income, who is below the reference line, categories."""

    help = "count the register by county; --snapshot FOLDER: of every county whose snapshot lies there"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--snapshot", type=Path, metavar="FOLDER", help="read FOLDER/county=…, not the database")
        parser.add_argument("--county", default="", metavar="CODE", help="one county's six digits, of a snapshot")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who asks (default: the program)")

    def perform(self, **options: Any) -> Any:
        folder, on = options["snapshot"], clock.today()
        if folder is not None:  # whoever can read the folder can read it
            return {"counties": [asdict(each) for each in of_snapshot(folder, on, options["county"])]}
        by = user(options["by"])
        check(by, "registry.read")
        return {"counties": [asdict(each) for each in of_database(by, on)]}

    def say(self, document: Any) -> None:
        for each in document["counties"]:
            self.stdout.write("\t".join(f"{name} {value}" for name, value in each.items()))
