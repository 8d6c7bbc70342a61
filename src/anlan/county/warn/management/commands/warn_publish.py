"""`anlan warn publish FOLDER`: the county's public alerts and their Atom feed, as files."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.errors import BadInput
from anlan.county.warn.folder import FEED, publish


class Command(AnlanCommand):
    """Repeating is harmless. The worker does the same by itself where ANLAN_CAP_FOLDER names a folder."""

    help = "write the county's alerts and their Atom feed into a folder"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder")

    def perform(self, **options: Any) -> Any:
        folder = Path(options["folder"])
        try:
            return {"feed": str(folder / FEED), "written": publish(folder)}
        except OSError as error:
            raise BadInput(f"写不进 / cannot write to {folder}: {error.strerror}") from error
