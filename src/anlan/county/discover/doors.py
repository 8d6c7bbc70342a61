"""The screens of the three doors: a villager's own form, a cadre's, a department's list."""

import tempfile
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import get_random_string
from django.views.decorators.http import require_GET, require_http_methods

from anlan.county import clock
from anlan.county.discover import actions, queries, rules
from anlan.county.discover.actions import Report, Screened
from anlan.county.discover.forms import KEY_ALPHABET, CadreReport, SelfReport, Upload
from anlan.county.office.models import User
from anlan.county.office.permissions import needs, public, whose
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event


@public
@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """Which disaster does a villager want to report?"""
    return render(request, "discover/events.html", {"events": queries.reportable_events()})


@public
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, event: str) -> HttpResponse:
    """A villager's own report, or one that a helper with a log-in writes for them."""
    found = get_object_or_404(Event, code=event)
    helper = _helper(request)
    form = SelfReport(request.POST or None, user=helper, initial={"key": f"R{get_random_string(11, KEY_ALPHABET)}"})
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("key", "village", "head_name", "phone", "size")}
        source = actions.report_self(event=found, claim=form.claim(), by=helper or machine(), **given)
        return redirect("discover:receipt", source.key)
    return render(request, "discover/report.html", {"event": found, "form": form, "helper": helper})


def _helper(request: HttpRequest) -> User | None:
    user = request.user
    return user if isinstance(user, User) and user.may("discover.report") else None


@public
@require_GET
def find_receipt(request: HttpRequest) -> HttpResponse:
    """Type a receipt number, see how far the report is."""
    key = "".join(request.GET.get("key", "").split()).upper()
    if key and queries.receipt(key):
        return redirect("discover:receipt", key)
    return render(request, "discover/find_receipt.html", {"key": key})


@public
@require_GET
def receipt(request: HttpRequest, key: str) -> HttpResponse:
    """How far a report is; it names nobody."""
    found = queries.receipt(key) if key.startswith("R") else None
    if found is None:
        raise Http404(key)
    state = {**rules.STATES, **rules.DECIDED}.get(found.state, rules.RECEIVED)
    return render(request, "discover/receipt.html", {"receipt": found, "state": state})


@needs("discover.report")
@require_http_methods(["GET", "POST"])
def cadre(request: HttpRequest, event: str) -> HttpResponse:
    """A cadre looks a household up and says what was hit."""
    found, user = get_object_or_404(Event, code=event), whose(request)
    code = request.POST.get("household") or request.GET.get("household", "")
    household = get_object_or_404(Household.objects.visible_to(user), code=code) if code else None
    form = CadreReport(request.POST or None, initial={"household": code})
    if request.method == "POST" and household and form.is_valid():
        at = clock.now()
        key = f"cadre-{found.code}-{household.code}-{at:%Y%m%d%H%M%S}"
        reported = Report(key, "cadre", household.pk, at, form.claim())
        actions.report(event=found, reports=[reported], by=user)
        return redirect("discover:lead", found.code, household.code)
    context = {"event": found, "form": form, "household": household, **_looked_up(request, user)}
    return render(request, "discover/cadre.html", context)


def _looked_up(request: HttpRequest, user: User) -> dict[str, object]:
    words, village = request.GET.get("q", "").strip(), request.GET.get("village", "")
    villages = list(queries.reporting_villages(user))
    chosen = village if any(each.code == village for each in villages) else (villages[0].code if villages else "")
    found = queries.households(user, chosen, words)[:30] if chosen else []
    return {"q": words, "villages": villages, "chosen": chosen, "households": found}


@needs("discover.screen")
@require_http_methods(["GET", "POST"])
def screen(request: HttpRequest, event: str) -> HttpResponse:
    """A department hands in its list and sees at once what became of every row."""
    found = get_object_or_404(Event, code=event)
    form = Upload(request.POST or None, request.FILES or None)
    screened = None
    if request.method == "POST" and form.is_valid():
        screened = _screened(found, form.cleaned_data["source"], form.cleaned_data["file"], whose(request))
    return render(request, "discover/screen.html", {"event": found, "form": form, "screened": screened})


def _screened(event: Event, source: str, file: "UploadedFile[bytes]", by: User) -> Screened:
    suffix = Path(str(file.name)).suffix.lower()
    with tempfile.NamedTemporaryFile(suffix=suffix) as kept:
        for piece in file.chunks():
            kept.write(piece)
        kept.flush()
        return actions.screen(event=event, path=Path(kept.name), source=source, by=by)
