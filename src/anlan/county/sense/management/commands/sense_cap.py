"""`anlan sense cap FILE…`: what alerts say, and what is wrong with them. Reads only; stores nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand, progress
from anlan.county.sense.feeds.cap.findings import Finding
from anlan.county.sense.feeds.cap.gate import LARGEST_BYTES
from anlan.county.sense.feeds.cap.parse import Parsed, parse
from anlan.county.sense.feeds.cap.roots import Roots
from anlan.county.sense.feeds.trust import trusted_roots
from anlan.county.sense.queries import townships_named


class Command(AnlanCommand):
    """Never fails on a file, whatever is in it."""

    help = "read CAP alerts and say what is wrong with them"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+")
        parser.add_argument("--places", action="store_true", help="name this county's townships that the text mentions")

    def perform(self, **options: Any) -> Any:
        roots, names = trusted_roots(), options["files"]
        parsed = [_parsed(name, roots) for name in progress(names, total=len(names), what="CAP")]
        given = {each.alert.identifier for each in parsed if each.alert is not None}
        told = [{**_told(name, each), **_linked(each, given)} for name, each in zip(names, parsed, strict=True)]
        if options["places"]:
            for document, each in zip(told, parsed, strict=True):
                document["places"] = _places(each)
        return told

    def say(self, document: Any) -> None:
        for alert in document:
            self.stdout.write("\t".join([alert["file"], alert["verdict"], "；".join(alert["explained"])]))


def _parsed(name: str, roots: Roots) -> Parsed:
    path = Path(name)
    try:
        if path.exists() and not path.is_file():  # a folder, or a pipe that would make us wait for ever
            return Parsed("rejected", (Finding("unreadable", "not a file"),))
        with path.open("rb") as file:
            return parse(file.read(LARGEST_BYTES + 1), roots)
    except (OSError, ValueError) as error:  # a name with a null in it is no path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Parsed("rejected", (Finding("unreadable", reason),))


def _told(name: str, parsed: Parsed) -> dict[str, Any]:
    alert = parsed.alert
    return {
        "file": name.encode("utf-8", "backslashreplace").decode(),  # a name on disk need not be text
        "verdict": parsed.verdict,
        "findings": parsed.codes,
        "explained": [str(finding) for finding in parsed.findings],
        "notes": sorted({note.code for note in parsed.notes}),
        "signed": parsed.signed,
        "trusted": parsed.trusted,
        "identifier": alert.identifier if alert else None,
        "msg_type": alert.msg_type if alert else None,
        "status": alert.status if alert else None,
        "event": alert.event if alert else None,
        "hazard": alert.hazard if alert else None,
        "level": alert.level if alert else None,
        "areas": [*alert.codes, *(area.name for area in alert.areas)] if alert else [],
    }


def _linked(parsed: Parsed, given: set[str]) -> dict[str, list[str]]:
    """What an alert refers to, and which of that is not among the files given."""
    references = list(parsed.alert.references) if parsed.alert else []
    return {"references": references, "dangling": [each for each in references if each not in given]}


def _places(parsed: Parsed) -> list[dict[str, Any]]:
    text = f"{parsed.alert.description}\n{parsed.alert.instruction}" if parsed.alert else ""
    return [
        {"word": each.word, "at": each.start, "codes": list(each.codes), "left_out": each.left_out}
        for each in townships_named(text)
    ]
