"""`anlan discover inspections FILE`: take in what checks found, as a sheet; dangers to households become leads."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from anlan.county.command import AnlanCommand
from anlan.county.discover.inspecting import actions, reading
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.sense.queries import event


class Command(AnlanCommand):
    """Good rows are taken in, bad ones are listed by sheet, row and column. The same list again adds nothing."""

    help = "take in a list of what inspections found (xlsx, xls, csv); dangers to households become leads"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--event", default="", metavar="CODE", help="the disaster they belong to, if any")
        parser.add_argument("--dry-run", action="store_true", help="say what would be taken in, and change nothing")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        by = user(options["by"])
        read = reading.read(options["file"], by)
        chosen = event(options["event"]) if options["event"] else None
        with transaction.atomic():
            made = actions.inspect(findings=read.findings, by=by, event=chosen)
            transaction.set_rollback(options["dry_run"])
        rows = len(read.findings) + len({(each["sheet"], each["row"]) for each in read.refused})
        return {"rows": rows, "new": made.new, "known": made.known, "leads": made.leads, "refused": read.refused}

    def say(self, document: Any) -> None:
        for name in ("rows", "new", "known", "leads"):
            self.stdout.write(f"{name}\t{document[name]}")
        for each in document["refused"]:
            self.stdout.write(f"{each['sheet']}\t{each['row']}\t{each['column']}\t{each['reason']}")
