"""`anlan demo`: a county, a storm, and a site to walk through it."""

from typing import Any

from django.core.management.base import CommandParser

from anlan.county.command import AnlanCommand
from anlan.county.config.management.commands.serve import serve
from anlan.county.config.management.commands.setup import set_up
from anlan.county.drill.actions import run_drill
from anlan.county.drill.requests import Request
from anlan.county.office.entrance import links


class Command(AnlanCommand):
    """Runs the June rainstorm (once), prints one log-in link per role, serves."""

    help = "run the June rainstorm over the demonstration county and serve it"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--households", type=int, default=70_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--bind", default="127.0.0.1:8000")

    def perform(self, **options: Any) -> Any:
        set_up()
        request = Request(scenario="june_rainstorm", seed=options["seed"], households=options["households"])
        run_drill(request=request, again=False)
        self.stdout.write(f"\n安澜 · 示例县已就绪  http://{options['bind']}/\n\n")
        for title, _description, path in links():
            self.stdout.write(f"  {title}\n    http://{options['bind']}{path}\n")
        self.stdout.write("\nCtrl-C 结束 / ends\n")
        self.stdout.flush()
        serve(options["bind"])
        return {"served": options["bind"]}
