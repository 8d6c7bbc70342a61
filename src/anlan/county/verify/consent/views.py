"""The sheets of a household: what is signed, a new one, taking one back, looking at its photograph."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.county import clock
from anlan.county.discover.queries import whole
from anlan.county.office.permissions import needs, whose
from anlan.county.registry import pictures
from anlan.county.verify.consent import actions, queries
from anlan.county.verify.consent.forms import SheetForm
from anlan.county.verify.consent.models import Consent
from anlan.county.verify.consent.rules import RELATIONS


@needs("verify.visit", "verify.match")
@require_http_methods(["GET", "POST"])
def sheets(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """A lead's signed sheets, and the form for another."""
    user = whose(request)
    lead = get_object_or_404(whole(user), event__code=event, household__code=household)
    today = clock.today()
    first = {"signed_on": today, "signer": lead.household.head_name}
    form = SheetForm(request.POST or None, request.FILES or None, initial=first)
    if request.method == "POST" and form.is_valid():
        actions.sign(lead=lead, sheet=form.sheet(), by=user)
        messages.success(request, _("已登记承诺授权查询书。"))
        return redirect("verify:consents", event, household)
    division = lead.household.division_id
    context = {
        "lead": lead, "form": form, "may_sign": user.may("verify.visit", division),
        "may_see": user.may("registry.unmask", division),
        "sheets": [(each, RELATIONS.get(each.relation, each.relation), each.valid_until >= today)
                   for each in queries.of(lead)],
    }  # fmt: skip
    return render(request, "verify/consents.html", context)


@needs("verify.visit")
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """The household takes its consent back."""
    found = _consent(request, pk)
    actions.revoke(consent=found, by=whose(request))
    messages.success(request, _("已撤回授权，今后不再比对这户的信息。"))
    return redirect("verify:consents", found.lead.event.code, found.lead.household.code)


@needs("registry.unmask")
@require_POST
def see(request: HttpRequest, pk: int) -> HttpResponse:
    """The photograph of a sheet, once, on record."""
    photo = actions.see(consent=_consent(request, pk), by=whose(request))
    kind = pictures.KINDS.get(pictures.kind(photo), "")
    return HttpResponse(photo, content_type=kind, headers={"Cache-Control": "no-store"})


def _consent(request: HttpRequest, pk: int) -> Consent:
    return get_object_or_404(queries.consents(whose(request)), pk=pk)
