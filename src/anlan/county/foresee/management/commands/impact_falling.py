"""`anlan impact falling --households HH.parquet --hazard H.npz --curve C.csv`: whom a hazard makes fall."""

import math
import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.foresee.management.commands.impact_aggregate import common, engine

RULE = (
    "A household is below where (income_yuan - loss_per_unit_ratio_yuan x ratio) / members < line_yuan: income and "
    "loss of the whole household, the line per head. The hazard's frequency is the probability of each member; "
    "together they may not exceed 1."
)


class Command(AnlanCommand):
    """Each household's probability of falling below the line, and how many fall in each member: exact, no sampling."""

    help = "whom a hazard's members make fall below the line: households and people in each, probability of each"

    def arguments(self, parser: CommandParser) -> None:
        parser.description = RULE
        parser.add_argument(
            "--households",
            type=Path,
            required=True,
            help="parquet (file or folder): id, cell, members, income_yuan, loss_per_unit_ratio_yuan, line_yuan",
        )
        common(parser, out="parquet: id, p_below")

    def perform(self, **options: Any) -> Any:
        import pyarrow as pa

        from anlan.county.foresee.files import curves, hazards, tables
        from anlan.county.foresee.files.wording import refusing

        begun = time.perf_counter()
        members, curve = hazards.read(options["hazard"]), curves.read(options["curve"], monotone=True)
        with refusing(options["hazard"]):
            weights = members.probabilities()
        found = engine(options["engine"]).falling(options["households"], members, curve)
        if options["out"]:
            tables.write(options["out"], pa.table({"id": found.ids, "p_below": found.p}))
        return {
            "households": len(found.p),
            "members": len(members),
            "cells": members.cells,
            "probability": float(weights.sum()),
            "expected_falling": math.fsum(weights * found.households),
            "expected_people_falling": math.fsum(weights * found.people),
            "falling_per_member": found.households.tolist(),
            "people_falling_per_member": found.people.tolist(),
            "engine": options["engine"],
            "seconds": round(time.perf_counter() - begun, 3),
            "out": str(options["out"]) if options["out"] else None,
        }
