"""The screens on which departments determine an event together."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.county.errors import BadInput
from anlan.county.office.models import Department
from anlan.county.office.permissions import needs, whose
from anlan.county.sense.models import Event
from anlan.county.verify.joint import actions, queries
from anlan.county.verify.joint.forms import Calling, Concluding, Opining
from anlan.county.verify.joint.models import Determination

READERS = ("verify.convene", "verify.opine", "account.read")


@needs(*READERS)
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The events that departments determine."""
    return render(request, "verify/joint_list.html", {"events": queries.events()})


@needs(*READERS)
@require_GET
def joint(request: HttpRequest, event: str) -> HttpResponse:
    """One event: who was called, what each said, the conclusion."""
    user, found = whose(request), get_object_or_404(Event, code=event)
    held = queries.of(found)
    said = queries.opinions(held) if held else []
    running = held is not None and held.concluded_at is None
    context = {
        "event": found, "needed": queries.needed(found), "held": held, "calling": Calling(), "concluding": Concluding(),
        "said": [(each, clock, Opining(initial={"department": each.department_id}, prefix=None)
                  if running and queries.speaks_for(user, each.department) else None) for each, clock in said],
        "may_convene": user.may("verify.convene"), "complete": all(each.at for each, _clock in said),
    }  # fmt: skip
    return render(request, "verify/joint.html", context)


@needs("verify.convene")
@require_POST
def call(request: HttpRequest, event: str) -> HttpResponse:
    """Call departments together."""
    departments = request.POST.getlist("departments")
    actions.call(event=get_object_or_404(Event, code=event), departments=departments, by=whose(request))
    messages.success(request, _("已请 %(count)d 个部门反馈意见。") % {"count": len(departments)})
    return redirect("verify:joint", event)


@needs("verify.opine")
@require_POST
def opine(request: HttpRequest, event: str) -> HttpResponse:
    """A department's opinion."""
    form = Opining(request.POST)
    if not form.is_valid():
        raise BadInput(_("请选择认定意见，并写明依据，不超过 300 字。"))
    said = form.cleaned_data
    department = get_object_or_404(Department, pk=said["department"])
    actions.opine(determination=_held(event), department=department, natural=said["natural"] == "1", said=said["said"],
                  by=whose(request))  # fmt: skip
    messages.success(request, _("已记录部门意见。"))
    return redirect("verify:joint", event)


@needs("verify.convene")
@require_POST
def conclude(request: HttpRequest, event: str) -> HttpResponse:
    """The conclusion, with minutes."""
    form = Concluding(request.POST)
    if not form.is_valid():
        raise BadInput(_("请选择结论和受灾的乡镇，并填写会议纪要。"))
    said = form.cleaned_data
    actions.conclude(determination=_held(event), natural=said["natural"] == "1", codes=said["codes"],
                     minutes=said["minutes"], by=whose(request))  # fmt: skip
    messages.success(request, _("认定结论已记录。"))
    return redirect("verify:joint", event)


def _held(event: str) -> Determination:
    return get_object_or_404(Determination, event__code=event)
