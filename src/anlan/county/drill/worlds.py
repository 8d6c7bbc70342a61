"""The worlds a drill can take place in: shares and spreads, every one with a default and a range."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.errors import BadInput

DEFAULT = Path(__file__).parent / "world.toml"


class World:
    """Numbers by section and name: `world["people", "reads_sms"]`."""

    def __init__(self, numbers: Mapping[tuple[str, str], float]) -> None:
        self._numbers = dict(numbers)

    def __getitem__(self, key: tuple[str, str]) -> float:
        return self._numbers[key]

    def as_dict(self) -> dict[str, dict[str, float]]:
        """As nested dicts, for the record."""
        nested: dict[str, dict[str, float]] = {}
        for (section, name), value in self._numbers.items():
            nested.setdefault(section, {})[name] = value
        return nested


def read_world(text: str | None = None, *, source: str = "world") -> World:
    """The default world, with whatever a TOML text changes in it.

    Raises BadInput, naming the key, for unknown sections and keys and for values out of range.
    """
    known = tomllib.loads(DEFAULT.read_text())
    changes = _parsed(text, source) if text is not None else {}
    numbers = {
        (section, name): float(entry["value"]) for section, names in known.items() for name, entry in names.items()
    }
    for section, names in changes.items():
        if section not in known or not isinstance(names, dict):
            raise BadInput(_("%(source)s：没有 [%(section)s] 这一节。") % {"source": source, "section": section})
        for name, value in names.items():
            numbers[section, name] = _checked(known[section], section, name, value, source)
    return World(numbers)


def _parsed(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(_("%(source)s 不是 TOML：%(error)s") % {"source": source, "error": error}) from error


def _checked(known: Mapping[str, Any], section: str, name: str, value: Any, source: str) -> float:
    key = {"source": source, "key": f"{section}.{name}"}
    if name not in known:
        raise BadInput(_("%(source)s：没有 %(key)s 这一项。") % key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(_("%(source)s：%(key)s 要是数。") % key)
    least, most = known[name]["least"], known[name]["most"]
    if not least <= value <= most:
        words = _("%(source)s：%(key)s 要在 %(least)s 到 %(most)s 之间。")
        raise BadInput(words % {**key, "least": least, "most": most})
    return float(value)
