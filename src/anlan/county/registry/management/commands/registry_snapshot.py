"""`anlan registry snapshot`: the register as Parquet, by county, under pseudonyms."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.registry.snapshots.actions import snapshot, tonight


class Command(AnlanCommand):
    """Without `--out` it is this night's, where the worker would put it, and takes that one's place."""

    help = "write the register for analysis as Parquet, by county: keyed ids, no names, no numbers, no health"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, metavar="FOLDER", help="FOLDER/county=360123/… (default: this night's)")
        parser.add_argument("--county", default="", metavar="CODE", help="one county's six digits (default: all)")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        out = options["out"] or Path(settings.SNAPSHOTS) / tonight().isoformat()
        return {"folder": str(out), "counties": snapshot(out=out, by=user(options["by"]), county=options["county"])}

    def say(self, document: Any) -> None:
        for each in document["counties"]:
            rows = "\t".join(f"{name} {table['rows']}" for name, table in each["tables"].items())
            self.stdout.write(f"{document['folder']}/county={each['county']}\t{rows}")
