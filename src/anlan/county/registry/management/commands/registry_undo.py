"""`anlan registry undo BATCH`: an import is taken back."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.errors import NotFound
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.registry import queries
from anlan.county.registry.actions import undo


class Command(AnlanCommand):
    """Refused, with what stands on it, where the register has moved on since."""

    help = "take an import back: the register is as it was before it"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("batch", type=int)
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        by = user(options["by"])
        batch = queries.batches(by).filter(pk=options["batch"]).first()
        if batch is None:
            raise NotFound(f"没有编号为 {options['batch']} 的导入。")
        undone = undo(batch=batch, by=by)
        return {"batch": undone.pk, "state": undone.state, "new": undone.new, "changed": undone.changed}
