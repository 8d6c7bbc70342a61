"""`anlan impact aggregate --exposure E.parquet --hazard H.npz --curve C.csv`: what a hazard costs. No database."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand


def common(parser: CommandParser, *, out: str) -> None:
    """What both impact commands take."""
    parser.add_argument(
        "--hazard",
        type=Path,
        required=True,
        help="npz or NetCDF 4: indptr, indices, data, shape (events, cells), frequency; what is not stored is 0",
    )
    parser.add_argument("--curve", type=Path, required=True, help="csv: intensity, ratio (0..1), 0 at intensity 0")
    parser.add_argument("--out", type=Path, help=out)
    parser.add_argument("--engine", choices=("local", "spark"), default="local")


def engine(name: str) -> Any:
    """The engine of that name."""
    from anlan.county.foresee import impacts

    if name == "local":
        return impacts.Local()
    from anlan.county.foresee import impacts_spark

    return impacts_spark.Spark(impacts_spark.session())


class Command(AnlanCommand):
    """The loss of all values in every event, and what each value loses in expectation."""

    help = "what each event of a hazard costs a portfolio, and each value in expectation (npz, nc, parquet)"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--exposure", type=Path, required=True, help="parquet (file or folder): id, cell, value")
        common(parser, out="parquet: id, eai")

    def perform(self, **options: Any) -> Any:
        import pyarrow as pa

        from anlan.county.foresee.files import curves, hazards, tables

        begun = time.perf_counter()
        members, curve = hazards.read(options["hazard"]), curves.read(options["curve"], monotone=False)
        found = engine(options["engine"]).aggregate(options["exposure"], members, curve)
        if options["out"]:
            tables.write(options["out"], pa.table({"id": found.ids, "eai": found.eai}))
        return {
            "rows": len(found.eai),
            "events": len(members),
            "cells": members.cells,
            "eai_sum": found.eai_sum,
            "at_event": found.at_event.tolist(),
            "engine": options["engine"],
            "seconds": round(time.perf_counter() - begun, 3),
            "out": str(options["out"]) if options["out"] else None,
        }
