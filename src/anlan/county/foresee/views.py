"""The ranked list of an event."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from anlan.county.foresee import actions, queries
from anlan.county.office.permissions import needs, whose
from anlan.county.sense.models import Event

PAGE = 50


@needs("registry.read")
@require_GET
def ranked(request: HttpRequest, code: str) -> HttpResponse:
    """Which households an event is expected to hit, the most at risk first."""
    event = get_object_or_404(Event, code=code)
    page = Paginator(queries.ranked(event, whose(request)), PAGE).get_page(request.GET.get("page"))
    context = {"event": event, "run": queries.latest(event), "page": page}
    return render(request, "foresee/ranked.html", context)


@needs("registry.read")
@require_GET
def villages(request: HttpRequest, code: str) -> HttpResponse:
    """The same, added up by village."""
    event = get_object_or_404(Event, code=code)
    context = {"event": event, "run": queries.latest(event), "villages": queries.by_village(event, whose(request))}
    return render(request, "foresee/villages.html", context)


@needs("foresee.run")
@require_POST
def foresee(request: HttpRequest, code: str) -> HttpResponse:
    """Estimate again, with what is known now."""
    actions.foresee(event=get_object_or_404(Event, code=code), by=whose(request))
    return redirect("foresee:ranked", code)
