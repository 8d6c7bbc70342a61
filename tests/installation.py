"""An installation of its own: a folder with its own database, and `anlan` run there in processes of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MAIN = "from anlan.cli import main; main()"


@dataclass(frozen=True)
class Installation:
    """A folder, and what runs in it."""

    home: Path

    def environment(self, **changes: str) -> dict[str, str]:
        return {
            # A browser on the same worker makes Django lenient with this one; a machine of its own knows nothing of it.
            **{name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"},
            "ANLAN_HOME": str(self.home),
            "ANLAN_DATABASE": f"sqlite:///{self.home / 'county.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "anlan.county.config.settings",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONIOENCODING": "utf-8",
            **changes,
        }

    def python(self, code: str, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run a piece of Python to its end."""
        command = [sys.executable, "-W", "ignore", "-c", code, *words]
        environment = self.environment(**changes)
        return subprocess.run(
            command, env=environment, cwd=self.home, capture_output=True, text=True, timeout=120, check=False
        )

    def anlan(self, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run `anlan` to its end."""
        return self.python(MAIN, *words, **changes)

    def start(self, code: str, *words: str) -> subprocess.Popen[str]:
        """Start a piece of Python and give it back while it runs."""
        command = [sys.executable, "-W", "ignore", "-c", code, *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, env=self.environment(), cwd=self.home, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )
