"""Synthetic people in a register, and a dirty list of some of them with the truth: who is who.

Villages have a dominant surname, cousins share a generation's character, siblings differ in one; there are twins,
people in two households, and relatives who live with a household but are in no register. Names come from the common
surnames and characters below, and from `../shared/data/linkage` where that is at hand. The areas of the ID numbers
were never assigned. Damage: the shares of what lists get wrong are assumed; `World.damaged` scales those of numbers.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from tests.engine.linkage.damage import (
    SHARED,
    damaged_addresses,
    damaged_ids,
    damaged_names,
    damaged_phones,
    places,
    relatives,
)

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪"
    "廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤涂戚舒聂卜樊喻帅闵凌"
)
GENERATIONS = "国建文志明德永世家宗光荣正立学兴长福春金水根生发先大本元良仁义礼智信忠孝廉传继承祖耀庆"
MALE = (
    "伟强军勇杰涛斌波辉刚健平华民峰磊鹏飞亮超龙林海江山河云雷东南北新成才贵财旺盛昌隆富祥瑞安宁康泰和顺利达通远鸿博宇轩昊天"
    "宏俊豪毅坚诚敏敬恒坤乾震威武雄彪猛锋锐钢铁铭鑫银炎炳焕灿烈煌松柏桂桐梓楠森彬权衡冬夏秋晨旭晖晓阳星辰浩瀚清源泉洪泽润"
)
FEMALE = (
    "芳英秀兰梅桂珍玉凤霞红丽娟燕琴琼莲荷菊花香莉萍艳美娜静敏淑贞洁雪云月仙娥姣娇婷婉媛嫦妹女姑巧翠珠玲珑琳琪瑶瑛璐菲菁蓉薇"
    "芝芬芸苗茜茹荣菱萱蕾蓓爱惠慧怡悦欣欢喜春夏秋冬晓晴雯霜露佳倩倪思念梦诗语涵雅丹彤彩青蓝紫红"
)
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])


@dataclass(frozen=True)
class World:
    """How many, and how dirty."""

    persons: int = 20_000
    rows: int = 20_000
    seed: int = 1
    damaged: float = 0.2  # ID numbers of the list
    outsiders: float = 0.1  # rows of people in no register; a third of them live with a registered household
    twice: float = 0.03
    without: tuple[str, ...] = ("sex", "born", "division", "household")  # columns the list does not have
    name_scale: float = 1.0


@dataclass(frozen=True)
class Lists:
    """A register, a list, and for each row of the list the register's person (-1 for nobody); persons by row."""

    register: pl.DataFrame
    listed: pl.DataFrame
    truth: np.ndarray
    person: np.ndarray

    def score(self, links: pl.DataFrame) -> dict[str, float]:
        """Precision, recall and F1 of links (`left` of the list, `right` of the register)."""
        return self.score_pairs(links["left"].to_numpy(), links["right"].to_numpy())

    def score_pairs(self, left: np.ndarray, right: np.ndarray) -> dict[str, float]:
        """The same of row numbers."""
        good = int((self.person[right - 1] == self.truth[left - 1]).sum())
        precision, recall = good / max(1, len(left)), good / max(1, int((self.truth >= 0).sum()))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        return {"precision": precision, "recall": recall, "f1": f1, "wrong": len(left) - good}


def make(world: World) -> Lists:
    """The lists of a world; the same world gives the same lists."""
    rng = np.random.default_rng(world.seed)
    people = _people(rng, world.persons)
    register, person = _register(rng, people)
    listed, truth = _listed(rng, people, world)
    return Lists(register, listed, truth, person)


def numbers(area: np.ndarray, born: np.ndarray, serial: np.ndarray) -> np.ndarray:
    """Whole ID numbers with their check digits."""
    digits = np.concatenate([_digits(area, 6), _digits(born, 8), _digits(serial, 3)], axis=1)
    check = np.array(list("10X98765432"))[digits @ WEIGHTS % 11]
    bodies = (digits + ord("0")).astype(np.uint8).view("S17").ravel().astype("U17")
    return np.char.add(bodies, check)


def _digits(values: np.ndarray, width: int) -> np.ndarray:
    return values[:, None] // 10 ** np.arange(width - 1, -1, -1) % 10


@lru_cache
def _surnames() -> tuple[np.ndarray, np.ndarray]:
    path = SHARED / "names" / "Chinese_Family_Name_1k.xlsx"
    names = list(SURNAMES)
    if path.exists():
        from python_calamine import CalamineWorkbook

        table = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        names = [str(row[0]) for row in table[1:] if str(row[0]).strip() and len(str(row[0])) == 1][:600] or names
    odds = 1 / (np.arange(len(names)) + 6.0)
    return np.array(names), odds / odds.sum()


def _own(rng: np.random.Generator, pool: str, count: int) -> np.ndarray:
    """Characters of a pool, the first ones often."""
    odds = 1 / (np.arange(len(pool)) + 10.0)
    return rng.choice(list(pool), count, p=odds / odds.sum())


def _given(rng: np.random.Generator, male: np.ndarray, generation: np.ndarray) -> np.ndarray:
    """Given names: a generation's character and one's own, or one or two of one's own."""
    count = len(male)
    own = [np.where(male, _own(rng, MALE, count), _own(rng, FEMALE, count)) for _ in range(2)]
    kind = rng.random(count)
    two = np.char.add(own[0], own[1])
    return np.where(
        (kind < 0.55) & (generation != ""), np.char.add(generation, own[1]), np.where(kind < 0.88, two, own[0])
    )


def _people(rng: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    """Persons in households in villages. Places in a household: head, spouse, children, parents of the head."""
    homes = max(1, int(count / 2.94))
    size = 1 + rng.choice(6, homes, p=[0.16, 0.26, 0.24, 0.18, 0.11, 0.05])
    home = np.repeat(np.arange(homes), size)[:count]
    home = np.concatenate([home, np.full(count - len(home), homes - 1)])
    place = np.arange(count) - np.searchsorted(home, home)
    villages = max(2, count // 2000)
    village = np.sort(rng.integers(0, villages, homes))
    names, odds = _surnames()
    dominant = rng.choice(names, villages, p=odds)
    clan = np.where(rng.random(homes) < 0.5, dominant[village], rng.choice(names, homes, p=odds))
    married_in = (place == 1) | (place == 5)
    surname = np.where(married_in, rng.choice(names, count, p=odds), clan[home])
    step = np.array([1, 1, 2, 2, 0, 0])[np.minimum(place, 5)]
    poems = rng.choice(list(GENERATIONS), (villages, 3))
    generation = np.where(married_in | (surname != dominant[village[home]]), "", poems[village[home], step])
    male = np.where(
        place == 0, rng.random(count) < 0.85, np.where(place == 1, rng.random(count) < 0.1, rng.random(count) < 0.53)
    )
    age_head = rng.integers(24, 78, homes)
    age = np.clip(
        age_head[home] + np.array([0, -2, -25, -27, 25, 24])[np.minimum(place, 5)] + rng.integers(-3, 4, count), 0, 100
    )
    days = (rng.integers(1, 13, count) * 100) + rng.integers(1, 29, count)
    born = (2025 - age) * 10_000 + days
    twin = (place == 3) & (rng.random(count) < 0.05)
    born[twin], male[twin] = born[np.flatnonzero(twin) - 1], male[np.flatnonzero(twin) - 1]
    county = village * 4 // villages
    area = np.where(rng.random(count) < 0.9, 990121 + county[home], 990121 + rng.integers(0, 40, count))
    serial = _serials(rng, male, area, born)
    phones = 13_000_000_000 + rng.integers(0, 69, count) * 100_000_000 + rng.integers(0, 100_000_000, count)
    head = np.searchsorted(home, home)
    own = (age > 15) & (age < 75) & (rng.random(count) < 0.7)
    return {
        "home": home, "village": village[home], "county": county[home], "surname": surname, "generation": generation,
        "given": _given(rng, male, generation), "male": male, "born": born, "id": numbers(area, born, serial),
        "phone": np.where(own, phones, phones[head]), "house_group": rng.integers(1, 13, homes)[home],
        "clan": clan[home],
    }  # fmt: skip


def _serials(rng: np.random.Generator, male: np.ndarray, area: np.ndarray, born: np.ndarray) -> np.ndarray:
    """Serial numbers, odd for men, no two alike within an area and a day."""
    frame = pl.DataFrame({"area": area, "born": born, "male": male}).with_columns(
        seq=pl.int_range(pl.len()).over("area", "born", "male")
    )
    start = (area * 7 + born * 13) % 400
    return ((start + frame["seq"].to_numpy()) % 490) * 2 + np.where(male, 1, 2)


def _name(people: dict[str, np.ndarray]) -> np.ndarray:
    return np.char.add(people["surname"], people["given"])


def _register(rng: np.random.Generator, people: dict[str, np.ndarray]) -> tuple[pl.DataFrame, np.ndarray]:
    """The register's rows in no order; one person in two hundred stands in two households."""
    count = len(people["home"])
    person = np.concatenate([np.arange(count), rng.choice(count, count // 200, replace=False)])
    home = people["home"].copy()
    rows = {key: values[person] for key, values in people.items()}
    rows["home"] = np.concatenate([home, rng.integers(0, home.max() + 1, len(person) - count)])
    order = rng.permutation(len(person))
    where = places(rows["county"], rows["village"])
    frame = pl.DataFrame(
        {
            "name": _name(rows), "id_number": rows["id"], "sex": np.where(rows["male"], "男", "女"),
            "born": rows["born"].astype(str), "phone": rows["phone"].astype(str), "division": where["code"],
            "address": np.char.add(np.char.add(where["full"], rows["house_group"].astype(str)), "组"),
            "household": np.char.add("H", np.char.zfill(rows["home"].astype(str), 11)),
        }
    )  # fmt: skip
    return frame[order], person[order]


def _listed(rng: np.random.Generator, people: dict[str, np.ndarray], world: World) -> tuple[pl.DataFrame, np.ndarray]:
    """The list: people of the register, some twice, and outsiders; each row damaged on its own."""
    outside = int(world.rows * world.outsiders)
    inside = world.rows - outside
    once = rng.choice(world.persons, min(world.persons, int(inside / (1 + world.twice))), replace=False)
    chosen = np.concatenate([once, rng.choice(once, inside - len(once))])
    base = np.concatenate([chosen, rng.integers(0, world.persons, outside)])
    rows = {key: values[base].copy() for key, values in people.items()}
    _outsiders(rng, rows, inside)
    truth = np.concatenate([chosen, np.full(outside, -1)])
    order = rng.permutation(len(base))
    rows, truth = {key: values[order] for key, values in rows.items()}, truth[order]
    others = relatives(people, base[order])
    listed = pl.DataFrame(
        {
            "name": damaged_names(rng, _name(rows), world.name_scale),
            "id_number": damaged_ids(rng, rows["id"], others, world.damaged),
            "sex": np.where(rows["male"], "男", "女"), "born": rows["born"].astype(str),
            "phone": damaged_phones(rng, rows["phone"]), "division": places(rows["county"], rows["village"])["code"],
            "address": damaged_addresses(rng, rows, people), "household": np.char.add("H", rows["home"].astype(str)),
        }
    )  # fmt: skip
    return listed.drop(*world.without), truth


def _outsiders(rng: np.random.Generator, rows: dict[str, np.ndarray], inside: int) -> None:
    """Make the last rows other people: a third relatives of the household, the rest strangers from anywhere."""
    count = len(rows["home"]) - inside
    relative = rng.random(count) < 1 / 3
    names, odds = _surnames()
    male = rng.random(count) < 0.5
    surname = np.where(relative, rows["clan"][inside:], rng.choice(names, count, p=odds))
    generation = np.where(relative, rows["generation"][inside:], rng.choice(list(GENERATIONS), count))
    born = (2025 - rng.integers(1, 90, count)) * 10_000 + rng.integers(1, 13, count) * 100 + rng.integers(1, 29, count)
    area = 990121 + rng.integers(0, 4, count)
    own = 13_000_000_000 + rng.integers(0, 69, count) * 100_000_000 + rng.integers(0, 100_000_000, count)
    home_phone = relative & (rng.random(count) < 0.4)
    rows["male"][inside:], rows["surname"][inside:], rows["born"][inside:] = male, surname, born
    rows["given"][inside:] = _given(rng, male, generation)
    rows["id"][inside:] = numbers(area, born, 980 + rng.integers(0, 10, count) * 2 + np.where(male, 1, 0))
    rows["phone"][inside:] = np.where(home_phone, rows["phone"][inside:], own)
