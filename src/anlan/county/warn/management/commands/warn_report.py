"""`anlan warn report WARNING|EVENT [--out FILE.docx]`: how far a warning, or all of an event's, got."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.errors import BadInput
from anlan.county.sense.queries import event
from anlan.county.warn import documents, queries
from anlan.county.warn.models import Warning  # noqa: A004 (the field's own word)
from anlan.county.warn.reports import report


class Command(AnlanCommand):
    """Of an event: each household once, minutes from the signal. Of a warning: by town, village, group and channel."""

    help = "how far a warning got, or all warnings of an event"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="a warning's code, or an event's")
        parser.add_argument("--out", type=Path, help="a warning's report as a .docx file, too")

    def perform(self, **options: Any) -> Any:
        found = Warning.objects.select_related("event").filter(code=options["code"]).first()
        if found is None:
            return queries.tally(event(options["code"]))
        body = report(found)
        if options["out"]:
            try:
                options["out"].write_bytes(documents.word(found, body))
            except OSError as error:
                raise BadInput(f"写不进 / cannot write {options['out']}: {error.strerror}") from error
        return body
