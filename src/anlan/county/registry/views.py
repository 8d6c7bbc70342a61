"""The register: finding a household, and bringing in a workbook of them."""

from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.office.permissions import needs, whose
from anlan.county.registry import actions, exporting, previews, queries, sheets, waiting
from anlan.county.registry.forms import Columns, Page, Search, Workbook
from anlan.county.registry.models import Batch

SHOWN, REFUSALS, BATCHES = 50, 200, 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@needs("registry.read")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The households this person may see, fifty at a time, by name, code or township."""
    user, asked = whose(request), Search(request.GET).asked()
    found = queries.search(user, words=asked["q"], township=asked["township"])
    shown = queries.page(found, on=clock.today(), past=asked["past"])
    context = {"page": shown, "asked": asked, "townships": queries.townships_of(user)}
    context |= {"may_import": user.may("registry.import"), "may_export": user.may("registry.export")}
    context["may_write"] = user.may("registry.write")
    context["layouts"] = exporting.layouts().values()
    return render(request, "registry/home.html", context)


@needs("registry.export")
@require_POST
def export(request: HttpRequest) -> FileResponse:
    """The list in its filters, as a workbook in a layout. A POST, for giving a list out is written down."""
    user, asked = whose(request), Search(request.POST).asked()
    how = exporting.layout(asked["layout"] or "national")
    found = queries.search(user, words=asked["q"], township=asked["township"]).filter(registered=True)
    actions.record_export(by=user, layout=how.key, households=found.count(), filters={"division": asked["township"]})
    file = TemporaryFile()  # noqa: SIM115 (the response closes it)
    exporting.export(found, how, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{how.key}.xlsx", content_type=XLSX)


@needs("registry.import")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Send a file in; what it would change is shown before anything of it comes in."""
    form = Workbook(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        batch = actions.receive(
            pieces=sent.chunks(), name=sent.name, by=whose(request), mapping=form.cleaned_data["mapping"]
        )
        if not waiting.large(batch.pk):
            actions.preview(batch=batch)
        return redirect("registry:batch", batch.pk)
    context = {"form": form, "batches": queries.batches(whose(request))[:BATCHES]}
    return render(request, "registry/upload.html", context)


@needs("registry.import")
@require_GET
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: what it would change or has changed, what was refused, and what can be done with it now."""
    found = _batch(request, pk)
    context = {"batch": found, **_shown(found, Page(request.GET).start())}
    template_name = "registry/batch_state.html" if request.headers.get("HX-Request") else "registry/batch.html"
    return render(request, template_name, context)


@needs("registry.import")
@require_POST
def decide(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Merge it, throw it away, or take it back."""
    found, by = _batch(request, pk), whose(request)
    if deed == "confirm":
        confirmed = actions.confirm(batch=found, by=by, seen=request.POST.get("seen", ""))
        if not waiting.large(pk):
            actions.merge_confirmed(batch=confirmed)
    elif deed == "discard":
        actions.discard(batch=found, by=by)
    else:
        actions.undo(batch=found, by=by)
    return redirect("registry:batch", pk)


@needs("registry.import")
@require_POST
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what unknown columns mean, keep it under a name, and compare again."""
    found, by = _batch(request, pk), whose(request)
    form = Columns(request.POST, unknown=found.ignored)
    if found.state in actions.WAITING and form.is_valid():
        department = next((each.department_id for each in by.current() if each.department_id), "") or ""
        words = {"name": form.cleaned_data["name"], "headings": form.headings(), "department": department}
        actions.map_columns(batch=found, by=by, **words)
    return redirect("registry:batch", pk)


@needs("registry.import")
@require_GET
def returned(request: HttpRequest, pk: int) -> FileResponse:
    """The refused rows as the workbook they came in, the wrong cells marked."""
    path = waiting.returned(_batch(request, pk).pk)
    if not path.exists():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename="refused.xlsx", content_type=XLSX)


def _batch(request: HttpRequest, pk: int) -> Batch:
    return get_object_or_404(queries.batches(whose(request)), pk=pk)


def _shown(found: Batch, start: int) -> dict[str, Any]:
    """A page of its differences, its first refusals, and the columns nobody knows."""
    lines = list(previews.read(waiting.preview(found.pk), start, SHOWN + 1))
    waits = found.state in actions.WAITING
    return {
        "lines": [_titled(line) for line in lines[:SHOWN]],
        "following": start + SHOWN if len(lines) > SHOWN else None,
        "start": start,
        "refusals": list(previews.read(waiting.refusals(found.pk), 0, REFUSALS)),
        "returned": waiting.returned(found.pk).exists(),
        "columns": Columns(unknown=found.ignored, initial={"name": found.mapping}) if waits and found.ignored else None,
        "moving": found.state == "confirmed" or (found.state == "received" and waiting.large(found.pk)),
    }


def _titled(line: dict[str, Any]) -> dict[str, Any]:
    changes = [{**each, "title": previews.title(each["table"], each["field"])} for each in line["changes"]]
    return {**line, "changes": changes}


@needs("registry.import")
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The empty workbook to fill in."""
    headers = {"Content-Disposition": 'attachment; filename="households.xlsx"'}
    return HttpResponse(sheets.template(), content_type=XLSX, headers=headers)
