"""`anlan registry check`: the register by the rules of data quality."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from anlan.county import clock
from anlan.county.command import AnlanCommand
from anlan.county.errors import BadInput
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.registry import quality
from anlan.county.registry.mending.actions import judge
from anlan.county.registry.models import Household
from anlan.engine.quality import RULES


class Command(AnlanCommand):
    """Findings name a household's code and a member's number, never a person."""

    help = "judge the register by the rules of data quality: what must be fixed, what is suspicious, what is missing"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--village", default="", metavar="CODE", help="a village's twelve digits")
        parser.add_argument("--township", default="", metavar="CODE", help="a township's twelve digits")
        parser.add_argument("--rule", action="append", default=[], metavar="KEY", help="only this rule (repeatable)")
        parser.add_argument("--examples", type=int, default=5, metavar="N", help="so many findings of each rule singly")
        parser.add_argument("--tasks", action="store_true", help="open a task for each finding, end those mended")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who asks (default: the program)")

    def perform(self, **options: Any) -> Any:
        if unknown := sorted(set(options["rule"]) - set(RULES)):
            raise BadInput(f"没有“{unknown[0]}”这条规则。可用：{'、'.join(RULES)}。")
        tasks = self._tasks(options) if options["tasks"] else {}
        division = options["village"] or options["township"]
        found = Household.objects.visible_to(user(options["by"]))
        checked = quality.check(
            found.within(division) if division else found, clock.today(), quality.rules_of(options["rule"]),
            whole=not division and options["by"] == MACHINE, first=max(0, options["examples"]),
        )  # fmt: skip
        by_rule = [
            {"rule": key, "title": quality.title(RULES[key]), "severity": RULES[key].severity, "count": count}
            for key, count in checked.by_rule().items()
        ]
        examples = [{name: value for name, value in asdict(each).items() if value is not None}
                    for each in checked.examples]  # fmt: skip
        return {
            "households": checked.households, "people": checked.people, "findings": checked.findings,
            "by_rule": by_rule, "examples": examples, "skipped": quality.skipped(),
            **tasks,
        }  # fmt: skip

    def _tasks(self, options: Any) -> dict[str, Any]:
        """Only for the whole register, so that what is not looked at does not pass for mended."""
        if options["village"] or options["township"] or options["rule"]:
            raise BadInput("登记任务要检查整个名册：请去掉 --village、--township 和 --rule。 (--tasks takes the whole)")
        judged = judge(by=user(options["by"]), rules=quality.rules_of())
        return {"opened": judged.opened, "ended": judged.ended}

    def say(self, document: Any) -> None:
        super().say({name: document[name] for name in ("households", "people", "findings")})
        for each in document["by_rule"]:
            self.stdout.write("\t".join(str(value) for value in each.values()))
