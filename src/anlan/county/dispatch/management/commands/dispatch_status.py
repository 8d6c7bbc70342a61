"""`anlan dispatch status`: what waits, and what became of the rest."""

from dataclasses import asdict
from typing import Any

from django.utils.timezone import localtime

from anlan.county.command import AnlanCommand
from anlan.county.dispatch.queries import MOMENTS, channel_states


class Command(AnlanCommand):
    """One line per kind of message."""

    help = "waiting, handed over, delivered and failed messages by kind and channel"

    def perform(self, **options: Any) -> Any:
        rows = [asdict(state) for state in channel_states()]
        for row in rows:
            for name in MOMENTS:
                row[name] = row[name] and localtime(row[name]).isoformat()
        return rows

    def say(self, document: Any) -> None:
        if document:
            self.stdout.write("\t".join(document[0]))
        for row in document:
            self.stdout.write("\t".join("" if value is None else str(value) for value in row.values()))
