"""`anlan account late`: who is late, by unit."""

from typing import Any

from anlan.county import clock
from anlan.county.account.queries import late, late_by_unit
from anlan.county.command import AnlanCommand
from anlan.county.office.queries import machine


class Command(AnlanCommand):
    """Running clocks past their due moment."""

    help = "who is late: running clocks past their due moment, by unit"

    def perform(self, **options: Any) -> Any:
        user, now = machine(), clock.now()
        units = [
            {"division": each["division_id"], "name": each["division__name"], "unit": each["unit"],
             "number": each["number"]}
            for each in late_by_unit(user, now)
        ]  # fmt: skip
        clocks = late(user, now)[:1000].values("kind", "about", "unit", "division_id", "due_at")
        listed = [{**each, "due_at": each["due_at"].isoformat()} for each in clocks]
        return {"late": sum(each["number"] for each in units), "by_unit": units, "clocks": listed}

    def say(self, document: Any) -> None:
        for each in document["by_unit"]:
            self.stdout.write(f"{each['number']}\t{each['name']}\t{each['unit']}")
