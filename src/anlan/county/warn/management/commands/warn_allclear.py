"""`anlan warn allclear WARNING --by USERNAME`: write that a red or orange warning's danger is over."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.queries import user
from anlan.county.warn import actions
from anlan.county.warn.queries import warning


class Command(AnlanCommand):
    """Another person approves it (`anlan warn approve`), then it is released as any other."""

    help = "write the all-clear of a warning; approved and released, it goes to everybody who was told"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("warning", help="the warning's code")
        parser.add_argument("--by", required=True, metavar="USERNAME")

    def perform(self, **options: Any) -> Any:
        done = actions.all_clear(warning=warning(options["warning"]), by=user(options["by"]))
        return {"code": done.code, "state": done.state, "clears": options["warning"], "sms": done.sms}
