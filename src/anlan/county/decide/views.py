"""Screens of the decision: the queue, a case, its moves, the notice that hangs in the village."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.county.decide import actions, dossier, queries
from anlan.county.decide.forms import MoveOn
from anlan.county.decide.models import Case
from anlan.county.decide.papers import views as papers
from anlan.county.decide.rules import AXES, STATES
from anlan.county.decide.tables.explaining import explain
from anlan.county.decide.tables.telling import lines
from anlan.county.errors import BadInput
from anlan.county.office.models import Division
from anlan.county.office.permissions import needs, whose
from anlan.county.sense.models import Event
from anlan.county.verify.joint import queries as joint

READERS = ("decide.village", "decide.town", "decide.county", "account.read")
PAGE = 50


@needs(*READERS)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for this person, the oldest lead first; one state of the chain where it is asked for."""
    user, state = whose(request), request.GET.get("state", "")
    found = queries.queue(user, state if state in STATES else "")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": dossier.rows(page.object_list), "tabs": dossier.tabs(user), "state": state,
               "notices": dossier.notices(user), "against": dossier.against(user)}  # fmt: skip
    return render(request, "decide/queue.html", context)


@needs(*READERS)
@require_GET
def case(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """One case: the chain, the engine's proposal with its reasons, the finding, and what this person may do."""
    user = whose(request)
    found = _case(request, event, household)
    context = {
        "case": found, "told": dossier.dossier(found), "moves": dossier.moves(found, user),
        "form": MoveOn(initial={"version": found.version}), "following": dossier.following(found, user),
        "joint": joint.needed(found.event), "since": queries.told_since(found),
        "may_print": any(map(user.may, papers.READERS)),
    }  # fmt: skip
    return render(request, "decide/case.html", context)


@needs(*READERS)
@require_GET
def explained(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """What the tables say of one household on the case's policy day: every row, every value, every source."""
    found = _case(request, event, household)
    told = explain(whose(request), found.household.code, found.policy_day)
    axes = [(title, told["axes"][axis]) for axis, title in AXES.items()]
    context = {"case": found, "told": told, "axes": axes, "tables": lines(told["tables"])}
    return render(request, "decide/explained.html", context)


@needs("decide.village", "decide.town", "decide.county")
@require_POST
def move(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """Move a case on, and go to the next one that waits."""
    found, user, form = _case(request, event, household), whose(request), MoveOn(request.POST)
    if not form.is_valid():
        raise BadInput(_("请检查填写的内容：意见不超过 300 字。"))
    actions.advance(moves=[form.move(found.pk)], by=user)
    messages.success(request, _("已办理：%(state)s。") % {"state": STATES[form.cleaned_data["to"]]})
    following = dossier.following(found, user)
    if following is None:
        return redirect("decide:home")
    return redirect("decide:case", following.event.code, following.household.code)


@needs(*READERS)
@require_GET
def notice(request: HttpRequest, event: str, division: str) -> HttpResponse:
    """The publicity notice of a village, for printing: name, village, people, category, and nothing else."""
    place = get_object_or_404(Division.objects.visible_to(whose(request)), pk=division, level="village")
    of = get_object_or_404(Event, code=event)
    context = {"event": of, "village": place, "listed": dossier.notice(of, place)}
    return render(request, "decide/notice.html", context)


def _case(request: HttpRequest, event: str, household: str) -> Case:
    related = ("household__division__parent", "event", "finding__visit", "finding__lead")
    cases = Case.objects.visible_to(whose(request)).select_related(*related)
    return get_object_or_404(cases, event__code=event, household__code=household)
