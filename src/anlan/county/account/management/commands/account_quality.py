"""`anlan account quality`: the rules of data quality that need what was decided, given and cleared."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from anlan.county import clock
from anlan.county.account.quality import KNOWN, facts_on
from anlan.county.command import AnlanCommand
from anlan.county.office.queries import machine
from anlan.county.registry import quality
from anlan.county.registry.models import Household
from anlan.engine.quality import RULES


class Command(AnlanCommand):
    """What the register alone can be asked is `anlan registry check`."""

    help = "judge monitored households: risks without measures, measures without risks, risks cleared too soon"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--examples", type=int, default=5, metavar="N", help="so many findings of each rule singly")

    def perform(self, **options: Any) -> Any:
        rules = [rule for rule in quality.rules_of(facts=KNOWN) if rule.needs]
        found = Household.objects.visible_to(machine())
        today = clock.today()
        checked = quality.check(found, today, rules, first=max(0, options["examples"]), facts=facts_on(today))
        by_rule = [
            {"rule": key, "title": quality.title(RULES[key]), "severity": RULES[key].severity, "count": count}
            for key, count in checked.by_rule().items()
        ]
        return {
            "households": checked.households, "findings": checked.findings, "rules": [rule.key for rule in rules],
            "by_rule": by_rule, "examples": [asdict(each) for each in checked.examples],
            "skipped": quality.skipped(KNOWN),
        }  # fmt: skip

    def say(self, document: Any) -> None:
        for each in document["by_rule"]:
            self.stdout.write("\t".join(str(value) for value in each.values()))
        self.stdout.write(str(document["findings"]))
