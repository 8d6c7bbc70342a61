"""`anlan discover share DEPARTMENT --out FILE.xlsx`: what a department may see of its own lists' people."""

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from anlan.county.command import AnlanCommand
from anlan.county.discover.comparison import actions
from anlan.county.errors import BadInput
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.registry.sheets import workbook


class Command(AnlanCommand):
    """Only the fields its sources may share, only people on its own lists; the ledger keeps that it was done."""

    help = "write what a department may see of the people on its own lists"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("department", metavar="DEPARTMENT")
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        out = options["out"]
        if out.suffix.lower() != ".xlsx" or not out.parent.is_dir():
            raise BadInput(_("%(file)s：请给出一个已有文件夹里的 .xlsx 文件。") % {"file": str(out)})
        shared = actions.share(department=options["department"], by=user(options["by"]))
        _write(out, workbook(shared.rows))
        rows = len(shared.rows) - 1
        return {"department": options["department"], "rows": rows, "fields": shared.fields, "out": str(out)}


def _write(path: Path, data: bytes) -> None:
    """The whole file or none, for its owner alone."""
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(beside).replace(path)
    except OSError as error:
        raise BadInput(_("%(file)s：写不进去，请检查文件夹是否存在、是否可写。") % {"file": str(path)}) from error
