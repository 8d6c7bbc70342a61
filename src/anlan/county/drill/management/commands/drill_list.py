"""`anlan drill list`: the scenarios that can be run by name."""

from typing import Any

from anlan.county.command import AnlanCommand
from anlan.county.drill.scenario import scenarios


class Command(AnlanCommand):
    """Prints name and title of each."""

    help = "list the scenarios"

    def perform(self, **options: Any) -> Any:
        return [{"name": scenario.name, "title": scenario.title} for scenario in scenarios()]

    def say(self, document: Any) -> None:
        for scenario in document:
            self.stdout.write(f"{scenario['name']}\t{scenario['title']}")
