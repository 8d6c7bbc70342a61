"""`anlan account report EVENT [--out FILE.docx]`: give out the after-action report."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.account.actions import report
from anlan.county.account.documents import after_action
from anlan.county.account.telling import blocks
from anlan.county.command import AnlanCommand
from anlan.county.office.queries import machine
from anlan.county.sense.queries import event


class Command(AnlanCommand):
    """Keeps a report of how things stand now, prints it, and writes it as a Word file where asked."""

    help = "give out the after-action report of an event (--out FILE.docx: as a Word file, too)"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event")
        parser.add_argument("--out", type=Path, help="write the report as a .docx file")

    def perform(self, **options: Any) -> Any:
        made = report(event=event(options["event"]), by=machine())
        if options["out"] is not None:
            options["out"].write_bytes(after_action(made))
        return {**made.body, "sha": made.sha}

    def say(self, document: Any) -> None:
        for block in blocks(document):
            self.stdout.write(f"# {block.title}")
            self.stdout.write("\n".join(block.sentences))
            for row in block.rows:
                self.stdout.write("\t".join(row))
