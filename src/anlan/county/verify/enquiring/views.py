"""The screens on which departments are asked about households, and answer."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.county.errors import BadInput
from anlan.county.office.permissions import needs, whose
from anlan.county.paging import ticked
from anlan.county.verify.enquiring import actions, queries
from anlan.county.verify.enquiring.forms import Answering, Asking
from anlan.county.verify.models import Enquiry, Finding

PAGE = 50


@needs("verify.match", "account.read")
@require_GET
def enquiries(request: HttpRequest) -> HttpResponse:
    """What departments were asked: open, late, answered."""
    user, state = whose(request), request.GET.get("state", "open")
    state = state if state in queries.STATES else "open"
    page = Paginator(queries.enquiries(user, state), PAGE).get_page(request.GET.get("page"))
    rows = queries.shown(page.object_list, user)
    context = {
        "page": page, "rows": rows, "state": state,
        "late": queries.enquiries(user, "late").count(),
        "own": any(each.mine for each in rows),
    }  # fmt: skip
    return render(request, "verify/enquiries.html", context)


@needs("verify.match")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask a department about the ticked findings."""
    user, form = whose(request), Asking(request.POST)
    if not form.is_valid():
        raise BadInput(_("请选择一个部门，并至少选一项要查的内容。"))
    chosen = ticked(request.POST.getlist("findings"))
    wanted = list(Finding.objects.visible_to(user).filter(pk__in=chosen).values_list("id", flat=True))
    asked = form.cleaned_data
    count = actions.ask(findings=wanted, department=asked["department"], topics=asked["topics"], by=user)
    if wanted:
        messages.success(request, _("已请部门协查 %(count)d 户。") % {"count": count})
    else:
        messages.warning(request, _("没有请部门协查任何一户：请先勾选农户。"))
    return _back(request)


@needs("verify.match")
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """A department's answer."""
    user, form = whose(request), Answering(request.POST)
    found = get_object_or_404(Enquiry.objects.visible_to(user), pk=pk)
    if not form.is_valid():
        raise BadInput(_("请选择查询结果；说明不超过 300 字。"))
    said = form.cleaned_data
    actions.answer(enquiry=found, differs=said["differs"] == "1", said=said["said"], by=user)
    messages.success(request, _("已登记回复。"))
    return _back(request)


@needs("verify.match")
@require_POST
def agree(request: HttpRequest) -> HttpResponse:
    """The ticked ones agree."""
    count = actions.agree(enquiries=ticked(request.POST.getlist("enquiries")), by=whose(request))
    if count:
        messages.success(request, _("已回复 %(count)d 户：与核实一致。") % {"count": count})
    else:
        messages.warning(request, _("没有回复任何一户：请先勾选农户。"))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """Where the form stood; nowhere outside this site."""
    following = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(following, allowed_hosts=None)
    return redirect(following if safe and following.startswith("/") else "verify:enquiries")
