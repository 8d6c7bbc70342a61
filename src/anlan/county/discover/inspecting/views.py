"""The screens of inspections: those there are, one more, a list of them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county.discover import rules
from anlan.county.discover.doors import as_file
from anlan.county.discover.inspecting import actions, queries, reading
from anlan.county.discover.inspecting.forms import Findings, OneFinding
from anlan.county.discover.models import Inspection
from anlan.county.office.models import Division
from anlan.county.office.permissions import needs, whose
from anlan.county.sense.models import Event
from anlan.county.sense.queries import event as event_of

PAGE = 50


@needs("discover.report", "discover.screen", "account.read")
@require_GET
def inspections(request: HttpRequest) -> HttpResponse:
    """What was checked, and what of it is left to do."""
    user = whose(request)
    asked = {name: request.GET.get(name, "").strip() for name in ("kind", "q", "state")}
    found = queries.inspections(user, asked["kind"], asked["q"], asked["state"])
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")), "kinds": rules.INSPECTIONS, **asked,
        "may": user.may("discover.report") or user.may("discover.screen"), "may_report": user.may("discover.report"),
    }  # fmt: skip
    return render(request, "discover/inspections.html", context)


@needs("discover.report", "discover.screen")
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest) -> HttpResponse:
    """Write one finding down."""
    user = whose(request)
    form = OneFinding(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        finding = actions.Finding(
            kind=given["kind"], division=Division.objects.get(pk=given["village"]), household=given["home"],
            place=given["place"], point=given["point"], found=given["found"], danger=given["danger"],
            harm=tuple(given["harm"]), measure=given["measure"], due_on=given["due_on"], on=given["on"],
            office=given["office"],
        )  # fmt: skip
        _say(request, actions.inspect(findings=[finding], by=user, event=_event(given)))
        return redirect("discover:inspections")
    return render(request, "discover/inspect.html", {"form": form})


@needs("discover.report", "discover.screen")
@require_http_methods(["GET", "POST"])
def hand_in(request: HttpRequest) -> HttpResponse:
    """Hand a list of findings in; what could not be taken comes back row by row."""
    user, refused = whose(request), None
    form = Findings(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with as_file(form.cleaned_data["file"]) as path:
            read = reading.read(path, user)
        _say(request, actions.inspect(findings=read.findings, by=user, event=_event(form.cleaned_data)))
        refused = read.refused
        if not refused:
            return redirect("discover:inspections")
    return render(request, "discover/inspect_list.html", {"form": form, "refused": refused})


@needs("discover.report")
@require_POST
def remedy(request: HttpRequest, pk: int) -> HttpResponse:
    """What was demanded is done."""
    user = whose(request)
    actions.remedy(inspection=get_object_or_404(Inspection.objects.visible_to(user), pk=pk), by=user)
    return redirect("discover:inspections")


def _event(given: dict[str, Any]) -> Event | None:
    return event_of(given["event"]) if given["event"] else None


def _say(request: HttpRequest, outcome: actions.Outcome) -> None:
    told = {"new": outcome.new, "known": outcome.known, "leads": outcome.leads}
    messages.success(
        request, _("登记 %(new)d 条排查（%(known)d 条已经登记过），涉及 %(leads)d 户，已作为线索。") % told
    )
