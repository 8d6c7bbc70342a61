"""What lists get wrong, applied to clean rows: the assumed shares, and how each slip looks.

Look-alikes and homophones come from `../shared/data/linkage`, where that is at hand, and from the short tables below;
never from the tables the engine compares by.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "linkage"
SHAPES = {"石": "右", "未": "末", "土": "士", "大": "太", "天": "夫", "日": "曰", "金": "全", "清": "渍", "林": "材",
          "英": "莫", "兰": "三", "永": "水", "春": "舂", "贵": "责", "荣": "菜", "梅": "侮", "建": "健"}  # fmt: skip
HOMOPHONES = {"伟": "玮炜", "建": "健剑", "明": "铭鸣", "国": "帼",
               "芳": "方", "英": "瑛莹", "红": "宏虹", "丽": "莉俐",
              "军": "君钧", "平": "萍苹", "华": "花", "文": "雯", "志": "智治", "玲": "铃灵", "静": "敬婧",
               "生": "声"}  # fmt: skip
NEAR = {"英": "因", "明": "民", "兰": "南", "宁": "林", "志": "紫", "生": "森", "华": "发", "辉": "飞", "红": "丰",
        "平": "贫",         "梁": "娘",
        "清": "亲", "琴": "青", "芳": "欢", "星": "新", "珍": "增", "昌": "仓", "春": "村"}  # fmt: skip
# Shares of what is wrong with an ID number in a list, of all that are damaged.
ID_DAMAGE = {"missing": 5.6, "digit": 3.7, "sheet": 3.1, "dropped": 1.8, "old": 1.6, "masked": 1.5, "swapped": 1.4,
             "relative": 0.8, "power": 0.4}  # fmt: skip
NAME_DAMAGE = {"homophone": 0.021, "look": 0.009, "near": 0.004, "hidden": 0.019, "noted": 0.026}


def places(county: np.ndarray, village: np.ndarray) -> dict[str, np.ndarray]:
    """Invented villages under towns of four counties."""
    counties = np.array(["示安县", "示宁县", "示康县", "示和县"])
    town = village // 20
    towns = np.array([f"{a}{b}" for a in "东南西北中上下前后大" for b in "溪湖山桥塘岗源洲埠港坪岭"])
    first, second = (
        np.array(list("罗黄塘水石板桥松竹梅荷枫樟茶桃杏李柏杨柳")),
        np.array(list("坑垅背头湾家洲坪下上田源塅岭陂冲山口桥塘")),
    )
    stem = np.char.add(first[village * 7 % 20], second[(village // 20 * 3 + village) % 20])
    town_name = np.char.add(towns[town % 120], "镇")
    short = np.char.add(np.char.add(town_name, stem), "村")
    full = np.char.add(np.char.add("江西省示例市", counties[county]), short)
    code = 990_121_000_000 + county * 1_000_000 + (100 + town % 20) * 1000 + 200 + village % 20
    return {
        "stem": stem,
        "town": town_name,
        "county": counties[county],
        "short": short,
        "full": full,
        "code": code.astype(str),
    }


def relatives(people: dict[str, np.ndarray], base: np.ndarray) -> np.ndarray:
    """The ID number of another member of each row's household; one's own where one lives alone."""
    home = people["home"]
    after, before = np.minimum(base + 1, len(home) - 1), np.maximum(base - 1, 0)
    other = np.where(home[after] == home[base], after, np.where(home[before] == home[base], before, base))
    return people["id"][other]


def damaged_ids(rng: np.random.Generator, ids: np.ndarray, relatives: np.ndarray, share: float) -> list[str]:
    kinds = np.array(list(ID_DAMAGE))
    odds = np.array(list(ID_DAMAGE.values()))
    kind = np.where(rng.random(len(ids)) < share, rng.choice(kinds, len(ids), p=odds / odds.sum()), "")
    places, digits, looks = rng.integers(0, 17, len(ids)), rng.integers(1, 10, len(ids)), rng.integers(0, 40, len(ids))
    return [
        _clean_id(number, look) if not what else _damaged_id(what, number, relative, place, digit)
        for what, number, relative, place, digit, look in zip(
            kind.tolist(),
            ids.tolist(),
            relatives.tolist(),
            places.tolist(),
            digits.tolist(),
            looks.tolist(),
            strict=True,
        )
    ]


def _clean_id(number: str, look: int) -> str:
    if look == 0:
        return number.lower()
    if look == 1:
        return f" {number[:6]} {number[6:14]} {number[14:]}"
    return number


def _damaged_id(kind: str, number: str, relative: str, place: int, digit: int) -> str:
    other = str((int(number[place]) + digit) % 10)
    swap = min(place, 15)
    masks = (number[:6] + "*" * 8 + number[14:], number[:3] + "***", number[:10] + "****" + number[14:])
    return {
        "missing": ("", "无", "不详")[digit % 3],
        "digit": number[:place] + other + number[place + 1 :],
        "sheet": number[:15] + "000",
        "dropped": number[:place] + number[place + 1 :],
        "old": number[:6] + number[8:17],
        "masked": masks[digit % 3],
        "swapped": number[:swap] + number[swap + 1] + number[swap] + number[swap + 2 :],
        "relative": relative,
        "power": f"{int(number[:17]):.1E}".replace("E+16", "E+17"),
    }[kind]


@lru_cache
def _slips() -> dict[str, dict[str, str]]:
    """By kind of slip: the characters one may be mistaken for."""
    slips = {"homophone": dict(HOMOPHONES), "look": dict(SHAPES), "near": dict(NEAR)}
    strokes, sounds = SHARED / "confusion" / "same_stroke.txt", SHARED / "confusion" / "same_pinyin.txt"
    if strokes.exists():
        for line in strokes.read_text().splitlines():
            chars = line.split()
            slips["look"].update({char: "".join(chars[:6]).replace(char, "") for char in chars})
    if sounds.exists():
        for line in sounds.read_text().splitlines()[1:]:
            char, same, *_others = [*line.split("\t"), ""]
            if char and same:
                slips["homophone"][char] = same[:8]
    return slips


def damaged_names(rng: np.random.Generator, names: np.ndarray, scale: float) -> list[str]:
    kinds = ["", *NAME_DAMAGE]
    odds = np.array([0.0, *NAME_DAMAGE.values()]) * scale
    odds[0] = 1 - odds.sum()
    kind = rng.choice(kinds, len(names), p=odds).tolist()
    dice = rng.integers(0, 1000, len(names)).tolist()
    return [
        _damaged_name(what, name, die) if what else name
        for what, name, die in zip(kind, names.tolist(), dice, strict=True)
    ]


def _damaged_name(kind: str, name: str, die: int) -> str:
    if kind == "noted":
        return (f"{name[0]} {name[1:]}", f"{name}（户主）", f" {name}", f"{name[0]}　{name[1:]}")[die % 4]
    if kind == "hidden":
        forms = (name[0] + "*" * (len(name) - 1), "未知", name[0] + "某", name[0] + "某某", "小" + name[-1],
                 "阿" + name[-1],                 name[:-1] + "*", name[0] + "*" + name[2:])  # fmt: skip
        return forms[die % len(forms)]
    table = _slips()[kind]
    options = [place for place in range(1, len(name)) if table.get(name[place])]
    if not options:
        return name
    place = options[die % len(options)]
    others = table[name[place]]
    return name[:place] + others[die // 7 % len(others)] + name[place + 1 :]


def damaged_phones(rng: np.random.Generator, phones: np.ndarray) -> list[str]:
    fate, other, look = (
        rng.random(len(phones)),
        rng.integers(0, 100_000_000, len(phones)),
        rng.integers(0, 20, len(phones)),
    )
    out = []
    for phone, f, o, form in zip(phones.tolist(), fate.tolist(), other.tolist(), look.tolist(), strict=True):
        if f < 0.28:
            out.append("")
        else:
            text = str(13_900_000_000 + o) if f < 0.28 + 0.72 * 0.16 else str(phone)
            out.append({0: f"+86{text}", 1: f"{text[:3]}-{text[3:7]}-{text[7:]}", 2: f"+86 {text}"}.get(form, text))
    return out


def damaged_addresses(
    rng: np.random.Generator, rows: dict[str, np.ndarray], people: dict[str, np.ndarray]
) -> list[str]:
    count = len(rows["home"])
    moved = rng.random(count) < 0.06
    elsewhere = rng.integers(0, len(people["home"]), count)
    village = np.where(moved, people["village"][elsewhere], rows["village"])
    county = np.where(moved, people["county"][elsewhere], rows["county"])
    where = places(county, village)
    form, gone = rng.integers(0, 8, count).tolist(), (rng.random(count) < 0.1).tolist()
    words = zip(where["full"].tolist(), where["county"].tolist(), where["town"].tolist(), where["stem"].tolist(),
                rows["house_group"].tolist(), form, gone, strict=True)  # fmt: skip
    return ["" if absent else _address(*parts) for *parts, absent in words]


def _address(full: str, county: str, town: str, stem: str, group: int, form: int) -> str:
    return (
        f"{full}{group}组", f"{county}{town}{stem}村", f"{town}{stem}村委会{group}组", f"{town}{stem}村{group}组12号",
        f"{stem}村{group}组", f"{town[:-1]}{stem}村", f"江西省{county}{town}{stem}行政村",
        f"{county[:-1]}{town}{stem}{group}组",
    )[form]  # fmt: skip
