"""The screens of departments' lists: the calendar, one list, both records side by side, contradictions."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.discover.comparison import actions, asking, folder, queries, sidebyside
from anlan.county.discover.comparison.contradictions import against_register
from anlan.county.discover.comparison.forms import Upload
from anlan.county.discover.comparison.sources import DataSource, source, sources
from anlan.county.discover.models import Review
from anlan.county.office.models import User
from anlan.county.office.permissions import needs, whose
from anlan.county.sense.queries import event as event_of

PAGE = 50


@needs("discover.screen", "account.read")
@require_GET
def lists(request: HttpRequest) -> HttpResponse:
    """Which department's list came when, and what is late."""
    user, today = whose(request), clock.today()
    rows = queries.calendar(user, today)
    may = user.may("discover.screen")
    context = {
        "rows": [(row, may and user.speaks_for(row.source.department)) for row in rows],
        "months": queries.months_until(today), "late": sum(row.late for row in rows), "may_screen": may,
        "waiting": queries.queue(user).count() if may else 0, "batches": queries.batches(user)[:20] if may else [],
        "unread": folder.unread() if may else [], "asked": asking.shown(asking.requests(user), user),
        "titles": {key: each.title for key, each in sources().items()},
    }  # fmt: skip
    return render(request, "discover/lists.html", context)


@needs("discover.screen")
@require_http_methods(["GET", "POST"])
def hand_in(request: HttpRequest, source_key: str) -> HttpResponse:
    """A department hands its list of the month in."""
    found, user = source(source_key), whose(request)
    begun = {"event": request.GET.get("event", "")}
    form = Upload(request.POST or None, request.FILES or None, initial=begun)
    if request.method == "POST" and form.is_valid():
        outcome = _compared(found, form.cleaned_data, user)
        if outcome.again:
            messages.info(request, _("这份名单已经报送过，没有新增。"))
        if outcome.batch is not None:
            return redirect("discover:list", outcome.batch.pk)
    context = {"source": found, "form": form, "parameters": queries.parameters(found, clock.today())}
    return render(request, "discover/hand_in.html", context)


@needs("discover.screen")
@require_POST
def nobody(request: HttpRequest, pk: int) -> HttpResponse:
    """A department that was asked for a list has nobody to name."""
    user = whose(request)
    asking.nobody(request=get_object_or_404(asking.requests(user), pk=pk), by=user)
    messages.success(request, _("已回复：本部门没有要报的人员。"))
    return redirect("discover:lists")


def _compared(found: DataSource, given: dict[str, Any], by: User) -> actions.Outcome:
    file: UploadedFile[bytes] = given["file"]
    event = event_of(given["event"]) if given["event"] else None
    with tempfile.NamedTemporaryFile(suffix=Path(str(file.name)).suffix.lower()) as kept:
        for piece in file.chunks():
            kept.write(piece)
        kept.flush()
        month = date.fromisoformat(f"{given['month']}-01")
        return actions.compare(source=found, path=Path(kept.name), by=by, event=event, month=month)


@needs("discover.screen")
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of a list, row by row where something is left to do."""
    user = whose(request)
    batch = get_object_or_404(queries.batches(user), pk=pk)
    page = Paginator(queries.not_found(batch), PAGE).get_page(request.GET.get("page"))
    waiting = queries.queue(user).filter(batch=batch)
    people = batch.links.filter(person__isnull=False).values_list("person_id", flat=True)
    context = {
        "batch": batch, "source": source(batch.source), "page": page, "first": waiting.first(),
        "waiting": waiting.values("number").distinct().count(),
        "conflicts": sidebyside.conflicts(queries.conflicts(user, list(people))[:PAGE]),
    }  # fmt: skip
    return render(request, "discover/list.html", context)


@needs("discover.screen")
@require_GET
def pairs(request: HttpRequest) -> HttpResponse:
    """Go to the first pair that waits; an empty desk where none does."""
    first = queries.queue(whose(request)).first()
    return redirect("discover:pair", first.pk) if first else render(request, "discover/no_pairs.html")


@needs("discover.screen")
@require_GET
def pair(request: HttpRequest, pk: int) -> HttpResponse:
    """Both records side by side, what differs marked, and why they may be one person."""
    user = whose(request)
    review = get_object_or_404(queries.queue(user), pk=pk)
    return render(request, "discover/pair.html", sidebyside.shown(review, user))


@needs("registry.unmask")
@require_POST
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """The same page with one field of both records in full, once, for a reason that is written down."""
    user = whose(request)
    review = get_object_or_404(queries.queue(user), pk=pk)
    field = request.POST.get("field", "")
    actions.unmask(review=review, field=field, reason=request.POST.get("reason", ""), by=user)
    response = render(request, "discover/pair.html", sidebyside.shown(review, user, unmasked=field))
    response.headers["Cache-Control"] = "no-store"
    return response


@needs("discover.screen")
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Same person, or not, or unsure; then the next pair."""
    user = whose(request)
    review = get_object_or_404(Review.objects.visible_to(user).select_related("household", "batch"), pk=pk)
    following = sidebyside.following(review, user)
    actions.decide(review=review, decision=request.POST.get("decision", ""), by=user)
    still = queries.queue(user).filter(pk=following).exists() if following else False
    return redirect("discover:pair", following) if still else redirect("discover:pairs")


@needs("discover.screen", "account.read")
@require_GET
def conflicts(request: HttpRequest) -> HttpResponse:
    """Where departments' latest lists contradict each other."""
    found = queries.conflicts(whose(request))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "conflicts": sidebyside.conflicts(page.object_list), "total": len(found)}
    return render(request, "discover/conflicts.html", context)


@needs("discover.screen", "account.read")
@require_GET
def contradictions(request: HttpRequest) -> HttpResponse:
    """Where departments' latest lists say otherwise than the register."""
    found = against_register(whose(request))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "conflicts": sidebyside.contradictions(page.object_list), "total": len(found),
               "register": True}  # fmt: skip
    return render(request, "discover/conflicts.html", context)
