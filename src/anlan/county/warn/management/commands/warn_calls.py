"""`anlan warn calls WARNING --village CODE [--out FILE.docx]`: whom to call at when nothing else works."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.errors import BadInput, NotFound
from anlan.county.office.models import Division
from anlan.county.office.queries import user
from anlan.county.warn import documents, ticks
from anlan.county.warn.calls import call_list
from anlan.county.warn.queries import warning


class Command(AnlanCommand):
    """Telephones come with their middle hidden; in full with --reason and --by, on record."""

    help = "a village's call list with boxes to tick, for paper (--out FILE.docx: as a Word file, too)"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("warning", help="the warning's code; a cadres' warning lists all of its event's households")
        parser.add_argument("--village", required=True, metavar="CODE")
        parser.add_argument("--out", type=Path, metavar="FILE.docx")
        parser.add_argument(
            "--reason", default="", help="telephones in full: identity, contact, payment, match, complaint"
        )
        parser.add_argument("--by", default="", metavar="USERNAME", help="who asks; needed with --reason")

    def perform(self, **options: Any) -> Any:
        found, by = warning(options["warning"]), user(options["by"]) if options["by"] else None
        mine = Division.objects.filter(level="village")
        village = (mine.visible_to(by) if by is not None else mine).filter(pk=options["village"]).first()
        if village is None:
            raise NotFound(f"没有这个村 / no village {options['village']}")
        if options["reason"] and by is None:
            raise BadInput("完整电话要写明谁要：--by / say who asks: --by")
        if options["reason"] and by is not None:
            listed = ticks.show(warning=found, village=village, reason=options["reason"], by=by)
        else:
            listed = call_list(found, village, by)
        if options["out"]:
            try:
                options["out"].write_bytes(documents.calls(listed))
            except OSError as error:
                raise BadInput(f"写不进 / cannot write {options['out']}: {error.strerror}") from error
        rows = [documents.calls_row(line) for line in listed.lines]
        return {
            "warning": found.code, "village": village.code, "check": listed.check, "households": len(rows),
            "answered": listed.answered, "header": documents.calls_header(), "rows": rows,
        }  # fmt: skip

    def say(self, document: Any) -> None:
        self.stdout.write(f"{document['warning']}\t{document['village']}\t{document['check']}")
        for row in (document["header"], *document["rows"]):
            self.stdout.write("\t".join(row))
