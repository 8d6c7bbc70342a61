"""The register: finding a household, and bringing in a workbook of them."""

from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.errors import BadInput
from anlan.county.office.permissions import needs, whose
from anlan.county.registry import actions, exporting, finding, previews, queries, sheets, waiting
from anlan.county.registry.forms import Columns, Page, Search, Workbook
from anlan.county.registry.models import CATEGORIES, Batch, Household

SHOWN, REFUSALS, BATCHES = 50, 200, 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@needs("registry.read")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The households this person may see, fifty at a time, by name, initials, code, place, category."""
    said = Search(request.GET).said()
    if finding.kind_of_number(said["q"]):
        raise BadInput(_("身份证号和电话号码不能放在网址里，请在查找框中输入后点“查找”。"))
    shown = finding.page(whose(request), _asked(said), on=clock.today(), past=said["past"])
    return _list(request, shown, said)


@needs("registry.read")
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Look a household up. A person's number comes by POST and is answered here: no URL and no log holds it."""
    user, said = whose(request), Search(request.POST).said()
    if not finding.kind_of_number(said["q"]):
        now = queries.present_code(said["q"])
        if now and Household.objects.visible_to(user).filter(code=now).exists():
            return redirect("desk:household", now)
        return redirect(f"{reverse('registry:home')}?{urlencode(_kept(said))}")
    rows = finding.by_number(user, said["q"])
    response = _list(request, finding.listed(rows, on=clock.today()), said | {"q": ""})
    response.headers["Cache-Control"] = "no-store"
    return response


@needs("registry.unmask")
@require_POST
def unmask(request: HttpRequest, code: str) -> HttpResponse:
    """Show one personal value once, for a reason that is written down."""
    user = whose(request)
    household = get_object_or_404(Household.objects.visible_to(user), code=code)
    field, _space, who = request.POST.get("what", "").partition(" ")
    person = get_object_or_404(household.people, pk=int(who)) if who.isdecimal() else None
    reason = request.POST.get("reason", "")
    value = actions.unmask(household=household, person=person, field=field, reason=reason, by=user)
    context = {"household": household, "person": person, "field": field, "value": value}
    response = render(request, "registry/unmasked.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _kept(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value and name not in ("past", "layout")}


def _asked(said: dict[str, Any]) -> finding.Asked:
    place = said["village"] or said["township"]
    return finding.Asked(said["q"], place, said["category"], bool(said["unplaced"]))


def _list(request: HttpRequest, page: finding.Page, said: dict[str, Any]) -> HttpResponse:
    user = whose(request)
    townships = list(queries.townships_of(user))
    of = said["township"] or (townships[0].code if len(townships) == 1 else "")
    context = {
        "page": page, "said": said, "townships": townships, "villages": queries.villages_of(user, of),
        "categories": CATEGORIES, "kept": _kept(said).items(), "layouts": exporting.layouts().values(),
        "may_import": user.may("registry.import"), "may_export": user.may("registry.export"),
        "may_write": user.may("registry.write"),
    }  # fmt: skip
    return render(request, "registry/home.html", context)


@needs("registry.export")
@require_POST
def export(request: HttpRequest) -> FileResponse:
    """The list in its filters, as a workbook in a layout. A POST, for giving a list out is written down."""
    user, said = whose(request), Search(request.POST).said()
    how, asked = exporting.layout(said["layout"] or "national"), _asked(said)
    found = finding.every(user, asked, on=clock.today()).filter(registered=True)
    filters = {"division": asked.place, "category": asked.category}
    actions.record_export(by=user, layout=how.key, households=found.count(), filters=filters)
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
        department = next(iter(by.departments()), "")
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
    return FileResponse(waiting.given_out(path), as_attachment=True, filename="refused.xlsx", content_type=XLSX)


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
