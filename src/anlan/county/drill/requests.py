"""What a drill is asked for. The same request goes on where it stopped; another one starts anew."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anlan.county.drill.worlds import World, read_world


@dataclass(frozen=True, slots=True)
class Request:
    """A scenario (or a real alert), a seed, a size, a world, and perhaps a registry of one's own."""

    scenario: str
    seed: int = 1
    households: int = 70_000
    world: World = field(default_factory=read_world)
    alert: bytes = b""
    alert_name: str = ""
    registry: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For the drill's memory, to compare requests by."""
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "households": self.households,
            "world": self.world.as_dict(),
            "alert": hashlib.sha256(self.alert).hexdigest() if self.alert else "",
            "registry": _digest(Path(self.registry)) if self.registry else "",
        }


def _digest(path: Path) -> str:
    """What a file holds, so that a changed workbook of the same name is another request."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else str(path)
