"""`anlan registry import FILE`: households from a file into the register."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.registry.actions import NotImported, import_workbook

SHOWN = 20


class Command(AnlanCommand):
    """Rows that cannot be used are named and left out, with the rest of their household; the others come in."""

    help = "take households in from xlsx, xls, csv or a zip of them: new ones, and what differs in known ones"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", default="", metavar="NAME", help="a department's saved column names")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument("--refused", type=Path, metavar="FILE.xlsx", help="write the refused rows back, marked")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        try:
            return asdict(
                import_workbook(
                    path=options["file"], by=user(options["by"]), mapping=options["mapping"],
                    dry_run=options["dry_run"], returned=options["refused"],
                )
            )  # fmt: skip
        except NotImported as refused:
            self.exit_code = 2
            self.stderr.write(str(refused))
            counts = dict.fromkeys(("new", "changed", "unchanged"), 0)
            return {
                "rows": refused.rows, **counts, "refused": refused.rows, "refusals": refused.refusals, "batch": None,
                "ignored": [],
            }  # fmt: skip

    def say(self, document: Any) -> None:
        if self.exit_code:
            return
        super().say({name: value for name, value in document.items() if name != "refusals"})
        for each in document["refusals"][:SHOWN]:
            self.stdout.write("\t".join(str(each[name]) for name in ("sheet", "row", "column", "reason")))
        if (more := len(document["refusals"]) - SHOWN) > 0:
            self.stdout.write(f"… +{more}")
