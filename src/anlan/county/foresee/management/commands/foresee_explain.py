"""`anlan foresee explain EVENT HOUSEHOLD`: why a household stands where it stands in the latest estimate."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from anlan.county.command import AnlanCommand
from anlan.county.foresee import explaining
from anlan.county.foresee.queries import impact_of
from anlan.county.sense.queries import event

FIGURES = (
    "rank", "reach", "confidence", "severity", "loss_yuan", "loss_sd_yuan", "crop_yuan", "livestock_yuan", "stock_yuan",
    "work_yuan", "house_yuan", "income_per_head_yuan", "p_below", "p_below_low", "p_below_high", "p_hardship", "p_home",
    "p_water", "score", "score_low", "score_high",
)  # fmt: skip


class Command(AnlanCommand):
    """Everything is reckoned again from what the estimate kept; nobody's name is in it."""

    help = "why a household stands where it stands in an event's estimate"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", help="the event's code")
        parser.add_argument("household", help="the household's code")

    def perform(self, **options: Any) -> Any:
        told = explaining.of(impact_of(event(options["event"]), options["household"]))
        run = told.run
        return {
            "event": told.event, "household": told.code, "there": told.there, "members": told.members,
            "run": {
                "made_at": timezone.localtime(run.made_at).isoformat(), "method": run.method, "basis": run.basis,
                "policy_day": str(run.policy_day), "exposure": run.exposure.digest if run.exposure else "",
            },
            "figures": {name: getattr(told.impact, name) for name in FIGURES},
            "line": _parameter(told.line), "dangers": [asdict(each) for each in told.dangers],
            "assets": [asdict(each) for each in told.assets],
            "outcomes": [
                asdict(each) | {"terms": [{**asdict(term), "moved": term.moved} for term in each.terms]}
                for each in told.outcomes
            ],
            "parameters": {name: _parameter(each) for name, each in told.parameters.items()},
        }  # fmt: skip

    def say(self, document: Any) -> None:
        for outcome in document["outcomes"]:
            self.stdout.write(f"{outcome['outcome']}\t{outcome['probability']:.4f}")
            for term in outcome["terms"]:
                self.stdout.write(f"  {term['code']}\t{term['value']:.2f}\t{term['moved']:+.4f}\t{term['after']:.4f}")


def _parameter(found: Any) -> dict[str, Any]:
    return {
        "value": found.value, "unit": found.unit, "source": found.source, "trust": found.trust,
        "verified": found.verified,
    }  # fmt: skip
