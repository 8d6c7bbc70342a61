"""`anlan account verify FILE`: is this coverage list the one that was signed?"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.account.listing import verify
from anlan.county.command import AnlanCommand


class Command(AnlanCommand):
    """Exits 2 where a row was changed, or the ledger does not know the list."""

    help = "reckon the hashes of an exported coverage list anew and look for them in the ledger"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def perform(self, **options: Any) -> Any:
        verdict = verify(options["file"])
        self.exit_code = 0 if verdict.holds else 2
        return {
            "holds": verdict.holds, "rows": verdict.rows, "villages": verdict.villages, "wrong": list(verdict.wrong),
            "sha": verdict.sha, "signed_at": verdict.signed_at.isoformat() if verdict.signed_at else None,
        }  # fmt: skip
