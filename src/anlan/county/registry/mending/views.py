"""What has to be mended in the register, and saying that something doubtful is right."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.county import clock
from anlan.county.office.permissions import needs, whose
from anlan.county.registry.mending import actions, queries
from anlan.county.registry.models import Mending
from anlan.engine.quality import RULES

PAGE = 25


@needs("registry.read")
@require_GET
def mendings(request: HttpRequest) -> HttpResponse:
    """The tasks in this person's divisions, the most pressing first; of one rule where it is asked for."""
    user, rule = whose(request), request.GET.get("rule", "")
    rule = rule if rule in RULES else ""
    found = queries.to_mend(user, rule).select_related("household__division")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page, "rows": queries.shown(page.object_list, clock.now()), "tabs": queries.by_rule(user), "rule": rule,
        "last": queries.last(), "may_accept": any(map(user.may, actions.CHECKERS)),
        "may_change": user.may("registry.write"),
    }  # fmt: skip
    return render(request, "registry/mendings.html", context)


@needs(*actions.CHECKERS)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """It was looked at and is right as it stands."""
    user = whose(request)
    found = get_object_or_404(Mending.objects.visible_to(user), pk=pk)
    actions.accept(mending=found, note=request.POST.get("note", ""), by=user)
    messages.success(request, _("已登记核实情况。"))
    return redirect("registry:mendings")
