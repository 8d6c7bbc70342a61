"""`anlan registry export --out FILE.xlsx`: a list of households in a department's layout."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county import clock
from anlan.county.command import AnlanCommand
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.registry import exporting, finding
from anlan.county.registry.actions import record_export
from anlan.county.registry.models import CATEGORIES


class Command(AnlanCommand):
    """Households that are known only from a report are not in the register yet, and are counted apart."""

    help = "write a list of households to a workbook, in a department's own layout"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.xlsx")
        parser.add_argument("--layout", default="national", metavar="NAME", help="national, list")
        parser.add_argument("--division", default="", metavar="CODE", help="a township's or a village's twelve digits")
        parser.add_argument("--category", default="", choices=["", *CATEGORIES])
        parser.add_argument("--words", default="", help="a part of the head's name, or the beginning of a code")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        by, how = user(options["by"]), exporting.layout(options["layout"])
        asked = finding.Asked(options["words"], options["division"], options["category"])
        found = finding.every(by, asked, on=clock.today())
        listed = found.filter(registered=True)
        kept = {"division": options["division"], "category": options["category"]}
        record_export(by=by, layout=how.key, households=listed.count(), filters=kept)
        count = exporting.export(listed, how, options["out"])
        left_out = found.filter(registered=False).count()
        return {"file": str(options["out"]), "layout": how.key, "households": count, "left_out": left_out}
