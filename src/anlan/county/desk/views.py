"""Screens across rooms."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language

from anlan.county.desk import frontpage, maps, pages, svg
from anlan.county.desk.queries import households, moved_to, story
from anlan.county.office.permissions import needs, public, whose
from anlan.county.office.roles import ROLES
from anlan.county.sense.models import Event

LONGEST = 60  # a longer name or code is nobody's, and its address would be too long to go to
ANYTHING = sorted(frozenset[str]().union(*(role.permissions for role in ROLES.values())))


@needs(*ANYTHING)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person."""
    return render(request, "desk/home.html", frontpage.frontpage(whose(request)))


@needs("registry.read")
@require_GET
def household(request: HttpRequest, code: str) -> HttpResponse:
    """Everything about one household, over time."""
    user = whose(request)
    if (now := moved_to(user, code)) is not None:
        return redirect("desk:household", now)
    told = story(get_object_or_404(households(user), code=code), user)
    return render(request, "desk/household.html", pages.household(told, user))


@needs("registry.read")
@require_GET
def event_map(request: HttpRequest, code: str) -> HttpResponse:
    """Where an event hits: the picture, and the villages as a list."""
    event = get_object_or_404(Event, code=code)
    places = maps.places(event, whose(request))
    picture = svg.draw(maps.outlines(), places, maps.area(event), _("各村预计新增风险户分布"))
    context: dict[str, Any] = {"event": event, "places": places, "picture": SafeString(picture)}
    return render(request, "desk/map.html", context | pages.legend())


@needs("registry.read")
@require_GET
def map_layers(request: HttpRequest, code: str) -> HttpResponse:
    """Borders and villages of an event's map."""
    return JsonResponse(maps.layers(get_object_or_404(Event, code=code), whose(request)))


@needs("registry.read")
@require_GET
def map_households(request: HttpRequest, code: str) -> HttpResponse:
    """The households of an event's map in a window."""
    box = maps.window(request.GET.get("box", ""))
    return JsonResponse(maps.households(get_object_or_404(Event, code=code), whose(request), box))


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Show the pages in Chinese or in English from now on."""
    return set_language(request)
