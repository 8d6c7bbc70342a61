"""`anlan foresee exposure`: what stands where, as Parquet tables by township."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.foresee import parquet
from anlan.county.foresee.actions import expose
from anlan.county.office.queries import machine


class Command(AnlanCommand):
    """What has not changed since is not written again. Nobody's name, code or number is in the files."""

    help = "write what stands where as Parquet tables, township by township"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", default="", help="another folder than the installation's own")

    def perform(self, **options: Any) -> Any:
        folder = Path(options["out"]) if options["out"] else Path(settings.EXPOSURE)
        made, written = expose(by=machine(), folder=folder)
        return {
            "digest": made.digest, "on": str(made.on), "households": made.households, "assets": made.assets,
            "folder": str(folder), "written": written,
            "files": [
                str(path)
                for town, digest in sorted(made.parts.items())
                for path in parquet.paths(folder, town, digest).values()
            ],
        }  # fmt: skip

    def say(self, document: Any) -> None:
        for path in document["files"]:
            self.stdout.write(path)
