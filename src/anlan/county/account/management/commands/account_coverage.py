"""`anlan account coverage EVENT`: the closed balance of an event, and its households as a list."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.account import actions, queries
from anlan.county.command import AnlanCommand
from anlan.county.office.queries import machine, user
from anlan.county.sense.queries import event


class Command(AnlanCommand):
    """Exits 2 where a household of the event is unaccounted for."""

    help = "prove that every household of an event is accounted for; exit 2 where one is not"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event")
        parser.add_argument("--out", type=Path, help="write the list of households: .xlsx, or .csv")
        parser.add_argument("--by", default="", help="whose list: only households of this person's divisions")

    def perform(self, **options: Any) -> Any:
        found = event(options["event"])
        told = queries.balanced(found, machine())
        covered = told.coverage
        self.exit_code = 0 if covered.closes else 2
        self.terms = queries.parts(covered)
        document: dict[str, Any] = {"event": found.code, **asdict(covered), "proof": _proof(told)}
        if options["out"]:
            who, out = user(options["by"]) if options["by"] else machine(), options["out"]
            document["listed"] = actions.export(event=found, by=who, out=out, as_csv=out.suffix.lower() == ".csv")
        return document

    def say(self, document: Any) -> None:
        for title, number in self.terms:
            self.stdout.write(f"{number}\t{title}")
        self.stdout.write(f"{document['unaccounted']}\t没有着落")
        self.stdout.write(f"{document['exposed']}\t受影响合计\n{document['sha']}")


def _proof(told: queries.Balance) -> dict[str, Any] | None:
    last, since = told.last, told.changed
    if last is None or since is None:
        return None
    return {
        "sha": last.sha, "made_at": last.made_at.isoformat(), "exposed": last.exposed, "added": len(since.added),
        "opened": len(since.opened), "disposed": len(since.disposed),
        "holds": not since.added and not since.opened,
    }  # fmt: skip
