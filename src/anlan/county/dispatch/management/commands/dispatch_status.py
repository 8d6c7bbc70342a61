"""`anlan dispatch status`: what waits, and what became of the rest."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localtime

from anlan.county import clock
from anlan.county.command import AnlanCommand
from anlan.county.dispatch.queries import account_states, channel_states
from anlan.engine import policy


class Command(AnlanCommand):
    """One line per kind of message, and one per account of the channels that carry them."""

    help = "waiting, handed over, delivered and failed messages by kind and channel"

    def perform(self, **options: Any) -> Any:
        silent = timedelta(minutes=policy.on(clock.today()).number("dispatch_silent_minutes"))
        states = channel_states()
        accounts = [asdict(account) for account in account_states(states, silent)]
        rows = [asdict(state) for state in states]
        for row in (*rows, *accounts):
            for name, value in row.items():
                row[name] = localtime(value).isoformat() if isinstance(value, datetime) else value
        for row in rows:
            row["accounts"] = [each for each in accounts if each["channel"] == row["channel"]]
        return rows

    def say(self, document: Any) -> None:
        accounts = {each["name"]: each for row in document for each in row.pop("accounts")}
        for table in (document, list(accounts.values())):
            if table:
                self.stdout.write("\t".join(table[0]))
            for row in table:
                self.stdout.write("\t".join("" if value is None else str(value) for value in row.values()))
