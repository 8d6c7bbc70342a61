"""Screens of accountability: who is late, the coverage proof, reports, the large-scale alarm, the ledger."""

from io import BytesIO
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.account import actions, alarm, documents, listing, queries, telling
from anlan.county.account import hindsight as looking
from anlan.county.account.forms import Subject
from anlan.county.account.models import Report
from anlan.county.ledger.queries import verify
from anlan.county.office.models import Division
from anlan.county.office.permissions import needs, whose
from anlan.county.paging import stretch
from anlan.county.sense.models import Event

PAGE = 100
TOWNSHIP, VILLAGE = 9, 12  # digits of a code
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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
    """The balance of an event as a sum that visibly closes, by township and village, and who is still open."""
    event, user = get_object_or_404(Event, code=code), whose(request)
    told = queries.balanced(event, user)
    context = {
        "event": event, "told": told, "parts": queries.parts(told.coverage), "last": told.last,
        "open": queries.named(told.open), "unaccounted": queries.named(told.unaccounted),
        "townships": queries.tallies(told.listed, TOWNSHIP), "villages": queries.tallies(told.listed, VILLAGE),
        "changed": told.changed, "may_prove": user.may("account.report"),
    }  # fmt: skip
    return render(request, "account/coverage.html", context)


@needs("account.read")
@require_GET
def village(request: HttpRequest, code: str, village: str) -> HttpResponse:
    """Every household of a village that an event exposes, those with something to do first."""
    event, user = get_object_or_404(Event, code=code), whose(request)
    place = get_object_or_404(Division.objects.visible_to(user), code=village, level="village")
    listed = [each for each in queries.balanced(event, user).listed if each.division == place.code]
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    departments = queries.unit_names()
    rows = [
        (each, name, listing.unit(each, departments), listing.why(each))
        for each, name, _village in queries.named(list(page.object_list))
    ]
    context = {"event": event, "village": place, "page": page, "rows": rows, "total": len(listed)}
    return render(request, "account/village.html", context)


@needs("account.report")
@require_POST
def prove(request: HttpRequest, code: str) -> HttpResponse:
    """Sign the balance as it stands."""
    made = actions.prove(event=get_object_or_404(Event, code=code), by=whose(request))
    return redirect("account:proof", made.sha)


@needs("account.read")
@require_GET
def proof(request: HttpRequest, sha: str) -> HttpResponse:
    """A balance as it was signed, and whom it has that the one before it had not."""
    found, user = get_object_or_404(queries.proof(sha)[:1]), whose(request)
    added = queries.added_by(found, user)
    context = {
        "proof": found, "parts": queries.parts(queries.balance_of(found)), "added": added,
        "rows": queries.named(added), "villages": queries.tallies(queries.mine(queries.lines_of(found), user), VILLAGE),
        "follower": getattr(found, "next", None),
    }  # fmt: skip
    return render(request, "account/proof.html", context)


@needs("account.read")
@require_POST
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The list of households as an Excel file: as they stand, or as they were signed."""
    event, out = get_object_or_404(Event, code=code), BytesIO()
    actions.export(event=event, by=whose(request), out=out, sha=request.POST.get("sha", ""))
    response = HttpResponse(out.getvalue(), content_type=EXCEL)
    response.headers["Content-Disposition"] = f'attachment; filename="coverage-{event.code}.xlsx"'
    return response


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
    homes = queries.homes((entry.about for entry in page.rows), whose(request))
    verdict = verify() if request.method == "POST" else None
    context = {"page": page, "form": form, "verdict": verdict, "homes": homes, "names": queries.names()}
    return render(request, "account/ledger.html", context)


def _report(sha: str) -> Report:
    return get_object_or_404(queries.reports().filter(sha=sha)[:1])
