"""Questions about inspections, and which households stand near a place."""

from collections.abc import Iterable, Sequence
from math import cos, hypot, radians

from django.db.models import F, Q

from anlan.county.discover.models import Inspection
from anlan.county.office.models import Division, Scoped, User
from anlan.county.registry.models import Household
from anlan.engine.hazard.field import METRES_PER_DEGREE


def near(user: User, lon: float, lat: float, metres: float) -> list[Household]:
    """Households within this person's divisions whose own point lies so near; one known by its village only is not."""
    up, across = metres / METRES_PER_DEGREE, metres / (METRES_PER_DEGREE * cos(radians(lat)))
    box = Household.objects.visible_to(user).filter(
        location="point", lat__range=(lat - up, lat + up), lon__range=(lon - across, lon + across)
    )
    return [
        each
        for each in box.order_by("code")
        if each.lon is not None
        and each.lat is not None
        and hypot((each.lon - lon) / across, (each.lat - lat) / up) <= 1
    ]


def inspections(user: User, kind: str = "", words: str = "", state: str = "") -> Scoped[Inspection]:
    """Inspections within this person's divisions, the latest first: of a kind, by words, by what is left to do."""
    found = Inspection.objects.visible_to(user)
    if kind:
        found = found.filter(kind=kind)
    if words:
        said = Q(place__contains=words) | Q(found__contains=words) | Q(division__name__contains=words)
        found = found.filter(said | Q(household__head_name__contains=words) | Q(office__contains=words))
    if state == "open":
        found = found.filter(due_at__isnull=False, done_at__isnull=True)
    if state == "danger":
        found = found.filter(danger=True)
    order = (F("on").desc(), "-id")
    return found.select_related("division", "household", "event", "done_by").order_by(*order)


def known(keys: Iterable[str]) -> set[str]:
    """Which of these findings are there already."""
    return set(Inspection.objects.filter(key__among=list(keys)).values_list("key", flat=True))


def villages(user: User) -> dict[str, list[Division]]:
    """This person's villages by code and by name; a name may be several villages'."""
    found: dict[str, list[Division]] = {}
    for each in Division.objects.visible_to(user).filter(level="village"):
        found.setdefault(each.code, []).append(each)
        found.setdefault(each.name, []).append(each)
    return found


def households(user: User, codes: Sequence[str]) -> dict[str, Household]:
    """This person's households by their codes."""
    found = Household.objects.visible_to(user).filter(code__among=list(codes))
    return {each.code: each for each in found}
