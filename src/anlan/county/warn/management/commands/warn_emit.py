"""`anlan warn emit WARNING --cap`: a released warning as an alert of the county's own, on standard output."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.warn import bulletins
from anlan.county.warn.queries import warning


class Command(AnlanCommand):
    """Of a cancelled warning its cancellation."""

    help = "print a released warning as a CAP 1.2 alert"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("warning", help="the warning's code")
        parser.add_argument("--cap", action="store_true", required=True, help="as CAP 1.2, the only form there is")
        parser.add_argument("--english", action="store_true", help="add a short block in English")

    def perform(self, **options: Any) -> Any:
        told = bulletins.latest(warning(options["warning"]), english=options["english"])
        return {
            "identifier": told.identifier, "sender": told.sender, "msg_type": told.msg_type, "status": told.status,
            "references": [each.identifier for each in told.references], "document": bulletins.document(told).decode(),
        }  # fmt: skip

    def say(self, document: Any) -> None:
        self.stdout.write(document["document"], ending="")
