"""Leads waiting, one lead, village sweeps, and taking households off the list."""

from collections import Counter

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county.discover import actions, queries, rules, sweeping
from anlan.county.discover.forms import Dismissal
from anlan.county.discover.models import Lead, Sweep
from anlan.county.office.permissions import needs, whose
from anlan.county.paging import ticked
from anlan.county.sense.models import Event

PAGE = 50
TABS = {"open": ("open",), "taken_in": ("taken_in",), "found": ("found",), "over": rules.OVER}


@needs("registry.read")
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Leads by state, the most urgent first."""
    user, tab = whose(request), request.GET.get("state", "open")
    tab = tab if tab in TABS else "open"
    events = list(queries.reportable_events())
    event = next((each for each in events if each.code == request.GET.get("event")), None)
    page = Paginator(queries.inbox(user, event, TABS[tab]), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "rows": queries.shown(page.object_list), "tab": tab, "events": events, "event": event,
        "counts": queries.by_state(user, event), "may_take_in": user.may("discover.take_in"),
        "may_report": user.may("discover.report"), "may_screen": user.may("discover.screen"),
    }  # fmt: skip
    return render(request, "discover/inbox.html", context)


@needs("discover.take_in")
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Take in the leads that were ticked."""
    user = whose(request)
    wanted = Lead.objects.visible_to(user).filter(pk__in=ticked(request.POST.getlist("leads")))
    if count := actions.take_in(leads=list(wanted.values_list("id", flat=True)), by=user):
        messages.success(request, _("已受理 %(count)d 条线索，请按期入户。") % {"count": count})
    else:
        messages.warning(request, _("没有受理任何线索：请先勾选还没有受理的线索。"))
    return redirect("discover:inbox")


@needs("registry.read")
@require_GET
def lead(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """One lead with its sources and clocks, and what may be done with it."""
    user = whose(request)
    found = get_object_or_404(queries.whole(user), event__code=event, household__code=household)
    context = {
        "lead": found, "sources": queries.pictured(found), "row": queries.shown([found])[0],
        "clocks": queries.clocks(found), "form": Dismissal(),
        "may_take_in": user.may("discover.take_in", found.household.division_id),
        "may_report": user.may("discover.report", found.household.division_id),
        "may_visit": user.may("verify.visit", found.household.division_id),
    }  # fmt: skip
    return render(request, "discover/lead.html", context)


@needs("discover.take_in")
@require_POST
def dismiss(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """Close a lead for a reason of the list."""
    user = whose(request)
    found = get_object_or_404(Lead.objects.visible_to(user), event__code=event, household__code=household)
    actions.dismiss(lead=found, reason=request.POST.get("reason", ""), by=user)
    return redirect("discover:lead", event, household)


@needs("registry.read")
@require_GET
def sweeps(request: HttpRequest) -> HttpResponse:
    """Villages to go through, by event."""
    user = whose(request)
    page = Paginator(sweeping.sweeps(user), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "rows": sweeping.swept(page.object_list), "events": queries.reportable_events(),
        "may_sweep": user.may("discover.sweep"), "may_release": user.may("discover.release"),
    }  # fmt: skip
    return render(request, "discover/sweeps.html", context)


@needs("discover.sweep")
@require_POST
def open_sweeps(request: HttpRequest, event: str) -> HttpResponse:
    """Send the villages out."""
    count = actions.open_sweeps(event=get_object_or_404(Event, code=event), by=whose(request))
    messages.success(request, _("已部署 %(count)d 个村逐户排查。") % {"count": count})
    return redirect("discover:sweeps")


@needs("registry.read")
@require_GET
def sweep(request: HttpRequest, event: str, village: str) -> HttpResponse:
    """A village's list, the most at risk first, with what became of each household so far."""
    user = whose(request)
    found = get_object_or_404(sweeping.sweeps(user), event__code=event, division_id=village)
    page = Paginator(sweeping.listed(found), PAGE).get_page(request.GET.get("page"))
    context = {
        "sweep": found, "page": page, "row": sweeping.swept([found])[0], "others": sweeping.others(found),
        "may_sweep": user.may("discover.sweep", village), "may_report": user.may("discover.report", village),
    }  # fmt: skip
    return render(request, "discover/sweep.html", context)


@needs("discover.sweep")
@require_POST
def close_sweep(request: HttpRequest, event: str, village: str) -> HttpResponse:
    """Declare a village gone through."""
    user = whose(request)
    found = get_object_or_404(Sweep.objects.visible_to(user), event__code=event, division_id=village)
    actions.close_sweeps(sweeps=[found], by=user, note=request.POST.get("note", ""))
    return redirect("discover:sweep", event, village)


@needs("discover.release")
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, event: str) -> HttpResponse:
    """Whom the rules would take off the list, and why; the director decides."""
    found, user = get_object_or_404(Event, code=event), whose(request)
    proposed = sweeping.releasable(found, user)
    if request.method == "POST":
        wanted = [each for each in proposed if each[1] in request.POST.getlist("reasons")]
        count = actions.release(event=found, households=wanted, by=user)
        messages.success(request, _("已移出 %(count)d 户；他们仍可随时申报。") % {"count": count})
        return redirect("discover:sweeps")
    counted = Counter(reason for _household, reason in proposed)
    reasons = [(reason, title, counted[reason]) for reason, title in rules.RELEASES.items() if counted[reason]]
    return render(request, "discover/release.html", {"event": found, "reasons": reasons})
