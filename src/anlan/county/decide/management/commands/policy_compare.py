"""`anlan policy compare --on DATE --against DATE | --set PARAMETER=NUMBER`: who would enter, who would leave."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from anlan.county.command import AnlanCommand
from anlan.county.decide.rules import PROPOSED
from anlan.county.decide.tables.comparing import tried
from anlan.county.decide.tables.sidebyside import changed
from anlan.county.decide.tables.trials import day_of, typed
from anlan.county.errors import BadInput
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user


class Command(AnlanCommand):
    """Counts by category and township over the households that one person may see. It changes nothing."""

    help = "what another day's policy or another figure would change: who enters, who leaves, by township"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", default="", help="the day, as 2026-06-18; today where none is given")
        parser.add_argument("--against", default="", help="another day, whose policy is held against it")
        parser.add_argument("--set", action="append", default=[], metavar="PARAMETER=NUMBER", help="another figure")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who asks (default: the program)")

    def perform(self, **options: Any) -> Any:
        if not options["against"] and not options["set"]:
            raise BadInput(_("请给出另一天（--against）或另一个数（--set），才能比较。"))
        on, changes = day_of(options["on"]), typed(options["set"])
        against = day_of(options["against"]) if options["against"] else on
        found = tried(user(options["by"]), on, against, changes)
        return {
            "on": str(on), "against": str(against), "set": changes, **asdict(found),
            "rules": [asdict(each) for each in changed(on, against)],
            "totals": {"enters": sum(found.enters.values()), "leaves": sum(found.leaves.values())},
        }  # fmt: skip

    def say(self, document: Any) -> None:
        for title, part in (
            (_("原来"), "before"),
            (_("试算"), "after"),
            (_("新纳入"), "enters"),
            (_("退出"), "leaves"),
        ):
            told = "\t".join(f"{PROPOSED[key]} {number}" for key, number in document[part].items())
            self.stdout.write(f"{title}\t{told}")
        for each in document["townships"]:
            self.stdout.write(f"  {each['name']}\t+{each['enters']}\t-{each['leaves']}")
        for each in document["rules"]:
            before, after = (each[side] and each[side]["text"] for side in ("before", "after"))
            self.stdout.write(f"{each['title']}\t{before or _('没有')}\t{after or _('没有')}")
