"""`anlan sense cap FILE…`: what alerts say, and what is wrong with them. Reads only; stores nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.sense.feeds.cap.findings import Finding
from anlan.county.sense.feeds.cap.parse import Parsed, parse

MOST_BYTES = 8 * 1024 * 1024  # more than the parser takes: it says so itself


class Command(AnlanCommand):
    """Never fails on a file, whatever is in it."""

    help = "read CAP alerts and say what is wrong with them"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+")

    def perform(self, **options: Any) -> Any:
        return [_told(name, _parsed(Path(name))) for name in options["files"]]

    def say(self, document: Any) -> None:
        for alert in document:
            self.stdout.write(f"{alert['file']}\t{alert['verdict']}\t{'; '.join(alert['findings'])}")


def _parsed(path: Path) -> Parsed:
    try:
        with path.open("rb") as file:
            return parse(file.read(MOST_BYTES))
    except (OSError, ValueError) as error:
        detail = str(getattr(error, "strerror", None) or error)
        return Parsed("rejected", (Finding("exception:unreadable", detail),))


def _told(name: str, parsed: Parsed) -> dict[str, Any]:
    alert = parsed.alert
    return {
        "file": name,
        "verdict": parsed.verdict,
        "findings": parsed.codes,
        "identifier": alert.identifier if alert else None,
        "msg_type": alert.msg_type if alert else None,
        "event": alert.hazard if alert else None,
        "level": alert.level if alert else None,
        "areas": [*alert.codes, *(area.name for area in alert.areas)] if alert else [],
    }
