"""`anlan warn bench`: how fast warnings would go out and their receipts come in, on this machine."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from anlan.county.command import AnlanCommand
from anlan.county.errors import BadInput

CHANNELS = ("smpp", "mqtt", "http")
MOST = 10_000_000
PROGRAM = "import django; django.setup(); import sys; from anlan.county.dispatch.bench import main; main(sys.argv[1:])"


class Command(AnlanCommand):
    """In a process, a folder and a database of its own, against a sink on loopback."""

    help = "how fast messages go out and receipts come in, against a sink on loopback, in a database apart"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recipients", type=int, default=10_000)
        parser.add_argument("--channel", default="smpp", help=", ".join(CHANNELS))

    def perform(self, **options: Any) -> Any:
        recipients, channel = options["recipients"], options["channel"]
        if channel not in CHANNELS:
            raise BadInput(_("渠道应为：%(names)s。") % {"names": ", ".join(CHANNELS)})
        if not 0 < recipients <= MOST:
            raise BadInput(_("收件数应在 1 到 %(most)s 之间。") % {"most": MOST})
        if channel == "mqtt" and shutil.which("mosquitto") is None:
            raise BadInput(_("本机没有 mosquitto，无法测量 mqtt。"))
        with tempfile.TemporaryDirectory(prefix="anlan-bench-") as home:
            return _measured(Path(home), recipients, channel)


def _measured(home: Path, recipients: int, channel: str) -> dict[str, Any]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANLAN_")}
    own = {"ANLAN_HOME": str(home), "ANLAN_DATABASE": f"sqlite:///{home / 'bench.sqlite3'}"}
    words = [sys.executable, "-c", PROGRAM, str(recipients), channel]
    path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(words, env=kept | own | path, stdout=subprocess.PIPE, check=True)  # noqa: S603 (our own words)
    return dict(json.loads(done.stdout))
