"""`anlan clear open`: households whose risk is gone go to their village for a last visit."""

from typing import Any

from anlan.county import clock
from anlan.county.clear.actions import open_clearances
from anlan.county.command import AnlanCommand
from anlan.county.office.queries import machine


class Command(AnlanCommand):
    """What the worker does on its own, at once."""

    help = "open a clearance for every household whose risk the rule finds gone today"

    def perform(self, **options: Any) -> Any:
        return {"opened": open_clearances(by=machine(), on=clock.today())}
