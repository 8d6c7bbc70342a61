"""What the commands that take in a list of places have in common."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user


class ListCommand(AnlanCommand):
    """All of it or nothing. What the list does not name stays as it is."""

    take_in: Callable[..., Any]

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        by = user(options["by"])
        return asdict(type(self).take_in(path=options["file"], by=by, dry_run=options["dry_run"]))
