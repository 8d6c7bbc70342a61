"""Events and the alerts behind them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county.errors import Refused
from anlan.county.office.permissions import needs, whose
from anlan.county.office.queries import county
from anlan.county.sense import actions, queries, ringing
from anlan.county.sense.feeds.cap.findings import sentence
from anlan.county.sense.forms import Closed, Opened, Received, SetAside, hazard_name
from anlan.county.sense.models import OPENING, Alert, Event

PAGE = 30


@needs("registry.read")
@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """Events, the open ones first."""
    page = Paginator(queries.events(), PAGE).get_page(request.GET.get("page"))
    rows = [(each, hazard_name(each.hazard)) for each in page.object_list]
    return render(request, "sense/events.html", {"page": page, "rows": rows, **_rights(request)})


@needs("registry.read")
@require_GET
def event(request: HttpRequest, code: str) -> HttpResponse:
    """One event: what, where, since when, and the alerts it goes back to."""
    found = get_object_or_404(queries.events(), code=code)
    context = {
        "event": found, "hazard": hazard_name(found.hazard), "places": queries.places(found), "form": Closed(),
        "alerts": [(each, _sentences(each)) for each in reversed(queries.chain(found))], **_rights(request),
    }  # fmt: skip
    return render(request, "sense/event.html", context)


@needs("registry.read")
@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """Every alert that came in, those nobody has answered on top, and whether the feeds still speak."""
    page = Paginator(queries.alerts(), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "unanswered": queries.unanswered(), "feeds": queries.feeds(), **_rights(request)}
    return render(request, "sense/alerts.html", context)


@needs("registry.read")
@require_GET
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """One alert, what is wrong with it, and whether it is about this county."""
    found = get_object_or_404(Alert.objects.defer("raw"), pk=pk)
    context = {
        "alert": found, "hazard": hazard_name(found.hazard), "findings": _sentences(found),
        "hints": [sentence(code) for code in found.hints], "named": queries.townships_named(found.description),
        "near": queries.reaches(found, county().division_id), "events": found.events.all(),
        "opening": found.msg_type in OPENING, "form": SetAside(), **_rights(request),
    }  # fmt: skip
    return render(request, "sense/alert.html", context)


@needs("sense.receive")
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """Take an alert in from a file; a refusal is shown beside the form."""
    form = Received(request.POST, request.FILES) if request.method == "POST" else Received()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            found = actions.receive_alert(
                data=given["file"].read(), source=given["source"], trusted=given["trusted"], by=whose(request)
            )
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("预警已接收。"))
            return redirect("sense:alert", found.pk)
    return render(request, "sense/receive.html", {"form": form}, status=422 if form.errors else 200)


@needs("sense.open")
@require_POST
def open_from(request: HttpRequest, pk: int) -> HttpResponse:
    """Open an event from an alert as it stands."""
    found = actions.open_event(alert=get_object_or_404(Alert, pk=pk), by=whose(request))
    return redirect("sense:event", found.code)


@needs("sense.open")
@require_POST
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why no event is opened from an alert."""
    form = SetAside(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    ringing.set_aside(alert=get_object_or_404(Alert, pk=pk), reason=reason, by=whose(request))
    messages.success(request, _("已注明不开启事件。"))
    return redirect("sense:alert", pk)


@needs("sense.open")
@require_http_methods(["GET", "POST"])
def open_event(request: HttpRequest) -> HttpResponse:
    """Open an event by hand."""
    form = Opened(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        found = actions.open_event(by=whose(request), **form.cleaned_data)
        return redirect("sense:event", found.code)
    return render(request, "sense/open.html", {"form": form}, status=422 if form.errors else 200)


@needs("sense.open")
@require_POST
def close(request: HttpRequest, code: str) -> HttpResponse:
    """End an event."""
    form = Closed(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    found = actions.close_event(event=get_object_or_404(Event, code=code), reason=reason, by=whose(request))
    messages.success(request, _("事件已结束。"))
    return redirect("sense:event", found.code)


def _sentences(found: Alert) -> list[str]:
    return [sentence(code) for code in found.findings]


def _rights(request: HttpRequest) -> dict[str, Any]:
    user = whose(request)
    return {"may_receive": user.may("sense.receive"), "may_open": user.may("sense.open")}
