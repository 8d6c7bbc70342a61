"""`anlan warn release WARNING --by USERNAME`."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.queries import user
from anlan.county.warn import actions
from anlan.county.warn.queries import warning


class Command(AnlanCommand):
    """Messages leave when the dispatcher next runs."""

    help = "send an approved warning"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("warning", help="the warning's code")
        parser.add_argument("--by", required=True, metavar="USERNAME")

    def perform(self, **options: Any) -> Any:
        done = actions.release(warning=warning(options["warning"]), by=user(options["by"]))
        return {"code": done.code, "state": done.state}
