"""`anlan sense cap FILE…`: what alerts say, and what is wrong with them. Reads only; stores nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.sense.feeds.cap.findings import Finding
from anlan.county.sense.feeds.cap.gate import LARGEST_BYTES
from anlan.county.sense.feeds.cap.parse import Parsed, parse


class Command(AnlanCommand):
    """Never fails on a file, whatever is in it."""

    help = "read CAP alerts and say what is wrong with them"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+")

    def perform(self, **options: Any) -> Any:
        return [_told(name, _parsed(name)) for name in options["files"]]

    def say(self, document: Any) -> None:
        for alert in document:
            self.stdout.write("\t".join([alert["file"], alert["verdict"], "；".join(alert["explained"])]))


def _parsed(name: str) -> Parsed:
    try:
        with Path(name).open("rb") as file:
            return parse(file.read(LARGEST_BYTES + 1))
    except (OSError, ValueError) as error:  # a name with a null in it is no path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Parsed("rejected", (Finding("unreadable", reason),))


def _told(name: str, parsed: Parsed) -> dict[str, Any]:
    alert = parsed.alert
    return {
        "file": name,
        "verdict": parsed.verdict,
        "findings": parsed.codes,
        "explained": [str(finding) for finding in parsed.findings],
        "signed": parsed.signed,
        "identifier": alert.identifier if alert else None,
        "msg_type": alert.msg_type if alert else None,
        "status": alert.status if alert else None,
        "event": alert.event if alert else None,
        "hazard": alert.hazard if alert else None,
        "level": alert.level if alert else None,
        "areas": [*alert.codes, *(area.name for area in alert.areas)] if alert else [],
    }
