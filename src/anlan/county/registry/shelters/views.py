"""The county's shelters and who goes there; its schools."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county.office.permissions import needs, whose
from anlan.county.registry.shelters import actions, queries, reading
from anlan.county.registry.shelters.actions import Way
from anlan.county.registry.shelters.forms import Listing, SchoolForm, ShelterForm, WayForm
from anlan.county.registry.sites import School, Shelter
from anlan.county.sealed_files import unnamed

PAGE = 50
LISTS: dict[str, Any] = {
    "shelters": (actions.import_shelters, reading.SHELTERS), "schools": (actions.import_schools, reading.SCHOOLS),
}  # fmt: skip


@needs("registry.read")
@require_GET
def shelters(request: HttpRequest) -> HttpResponse:
    """Every shelter: how many it holds, how many are sent there, from where and by which way."""
    user = whose(request)
    page = Paginator(queries.shelters(user), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "filled": queries.filled(list(page)), "may_write": user.may("registry.write"),
               "list_form": Listing(), "columns": [names[0] for names in reading.SHELTERS.values()],
               "form": ShelterForm(user=user)}  # fmt: skip
    return render(request, "registry/shelters.html", context)


@needs("registry.read")
@require_http_methods(["GET", "POST"])
def shelter(request: HttpRequest, code: str) -> HttpResponse:
    """One shelter: what is known of it, who goes there; a POST changes what is known."""
    user = whose(request)
    found = get_object_or_404(Shelter.objects.visible_to(user).select_related("division__parent"), code=code)
    form = ShelterForm(request.POST if request.method == "POST" else None, initial=ShelterForm.of(found), user=user)
    if form.is_valid():
        actions.save_shelter(record_of=form.record(), by=user, shelter=found)
        return redirect("registry:shelter", code)
    context = {"found": queries.filled([found])[0], "past": queries.past(found), "form": form,
               "way_form": WayForm(user=user), "may_write": user.may("registry.write", found.division_id)}  # fmt: skip
    return render(request, "registry/shelter.html", context, status=422 if form.errors else 200)


@needs("registry.write")
@require_POST
def add_shelter(request: HttpRequest) -> HttpResponse:
    """Add a shelter."""
    user = whose(request)
    form = ShelterForm(request.POST, user=user)
    if not form.is_valid():
        return render(request, "registry/shelter_add.html", {"form": form}, status=422)
    return redirect("registry:shelter", actions.save_shelter(record_of=form.record(), by=user).code)


@needs("registry.write")
@require_POST
def assign(request: HttpRequest, code: str) -> HttpResponse:
    """A village or a group goes here from now on, or no more."""
    user = whose(request)
    found, form = get_object_or_404(Shelter.objects.visible_to(user), code=code), WayForm(request.POST, user=user)
    if not form.is_valid():
        messages.error(request, _("请选择村；小组要写数字。"))
        return redirect("registry:shelter", code)
    said = form.cleaned_data
    village, group_no = said["village"].code, said["group_no"] or 0
    if "end" in request.POST:
        actions.end(ways=[(village, group_no)], by=user)
    else:
        actions.assign(ways=[Way(village, group_no, found.code, said["route"])], by=user)
    return redirect("registry:shelter", code)


@needs("registry.write")
@require_POST
def close_shelter(request: HttpRequest, code: str) -> HttpResponse:
    """It is a shelter no more."""
    user = whose(request)
    actions.close(place=get_object_or_404(Shelter.objects.visible_to(user), code=code), by=user)
    return redirect("registry:shelters")


@needs("registry.read")
@require_GET
def schools(request: HttpRequest) -> HttpResponse:
    """Every school and kindergarten, and whether somebody there can be called."""
    user = whose(request)
    page = Paginator(queries.schools(user), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": SchoolForm(user=user), "list_form": Listing(),
               "columns": [names[0] for names in reading.SCHOOLS.values()],
               "may_write": user.may("registry.write"), "may_call": user.may("warn.acknowledge")}  # fmt: skip
    return render(request, "registry/schools.html", context)


@needs("registry.write")
@require_http_methods(["GET", "POST"])
def school(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is known of a school; 0 is a new one."""
    user = whose(request)
    found = get_object_or_404(School.objects.visible_to(user), pk=pk) if pk else None
    form = SchoolForm(request.POST or None, initial=SchoolForm.of(found) if found else None, user=user)
    if form.is_valid():
        actions.save_school(record_of=form.record(), by=user, school=found)
        return redirect("registry:schools")
    context = {"form": form, "school": found}
    return render(request, "registry/school.html", context, status=422 if form.errors else 200)


@needs("registry.write")
@require_POST
def close_school(request: HttpRequest, pk: int) -> HttpResponse:
    """It is there no more."""
    user = whose(request)
    actions.close(place=get_object_or_404(School.objects.visible_to(user), pk=pk), by=user)
    return redirect("registry:schools")


@needs("registry.write")
@require_POST
def take_in(request: HttpRequest, what: str) -> HttpResponse:
    """Take a list of them in, all of it or nothing."""
    form, (deed, _columns) = Listing(request.POST, request.FILES), LISTS[what]
    if not form.is_valid():
        messages.error(request, str(form.errors["file"][0]))
        return redirect(f"registry:{what}")
    with unnamed() as (file, path):
        for chunk in form.cleaned_data["file"].chunks():
            file.write(chunk)
        file.flush()
        done = deed(path=path, by=whose(request))
    said = _("读了 %(rows)d 行：新增 %(new)d，变更 %(changed)d，未变 %(unchanged)d。")
    messages.success(request, said % {name: getattr(done, name) for name in ("rows", "new", "changed", "unchanged")})
    return redirect(f"registry:{what}")
