"""`anlan serve`: the site, on this machine."""

import multiprocessing
import socket
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from gunicorn.app.base import BaseApplication

from anlan.county.command import AnlanCommand
from anlan.county.config.wsgi import application
from anlan.county.errors import Refused


class Site(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn with our settings and no files of its own."""

    def __init__(self, bind: str) -> None:
        self.bind = bind
        super().__init__()

    def load_config(self) -> None:
        """One process where SQLite writes, threads for the waiting."""
        self.cfg.set("bind", self.bind)
        self.cfg.set("workers", 1)
        self.cfg.set("threads", max(4, 2 * multiprocessing.cpu_count()))
        self.cfg.set("loglevel", "warning")

    def load(self) -> Any:
        """The site itself."""
        return application


def serve(bind: str) -> None:
    """Serve until interrupted; refused where the address is taken."""
    host, _colon, port = bind.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except (OSError, ValueError, OverflowError) as error:
            raise Refused(_("不能在 %(bind)s 提供服务：%(error)s") % {"bind": bind, "error": error}) from error
    Site(bind).run()


class Command(AnlanCommand):
    """Serves until interrupted."""

    help = "serve the site (--bind 127.0.0.1:8000)"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000")

    def perform(self, **options: Any) -> Any:
        serve(options["bind"])
        return {"served": options["bind"]}
