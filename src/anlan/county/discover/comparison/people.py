"""The register's people as a comparison needs them, read through the models alone."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from anlan.county.office.models import Division, User
from anlan.county.registry.models import MONITORED, Category, Person
from anlan.county.registry.places import NoSuchPlace, Places, Village

if TYPE_CHECKING:
    import polars as pl

KEY_KINDS = ("ex_poor", *MONITORED)
COLUMNS = {
    "person": "id", "home": "household_id", "name": "name", "id_number": "id_number", "sex": "sex", "born": "born",
    "phone": "household__phone", "division": "household__division_id", "address": "household__address",
    "household": "household__code",
}  # fmt: skip
CHUNK = 20_000


def register(by: User) -> "pl.DataFrame":
    """Everybody in the register within this person's divisions: `person` and `home` ids, and what is compared."""
    import polars as pl

    people = Person.objects.visible_to(by).order_by("household_id", "id")
    rows = people.values_list(*COLUMNS.values()).iterator(chunk_size=CHUNK)
    schema = {name: pl.Int64 if name in {"person", "home"} else pl.String for name in COLUMNS} | {"born": pl.Date}
    read = pl.DataFrame(list(rows), schema=schema, orient="row", infer_schema_length=None)
    return read.with_columns(born=pl.col("born").dt.strftime("%Y%m%d"))


def gazetteer() -> dict[str, str]:
    """Full names of the county's division codes, from the county down."""
    divisions = Division.objects.values_list("code", "name", "parent_id").order_by("code")
    names: dict[str, str] = {}
    for code, name, parent in divisions:
        names[code] = names.get(parent, "") + name
    return names


def villages() -> Places:
    """The county's villages, to be found by what a list calls them."""
    found = Division.objects.filter(level="village").values_list("code", "name", "parent__name")
    return Places([Village(code, name, township or "") for code, name, township in found])


def village_of(who: Mapping[str, str], known: Places) -> str:
    """The code of the village that a row names; empty where it names none, or none for sure."""
    words = [who[name] for name in ("village", "division", "address") if who.get(name)]
    for each in words:
        named = next((v.code for v in known.villages if v.name in each and v.township in each), "")
        try:
            return named or known.code(each, who.get("township", ""))
        except NoSuchPlace:
            continue
    return ""


def key_households(households: Iterable[int], on: date) -> set[int]:
    """Which of these households were in poverty or are monitored on a day: thresholds are lower for them."""
    held = Category.objects.on(on).filter(kind__in=KEY_KINDS, household_id__among=sorted(set(households)))
    return set(held.values_list("household_id", flat=True))
