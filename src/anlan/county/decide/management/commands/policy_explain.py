"""`anlan policy explain HOUSEHOLD --on DATE`: what the tables propose for a household, row by row."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from anlan.county.command import AnlanCommand
from anlan.county.decide.tables.explaining import explain
from anlan.county.decide.tables.telling import answer, value
from anlan.county.decide.tables.trials import day_of
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user


class Command(AnlanCommand):
    """The proposal, every row that held or did not, with every value and the source of every parameter."""

    help = "what the decision tables propose for a household on a day, row by row, with every source"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("household", help="the household's code")
        parser.add_argument("--on", default="", help="the day, as 2026-06-18; today where none is given")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who asks (default: the program)")

    def perform(self, **options: Any) -> Any:
        return explain(user(options["by"]), options["household"], day_of(options["on"]))

    def say(self, document: Any) -> None:
        category = document["category"]
        proposed = _("不明") if category is None else category["name"] or _("不提出")
        self.stdout.write(f"{document['household']}\t{document['on']}\t{proposed}")
        for table in document["tables"]:
            self.stdout.write(table["title"])
            for row in table["rows"]:
                self._say(row)

    def _say(self, row: dict[str, Any]) -> None:
        mark = "" if row["verified"] else _("未核实")
        self.stdout.write("\t".join(filter(None, ["  " + row["title"], answer(row), row["when"], row["basis"], mark])))
        for used in row["used"]:
            found = used["parameter"]
            source = [found["source"], "" if found["verified"] else _("未核实")] if found else []
            told = ["    " + used["title"], value(used["value"]), used["unit"], *source]
            self.stdout.write("\t".join(filter(None, told)))
