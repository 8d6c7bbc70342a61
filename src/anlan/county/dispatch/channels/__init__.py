"""One folder per channel. Adding a channel touches one folder: it is found by being here."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from anlan.county.dispatch.channels.shape import Channel


@cache
def channels() -> dict[str, Channel]:
    """Every channel by its name, one instance each, kept for the life of the process."""
    folders = sorted(module.name for module in iter_modules(__path__) if module.ispkg)
    return {name: import_module(f"{__name__}.{name}.transport").Channel() for name in folders}
