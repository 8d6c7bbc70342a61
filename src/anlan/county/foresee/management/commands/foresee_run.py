"""`anlan foresee run EVENT [--forecast FILE]`: estimate an event's impact on every household."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from anlan.county.command import AnlanCommand
from anlan.county.foresee.actions import foresee
from anlan.county.foresee.files import ensembles
from anlan.county.foresee.queries import by_village
from anlan.county.office.queries import machine
from anlan.county.sense.queries import event


class Command(AnlanCommand):
    """The hazard is taken from the forecast given, else from the gauges, else from the warning's level."""

    help = "estimate an event's impact on every household, and rank them"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", help="the event's code")
        parser.add_argument(
            "--forecast", type=Path, help=f"an ensemble, .csv or .parquet: {', '.join(ensembles.COLUMNS)}"
        )
        parser.add_argument("--datum", choices=ensembles.DATUMS, default="wgs84", help="of the forecast's places")

    def perform(self, **options: Any) -> Any:
        found = event(options["event"])
        given = ensembles.read(options["forecast"], options["datum"]) if options["forecast"] else None
        run = foresee(event=found, by=machine(), forecast=given)
        villages = by_village(found)
        return {
            "event": found.code, "made_at": timezone.localtime(run.made_at).isoformat(), "method": run.method,
            "basis": run.basis, "members": run.members, "households": run.households, "digest": run.digest,
            "expected": round(sum(each.at_risk for each in villages), 2),
            "villages": [
                {
                    "code": each.code, "name": each.name, "households": each.households,
                    "expected": round(each.at_risk, 3), "low": each.low, "high": each.high,
                }
                for each in villages
            ],
        }  # fmt: skip

    def say(self, document: Any) -> None:
        for each in document["villages"]:
            self.stdout.write(f"{each['expected']}\t{each['low']:.1f}\t{each['high']:.1f}\t{each['name']}")
