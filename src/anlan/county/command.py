"""What every `anlan` command shares: `--json`, exit codes, a progress bar, a clock that fits the county."""

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

T = TypeVar("T")


class AnlanCommand(BaseCommand):
    """A command of the `anlan` program. Subclasses write `perform` (and `arguments`, if they take any).

    `perform` returns a JSON-serialisable document; `say` prints it for people where `--json` is not given.
    `Refused` ends in exit code 2 (see `anlan.cli`); `exit_code` may be set for a verdict such as a broken chain.
    """

    requires_system_checks: list[str] = []
    exit_code = 0

    def arguments(self, parser: CommandParser) -> None:
        """Add this command's own arguments."""

    def perform(self, **options: Any) -> Any:
        """Do the deed and return the document."""
        raise NotImplementedError

    def say(self, document: Any) -> None:
        """Print the document for a person."""
        for key, value in document.items():
            self.stdout.write(f"{key}\t{value}")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print exactly one JSON document")
        self.arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        document = self.perform(**options)
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=1))
        else:
            self.say(document)
        if self.exit_code:
            raise SystemExit(self.exit_code)


def progress(things: Iterable[T], *, total: int | None = None, what: str = "") -> Iterable[T]:
    """Pass things through, with a bar on a terminal and nothing anywhere else."""
    return tqdm(things, total=total, desc=what, disable=None, leave=False)
