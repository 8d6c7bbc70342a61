"""Screens of accountability: who is late, the coverage proof, reports, the large-scale alarm, the ledger."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.account import actions, alarm, documents, queries, telling
from anlan.county.account import hindsight as looking
from anlan.county.account.forms import Subject
from anlan.county.account.models import Report
from anlan.county.ledger.queries import verify
from anlan.county.office.permissions import needs, whose
from anlan.county.paging import stretch
from anlan.county.sense.models import Event

PAGE = 100
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@needs("account.read")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The events with their proofs and reports, and the townships in alarm."""
    context = {
        "events": Event.objects.order_by("-opened_at")[:50], "reports": queries.reports()[:50],
        "townships": alarm.townships(whose(request), clock.today()), "may_report": whose(request).may("account.report"),
        "parameters": alarm.parameters(clock.today()), "perms_ledger": whose(request).may("ledger.read"),
    }  # fmt: skip
    return render(request, "account/home.html", context)


@needs("account.read")
@require_GET
def late(request: HttpRequest) -> HttpResponse:
    """Every clock that ran over, and whose it is."""
    user, now = whose(request), clock.now()
    page = Paginator(queries.late(user, now), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "units": queries.late_by_unit(user, now), "names": queries.unit_names()}
    return render(request, "account/late.html", context)


@needs("account.read")
@require_GET
def coverage(request: HttpRequest, code: str) -> HttpResponse:
    """The balance of an event as a sum that visibly closes, and who is still open."""
    event = get_object_or_404(Event, code=code)
    told = queries.balanced(event, whose(request))
    context = {
        "event": event, "told": told, "parts": queries.parts(told.coverage),
        "open": queries.named(told.open), "unaccounted": queries.named(told.unaccounted),
    }  # fmt: skip
    return render(request, "account/coverage.html", context)


@needs("account.read")
@require_GET
def hindsight(request: HttpRequest, code: str) -> HttpResponse:
    """What was foreseen of an event, held against what was found."""
    event = get_object_or_404(Event, code=code)
    made, user = queries.last_hindsight(event), whose(request)
    context: dict[str, Any] = {"event": event, "made": made, "may_report": user.may("account.report")}
    if made is not None:
        context |= {"diagrams": looking.diagrams(made.body), "villages": looking.within(made.body, user)}
    return render(request, "account/hindsight.html", context)


@needs("account.report")
@require_POST
def look_back(request: HttpRequest, code: str) -> HttpResponse:
    """Hold it against what has been found by now."""
    actions.look_back(event=get_object_or_404(Event, code=code), by=whose(request))
    return redirect("account:hindsight", code)


@needs("account.report")
@require_POST
def make(request: HttpRequest, code: str) -> HttpResponse:
    """Give out a report of how things stand."""
    made = actions.report(event=get_object_or_404(Event, code=code), by=whose(request))
    return redirect("account:report", made.sha)


@needs("account.read")
@require_GET
def report(request: HttpRequest, sha: str) -> HttpResponse:
    """A report as it was given out."""
    found = _report(sha)
    context = {"report": found, "blocks": telling.blocks(found.body), "synthetic": telling.is_synthetic(found.body)}
    return render(request, "account/report.html", context)


@needs("account.read")
@require_GET
def word(request: HttpRequest, sha: str) -> HttpResponse:
    """The same as a Word file."""
    found = _report(sha)
    response = HttpResponse(documents.after_action(found), content_type=WORD)
    response.headers["Content-Disposition"] = f'attachment; filename="{found.event.code}.docx"'
    return response


@needs("ledger.read")
@require_http_methods(["GET", "POST"])
def ledger(request: HttpRequest) -> HttpResponse:
    """The lines of the ledger on a subject; a press walks the whole chain."""
    form = Subject(request.GET)
    subject = form.cleaned_data["subject"] if form.is_valid() else ""
    page = stretch(queries.lines(subject), "-seq", request.GET.get("past", ""))
    context = {"page": page, "form": form, "verdict": verify() if request.method == "POST" else None}
    return render(request, "account/ledger.html", context)


def _report(sha: str) -> Report:
    return get_object_or_404(queries.reports().filter(sha=sha)[:1])
