"""Which places of a county a text names: China's alerts draw nothing finer than the county, their words do."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_KINDS = ("镇", "乡", "街道", "村", "社区", "林场", "垦殖场", "管理处")
_LIST = r"[、，,和及与]"
_EXCEPT = re.compile(r"(?:除了?|不含|不包括)([^。；;]{1,80}?)(?:以外|之外|外)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A word of the text, where it stands, and the codes of the divisions that bear the name.

    More than one code is an ambiguity for a person to settle. `left_out` where the text says "except".
    """

    word: str
    start: int
    codes: tuple[str, ...]
    left_out: bool = False


def mentions(text: str, places: Iterable[tuple[str, str]]) -> list[Mention]:
    """The places a text names, in its order, from (code, name) pairs; the longest name wins where several fit.

    A name without its kind (长埠 for 长埠镇) counts only in a list whose end gives the kind: 长埠、石鼻等镇.
    """
    names = _by_name(places)
    if not names:
        return []
    found = [*_full(text, names), *_listed(text, names)]
    spans = [match.span(1) for match in _EXCEPT.finditer(text)]
    return [
        Mention(word, start, names[name], any(begin <= start < end for begin, end in spans))
        for start, word, name in sorted(found)
    ]


def meant(found: Iterable[Mention]) -> list[str]:
    """The codes that are named once and for certain: neither ambiguous nor left out. In order."""
    return sorted({each.codes[0] for each in found if len(each.codes) == 1 and not each.left_out})


def _by_name(places: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    names: dict[str, set[str]] = {}
    for code, name in places:
        if len(name) > 1:
            names.setdefault(name, set()).add(code)
    return {name: tuple(sorted(codes)) for name, codes in names.items()}


def _full(text: str, names: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[int, str, str]]:
    pattern = "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))
    yield from ((match.start(), match[0], match[0]) for match in re.finditer(pattern, text))


def _listed(text: str, names: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[int, str, str]]:
    """Short names in a list: two or more joined by 、 or 和, then the kind they share."""
    for kind in _KINDS:
        short = {name.removesuffix(kind): name for name in names if name.endswith(kind) and len(name) > len(kind) + 1}
        if not short:
            continue
        word = "|".join(re.escape(each) for each in sorted(short, key=lambda each: (-len(each), each)))
        for several in re.finditer(
            f"(?:{word})(?:{_LIST}(?:{word}))*(?:等[0-9一二三四五六七八九十两多]*个?)?{kind}", text
        ):
            for match in re.finditer(word, several[0]):
                start = several.start() + match.start()
                if not text.startswith(short[match[0]], start):  # with its kind it has been found in full
                    yield start, match[0], short[match[0]]
