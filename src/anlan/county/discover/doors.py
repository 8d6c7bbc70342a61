"""The screens of the three doors: a villager's own form, a cadre's, a department's list."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.county import clock
from anlan.county.discover import actions, origin, photos, qr, queries, rules
from anlan.county.discover.actions import Report, TooMany
from anlan.county.discover.forms import KEY_ALPHABET, CadreReport, SelfReport, Upload
from anlan.county.discover.lists import Screened
from anlan.county.discover.models import Photo, Source
from anlan.county.office.models import User
from anlan.county.office.permissions import needs, public, whose
from anlan.county.office.queries import machine
from anlan.county.registry import pictures
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event

RECEIPTS_KEPT = 20


@public
@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """Which disaster does a villager want to report?"""
    context = {"events": queries.reportable_events(), "village": request.GET.get("village", "")}
    return render(request, "discover/events.html", context)


@public
@require_GET
def from_village(request: HttpRequest, village: str) -> HttpResponse:
    """Where a village's own QR code leads: to the form, with the village picked, or to the disasters to choose from."""
    found = get_object_or_404(queries.reporting_villages(), pk=village)
    events = list(queries.reportable_events()[:2])
    address = reverse("discover:report", args=[events[0].code]) if len(events) == 1 else reverse("discover:events")
    return redirect(f"{address}?village={found.pk}")


@public
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, event: str) -> HttpResponse:
    """A villager's own report, or one that a helper with a log-in writes for them."""
    found = get_object_or_404(Event, code=event)
    helper = _helper(request)
    begun = {"key": _key(), "village": request.GET.get("village", "")}
    form = SelfReport(request.POST or None, request.FILES or None, user=helper, initial=begun)
    if request.method == "POST" and form.is_valid():
        try:
            source = _sent(request, found, form, helper)
        except TooMany as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("discover:receipt", _first(request, source))
    context = {"event": found, "form": form, "helper": helper, "photo_mb": photos.LARGEST_BYTES >> 20}
    return render(request, "discover/report.html", context)


def _key() -> str:
    return f"R{get_random_string(11, KEY_ALPHABET)}"


def _sent(request: HttpRequest, event: Event, form: SelfReport, helper: User | None) -> Source:
    given = {name: form.cleaned_data[name] for name in ("key", "village", "head_name", "phone", "size")}
    if not queries.is_same(given["key"], given["village"], given["head_name"], form.claim()):
        given["key"] = _key()  # a draft that arrived unnoticed and was changed: another report, and not lost
    by, whence = helper or machine(), None if helper else origin.of(request)
    source = actions.report_self(event=event, claim=form.claim(), by=by, origin=whence, **given)
    if photo := form.cleaned_data["photo"]:
        actions.attach(source=source, data=photo.chunks(), by=by)
    return source


def _first(request: HttpRequest, source: Source) -> str:
    """The receipt this browser has for the household and event, if it has one; else the new report's.

    Only what this browser was given before counts: somebody else's receipt would tell that the household had reported.
    """
    held = [key for key in request.session.get("receipts", []) if isinstance(key, str)]
    before = Source.objects.filter(key__in=held, lead=source.lead_id).order_by("at", "id").first()
    if before is None or before.key == source.key:
        request.session["receipts"] = [*(key for key in held if key != source.key), source.key][-RECEIPTS_KEPT:]
        return source.key
    messages.info(request, _("这户这次灾害已经申报过，回执号不变；刚才补充的情况也登记了。"))
    return before.key


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
    steps = {f"case_{step}": title for step, title in rules.CASE_STEPS.items()}
    state = {**rules.STATES, **rules.DECIDED, "kept": rules.KEPT, **steps}.get(found.state, rules.RECEIVED)
    address = qr.address(request, reverse("discover:receipt", args=[found.key]))
    return render(
        request,
        "discover/receipt.html",
        {"receipt": found, "state": state, "code": qr.drawn(address), "deciding": found.state in ("found", *steps)},
    )


@needs("registry.read")
@require_GET
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture that came with a report, for who may see its household. No browser is to make anything else of it."""
    found = get_object_or_404(Photo.objects.visible_to(whose(request)), pk=pk)
    response = HttpResponse(photos.shown(found.file), content_type=pictures.KINDS[found.kind])
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = f"inline; filename=photo-{found.pk}.{found.kind}"
    return response


@needs("discover.report")
@require_http_methods(["GET", "POST"])
def cadre(request: HttpRequest, event: str) -> HttpResponse:
    """A cadre looks a household up and says what was hit."""
    found, user = get_object_or_404(Event, code=event), whose(request)
    code = request.POST.get("household") or request.GET.get("household", "")
    household = get_object_or_404(Household.objects.visible_to(user), code=code) if code else None
    form = CadreReport(request.POST or None, request.FILES or None, initial={"household": code})
    if request.method == "POST" and household and form.is_valid():
        at = clock.now()
        key = f"cadre-{found.code}-{household.code}-{at:%Y%m%d%H%M%S}"
        reported = Report(key, "cadre", household.pk, at, form.claim())
        actions.report(event=found, reports=[reported], by=user)
        if picture := form.cleaned_data["photo"]:
            actions.attach(source=Source.objects.get(key=key), data=picture.chunks(), by=user)
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
    with as_file(file) as path:
        return actions.screen(event=event, path=path, source=source, by=by)


@contextmanager
def as_file(sent: "UploadedFile[bytes]") -> Iterator[Path]:
    """What was sent, under a path with its suffix, while the block lasts."""
    with tempfile.NamedTemporaryFile(suffix=Path(str(sent.name)).suffix.lower()) as kept:
        for piece in sent.chunks():
            kept.write(piece)
        kept.flush()
        yield Path(kept.name)
