"""`anlan ledger verify`: walk the hash chain."""

from dataclasses import asdict
from typing import Any

from anlan.county.command import AnlanCommand
from anlan.county.ledger.queries import verify


class Command(AnlanCommand):
    """Exits 2 where an entry was edited, deleted, inserted or reordered."""

    help = "walk the hash chain; exit 2 where it is broken"

    def perform(self, **options: Any) -> Any:
        verdict = verify()
        self.exit_code = 0 if verdict.verified else 2
        if not verdict.verified:
            self.stderr.write(
                f"台账在第 {verdict.first_broken} 条断开 / the chain breaks at entry {verdict.first_broken}"
            )
        return asdict(verdict)
