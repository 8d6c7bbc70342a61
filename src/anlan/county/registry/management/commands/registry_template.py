"""`anlan registry template --out FILE`: an empty workbook for the import."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.registry.headings import FIELDS
from anlan.county.registry.sheets import template


class Command(AnlanCommand):
    """Writes the workbook and names its columns."""

    help = "write an empty workbook with every column the import knows"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, default=Path("农户名册模板.xlsx"))

    def perform(self, **options: Any) -> Any:
        options["out"].write_bytes(template())
        return {"file": str(options["out"]), "columns": {name: list(names) for name, names in FIELDS.items()}}

    def say(self, document: Any) -> None:
        self.stdout.write(document["file"])
