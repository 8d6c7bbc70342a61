"""`anlan decide papers EVENT PLACE --out FILE.zip`: the papers of a household's case, or a village's to hang up."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.decide.models import Case
from anlan.county.decide.papers import cases, villages
from anlan.county.errors import NotFound
from anlan.county.office.models import MACHINE, Division
from anlan.county.office.permissions import check
from anlan.county.office.queries import user
from anlan.county.sense.queries import event

VILLAGE = 12  # digits of a village's code; a household's has more


class Command(AnlanCommand):
    """A village's list holds what is under publicity and what has been decided, masked."""

    help = "write all papers of a household's case, or those a village hangs up, as Word files in a zip"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event")
        parser.add_argument("place", help="a household's code, or a village's twelve digits")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.zip")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        found, by, place = event(options["event"]), user(options["by"]), options["place"]
        check(by, "decide.village" if by.may("decide.village") else "decide.town")
        if len(place) == VILLAGE:
            village = Division.objects.visible_to(by).filter(pk=place, level="village").first()
            file = villages.everything(found, village) if village else None
        else:
            here = Case.objects.visible_to(by).select_related(*cases.RELATED)
            case = here.filter(event=found, household__code=place).first()
            file = cases.everything(case) if case else None
        if file is None:
            raise NotFound("没有这个村或这一户的认定，或它不在您负责的区划内。 (no such village or case here)")
        options["out"].write_bytes(file)
        return {"event": found.code, "file": str(options["out"]), "bytes": len(file)}
