"""`anlan warn cancel WARNING --reason TEXT --by USERNAME`."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.queries import user
from anlan.county.warn import actions
from anlan.county.warn.queries import warning


class Command(AnlanCommand):
    """Messages that have left cannot be called back."""

    help = "take a warning back, and what has not left yet"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("warning", help="the warning's code")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--by", required=True, metavar="USERNAME")

    def perform(self, **options: Any) -> Any:
        found, by = warning(options["warning"]), user(options["by"])
        done = actions.cancel(warning=found, reason=options["reason"], by=by)
        return {"code": done.code, "state": done.state}
