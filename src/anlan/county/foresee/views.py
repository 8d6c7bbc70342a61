"""The ranked list of an event."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.county.foresee import actions, explaining, queries
from anlan.county.foresee.forms import DEFAULT, Sought, Visits
from anlan.county.office.permissions import needs, whose
from anlan.county.paging import stretch
from anlan.county.sense.models import Event
from anlan.engine import policy

BRIEF = 20  # rows of a list that a thumb goes through


@needs("registry.read")
@require_GET
def ranked(request: HttpRequest, code: str) -> HttpResponse:
    """Which households an event is expected to hit, the most at risk first."""
    event = get_object_or_404(Event, code=code)
    form = Sought(request.GET or None, user=whose(request))
    sought = form.cleaned_data if form.is_valid() else {}
    found = queries.sought(queries.ranked(event, whose(request)), **sought)
    page = stretch(found, "rank", request.GET.get("past", ""), size=BRIEF)
    return render(request, "foresee/ranked.html", {"page": page, "form": form, "sought": any(sought.values()),
                                                   **_frame(request, event)})  # fmt: skip


@needs("registry.read")
@require_GET
def villages(request: HttpRequest, code: str) -> HttpResponse:
    """The same, added up by village."""
    event = get_object_or_404(Event, code=code)
    found = queries.by_village(event, whose(request))
    return render(request, "foresee/villages.html", {"villages": found, **_frame(request, event)})


@needs("registry.read")
@require_GET
def visits(request: HttpRequest, code: str) -> HttpResponse:
    """Whom to visit with so many visits, village after village."""
    event = get_object_or_404(Event, code=code)
    form = Visits(request.GET if "visits" in request.GET else {"visits": DEFAULT})
    plan = queries.visiting(event, form.cleaned_data["visits"], whose(request)) if form.is_valid() else None
    return render(request, "foresee/visits.html", {"form": form, "plan": plan, **_frame(request, event)})


@needs("registry.read")
@require_GET
def explain(request: HttpRequest, code: str, household: str) -> HttpResponse:
    """Why a household stands where it stands in the list."""
    event = get_object_or_404(Event, code=code)
    told = explaining.of(queries.impact_of(event, household, whose(request)))
    context = {"told": told, "footprint": explaining.footprinted(told), "impact": told.impact, "event": event}
    return render(request, "foresee/explain.html", context)


def _frame(request: HttpRequest, event: Event) -> dict[str, Any]:
    """What both pages say about the run, and whether this person may run it again."""
    run = queries.latest(event)
    line = policy.on(run.policy_day).parameter("monitoring_line_yuan") if run else None
    may_run = event.closed_at is None and whose(request).may("foresee.run")
    return {"event": event, "run": run, "line": line, "may_run": may_run}


@needs("foresee.run")
@require_POST
def foresee(request: HttpRequest, code: str) -> HttpResponse:
    """Estimate again, with what is known now."""
    run = actions.foresee(event=get_object_or_404(Event, code=code), by=whose(request))
    messages.success(request, _("研判完成，全县 %(count)d 户受影响。") % {"count": run.households})
    return redirect("foresee:ranked", code)
