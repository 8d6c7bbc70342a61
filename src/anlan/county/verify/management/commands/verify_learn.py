"""`anlan verify learn EVENT`: hold an event's estimate against what visits found, and say whom to visit next."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.foresee import doors
from anlan.county.office.models import MACHINE
from anlan.county.office.queries import user
from anlan.county.sense.queries import event
from anlan.county.verify import actions, queries


class Command(AnlanCommand):
    """The worker does the same by itself while visits come in."""

    help = "hold an event's estimate against what visits found, and say whom to visit from now on"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", help="the event's code")
        parser.add_argument("--by", default=MACHINE, metavar="USERNAME", help="who does it (default: the program)")

    def perform(self, **options: Any) -> Any:
        found = event(options["event"])
        lesson = actions.learn(event=found, by=user(options["by"]))
        told = queries.doors(found)
        everyone = doors.listed(lesson.run)
        order = doors.order(everyone, lesson, told.unharmed)
        waiting, first = (_by_village(order.worth(cut, told.unharmed), told.gone) for cut in (lesson.cut, lesson.first))
        return {
            "event": found.code, "visited": lesson.visited, "found": lesson.found, "worth": lesson.waiting,
            "left": round(lesson.left, 2), "beyond": round(lesson.beyond, 2), "cut": round(lesson.cut, 6),
            "first": round(lesson.first, 6),
            "villages": [
                {"code": code, "worth": waiting[code], "first": first[code],
                 "found_for_expected": round(lesson.places[code], 3)}
                for code in sorted(waiting)
            ],
        }  # fmt: skip

    def say(self, document: Any) -> None:
        for each in document["villages"]:
            self.stdout.write(f"{each['code']}\t{each['first']}\t{each['worth']}\t{each['found_for_expected']}")


def _by_village(order: doors.Order, gone: Collection[int]) -> Counter[str]:
    waiting = zip(order.id.tolist(), order.village.tolist(), strict=True)
    left = set(gone)
    return Counter(village for key, village in waiting if key not in left)
