"""Finding a village by what a workbook calls it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _


class NoSuchPlace(LookupError):
    """No village, or no single one; the argument says which."""


@dataclass(frozen=True, slots=True)
class Village:
    """A village that households may stand in."""

    code: str
    name: str
    township: str


class Places:
    """The county's villages, by code and by name, with or without their township's."""

    def __init__(self, villages: Sequence[Village]) -> None:
        self.villages = villages
        self.codes = {village.code for village in villages}
        self.found: dict[tuple[str, str], str] = {}  # thousands of rows name a hundred villages

    def code(self, words: str, township: str) -> str:
        """The code of the village that these words name. Raises NoSuchPlace."""
        if words in self.codes:
            return words
        if (words, township) not in self.found:
            self.found[words, township] = self._search(words, township)
        return self.found[words, township]

    def _search(self, words: str, township: str) -> str:
        named = [each for each in self.villages if words.endswith(each.name)]
        if township:
            named = [each for each in named if township.endswith(each.township)]
        fitting = [each for each in named if words.endswith(each.township + each.name)] or named
        # 上东村 ends with 东村: the longest name is meant.
        longest = max((len(each.name) for each in fitting), default=0)
        fitting = [each for each in fitting if len(each.name) == longest]
        if not fitting:
            raise NoSuchPlace(_("本县没有这个村"))
        if len(fitting) > 1:
            raise NoSuchPlace(_("本县有几个同名的村，请写明乡镇或 12 位区划代码"))
        return fitting[0].code
