"""The register: finding a household, and bringing in a workbook of them."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.errors import BadInput
from anlan.county.office.permissions import needs, whose
from anlan.county.registry import actions, finding, queries, sheets
from anlan.county.registry.forms import Search, Workbook
from anlan.county.registry.models import CATEGORIES, Household

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@needs("registry.read")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The households this person may see, fifty at a time, by name, initials, code, place, category."""
    said = Search(request.GET).said()
    if finding.kind_of_number(said["q"]):
        raise BadInput(_("身份证号和电话号码不能放在网址里，请在查找框中输入后点“查找”。"))
    asked = finding.Asked(said["q"], said["village"] or said["township"], said["category"], bool(said["unplaced"]))
    return _list(request, finding.page(whose(request), asked, on=clock.today(), past=said["past"]), said)


@needs("registry.read")
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Look a household up. A person's number comes by POST and is answered here: no URL and no log holds it."""
    user, said = whose(request), Search(request.POST).said()
    if not finding.kind_of_number(said["q"]):
        if Household.objects.visible_to(user).filter(code=said["q"]).exists():
            return redirect("desk:household", said["q"])
        kept = {name: value for name, value in said.items() if value and name != "past"}
        return redirect(f"{reverse('registry:home')}?{urlencode(kept)}")
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


def _list(request: HttpRequest, page: finding.Page, said: dict[str, Any]) -> HttpResponse:
    user = whose(request)
    townships = list(queries.townships_of(user))
    of = said["township"] or (townships[0].code if len(townships) == 1 else "")
    context = {"page": page, "said": said, "townships": townships, "villages": queries.villages_of(user, of),
               "categories": CATEGORIES, "may_import": user.may("registry.import")}  # fmt: skip
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
