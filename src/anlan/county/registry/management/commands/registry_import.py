"""`anlan registry import FILE`: households from a workbook, all or nothing."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.queries import machine
from anlan.county.registry.actions import NotImported, import_workbook


class Command(AnlanCommand):
    """Exits 2 where any row cannot be read; the document then names every place, and nothing was written."""

    help = "import households from an xlsx or xls workbook, all or nothing"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def perform(self, **options: Any) -> Any:
        try:
            return asdict(import_workbook(path=options["file"], by=machine()))
        except NotImported as refused:
            self.exit_code = 2
            self.stderr.write(str(refused))
            return {"rows": refused.rows, "households": 0, "people": 0, "refusals": refused.refusals, "ignored": []}

    def say(self, document: Any) -> None:
        if not document["refusals"]:
            super().say(document)
