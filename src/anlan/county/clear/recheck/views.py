"""Who is drawn to be looked at once more, and what was found."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.county.clear import dossier
from anlan.county.clear.forms import Checking, Month
from anlan.county.clear.models import Recheck
from anlan.county.clear.recheck import actions, queries
from anlan.county.errors import BadInput
from anlan.county.office.permissions import needs, whose

PAGE = 50


@needs("clear.village", "clear.town", "clear.county", "account.read")
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """The households drawn and not looked at yet, each with its form for those who may look."""
    user = whose(request)
    page = Paginator(queries.waiting(user), PAGE).get_page(request.GET.get("page"))
    may_look = user.may("clear.town") or user.may("clear.county")
    context = {
        "page": page,
        "tabs": dossier.tabs(user),
        "state": "",
        "form": Checking() if may_look else None,
        "drawing": Month() if user.may("clear.county") else None,
    }
    return render(request, "clear/rechecks.html", context)


@needs("clear.county")
@require_POST
def draw(request: HttpRequest) -> HttpResponse:
    """Draw by lot from what was cleared in a month that is over."""
    form = Month(request.POST)
    if not form.is_valid():
        raise BadInput(_("请填月份，例如 2026-06。"))
    made = actions.draw(month=form.cleaned_data["month"], by=whose(request))
    messages.success(request, _("抽取了 %(number)d 户。") % {"number": len(made)})
    return redirect("clear:rechecks")


@needs("clear.town", "clear.county")
@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found at one of them."""
    user, form = whose(request), Checking(request.POST)
    drawn = get_object_or_404(Recheck.objects.visible_to(user), pk=pk)
    if not form.is_valid():
        raise BadInput(_("请填写人均纯收入。"))
    said = form.report(0)
    found = actions.Found(said.income_per_head_yuan, said.broken)
    if actions.look(recheck=drawn, found=found, by=user):
        messages.success(request, _("复核属实，消除有效。"))
    else:
        messages.warning(request, _("复核发现风险仍在，这一户继续监测。"))
    return redirect("clear:rechecks")
