"""`anlan scrub`: a copy of the database in which nobody is left."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection
from django.utils.translation import gettext as _

from anlan.county.command import AnlanCommand
from anlan.county.config.database import database
from anlan.county.errors import BadInput
from anlan.county.office.models import MACHINE
from anlan.county.registry.scrubbing import copy


class Command(AnlanCommand):
    """Prints how many rows of each table were copied."""

    help = "write a copy of the database with every personal value replaced"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", required=True, metavar="FILE|URL", help="a new SQLite file, or a database URL")
        parser.add_argument("--keys", metavar="FILE", help="where the copy's own keys go (default: beside it)")

    def perform(self, **options: Any) -> Any:
        out = str(options["out"])
        url = out if "://" in out else f"sqlite:///{Path(out).absolute()}"
        try:
            into = database(url)
        except ValueError as error:
            raise BadInput(str(error)) from error
        if (into["NAME"], into.get("HOST")) == (connection.settings_dict["NAME"], connection.settings_dict["HOST"]):
            raise BadInput(_("不能写回原来的数据库，请指定另一个。"))
        keys = Path(options["keys"] or (f"{out}.keys.toml" if "://" not in out else f"{into['NAME']}.keys.toml"))
        told = copy(into=into, keys=keys, by=MACHINE)
        return {"rows": told, "total": sum(told.values()), "keys": str(keys)}

    def say(self, document: Any) -> None:
        for table, count in document["rows"].items():
            self.stdout.write(f"{table}\t{count}")
        self.stdout.write(f"{document['total']}\t{document['keys']}")
