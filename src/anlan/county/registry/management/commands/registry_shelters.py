"""`anlan registry shelters FILE`: take in a list of the county's shelters, and of who goes where by which way."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.registry.shelters.actions import import_shelters


class Command(AnlanCommand):
    """All of it or nothing. What the list does not name stays as it is."""

    help = "take in a list of shelters (xlsx, xls, csv), all of it or nothing"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        by = user(options["by"])
        return asdict(import_shelters(path=options["file"], by=by, dry_run=options["dry_run"]))
