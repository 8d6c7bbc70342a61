"""`anlan office found CODE NAME`: make this installation a county's; with a list, its townships and villages too."""

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county.command import AnlanCommand
from anlan.county.errors import BadInput
from anlan.county.office.actions import enrol_divisions, found_county
from anlan.engine.values.divisions import full, level

COLUMNS = ("code", "name", "lon", "lat")
Row = tuple[str, str, float | None, float | None]


class Command(AnlanCommand):
    """Done once, all of it or nothing."""

    help = "make this installation a county's: CODE NAME, and --divisions LIST.csv (code,name,lon,lat)"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="six or twelve digits")
        parser.add_argument("name")
        parser.add_argument("--lon", type=float, required=True)
        parser.add_argument("--lat", type=float, required=True)
        parser.add_argument("--divisions", metavar="LIST.csv", help="townships and villages; lon and lat may be empty")

    def perform(self, **options: Any) -> Any:
        if not options["code"].isdigit() or len(options["code"]) not in {6, 12} or level(options["code"]) != "county":
            raise BadInput(_("“%(code)s”不是县级区划代码。") % {"code": options["code"]})
        rows = _read(Path(options["divisions"])) if options["divisions"] else []
        with transaction.atomic():
            county = found_county(
                code=options["code"], name=options["name"], synthetic=False, lon=options["lon"], lat=options["lat"]
            )
            enrolled = enrol_divisions(rows, synthetic=False) if rows else 0
        return {"county": county.division_id, "name": options["name"], "divisions": enrolled}

    def say(self, document: Any) -> None:
        self.stdout.write("\t".join(str(value) for value in document.values()))


def _read(path: Path) -> list[Row]:
    """The rows of a list, parents first; refused with the line where one is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS[:2] if name not in (reader.fieldnames or ())]
            if missing:
                raise BadInput(
                    _("%(name)s 第 1 行缺少列：%(columns)s") % {"name": path.name, "columns": "、".join(missing)}
                )
            rows = [_row(path.name, number, each) for number, each in enumerate(reader, start=2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(_("打不开 %(name)s：%(reason)s") % {"name": path.name, "reason": error}) from error
    return sorted(rows, key=lambda row: (row[0].rstrip("0"), row[0]))


def _row(name: str, number: int, given: dict[str, Any]) -> Row:
    code, title = (given["code"] or "").strip(), (given["name"] or "").strip()
    try:
        return full(code), title, _degrees(given.get("lon")), _degrees(given.get("lat"))
    except ValueError as error:
        raise BadInput(
            _("%(name)s 第 %(number)d 行不对：%(code)s") % {"name": name, "number": number, "code": code}
        ) from error


def _degrees(text: str | None) -> float | None:
    return float(text) if text and text.strip() else None
