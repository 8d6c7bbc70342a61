"""`anlan registry rotate_key`: seal personal data with a new key."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.office.models import MACHINE
from anlan.county.registry import rotation


class Command(AnlanCommand):
    """Prints the new key's id, how many values were sealed anew, and how many old keys went."""

    help = "seal personal data with a new key; broken off, it goes on with --resume"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--resume", action="store_true", help="make no new key, go on with the current one")
        parser.add_argument("--forget", action="store_true", help="then take keys out of the file that nothing needs")

    def perform(self, **options: Any) -> Any:
        made = "" if options["resume"] else rotation.new_key(settings.CIPHER)
        count = rotation.seal_anew(by=MACHINE)
        gone = rotation.forget_old(by=MACHINE) if options["forget"] else 0
        return {"key": made, "sealed": count, "forgotten": gone}
