"""What a villager's short message or pressed key says: that they know, that they are safe, or nothing we may act on."""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from unicodedata import category, normalize

KNOWN, SAFE, UNKNOWN = "known", "safe", "unknown"
_LONGEST = 40  # characters; whoever writes more has more to say than yes
_MARKS = {"1": KNOWN, "2": SAFE}


def meaning(text: str) -> str:
    """KNOWN or SAFE where the whole text says so in words of `replies.toml`, otherwise UNKNOWN.

    Width, case, spaces, punctuation and pictures make no difference. Both together are SAFE; both marks, 1 and 2,
    are UNKNOWN, for nobody can say which was meant.
    """
    plain = _plain(text)
    if not plain or len(plain) > _LONGEST or {"1", "2"} <= set(plain):
        return UNKNOWN
    words, sayings = _words()
    found = words.findall(plain)
    if "".join(found) != plain:
        return UNKNOWN
    said = {sayings[word] for word in found}
    return next((each for each in (SAFE, KNOWN) if each in said), UNKNOWN)


def key(pressed: str) -> str:
    """What a key on the telephone says: only 1 and 2 say anything."""
    return _MARKS.get(pressed.strip(), UNKNOWN)


def _plain(text: str) -> str:
    """Letters and digits alone, in one width and case."""
    short = normalize("NFKC", text[: _LONGEST * 8]).casefold()
    return "".join(each for each in short if category(each)[0] in "LN") + text[_LONGEST * 8 :]


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds the words of a text, the longest first, and what each of them says."""
    data = tomllib.loads((files("anlan.engine.audience") / "replies.toml").read_text(encoding="utf-8"))
    sayings = {word: name for name in ("polite", KNOWN, SAFE) for word in data[name]}
    return re.compile("|".join(map(re.escape, sorted(sayings, key=len, reverse=True)))), sayings
