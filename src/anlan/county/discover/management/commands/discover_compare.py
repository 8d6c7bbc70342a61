"""`anlan discover compare SOURCE FILE`: a department's list of the month against the registry."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from anlan.county.command import AnlanCommand
from anlan.county.discover.comparison import actions
from anlan.county.discover.comparison.contradictions import Contradiction
from anlan.county.discover.comparison.queries import Conflict
from anlan.county.discover.comparison.sources import source, sources
from anlan.county.errors import BadInput
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.sense.queries import event


class Command(AnlanCommand):
    """Rows with a risk become leads, unsure ones wait for a person; what cannot be read is named by its place."""

    help = "compare a department's list of the month with the registry"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE", help=", ".join(sources()))
        parser.add_argument("file", type=Path)
        parser.add_argument("--event", metavar="CODE", help="the disaster it is about (default: the month's screening)")
        parser.add_argument("--month", metavar="YYYY-MM", help="the month it is about (default: this one)")
        parser.add_argument("--dry-run", action="store_true", help="say what would become of it and write nothing")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        found = actions.compare(
            source=source(options["source"]), path=options["file"], by=user(options["by"]),
            event=event(options["event"]) if options["event"] else None,
            month=_month(options["month"]) if options["month"] else None, trial=options["dry_run"],
        )  # fmt: skip
        return {
            "source": options["source"], **found.counts, "not_found": found.not_found,
            "conflicts": [_conflict(each) for each in found.conflicts],
            "against_register": [_contradiction(each) for each in found.against_register], "refused": found.refused,
            "batch": found.batch.pk if found.batch else None, "again": found.again, "seconds": found.seconds,
        }  # fmt: skip

    def say(self, document: Any) -> None:
        for name in ("rows", "linked", "review", "below_threshold", "leads", "merged"):
            self.stdout.write(f"{name}\t{document[name]}")
        self.stdout.write(f"not_found\t{len(document['not_found'])}")
        for each in document["refused"]:
            self.stdout.write(f"{each['sheet']}\t{each['row']}\t{each['column']}\t{each['reason']}")


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 (a month has no time zone)
    except ValueError as error:
        raise BadInput(_("月份应写成 2026-06 这样。")) from error


def _contradiction(each: Contradiction) -> dict[str, Any]:
    """What the list says otherwise than the register, by the household's code."""
    said = {"value": each.said.value, "on": each.said.on.isoformat()}
    return {"household": each.household, "topic": each.topic, "registered": each.registered, **said}


def _conflict(each: Conflict) -> dict[str, Any]:
    """A conflict by its household's code; the person's name stays inside."""
    said = [{"source": one.source.key, "value": one.value, "on": one.on.isoformat()} for one in each.said]
    return {"household": each.household, "topic": each.topic, "said": said}
