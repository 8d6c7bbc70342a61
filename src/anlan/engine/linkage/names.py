"""Names as lists hold them: with notes, blanks, older characters, masks; and keys by which slips of ear and eye agree.

Chinese is compared by character, by sound and by look. A distance in letters says nothing of it: to most libraries
张伟 and 张玮 are three bytes apart, and two names of one village that differ in a character belong to two siblings.
"""

import json
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anlan.engine.linkage.text import emptied, lines, plain

MASK = "*"
KEYS = ("sound", "near", "look")
_POINTS = 0x110000  # code points there are
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # any large odd number
_NOTES = r"[(\[【〔<《{（].*?([)\]】〕>》}）]|$)"
_TITLES = r"^(户主|姓名)[::]?|(户主|本人|同志|先生|女士|家属)$"
_CLEAN = r"^[\u4E00-\u9FFF]{2,4}$"
_ODD = r"[某囗之的未不无暂待佚空户姓本同先女家]"  # what the next three look for
_UNKNOWN = (
    r"^(.*之[夫妻子女父母]|.*[的].*|未知|不详|不明|无名氏?|无|暂无|待查|待定|未登记|未填|佚名|空"
    r"|NULL|NONE|NAN|N/A|NA|-+|/+|\*+)$"
)
_MASKS = ["某", "?", "□", "■", "○", "●", "囗", "_", "×", "X", "#", "◆", "\ufffd"]
_COMPOUND = (
    "欧阳", "上官", "司马", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "端木", "东方", "南宫",
    "独孤", "长孙", "宇文", "闻人", "轩辕", "澹台", "淳于", "单于", "申屠", "钟离", "呼延", "万俟", "太史", "公羊",
)  # fmt: skip
# These sound otherwise in most words than in names, where they are surnames.
_AS_SURNAME = {
    "曾": "Zeng", "单": "Shan", "解": "Xie", "仇": "Qiu", "查": "Zha", "朴": "Piao", "盖": "Ge", "任": "Ren",
    "区": "Ou", "尉": "Wei", "翟": "Zhai", "缪": "Miao", "乐": "Yue", "幸": "Xing", "覃": "Qin", "晁": "Chao",
}  # fmt: skip


def read(cells: pl.Series) -> pl.DataFrame:
    """`name`, what a masked one still says (`name_like`, an SQL pattern), and the keys of a series of cells.

    `surname` and `given`; `sound`, `near` and `look` are numbers, equal where two names are in toneless pinyin, with
    the sounds that southern ears do not tell apart (n/ng, l/n, zh/z, hu/f), or with look-alikes taken for one.
    """
    written = text(cells)
    # A masked name, and a single character, only say how a name may begin, or end.
    partial = (written.str.contains(MASK, literal=True) | (written.str.len_chars() == 1)).fill_null(False)
    name = written.set(partial, None)
    like = written.set(~partial, None).str.replace(r"^([^*])$", "$1%")
    like = like.str.replace(r"[*]+$", "%").str.replace_all(MASK, "_", literal=True)
    table = pl.DataFrame({"name": name, "name_like": like})
    first = pl.when(pl.col("name").str.head(2).is_in(_COMPOUND)).then(2).otherwise(1)
    return table.with_columns(
        keys(name),
        surname=pl.coalesce(pl.col("name").str.slice(0, first), pl.col("name_like").str.extract(r"^([^_%])")),
        given=pl.col("name").str.slice(first),
    )


def keys(written: pl.Series) -> pl.DataFrame:
    """`sound`, `near` and `look` of names; null where there is none.

    A key is a polynomial of its characters' digests modulo 2⁶⁴, so that two lists need no common table, and a
    database compares numbers. That two keys of a million names meet by chance is to be expected once in 10⁷ lists.
    """
    there = written.is_not_null()
    texts = written.filter(there)
    points = np.frombuffer(texts.str.join("").item().encode("utf-32-le"), dtype=np.uint32)
    dense = np.zeros(_POINTS, dtype=np.uint32)
    dense[points] = 1
    present = np.flatnonzero(dense)
    dense[present] = np.arange(len(present))
    chars, places = [chr(point) for point in present.tolist()], dense[points]
    lengths = texts.str.len_chars().to_numpy().astype(np.int64)
    faces = dict(zip(*looks(), strict=True))
    forms = (*sounds(chars), [faces.get(char, char) for char in chars])
    codes = [np.array([_digest(form) for form in each], dtype=np.uint64) for each in forms]
    found = {key: _polynomial(code, places, lengths) for key, code in zip(KEYS, codes, strict=True)}
    if len(texts) == len(written):
        return pl.DataFrame(found)
    empty = pl.Series([None], dtype=pl.Int64).new_from_index(0, len(written))
    return pl.DataFrame(
        {key: empty.clone().scatter(there.arg_true(), pl.Series(values)) for key, values in found.items()}
    )


def _polynomial(codes: NDArray[np.uint64], places: NDArray[np.uint32], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for each run of so many places in the table of codes."""
    starts = np.cumsum(lengths) - lengths
    value = np.zeros(len(lengths), dtype=np.uint64)
    for place in range(int(lengths.max(initial=0))):
        some = slice(None) if place < lengths.min() else np.flatnonzero(lengths > place)
        value[some] = value[some] * _FACTOR + codes[places[starts[some] + place]]
    return value.view(np.int64)


@lru_cache(maxsize=65536)
def _digest(form: str) -> int:
    return int.from_bytes(blake2b(form.encode(), digest_size=8).digest(), "little")


def text(cells: pl.Series) -> pl.Series:
    """The name alone: no note, title, number, blank or dot; one form for each character; masks as `*`."""
    odd = ~(cells.str.contains(_CLEAN) & ~cells.str.contains(_ODD)).fill_null(False)
    bare = plain(cells.filter(odd)).str.to_uppercase().str.replace_all(_NOTES, "").str.replace(_TITLES, "")
    bare = bare.set(bare.str.contains(_UNKNOWN).fill_null(False), None)
    # What is written without one Chinese character has no masks: its X is a letter.
    chinese = bare.str.contains(r"\p{Han}").fill_null(False)
    marked = bare.str.replace_many(_MASKS, [MASK] * len(_MASKS))
    bare = bare.zip_with(~chinese, marked).str.replace_all(r"[^\p{L}*]", "").str.replace(r"^[*]+$", "")
    places = odd.arg_true()
    return emptied(_keyed(cells.clone().scatter(places, bare) if len(places) else cells, *variants()))


def _keyed(names: pl.Series, chars: list[str], keys: list[str]) -> pl.Series:
    return names.str.replace_many(chars, keys) if chars else names


@lru_cache
def variants() -> tuple[list[str], list[str]]:
    """Characters in another form, and the form we compare."""
    pairs = [(other, line[0]) for line in lines("variants.txt") for other in line[1:]]
    return [other for other, _ in pairs], [standard for _, standard in pairs]


@lru_cache
def looks() -> tuple[list[str], list[str]]:
    """Characters that are mistaken for others by the eye, and the one that stands for all of them."""
    faces: dict[str, str] = {}
    for line in lines("lookalikes.txt"):
        for char in line:
            faces.setdefault(char, line[0])
    return list(faces), list(faces.values())


def sounds(chars: Sequence[str]) -> tuple[list[str], list[str]]:
    """Each character's syllable without its tone, beginning with a capital; and the same as southern ears hear it."""
    readings = _readings()
    said = [_AS_SURNAME.get(char) or _toneless(readings.get(str(ord(char)), char)) for char in chars]
    return said, [_blurred(syllable) for syllable in said]


@lru_cache
def _readings() -> dict[str, str]:
    """pypinyin's table of characters; the package itself would read a far larger one of phrases with it."""
    found = find_spec("pypinyin")
    assert found is not None  # noqa: S101 (mypy: it is installed)
    assert found.submodule_search_locations is not None  # noqa: S101 (mypy: it is a package)
    table: dict[str, str] = json.loads(Path(found.submodule_search_locations[0], "pinyin_dict.json").read_bytes())
    return table


@lru_cache(maxsize=8192)
def _toneless(readings: str) -> str:
    """The first reading, without its tone: `céng,zēng` → `Ceng`."""
    letters = unicodedata.normalize("NFD", readings.split(",")[0])
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).capitalize()


def _blurred(syllable: str) -> str:
    """zh as z, l as n, hu before a vowel as f, ng as n."""
    sound = syllable.replace("Zh", "Z").replace("Ch", "C").replace("Sh", "S").replace("L", "N")
    if sound.startswith("Hu"):
        sound = "F" + {"Hu": "u", "Hui": "ei", "Hun": "en"}.get(sound, sound[2:])
    return sound.removesuffix("g") if sound.endswith("ng") else sound
