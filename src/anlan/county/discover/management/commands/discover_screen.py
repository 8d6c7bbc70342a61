"""`anlan discover screen FILE --event CODE --source NAME`: a department's list against the registry."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from anlan.county.command import AnlanCommand
from anlan.county.discover import actions
from anlan.county.errors import BadInput
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.sense.queries import event


class Command(AnlanCommand):
    """Good rows become leads; bad ones are listed by row and column."""

    help = "compare a department's list with the registry"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--event", required=True, metavar="CODE")
        parser.add_argument("--source", required=True, metavar="NAME", help="the list's name")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        path, by = options["file"], user(options["by"])
        if not path.is_file():
            raise BadInput(_("没有文件 %(path)s。") % {"path": path})
        screened = actions.screen(event=event(options["event"]), path=path, source=options["source"], by=by)
        return asdict(screened)

    def say(self, document: Any) -> None:
        self.stdout.write(f"{document['rows']}\t{document['leads']}\t{len(document['unmatched'])}")
        for each in document["refusals"]:
            self.stdout.write(f"{each['row']}\t{each['column']}\t{each['reason']}")
