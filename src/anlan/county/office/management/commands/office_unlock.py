"""`anlan office unlock USERNAME`: for who guessed too often, lost a telephone, or forgot a password."""

import secrets
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from anlan.county.command import AnlanCommand
from anlan.county.office.actions import set_password
from anlan.county.office.guarding import release
from anlan.county.office.queries import machine, user


class Command(AnlanCommand):
    """The new password is printed once and kept nowhere."""

    help = "open a locked log-in again (--unbind: forget the telephone; --password: a new one, printed once)"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--unbind", action="store_true")
        parser.add_argument("--password", action="store_true")

    @transaction.atomic
    def perform(self, **options: Any) -> Any:
        person = user(options["username"])
        release(user=person, by=machine(), unbind=options["unbind"])
        password = secrets.token_urlsafe(12) if options["password"] else ""
        if password:
            set_password(user=person, password=password, by=machine())
        return {"username": person.username, "unbound": options["unbind"], "password": password}

    def say(self, document: Any) -> None:
        self.stdout.write("\t".join([document["username"], document["password"]]))
