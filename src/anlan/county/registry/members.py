"""What a household's own row tells of its members: names to search by, and a mark whether one of them is disabled."""

import secrets
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise

from anlan.county import seal

DISABLED = "disabled"
# Surnames that begin with another sound than the same character elsewhere.
SURNAMES = {
    "曾": "z", "单": "s", "解": "x", "仇": "q", "查": "z", "区": "o", "种": "c", "覃": "q", "翟": "z", "尉": "y",
    "秘": "b", "谌": "c", "乜": "n", "繁": "p", "晟": "c", "乐": "y", "隗": "k", "郗": "x", "召": "s", "折": "s",
    "祭": "z", "宓": "m", "朴": "p", "盖": "g", "冼": "x", "万俟": "mq", "尉迟": "yc", "长孙": "zs", "澹台": "tt",
}  # fmt: skip
# Where each initial's characters begin in GB 2312, and where the last one's end.
LETTERS = "abcdefghjklmnopqrstwxyz"
FIRST = (
    0xB0A1, 0xB0C5, 0xB2C1, 0xB4EE, 0xB6EA, 0xB7A2, 0xB8C1, 0xB9FE, 0xBBF7, 0xBFA6, 0xC0AC, 0xC2E8, 0xC4C3, 0xC5B6,
    0xC5BE, 0xC6DA, 0xC8BB, 0xC8F6, 0xCBFA, 0xCDDA, 0xCEF4, 0xD1B9, 0xD4D1,
)  # fmt: skip
LAST = 0xD7F9
# Of those, the ones that are read more often in another way.
ODD = dict(zip("辟泊长匙脯蛤槛咯傀茄炔伺厦畜吁曾轧辗椎", "ppzsphkggjgcscxcync", strict=True))


def words(names: Iterable[str]) -> str:
    """The names as they are searched: every character a word, then every two, then the initials.

    `张 三 丰 张三 三丰 zsf`. What follows the characters parts one name from the next, so no search runs over an end.
    A surname read in a way of its own leaves both initials: `曾 明 曾明 zm cm`.
    """
    return " ".join(_words(name) for name in dict.fromkeys(names) if name)


@lru_cache(maxsize=1 << 17)
def _words(name: str) -> str:
    kept = name if name.isalpha() and not name.isascii() else "".join(filter(str.isalnum, name.lower()))
    sounds = "".join(map(initial, kept))
    parts = [*kept, *map("".join, pairwise(kept))]
    own = SURNAMES.get(name[:2]) or SURNAMES.get(name[:1])
    if own and not sounds.startswith(own):
        parts.append(own + sounds[len(own) :])
    return " ".join([*parts, sounds] if sounds else parts)


@lru_cache(maxsize=1 << 16)
def initial(character: str) -> str:
    """The first letter of a character's sound; a letter or digit is its own."""
    if character.isascii():
        return character
    if known := ODD.get(character) or _common(character):
        return known
    from pypinyin import Style, pinyin  # its dictionary takes most of a second to load, and few names need it

    found = pinyin(character, style=Style.NORMAL, errors="ignore")
    return found[0][0][:1] if found else ""


def _common(character: str) -> str:
    """The same of the 3,755 commonest characters, which GB 2312 holds in the order of their sounds."""
    try:
        place = int.from_bytes(character.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ""
    return LETTERS[bisect_right(FIRST, place) - 1] if FIRST[0] <= place <= LAST else ""


def marker() -> Callable[[str, bool], int]:
    """What gives a household's mark from its code and whether a member is disabled.

    The mark of those with a disabled member is a keyed hash of the code, any other is chance: who has the key can
    ask for them among many without opening every state of health, and who has not cannot tell them apart.
    """
    hash_ = seal.ring().blinder("registry.household.disabled")
    return lambda code, disabled: hash_(code) if disabled else secrets.randbits(64) - (1 << 63)
