"""`anlan linkage compare LEFT RIGHT --out LINKS.csv`: the same person in two lists. It needs no database."""

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from anlan.county.command import AnlanCommand
from anlan.county.errors import BadInput
from anlan.county.registry import lists

if TYPE_CHECKING:
    import polars as pl

    from anlan.engine.linkage.backends import Backend

CONFIRMED = ("是", "y", "yes", "true", "1", "√")


class Command(AnlanCommand):
    """Links go to `--out`, what a person must decide to `--review`; a review file with marks is a crosswalk."""

    help = "find the same persons in two lists (xlsx or csv)"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("left", type=Path)
        parser.add_argument("right", type=Path)
        parser.add_argument("--out", type=Path, required=True, help="links: left_row, right_row, rule, probability")
        parser.add_argument("--review", type=Path, help="both records side by side, with reasons, for a person to mark")
        parser.add_argument(
            "--crosswalk", type=Path, help="an earlier review file whose pairs were marked as confirmed"
        )
        parser.add_argument("--gazetteer", type=Path, help="full names of division codes: code, name")
        parser.add_argument("--one-to-one", action="store_true", help="no right row twice, either")
        parser.add_argument("--splink", action="store_true", help="give the queue's pairs their weight by Splink, too")
        parser.add_argument("--engine", choices=("local", "spark"), default="local")

    def perform(self, **options: Any) -> Any:
        from anlan.engine.linkage import Options, compare

        begun = time.perf_counter()
        tables = {side: lists.read(options[side]) for side in ("left", "right")}
        how = Options(
            crosswalk=_crosswalk(options["crosswalk"]),
            one_to_one=options["one_to_one"],
            gazetteer=_gazetteer(options["gazetteer"]),
            splink=_splink(options["splink"]),
        )
        found = compare(tables["left"], tables["right"], how, _backend(options["engine"]))
        links = found.links.rename({"left": "left_row", "right": "right_row"})
        _write(options["out"], links)
        if options["review"]:
            _write(options["review"], _side_by_side(found.review, tables))
        return {
            "left_rows": tables["left"].height,
            "right_rows": tables["right"].height,
            "links": links.height,
            "rules": found.counts,
            "review": found.review["left"].n_unique(),
            "engine": options["engine"],
            "seconds": round(time.perf_counter() - begun, 3),
            "out": str(options["out"]),
        }


def _splink(wanted: bool) -> bool:
    """Whether to ask Splink; refused where it is not installed."""
    from anlan.engine.linkage import ranking

    if wanted and not ranking.installed():
        raise BadInput(_("没有安装 Splink：请安装 anlan[splink]，或者不用 --splink。"))
    return wanted


def _backend(engine: str) -> "Backend":
    from anlan.engine.linkage import backends, spark

    if engine == "local":
        return backends.Local()
    try:
        return spark.Spark(spark.local_session())
    except (ImportError, RuntimeError, OSError) as error:
        raise BadInput(_("没有可用的 Spark：请安装 anlan[spark] 和 Java 17，或者使用 --engine local。")) from error


def _side_by_side(review: "pl.DataFrame", tables: "dict[str, pl.DataFrame]") -> "pl.DataFrame":
    """The queue with both records as they are written, and an empty column for the reviewer's mark."""
    import polars as pl

    sides = {
        f"{side}_{name}": table[name].gather(review[side] - 1)
        for side, table in tables.items()
        for name in table.columns
    }
    fields = sorted(sides, key=lambda name: (name.split("_", 1)[1], name))
    return review.select(
        "rule", "probability", pl.col("reasons").list.join(" "), left_row="left", right_row="right",
        **{name: sides[name] for name in fields}, left_key="left_key", right_key="right_key",
        **{name: pl.col(name).round(2) for name in ("splink_weight",) if name in review.columns},
        confirmed=pl.lit(None, dtype=pl.String),
    )  # fmt: skip


def _crosswalk(path: Path | None) -> "pl.DataFrame | None":
    """The pairs that were marked."""
    import polars as pl

    if path is None:
        return None
    table = lists.columns(path, ("left_key", "right_key", "confirmed"))
    return table.filter(pl.col("confirmed").str.strip_chars().str.to_lowercase().is_in(CONFIRMED))


def _gazetteer(path: Path | None) -> dict[str, str]:
    return dict(lists.columns(path, ("code", "name")).drop_nulls().iter_rows()) if path else {}


def _write(path: Path, table: "pl.DataFrame") -> None:
    """The whole file or none: it is written beside its place and moved there."""
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "wb") as file:
            table.write_csv(file, include_bom=path.suffix == ".csv" and "confirmed" in table.columns)
        Path(beside).replace(path)
    except OSError as error:
        raise BadInput(_("%(file)s：写不进去，请检查文件夹是否存在、是否可写。") % {"file": str(path)}) from error
