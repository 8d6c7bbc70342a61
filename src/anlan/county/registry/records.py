"""Households as plain values, on their way into the registry. They mirror the models, column for column."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A member of a household."""

    name: str
    id_number: str
    sex: str  # 男 is "m", 女 is "f"
    born: date
    relation: str  # head, spouse, child …
    health: str = "healthy"
    labour: str = "ordinary"
    student: bool = False
    medically_insured: bool = True


@dataclass(frozen=True, slots=True)
class HomeRecord:
    """The house a household lives in."""

    structure: str
    storeys: int = 1
    area_m2: float = 0.0
    built: int | None = None
    value_yuan: float = 0.0
    grade: str = ""


@dataclass(frozen=True, slots=True)
class HoldingRecord:
    """A crop on so much land, a flock, a store of equipment."""

    kind: str
    quantity: float
    value_yuan: float


@dataclass(frozen=True, slots=True)
class IncomeRecord:
    """Twelve months' income in yuan, closed by the month that ends on `until`."""

    until: date
    wage_yuan: float = 0.0
    business_yuan: float = 0.0
    business_cost_yuan: float = 0.0
    property_yuan: float = 0.0
    transfer_yuan: float = 0.0
    rigid_yuan: float = 0.0
    savings_yuan: float = 0.0


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    """A policy category (脱贫户, 低保, 监测对象 …) from a day until another."""

    kind: str
    since: date
    until: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class HouseholdRecord:
    """A household with everything that belongs to it. `size` 0 means: as many as `people`."""

    code: str
    division: str
    group_no: int = 1
    head_name: str = ""
    address: str = ""
    phone: str = ""
    second_phone: str = ""
    lon: float | None = None
    lat: float | None = None
    location: str = "village"
    water_source: str | None = None
    labourers: int = 0
    insured: bool = False
    people: tuple[PersonRecord, ...] = ()
    home: HomeRecord | None = None
    holdings: tuple[HoldingRecord, ...] = ()
    income: IncomeRecord | None = None
    categories: tuple[CategoryRecord, ...] = ()
    registered: bool = True
    size: int = 0
    number: str = ""  # another system's number for it


@dataclass(frozen=True, slots=True)
class Reported:
    """A household as a report names it: the code of its village, its head's name and telephone, how many they are."""

    village: str
    head_name: str
    phone: str
    size: int
