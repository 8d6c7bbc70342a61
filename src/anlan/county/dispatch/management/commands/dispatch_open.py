"""`anlan dispatch open FILE --reason contact --by USERNAME`: the file channel's messages with whole addresses."""

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.dispatch.spool import open_lines
from anlan.county.errors import BadInput
from anlan.county.office.queries import user


class Command(AnlanCommand):
    """For a modem or for people at telephones, when no carrier can be reached. On record."""

    help = "give out what the file channel wrote with whole addresses, for a reason that is kept (--out FILE.jsonl)"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="SPOOL/<kind>/<day>.jsonl")
        parser.add_argument("--reason", required=True, help="identity, contact, payment, match or complaint")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="who asks")
        parser.add_argument("--out", type=Path, metavar="FILE.jsonl", help="write the lines there instead")

    def perform(self, **options: Any) -> Any:
        try:
            text = options["file"].read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise BadInput(f"读不了 / cannot read {options['file']}: {error.strerror}") from error
        done = open_lines(name=options["file"].name, lines=text.splitlines(), reason=options["reason"],
                          by=user(options["by"]))  # fmt: skip
        if options["out"]:
            self._write(options["out"], done.lines)
        return {"count": len(done.lines), "closed": done.closed, "torn": done.torn,
                "lines": [] if options["out"] else done.lines}  # fmt: skip

    def _write(self, path: Path, lines: list[dict[str, Any]]) -> None:
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        except OSError as error:
            raise BadInput(f"写不进 / cannot write {path}: {error.strerror}") from error

    def say(self, document: Any) -> None:
        for line in document["lines"]:
            self.stdout.write(f"{line['kind']}\t{line['address']}\t{' '.join(str(line.get('body', '')).split())}")
        self.stderr.write(f"{document['count']} / {document['closed']} / {document['torn']}")
