"""Whom to visit, the visit form, what was found, and the departments' list."""

from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.discover.queries import clocks, whole
from anlan.county.errors import BadInput
from anlan.county.office.permissions import needs, whose
from anlan.county.paging import ticked
from anlan.county.verify import actions, causes, queries, rules
from anlan.county.verify.enquiring import queries as enquiring
from anlan.county.verify.enquiring.forms import Asking
from anlan.county.verify.field.queries import looks
from anlan.county.verify.forms import Income, VisitForm
from anlan.county.verify.models import Finding

PAGE = 50


@needs("verify.visit", "verify.match", "account.read")
@require_GET
def visits(request: HttpRequest) -> HttpResponse:
    """The doors to knock at, the most urgent first."""
    user = whose(request)
    page = Paginator(queries.to_visit(user), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "errands": queries.errands(list(page.object_list)), "may_visit": user.may("verify.visit"),
        "second": queries.second_visits(user)[:PAGE] if user.may("verify.visit") else [],
        "may_match": user.may("verify.match"),
    }  # fmt: skip
    return render(request, "verify/visits.html", context)


@needs("verify.visit")
@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """What was seen at one door."""
    user = whose(request)
    lead = get_object_or_404(whole(user), event__code=event, household__code=household)
    known = queries.known(lead)
    claimed = {kind for source in lead.sources.all() for kind in source.claim.get("kinds", ())}
    form = VisitForm(request.POST or None, known=known, claimed=claimed, initial={"uuid": str(uuid4())})
    if request.method == "POST" and form.is_valid():
        actions.record_visits(visits=[form.report(lead, user, clock.now())], by=user)
        harmed = form.cleaned_data["outcome"] == "harmed"
        return redirect("verify:finding" if harmed else "discover:lead", event, household)
    made_at = known.finding.made_at if known.finding is not None else clock.now()
    since = [source for source in lead.sources.all() if source.at > made_at]
    context = {"lead": lead, "form": form, "known": known, "claimed": sorted(claimed), "since": since,
               "visits": queries.visits(lead)}  # fmt: skip
    return render(request, "verify/visit.html", context)


@needs("registry.read")
@require_GET
def finding(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """What was found, beside what the register holds."""
    user = whose(request)
    found = get_object_or_404(queries.findings(user), lead__event__code=event, lead__household__code=household)
    axes = [(title, getattr(found, axis)) for axis, title in rules.AXES.items()]
    losses = [(title, found.losses_yuan[kind]) for kind, title in rules.LOSSES.items() if kind in found.losses_yuan]
    asked = enquiring.shown(
        found.enquiries.select_related("department", "answered_by", "finding__lead__household"), user
    )
    details = [(causes.DETAILS[name].title, causes.word(name, value)) for name, value in found.details.items()]
    context = {
        "asked": asked, "asking": Asking(auto_id="asking_%s"), "details": details, "looks": looks(found.lead),
        "waiting": sum(each.enquiry.answered_at is None for each in asked),
        "finding": found, "known": queries.known(found.lead), "axes": axes, "losses": losses,
        "second": queries.second_looks(user).filter(pk=found.pk).exists(), "clocks": clocks(found.lead),
        "may_match": user.may("verify.match", found.lead.household.division_id),
    }  # fmt: skip
    return render(request, "verify/finding.html", context)


@needs("verify.match")
@require_GET
def matching(request: HttpRequest) -> HttpResponse:
    """Findings the departments have to compare with their data."""
    page = Paginator(queries.to_match(whose(request)), PAGE).get_page(request.GET.get("page"))
    return render(request, "verify/matching.html", {"page": page, "asking": Asking(use_required_attribute=False)})


@needs("verify.match")
@require_POST
def match(request: HttpRequest) -> HttpResponse:
    """Note the ticked findings as compared, with what differed."""
    user, note = whose(request), request.POST.get("note", "").strip()[:300]
    compared = ticked(request.POST.getlist("findings"))
    wanted = list(Finding.objects.visible_to(user).filter(pk__in=compared).values_list("id", flat=True))
    income = Income(request.POST)
    if not income.is_valid():
        raise BadInput(_("比对后的人均纯收入应是一个数。"))
    yuan = income.cleaned_data["income"]
    incomes = {} if yuan is None or len(wanted) != 1 else dict.fromkeys(wanted, yuan)
    notes = dict.fromkeys(wanted, note) if note else {}
    if count := actions.match(findings=wanted, by=user, notes=notes, incomes=incomes):
        messages.success(request, _("已比对 %(count)d 户。") % {"count": count})
    else:
        messages.warning(request, _("没有比对任何一户：请先勾选比对过的农户。"))
    return redirect("verify:matching")
