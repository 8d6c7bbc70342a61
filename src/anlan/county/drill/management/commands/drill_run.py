"""`anlan drill run`: a scenario, or a real alert, carried through the whole plan."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from anlan.county.account.documents import after_action
from anlan.county.account.models import Report
from anlan.county.command import AnlanCommand
from anlan.county.drill.actions import run_drill
from anlan.county.drill.requests import Request
from anlan.county.drill.scenario import FROM_ALERT
from anlan.county.drill.worlds import read_world
from anlan.county.errors import BadInput

MOST_BYTES = 4 * 1024 * 1024
MOST_SEED = 2**63 - 1  # what the database keeps


class Command(AnlanCommand):
    """Prints the after-action report; the same seed gives the same report, byte for byte."""

    help = "run a drill: SCENARIO, or --alert FILE [--registry FILE]"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scenario", nargs="?", default="")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--households", type=int, default=70_000)
        parser.add_argument("--alert", default="", help="a real CAP 1.2 alert to start from")
        parser.add_argument("--registry", default="", help="a workbook of households to run it over")
        parser.add_argument("--world", default="", help="a world file (TOML)")
        parser.add_argument("--out", default="", help="write the report as a Word file, too")

    def perform(self, **options: Any) -> Any:
        if options["out"] and not Path(options["out"]).absolute().parent.is_dir():
            raise BadInput(_("没有文件夹可以存放 %(name)s。") % {"name": options["out"]})
        document = run_drill(request=_request(options))
        if options["out"]:
            Path(options["out"]).write_bytes(after_action(Report.objects.latest("id")))
        return document


def _request(options: dict[str, Any]) -> Request:
    if bool(options["scenario"]) == bool(options["alert"]):
        raise BadInput(_("请给出一个演练场景的名称，或者用 --alert 给出一份预警文件（两者之一）。"))
    if abs(options["seed"]) > MOST_SEED:
        raise BadInput(_("种子要在 -%(most)d 到 %(most)d 之间。") % {"most": MOST_SEED})
    world = (
        read_world(_read(options["world"]).decode(errors="replace"), source=options["world"])
        if options["world"]
        else read_world()
    )
    return Request(
        scenario=options["scenario"] or FROM_ALERT, seed=options["seed"], households=options["households"], world=world,
        alert=_read(options["alert"]) if options["alert"] else b"", alert_name=Path(options["alert"]).name,
        registry=options["registry"],
    )  # fmt: skip


def _read(name: str) -> bytes:
    path = Path(name)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(_("文件 %(name)s 太大。") % {"name": name})
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(_("读不了文件 %(name)s：%(error)s") % {"name": name, "error": error.strerror}) from error
    if not data:
        raise BadInput(_("文件 %(name)s 是空的。") % {"name": name})
    return data
