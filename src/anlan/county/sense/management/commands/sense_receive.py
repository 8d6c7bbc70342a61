"""`anlan sense receive SOURCE`: take alerts in from a file, a folder, or an address on the web."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.errors import BadInput, Refused
from anlan.county.office.models import User
from anlan.county.office.queries import machine
from anlan.county.sense.actions import AlertHeld, receive_alert
from anlan.county.sense.feeds.fetch import Document, documents
from anlan.county.sense.models import Alert

FAILED = frozenset({"held", "refused"})


class Command(AnlanCommand):
    """Each alert on its own: one that is refused does not keep out the next. Repeating is harmless."""

    help = "take in alerts from a file, a folder, or the URL of an alert, a directory or a feed"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source")
        parser.add_argument("--untrusted", action="store_true", help="hold what has findings until a person has looked")

    def perform(self, **options: Any) -> Any:
        by, trusted = machine(), not options["untrusted"]
        taken = [_taken(each, by, trusted=trusted) for each in documents(options["source"])]
        if not taken:
            raise BadInput(f"这里没有预警文件 / no alerts here: {options['source']}")
        self.exit_code = 2 if all(each["outcome"] in FAILED for each in taken) else 0
        return taken

    def say(self, document: Any) -> None:
        for each in document:
            words = (each["name"], each["outcome"], each.get("identifier", ""), each.get("event") or "", each["reason"])
            self.stdout.write("\t".join(words))


def _taken(document: Document, by: User, *, trusted: bool) -> dict[str, Any]:
    if document.refusal:
        return {"name": document.name, "outcome": "refused", "reason": document.refusal}
    last = Alert.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    try:
        alert = receive_alert(data=document.data, source=document.name, by=by, trusted=trusted)
    except AlertHeld as held:
        return {"name": document.name, "outcome": "held", "reason": str(held)}
    except Refused as refusal:
        return {"name": document.name, "outcome": "refused", "reason": str(refusal)}
    event = alert.events.first()
    return {
        "name": document.name, "outcome": "received" if alert.pk > last else "known", "reason": "",
        "identifier": alert.identifier, "msg_type": alert.msg_type, "verdict": alert.verdict,
        "findings": alert.findings, "event": event.code if event else None,
    }  # fmt: skip
