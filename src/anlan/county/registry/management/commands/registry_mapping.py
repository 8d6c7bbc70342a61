"""`anlan registry mapping NAME 列名=field …`: what a department calls its columns."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.errors import BadInput
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.registry.actions import save_mapping


class Command(AnlanCommand):
    """`列名=` passes a column over."""

    help = "save a department's own names for columns (HEADING=FIELD …), for `anlan registry import --mapping`"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("headings", nargs="*", metavar="HEADING=FIELD")
        parser.add_argument("--clears", nargs="*", default=[], metavar="FIELD", help="empty cells take these out")
        parser.add_argument("--department", default="", metavar="KEY")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        pairs = [each.partition("=") for each in options["headings"]]
        if wrong := next((heading for heading, sign, _field in pairs if not sign or not heading), None):
            raise BadInput(f"“{wrong}”应写成 列名=字段。")
        saved = save_mapping(
            name=options["name"], headings={heading: field for heading, _sign, field in pairs},
            by=user(options["by"]), clears=options["clears"], department=options["department"],
        )  # fmt: skip
        return {"name": saved.name, "headings": saved.headings, "clears": saved.clears}
