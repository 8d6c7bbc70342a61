"""`anlan warn green EVENT`: draft an event's warnings and let go what the green channel's rules let go."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.sense.queries import event
from anlan.county.warn import green, rules
from anlan.county.warn.models import Warning  # noqa: A004 (the field's own word)


class Command(AnlanCommand):
    """The worker does the same by itself for events that nobody has drafted for. What waits says why."""

    help = "let an event's warnings go by the green channel, or say why a person must approve them"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", help="the event's code")

    def perform(self, **options: Any) -> Any:
        found = event(options["event"])
        gone = {each.pk for each in green.run(event=found)}
        waiting = Warning.objects.filter(event=found, state__in=rules.WAITING).exclude(pk__in=gone)
        return [
            {"code": each.code, "state": each.state, "objections": each.objections}
            for each in [*Warning.objects.filter(pk__in=gone).order_by("code"), *waiting.order_by("code")]
        ]

    def say(self, document: Any) -> None:
        for each in document:
            reasons = "；".join(str(rules.OBJECTIONS[reason]) for reason in each["objections"])
            self.stdout.write("\t".join((each["code"], each["state"], reasons)))
