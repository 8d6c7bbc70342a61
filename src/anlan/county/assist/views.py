"""Screens of assistance: the queue, one measure, planning for a household."""

from typing import TypeVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.assist import actions, forms, queries
from anlan.county.assist.models import Measure
from anlan.county.assist.rules import CATALOGUE, STATES
from anlan.county.errors import BadInput
from anlan.county.office.permissions import needs, whose
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
from anlan.engine import policy

F = TypeVar("F", bound=Form)
READERS = ("assist.plan", "assist.deliver", "assist.receipt", "account.read")
PAGE = 50


@needs(*READERS)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Measures to be done, the most pressing first, by state, department and township."""
    user = whose(request)
    departments, townships = queries.owners(user), queries.townships(user)
    known = {"state": set(STATES), "department": set(dict(departments)), "township": set(dict(townships))}
    wanted = {name: value if (value := request.GET.get(name, "")) in choices else "" for name, choices in known.items()}
    found = queries.queue(user, state=wanted["state"], department=wanted["department"], township=wanted["township"])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "rows": queries.rows(page.object_list), "wanted": wanted, "states": STATES,
        "departments": departments, "townships": townships, "steps": queries.steps(user, wanted),
    }  # fmt: skip
    return render(request, "assist/queue.html", context)


@needs("assist.deliver", "assist.receipt")
@require_POST
def batch(request: HttpRequest) -> HttpResponse:
    """Begin, deliver or receipt the measures that were ticked."""
    user, now = whose(request), clock.now()
    form = _valid(forms.Batch(request.POST, ids=queries.seen(user, request.POST.getlist("measures"))))
    ids, to = form.cleaned_data["measures"], form.cleaned_data["to"]
    if to == "delivering":
        actions.begin(measures=ids, by=user)
    elif to == "delivered":
        actions.deliver(deliveries=queries.as_planned(ids, now), by=user)
    else:
        actions.receipt(receipts=[(each, form.cleaned_data["text"], now) for each in ids], by=user)
    messages.success(request, _("已办理 %(count)d 项：%(state)s。") % {"count": len(ids), "state": STATES[to]})
    return redirect("assist:home")


@needs(*READERS)
@require_GET
def measure(request: HttpRequest, event: str, household: str, kind: str) -> HttpResponse:
    """One measure: whose it is, how far, what can be done with it."""
    found = _measure(request, event, household, kind)
    entry = CATALOGUE[found.kind]
    context = {
        "measure": found, "kind": entry, "parameters": entry.parameters(policy.on(clock.today())),
        "schedule": entry.schedule(found.planned_at, found.due_at), "may": queries.may(found, whose(request)),
        "deliver": forms.Delivery(initial={"yuan": found.amount_yuan}), "receipt": forms.Receipt(),
        "stop": forms.Stop(), "state": STATES[found.state],
    }  # fmt: skip
    return render(request, "assist/measure.html", context)


@needs("assist.deliver")
@require_POST
def deliver(request: HttpRequest, event: str, household: str, kind: str) -> HttpResponse:
    """Say that it was delivered."""
    found, form = _measure(request, event, household, kind), _valid(forms.Delivery(request.POST))
    actions.deliver(deliveries=[(found.pk, form.cleaned_data["yuan"], form.cleaned_data["at"])], by=whose(request))
    return redirect("assist:measure", event, household, kind)


@needs("assist.receipt")
@require_POST
def receipt(request: HttpRequest, event: str, household: str, kind: str) -> HttpResponse:
    """Say that the household confirmed it."""
    found, form = _measure(request, event, household, kind), _valid(forms.Receipt(request.POST))
    actions.receipt(receipts=[(found.pk, form.cleaned_data["text"], clock.now())], by=whose(request))
    return redirect("assist:measure", event, household, kind)


@needs("assist.plan")
@require_POST
def stop(request: HttpRequest, event: str, household: str, kind: str) -> HttpResponse:
    """End it before it is delivered."""
    found, form = _measure(request, event, household, kind), _valid(forms.Stop(request.POST))
    actions.stop(measure=found, reason=form.cleaned_data["reason"], by=whose(request))
    return redirect("assist:home")


@needs("assist.plan")
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """Plan help for a household: what is offered for its broken axes is ticked already."""
    user = whose(request)
    of = get_object_or_404(Event, code=event)
    home = get_object_or_404(Household.objects.visible_to(user).select_related("division"), code=household)
    told = queries.planning(of, home)
    form = forms.Planning(request.POST or None, initial={"kinds": told.offered})
    if request.method == "POST" and form.is_valid():
        plans = [actions.Plan(of.pk, home.pk, kind, told.episode_id) for kind in form.cleaned_data["kinds"]]
        count = actions.plan(plans=plans, by=user)
        messages.success(request, _("已安排 %(count)d 项新措施。") % {"count": count})
        return redirect("assist:plan", event, household)
    context = {"event": of, "household": home, "told": told, "form": form, "catalogue": CATALOGUE}
    return render(request, "assist/plan.html", context)


def _measure(request: HttpRequest, event: str, household: str, kind: str) -> Measure:
    measures = Measure.objects.visible_to(whose(request)).filter(
        event__code=event, household__code=household, kind=kind
    )
    related = measures.select_related("event", "household__division", "owner", "planned_by", "delivered_by")
    return get_object_or_404(related.order_by("-planned_at", "-id")[:1])


def _valid(form: F) -> F:
    """The form, or a refusal that says what is wrong with it."""
    if form.is_valid():
        return form
    raise BadInput(" ".join(f"{form[name].label}：{error}" for name, errors in form.errors.items() for error in errors))
