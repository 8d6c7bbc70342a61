"""`anlan setup`: bring the database and the texts up to the code."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.management import call_command

from anlan.county import sealed
from anlan.county.command import AnlanCommand
from anlan.county.config.messages import compile_messages
from anlan.county.mission import NAMES


def set_up() -> list[str]:
    """Migrate, see to the keys, compile the translation, load every room's reference data. Harmless to repeat."""
    call_command("migrate", verbosity=0, interactive=False)
    sealed.ready()
    compile_messages()
    loaded = []
    for name in NAMES:
        if find_spec(f"anlan.county.{name}.actions") is None:
            continue
        load = getattr(import_module(f"anlan.county.{name}.actions"), "load_reference", None)
        if load is not None:
            load()
            loaded.append(name)
    return loaded


class Command(AnlanCommand):
    """Prints the rooms whose reference data was loaded."""

    help = "migrate the database and load the reference data; harmless to repeat"

    def perform(self, **options: Any) -> Any:
        return {"reference": set_up()}
