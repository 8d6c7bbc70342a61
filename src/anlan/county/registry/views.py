"""The register: finding a household, and bringing in a workbook of them."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.county import clock
from anlan.county.office.permissions import needs, whose
from anlan.county.registry import actions, queries, sheets
from anlan.county.registry.forms import Search, Workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@needs("registry.read")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The households this person may see, fifty at a time, by name, code or township."""
    user, asked = whose(request), Search(request.GET).asked()
    found = queries.search(user, words=asked["q"], township=asked["township"])
    shown = queries.page(found, on=clock.today(), past=asked["past"])
    context = {"page": shown, "asked": asked, "townships": queries.townships_of(user)}
    context["may_import"] = user.may("registry.import")
    return render(request, "registry/home.html", context)


@needs("registry.import")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Bring in a workbook, or show every place in it that has to be put right."""
    form = Workbook(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return _bring_in(request, form)
    return render(request, "registry/upload.html", {"form": form})


def _bring_in(request: HttpRequest, form: Workbook) -> HttpResponse:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(form.cleaned_data["file"].read())
        file.flush()
        try:
            done = actions.import_workbook(path=Path(file.name), by=whose(request))
        except actions.NotImported as refused:
            context = {"form": form, "refusals": refused.refusals}
            return render(request, "registry/upload.html", context, status=refused.status)
    counts = {"households": done.households, "people": done.people}
    messages.success(request, _("已导入 %(households)d 户、%(people)d 人。") % counts)
    return redirect("registry:home")


@needs("registry.import")
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The empty workbook to fill in."""
    headers = {"Content-Disposition": 'attachment; filename="households.xlsx"'}
    return HttpResponse(sheets.template(), content_type=XLSX, headers=headers)
