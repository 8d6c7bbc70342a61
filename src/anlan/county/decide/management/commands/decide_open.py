"""`anlan decide open`: matched findings become cases."""

from typing import Any

from anlan.county.command import AnlanCommand
from anlan.county.decide.actions import open_cases
from anlan.county.office.queries import machine


class Command(AnlanCommand):
    """What the worker does on its own, at once."""

    help = "open a case, with the engine's proposal, for every matched finding that has none"

    def perform(self, **options: Any) -> Any:
        return {"opened": open_cases(by=machine())}
