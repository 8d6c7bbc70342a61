"""`anlan assist catalogue`: the kinds of help with their owners, days and amounts."""

from typing import Any

from anlan.county import clock
from anlan.county.assist.rules import CATALOGUE
from anlan.county.command import AnlanCommand
from anlan.engine import policy


class Command(AnlanCommand):
    """The catalogue under today's policy, with the source of every figure."""

    help = "list the kinds of help with clause, owner, days, amount and source"

    def perform(self, **options: Any) -> Any:
        rules = policy.on(clock.today())
        return [
            {
                "kind": kind.key, "name": kind.name, "name_en": kind.name_en, "clause": kind.clause,
                "axis": kind.axis, "owner": kind.owner, "support": list(kind.support),
                "days": kind.length(rules).days, "yuan": kind.amount_yuan(1, rules), "per": kind.per,
                "sources": [
                    {"parameter": each.key, "source": each.source, "verified": each.verified}
                    for each in kind.parameters(rules)
                ],
            }
            for kind in CATALOGUE.values()
        ]  # fmt: skip

    def say(self, document: Any) -> None:
        for kind in document:
            self.stdout.write(f"{kind['kind']}\t{kind['name']}\t{kind['owner']}\t{kind['days']}\t{kind['yuan']:g}")
