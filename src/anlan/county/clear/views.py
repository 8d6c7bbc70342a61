"""Screens of the follow-up: who is monitored, one household's checks, clearances waiting."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.county import clock
from anlan.county.clear import actions, dossier, forms, papers, queries
from anlan.county.clear.models import Clearance
from anlan.county.clear.rules import STATES
from anlan.county.decide.models import Episode
from anlan.county.decide.papers.printing import TITLES, page, word
from anlan.county.decide.papers.views import sent
from anlan.county.errors import BadInput
from anlan.county.office.permissions import needs, whose

READERS = ("clear.village", "clear.town", "clear.county", "account.read")
KEEPERS = READERS[:3]
PAGE = 50


@needs(*READERS)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Everyone under monitoring, the one not checked for longest first."""
    user = whose(request)
    page = Paginator(queries.followed(user), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": dossier.rows(page.object_list), "tabs": dossier.tabs(user), "state": ""}
    return render(request, "clear/home.html", context)


@needs(*READERS)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Clearances waiting for this person, of one state where it is asked for."""
    user, state = whose(request), request.GET.get("state", "")
    found = queries.queue(user, state if state in STATES else "")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "clear/queue.html", {"page": page, "tabs": dossier.tabs(user), "state": state})


@needs(*READERS)
@require_GET
def episode(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """One household under monitoring: checks, verdict, measures, clearance."""
    user, found = whose(request), _episode(request, event, household)
    told = dossier.dossier(found, clock.today())
    context = {
        "episode": found, "told": told, "moves": dossier.moves(told.clearance, found, user),
        "checking": forms.Checking(),
        "form": forms.MoveOn(initial={"version": told.clearance.version if told.clearance else 0}),
        "papers": [(key, TITLES[key]) for key in papers.papers(told.clearance)]
        if told.clearance and any(map(user.may, KEEPERS)) else [],
        "may_check": found.cleared_at is None and (user.may("clear.village") or user.may("clear.town")),
    }  # fmt: skip
    return render(request, "clear/episode.html", context)


@needs("clear.village", "clear.town")
@require_POST
def check(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """Record this month's check."""
    found, form = _episode(request, event, household), forms.Checking(request.POST)
    if not form.is_valid():
        raise BadInput(_("请填写人均纯收入。"))
    actions.check(checks=[form.report(found.pk)], by=whose(request))
    messages.success(request, _("已登记本月跟踪。"))
    return redirect("clear:episode", event, household)


@needs("clear.village", "clear.town", "clear.county")
@require_POST
def move(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """Move the open clearance on."""
    found, form = _episode(request, event, household), forms.MoveOn(request.POST)
    clearance = found.clearances.filter(closed_at__isnull=True).first()
    if clearance is None:
        raise Http404
    if not form.is_valid():
        raise BadInput(_("请检查填写的内容：意见不超过 300 字。"))
    actions.advance(moves=[form.move(clearance.pk)], by=whose(request))
    messages.success(request, _("已办理：%(state)s。") % {"state": STATES[form.cleaned_data["to"]]})
    return redirect("clear:episode", event, household)


@needs(*KEEPERS)
@require_GET
def paper(request: HttpRequest, event: str, household: str, key: str) -> HttpResponse:
    """One paper of the last clearance, as a page to print."""
    clearance = _clearance(request, event, household)
    if key not in papers.papers(clearance):
        raise Http404
    blocks = page(word(key, papers.contents(clearance, key)))
    return render(request, "clear/paper.html", {"clearance": clearance, "title": TITLES[key], "blocks": blocks})


@needs(*KEEPERS)
@require_GET
def all_papers(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """All papers of the last clearance, as Word files."""
    return sent(papers.everything(_clearance(request, event, household)), "clearance.zip")


def _clearance(request: HttpRequest, event: str, household: str) -> Clearance:
    found = Clearance.objects.visible_to(whose(request)).select_related(*papers.RELATED)
    found = found.filter(episode__case__event__code=event, episode__household__code=household)
    last = found.order_by("-opened_at", "-id").first()
    if last is None:
        raise Http404
    return last


def _episode(request: HttpRequest, event: str, household: str) -> Episode:
    related = ("household__division__parent", "case__event")
    episodes = Episode.objects.visible_to(whose(request)).select_related(*related)
    found = episodes.filter(case__event__code=event, household__code=household).order_by("-entered_at", "-id").first()
    if found is None:
        raise Http404
    return found
