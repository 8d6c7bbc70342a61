"""Founding the synthetic county by the rooms' own actions: divisions, people in office, households, gauges."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from anlan.county.drill.chance import chance
from anlan.county.drill.households import ANIMALS, CROPS, STRUCTURES, WATER, Households
from anlan.county.drill.identities import people_of
from anlan.county.drill.place import Village, county, geometry, outline, township_outlines
from anlan.county.drill.worlds import World
from anlan.county.office import actions as office
from anlan.county.office.models import Division
from anlan.county.office.queries import machine
from anlan.county.registry import actions as registry
from anlan.county.registry.records import CategoryRecord, HoldingRecord, HomeRecord, HouseholdRecord, IncomeRecord
from anlan.county.registry.shelters import actions as sites
from anlan.county.sense import actions as sense

SINCE = date(2021, 1, 1)
CATEGORY_SINCE = date(2021, 1, 1)
OFFICERS = (
    ("duty_officer", "值班员甲", None),
    ("duty_officer", "值班员乙", None),
    ("county_director", "领导小组负责人", "agriculture_rural"),
    ("department_clerk", "农业农村局经办", "agriculture_rural"),
    ("department_clerk", "民政局经办", "civil_affairs"),
    ("department_clerk", "住建局经办", "housing"),
    ("department_clerk", "水利局经办", "water"),
    ("department_clerk", "医保局经办", "medical_insurance"),
    ("auditor", "审计监督员", None),
    ("administrator", "系统管理员", None),
)
HOLDERS = {  # duties of county and township level, by the role of who holds them
    "county": {"warn_release": "duty_officer", "county_decide": "county_director", "screen": "department_clerk"},
    "township": {"take_in": "township_officer", "town_check": "township_officer", "clear": "township_officer"},
    "village": {"sweep": "village_cadre", "visit": "village_cadre", "warn_call": "village_cadre"},
}
STATIONS_PER_TOWNSHIP = 3


def phone(index: int) -> str:
    """A telephone number nobody has."""
    return f"100{index:08d}"


def school_phone(number: int) -> str:
    """A telephone number nobody has, and no household of the drill."""
    return f"200{number:08d}"


@transaction.atomic
def found(*, seed: int, villages: Sequence[Village], world: World, element: str) -> None:
    """Everything the county has on the day before but its households: called once, in an empty database."""
    place = county()
    lon, lat = place["centre"]
    office.found_county(code=place["code"], name=place["name"], synthetic=True, lon=lon, lat=lat)
    _divisions(villages)
    _officers(villages, cadres_per_1000=world["cadres", "per_1000_households"])
    _stations(seed, element)
    _water(villages)
    _sites(villages)


def _divisions(villages: Sequence[Village]) -> None:
    townships = county()["townships"]
    rows = [(code, township["name"], *township["centre"]) for code, township in townships.items()]
    marks: dict[str, Any] = {code: {"outline": geometry(shape)} for code, shape in township_outlines().items()}
    office.enrol_divisions(rows, synthetic=False, marks=marks)
    marks = {place.code: {"remote": place.remote, "key_village": place.key_village} for place in villages}
    office.enrol_divisions([(p.code, p.name, p.lon, p.lat) for p in villages], synthetic=True, marks=marks)
    Division.objects.filter(pk=county()["code"]).update(outline=geometry(outline()))


def cadres_of(village: Village, per_1000: float) -> list[str]:
    """The usernames of a village's cadres; every village has at least one."""
    number = max(1, round(village.households * per_1000 / 1000))
    return [f"cadre-{village.code}-{index + 1}" for index in range(number)]


def _officers(villages: Sequence[Village], cadres_per_1000: float) -> None:
    code = county()["code"]
    heads = [
        office.Post(f"{role}-{number + 1}", name, role, code, department)
        for number, (role, name, department) in enumerate(OFFICERS)
    ]
    towns = [
        office.Post(f"town-{town[:9]}", f"{township['name']}负责人", "township_officer", town)
        for town, township in county()["townships"].items()
    ]
    cadres = {
        village.code: [
            office.Post(username, f"{village.name}干部{number + 1}", "village_cadre", village.code)
            for number, username in enumerate(cadres_of(village, cadres_per_1000))
        ]
        for village in villages
    }
    posts = [*heads, *towns, *(post for each in cadres.values() for post in each)]
    users = office.appoint_many(posts=posts, since=SINCE)
    first = {post.role: users[post.username] for post in reversed(heads)}
    duties = [(duty, code, first[role]) for duty, role in HOLDERS["county"].items()]
    duties += [(duty, post.division, users[post.username]) for post in towns for duty in HOLDERS["township"]]
    duties += [
        (duty, village, users[each[0].username]) for village, each in cadres.items() for duty in HOLDERS["village"]
    ]
    office.give_duties(duties=duties, since=SINCE)


def _stations(seed: int, element: str) -> None:
    if not element:
        return
    luck = chance(seed, "stations")
    rows = []
    for town, township in county()["townships"].items():
        lon, lat = township["centre"]
        for number in range(STATIONS_PER_TOWNSHIP):
            east, north = luck.normal(0, 0.02, 2) if number else (0.0, 0.0)
            name = f"{township['name']}示例站{number + 1}"
            rows.append((f"S{town[:9]}{number + 1}", name, town, element, round(lon + east, 4), round(lat + north, 4)))
    sense.enrol_stations(rows=rows, by=machine())


def water_code(village: Village, kind: str) -> str:
    """The code of a village's source of one kind."""
    return f"W{village.code}-{kind}"


def _water(villages: Sequence[Village]) -> None:
    names = {"central": "集中供水", "small_scheme": "小型供水工程", "well": "水井", "spring": "山泉"}
    rows = [
        (water_code(village, kind), village.code, kind, f"{village.name}{names[kind]}")
        for village in villages
        for kind in WATER
    ]
    registry.enrol_water_sources(rows=rows, by=machine())


def _sites(villages: Sequence[Village]) -> None:
    """Where each village goes and by which way; a school and a kindergarten in each township. All invented."""
    for place in villages:
        record = sites.ShelterRecord(place.code, f"{place.name}安置点", "村安置点", 100 + place.households // 2,
                                     place.lon, place.lat)  # fmt: skip
        shelter = sites.save_shelter(record_of=record, by=machine())
        sites.assign(ways=[sites.Way(place.code, 0, shelter.code, "村东水泥路")], by=machine())
    for number, (town, township) in enumerate(sorted(county()["townships"].items())):
        for kind, name in (("school", "示例小学"), ("kindergarten", "示例幼儿园")):
            given = sites.SchoolRecord(
                town, f"{township['name']}{name}", kind, school_phone(2 * number + (kind != "school"))
            )
            sites.save_school(record_of=given, by=machine())


def enrol(*, seed: int, villages: Sequence[Village], households: Households, until: date) -> None:
    """Enrol the households the registry is to know; their incomes are of the twelve months that end on a day."""
    records = _records(seed, villages, households, until)
    registry.enrol(records=records, by=machine(), source="演练生成（示例）")


def _records(seed: int, villages: Sequence[Village], households: Households, until: date) -> Iterator[HouseholdRecord]:
    everyone = people_of(seed, households, until.year)
    columns = {
        name: getattr(households, name).tolist()
        for name in (
            "village", "serial", "group_no", "registered_lon", "registered_lat", "labourers", "structure", "home_yuan",
            "water", "crop", "crop_mu", "registered_crop_yuan", "animal", "registered_animal_yuan", "equipment_yuan",
            "wage_yuan", "cost_yuan", "property_yuan", "transfer_yuan", "rigid_yuan", "savings_yuan", "insured",
            "has_phone",
        )
    }  # fmt: skip
    business = households.business_yuan.tolist()
    categories = _categories(households)
    for index, people in enumerate(everyone):
        row = {name: column[index] for name, column in columns.items()}
        if not row["serial"]:
            continue
        village = villages[row["village"]]
        located = not np.isnan(row["registered_lon"])
        yield HouseholdRecord(
            code=f"{village.code}{row['serial']:05d}", division=village.code, group_no=row["group_no"],
            head_name=people[0].name, address=f"{village.name}{row['group_no']}组",
            phone=phone(index) if row["has_phone"] else "",
            lon=row["registered_lon"] if located else None, lat=row["registered_lat"] if located else None,
            location="point" if located else "village", water_source=water_code(village, WATER[row["water"]]),
            labourers=row["labourers"], insured=row["insured"], people=people,
            home=HomeRecord(structure=STRUCTURES[row["structure"]], value_yuan=row["home_yuan"]),
            holdings=tuple(_holdings(row)), income=_income(row, business[index], until), categories=categories[index],
        )  # fmt: skip


def _holdings(row: dict[str, float]) -> Iterator[HoldingRecord]:
    if row["registered_crop_yuan"] > 0:
        yield HoldingRecord(CROPS[int(row["crop"])], row["crop_mu"], row["registered_crop_yuan"])
    if row["animal"] >= 0:
        yuan = row["registered_animal_yuan"]
        yield HoldingRecord(ANIMALS[int(row["animal"])], max(1, round(yuan / 1500)), yuan)
    if row["equipment_yuan"] > 0:
        yield HoldingRecord("equipment", 1, row["equipment_yuan"])


def _income(row: dict[str, float], business_yuan: float, until: date) -> IncomeRecord:
    return IncomeRecord(
        until=until, wage_yuan=row["wage_yuan"], business_yuan=business_yuan,
        business_cost_yuan=row["cost_yuan"], property_yuan=row["property_yuan"],
        transfer_yuan=row["transfer_yuan"], rigid_yuan=row["rigid_yuan"], savings_yuan=row["savings_yuan"],
    )  # fmt: skip


def _categories(households: Households) -> list[tuple[CategoryRecord, ...]]:
    found: list[list[CategoryRecord]] = [[] for _ in range(len(households.size))]
    kinds = {**households.category, "marginal": households.monitored}
    for kind, flags in kinds.items():
        record = CategoryRecord(kind, CATEGORY_SINCE)
        for index in np.flatnonzero(flags).tolist():
            found[index].append(record)
    return [tuple(records) for records in found]


def eve(start: datetime) -> datetime:
    """The evening before a scenario begins, when the county is founded."""
    return start - timedelta(hours=20)
