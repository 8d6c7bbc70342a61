"""A drill over a registry of one's own: the villages a workbook names, and what is true of its households.

The workbook is what the county knows. The world still differs from it, by the same shares and spreads as ever.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from django.utils.translation import gettext as _

from anlan.county.drill.chance import chance
from anlan.county.drill.households import CATEGORIES, STRUCTURES, WATER, Floats, Households, Ints
from anlan.county.drill.place import KM_PER_DEGREE, Village, county
from anlan.county.drill.worlds import World
from anlan.county.errors import BadInput
from anlan.county.registry import places, roll, workbook
from anlan.county.registry.actions import NotImported
from anlan.county.registry.queries import Columns
from anlan.county.registry.workbook import Row
from anlan.engine.values.divisions import significant

FIRST_VILLAGE = 201


def villages_of(path: Path, today: date) -> list[Village]:
    """The villages that a workbook's households stand in, under the demonstration county's townships.

    Raises NotImported, with every sheet, row and column, for a workbook that cannot be enrolled as it stands.
    """
    read = workbook.read(path, today)
    if not read.rows:
        raise NotImported(0, read.refusals)
    found = list(_named(read.rows))
    named = [places.Village(village.code, village.name, _township(village.code)) for village in found]
    _households, refusals = roll.build(read.rows, read.sheets, places.Places(named), ())
    refusals = [*read.refusals, *refusals]
    if refusals:
        raise NotImported(len(read.rows), refusals)
    return found


def _township(code: str) -> str:
    return str(county()["townships"][f"{code[:9]}000"]["name"])


def _named(rows: Sequence[Row]) -> Iterator[Village]:
    """One village for every place that a row names, by its code or by its name."""
    seen: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for row in rows:
        code, name = str(row.said.get("division") or ""), str(row.said.get("village") or "")
        if not code.isdigit():
            code, name = "", name or code
        key = code or f"{row.said.get('township') or ''}/{name}"
        seen[key] = seen.get(key, 0) + 1
        if seen[key] == 1 and (code or name):
            yield _village(row, code, name, numbers)


def _village(row: Row, code: str, name: str, numbers: dict[str, int]) -> Village:
    townships = county()["townships"]
    if not code:
        said = str(row.said.get("township") or "")
        township = next((key for key, each in townships.items() if said.endswith(each["name"])), next(iter(townships)))
        numbers[township] = numbers.get(township, FIRST_VILLAGE - 1) + 1
        code = f"{township[:9]}{numbers[township]:03d}"
    if f"{code[:9]}000" not in townships or len(significant(code)) != len(code):
        raise BadInput(
            _("“%(sheet)s”第 %(row)d 行：区划代码 %(code)s 不是演练县（%(county)s）的村。")
            % {"sheet": row.sheet.name, "row": row.number, "code": code, "county": county()["code"]}
        )
    lon, lat = townships[f"{code[:9]}000"]["centre"]
    return Village(code, name or f"示例{code[9:]}村", lon, lat, remote=False, key_village=False, households=0)


def households_of(known: Columns, seed: int, villages: Sequence[Village], world: World) -> Households:
    """What is true of the households a registry knows: its own figures, seen through the world's errors."""
    luck = chance(seed, "households")
    count = len(known)
    place = {village.code: number for number, village in enumerate(villages)}
    crops, animals = luck.lognormal(0, world["exposure", "value_sd"], (2, count))
    lon, lat = _true_places(luck, known, world)
    return Households(
        village=np.array([place[code] for code in known.division.tolist()], dtype=int),
        serial=np.ones(count, dtype=int), group_no=known.group_no, lon=lon, lat=lat, registered_lon=known.lon,
        registered_lat=known.lat, size=np.maximum(1, known.size), head_age=np.where(known.elderly, 68, 48),
        labourers=known.labourers, structure=_places(known.structure.tolist(), STRUCTURES), home_yuan=known.home_yuan,
        water=_places(known.water.tolist(), WATER), crop=np.zeros(count, dtype=int), crop_mu=known.crop_yuan / 1500,
        crop_yuan=known.crop_yuan * crops, registered_crop_yuan=known.crop_yuan,
        animal=np.where(known.livestock_yuan > 0, 0, -1), animal_yuan=known.livestock_yuan * animals,
        registered_animal_yuan=known.livestock_yuan, equipment_yuan=known.equipment_yuan, wage_yuan=known.wage_yuan,
        cost_yuan=known.business_cost_yuan, property_yuan=known.property_yuan, transfer_yuan=known.transfer_yuan,
        rigid_yuan=known.rigid_yuan, savings_yuan=known.savings_yuan, insured=known.insured,
        has_phone=known.phone_known,
        phone_works=known.phone_known & (luck.random(count) >= world["people", "phone_invalid"]),
        moved=luck.random(count) < world["exposure", "moved"], monitored=known.monitored,
        category=dict.fromkeys(CATEGORIES, np.zeros(count, dtype=bool)),
    )  # fmt: skip


def _places(words: Sequence[str], known: Sequence[str]) -> Ints:
    return np.array([known.index(word) if word in known else 0 for word in words], dtype=int)


def _true_places(luck: np.random.Generator, known: Columns, world: World) -> tuple[Floats, Floats]:
    """Where they truly stand: near the registered point, or somewhere in the village, or (wrongly) far off."""
    count = len(known)
    wrong = luck.random(count) < world["exposure", "location_wrong"]
    spread_km = np.where(wrong, 4.0, np.where(np.isnan(known.lon), 0.55, 0.02))
    east, north = luck.normal(0, 1, (2, count)) * spread_km / KM_PER_DEGREE
    lat = known.lat_or_village + north
    return known.lon_or_village + east / np.cos(np.radians(lat)), lat
