"""`anlan decide templates`: whose Word templates the papers are made from, and which of the county's cannot be used."""

from dataclasses import asdict
from typing import Any

from anlan.county.command import AnlanCommand
from anlan.county.decide.papers.checking import listed


class Command(AnlanCommand):
    """Each of the county's own templates is tried as it lies in its folder."""

    help = "try the county's own Word templates of papers, and say which cannot be used and why"

    def perform(self, **options: Any) -> Any:
        return [asdict(each) for each in listed()]

    def say(self, document: Any) -> None:
        for each in document:
            whose = each["wrong"] or ("本县的" if each["own"] else "自带的")
            self.stdout.write(f"{each['key']}\t{each['title']}\t{whose}")
