"""What every page knows: which county this is, what time it is there, who looks, and where they may go."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from anlan.county import clock
from anlan.county.mission import ROOMS
from anlan.county.office.models import County, User
from anlan.county.office.roles import ROLES

AFTER_THE_DESK = ("office", "ledger")


def county(request: HttpRequest) -> dict[str, Any]:
    """The county of this installation (None before one is set up), its time, and the frame of the page."""
    user = getattr(request, "user", None)
    known = user if isinstance(user, User) else None
    return {
        "county": County.objects.select_related("division").first(),
        "now": clock.now(),
        "menu": menu(request.path, known) if known else [],
        "posts": [(ROLES[held.role].title, held.division) for held in known.current()] if known else [],
        "search_url": address("registry:find"),
        "language_url": address("desk:language"),
        "report_url": address("discover:events"),
        "receipt_url": address("discover:find_receipt"),
    }


def address(name: str, *parts: object) -> str:
    """The path of a named page; empty where this installation has no such page."""
    try:
        return reverse(name, args=parts)
    except NoReverseMatch:
        return ""


def open_to(user: User, path: str) -> bool:
    """Whether the page at this path asks for a permission that this person holds."""
    try:
        needed = getattr(resolve(path).func, "needs", None)
    except Resolver404:
        return False
    return needed is None or any(user.may(permission) for permission in needed)


def page(user: User, name: str, *parts: object) -> str:
    """The path of a named page where it exists and this person may open it; else empty."""
    path = address(name, *parts) if name else ""
    return path if path and open_to(user, path) else ""


def menu(here: str, user: User) -> list[dict[str, Any]]:
    """The rooms this person may enter, the desk first, then the mission's order, the books last."""
    rooms = sorted(ROOMS, key=lambda room: (room.name != "desk", room.name in AFTER_THE_DESK))
    entries = [(room, address(f"{room.name}:home")) for room in rooms]
    return [
        {"title": room.title, "url": url, "here": here == url or (url != "/" and here.startswith(url))}
        for room, url in entries
        if url and open_to(user, url)
    ]
