"""What a file's household would change in the register, field by field. What it does not speak of stays."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from anlan.county.registry.assembly import EVERYWHERE, KINDS_OF_BUSINESS, SOURCE, Claims, closing, member, with_business
from anlan.county.registry.current import Current
from anlan.county.registry.history import Difference
from anlan.county.registry.models import MONITORED
from anlan.county.registry.rules import EQUIPMENT, LIVESTOCK
from anlan.county.registry.workbook import Row

SAME_WITHIN = 0.005  # a sheet's yuan and mu have two decimals
EXACT = 1e-9  # degrees
NEW_HOME = {"structure": "", "storeys": 1, "area_m2": 0.0, "built": None, "value_yuan": 0.0, "grade": ""}
NEW_INCOME = dict.fromkeys(
    ("wage_yuan", "business_yuan", "business_cost_yuan", "property_yuan", "transfer_yuan", "rigid_yuan",
     "savings_yuan"),
    0.0,
)  # fmt: skip
# Which holdings a column of a sheet speaks of, which of their figures, and the kind a new one is of.
LAND = {
    "farmland_mu": ("crops", "quantity"), "orchard_mu": ("fruit", "quantity"), "crop_yuan": ("crops", "value_yuan"),
    "fruit_yuan": ("fruit", "value_yuan"), "livestock_yuan": ("livestock", "value_yuan"),
    "equipment_yuan": ("equipment", "value_yuan"),
}  # fmt: skip


def use(kind: str) -> str:
    """Which of a sheet's kinds a holding counts under."""
    if kind in LIVESTOCK:
        return "livestock"
    return "equipment" if kind in EQUIPMENT else "fruit" if kind == "fruit" else "crops"


def total(now: Current, name: str) -> float:
    """What a land column of a sheet would say of a household."""
    kind, figure = LAND[name]
    return float(sum(each[figure] for each in now.holdings if use(each["kind"]) == kind))


def differences(claims: Claims, now: Current, today: date) -> list[Difference]:
    """All that the claims would change, in the order in which it is written."""
    return [
        *_household(claims, now, today), *_home(claims, now), *_income(claims, now, today), *_land(claims, now),
        *_people(claims, now), *_categories(claims, now, today),
    ]  # fmt: skip


def _household(claims: Claims, now: Current, today: date) -> Iterator[Difference]:
    held, said = now.household, claims.household
    key = held["id"]
    if len(claims.number) >= EVERYWHERE and claims.number != held["code"] and claims.number[:40] != held["number"]:
        yield Difference("household", key, "number", held["number"], claims.number[:40])
    if not held["registered"]:
        yield Difference("household", key, "registered", False, True)
    yield from _fields("household", key, held, said)
    if "lon" in said and held["location"] != _located(said) and not _same(held["lon"], said["lon"], EXACT):
        yield Difference("household", key, "location", held["location"], _located(said))
    if "address" in said and said["address"] != held["address"] and held["address"]:
        past = {"household_id": key, "address": held["address"], "since": None, "until": today.isoformat()}
        yield Difference("address", None, "", None, past)
    members = len(now.people) + sum(each is None for each in _partners(claims, now))
    if "size" not in said and members > max(held["size"], len(now.people)):
        yield Difference("household", key, "size", held["size"], members)


def _located(said: dict[str, Any]) -> str:
    return "village" if said["lon"] is None else "point"


def _home(claims: Claims, now: Current) -> Iterator[Difference]:
    if not claims.home:
        return
    if now.home is not None:
        yield from _fields("home", now.home["id"], now.home, claims.home)
    elif any(not _same(NEW_HOME[name], value) for name, value in claims.home.items()):
        yield _row("home", now, NEW_HOME | claims.home)


def _income(claims: Claims, now: Current, today: date) -> Iterator[Difference]:
    """An income changes with the twelve months it was counted over; where it stays, they stay."""
    moved = any(name in claims.land and not _same(total(now, name), claims.land[name]) for name in KINDS_OF_BUSINESS)
    said = with_business(claims) if moved else claims.income
    if now.income is None:
        if any(said.values()):
            yield _row("income", now, {"until": closing(today).isoformat(), **NEW_INCOME, **said})
        return
    key = now.income["id"]
    changed = list(_fields("income", key, now.income, said))
    if changed and now.income["until"] != closing(today):
        changed.append(Difference("income", key, "until", now.income["until"], closing(today)))
    yield from changed


def _land(claims: Claims, now: Current) -> Iterator[Difference]:
    """A sheet knows crops as one figure; where the register knows several, each keeps its share of it."""
    fresh: dict[str, dict[str, Any]] = {}
    for name, value in claims.land.items():
        kind, figure = LAND[name]
        rows = [each for each in now.holdings if use(each["kind"]) == kind]
        was = float(sum(each[figure] for each in rows))
        if _same(was, value):
            continue
        if not rows:
            fresh.setdefault(kind, {"kind": kind, "quantity": 0.0, "value_yuan": 0.0})[figure] = value
        elif not was:
            yield Difference("holding", rows[0]["id"], figure, rows[0][figure], value)
        else:
            for each in rows:
                if each[figure]:
                    yield Difference("holding", each["id"], figure, each[figure], each[figure] * value / was)
    for row in fresh.values():
        yield _row("holding", now, row)


def _partners(claims: Claims, now: Current) -> Iterator[dict[str, Any] | None]:
    """For each person of the file, the one of the register; None for someone new."""
    by_number = {each["id_number"]: each for each in now.people if each["id_number"]}
    nameless = [each for each in now.people if not each["id_number"]]
    for _row, who in claims.people:
        number = who.get("id_number")
        found = by_number.get(number) if number else None
        if found is None:
            pool: Sequence[dict[str, Any]] = nameless if number else now.people
            found = next((each for each in pool if _alike(each, who)), None)
        yield found


def _alike(held: dict[str, Any], who: dict[str, Any]) -> bool:
    return bool(held["name"] == who.get("name") and held["born"] == who["born"] and held["sex"] == who["sex"])


def strangers(claims: Claims, now: Current) -> list[tuple[Row, dict[str, Any]]]:
    """The people of the file who are not in the register's household."""
    pairs = zip(claims.people, _partners(claims, now), strict=True)
    return [person for person, partner in pairs if partner is None]


def _people(claims: Claims, now: Current) -> Iterator[Difference]:
    for (_line, who), partner in zip(claims.people, _partners(claims, now), strict=True):
        if partner is not None:
            yield from _fields("person", partner["id"], partner, who)
        elif who.get("name"):
            yield _row("person", now, asdict(member(who)) | {"born": who["born"].isoformat()})


def _categories(claims: Claims, now: Current, today: date) -> Iterator[Difference]:
    held = now.categories
    begun = {kind for kind in claims.begun if kind not in held and (kind != "disabled" or _newly_disabled(claims, now))}
    ended = claims.ended & held.keys()
    if begun & set(MONITORED):  # a household is monitored as one kind at a time
        ended |= held.keys() & set(MONITORED)
    for kind in sorted(ended):
        until = max(today, held[kind]["since"] + timedelta(days=1))
        yield Difference("category", held[kind]["id"], "until", None, until)
    for kind in sorted(begun):
        since = (claims.since if kind in MONITORED else None) or today
        yield _row("category", now, {"kind": kind, "since": since.isoformat(), "until": None, "source": SOURCE})
    for kind in sorted(claims.begun & held.keys() & set(MONITORED)):
        if claims.since and held[kind]["since"] != claims.since:
            yield Difference("category", held[kind]["id"], "since", held[kind]["since"], claims.since)


def _newly_disabled(claims: Claims, now: Current) -> bool:
    """Whether the file knows a disabled person whom the register does not know as disabled."""
    pairs = zip(claims.people, _partners(claims, now), strict=True)
    return any(
        who.get("health") == "disabled" and (partner is None or partner["health"] != "disabled")
        for (_line, who), partner in pairs
    )


def _fields(table: str, key: int, held: dict[str, Any], said: dict[str, Any]) -> Iterator[Difference]:
    for name, value in said.items():
        if not _same(held[name], value, EXACT if name in {"lon", "lat"} else SAME_WITHIN):
            yield Difference(table, key, name, held[name], value)


def _same(one: Any, other: Any, within: float = SAME_WITHIN) -> bool:
    if one == other:
        return True
    return isinstance(one, float) and isinstance(other, int | float) and abs(one - other) < within


def _row(table: str, now: Current, values: dict[str, Any]) -> Difference:
    return Difference(table, None, "", None, {"household_id": now.household["id"], **values})
