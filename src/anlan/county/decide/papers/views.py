"""Papers of a case and of a village: as pages to print, as Word files, and all of them at once."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.county.decide.models import Case
from anlan.county.decide.papers import actions, cases, checking, villages
from anlan.county.decide.papers.printing import PUBLIC, TITLES, WORD, page, word
from anlan.county.errors import BadInput
from anlan.county.office.models import Division
from anlan.county.office.permissions import needs, whose
from anlan.county.sense.models import Event

READERS = ("decide.village", "decide.town", "decide.county")


@needs(*READERS)
@require_GET
def papers(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """Which papers a case has."""
    case = _case(request, event, household)
    listed = [(key, TITLES[key], key in PUBLIC) for key in cases.papers(case)]
    return render(request, "decide/papers.html", {"case": case, "papers": listed})


@needs(*READERS)
@require_GET
def paper(request: HttpRequest, event: str, household: str, key: str) -> HttpResponse:
    """One paper as a page."""
    case = _case(request, event, household)
    told = word(key, _contents(case, key))
    return render(request, "decide/paper.html", {"case": case, "title": TITLES[key], "key": key, "blocks": page(told)})


@needs(*READERS)
@require_GET
def paper_word(request: HttpRequest, event: str, household: str, key: str) -> HttpResponse:
    """One paper as a Word file."""
    return sent(word(key, _contents(_case(request, event, household), key)), f"{key}.docx")


@needs(*READERS)
@require_GET
def all_papers(request: HttpRequest, event: str, household: str) -> HttpResponse:
    """All papers of a case."""
    return sent(cases.everything(_case(request, event, household)), "papers.zip")


@needs(*READERS)
@require_GET
def board(request: HttpRequest, event: str, division: str) -> HttpResponse:
    """All that a village has to hang up after an event."""
    village = get_object_or_404(Division.objects.visible_to(whose(request)), pk=division, level="village")
    return sent(villages.everything(get_object_or_404(Event, code=event), village), "publicity.zip")


@needs(*READERS, "decide.draft")
@require_GET
def templates(request: HttpRequest) -> HttpResponse:
    """Whose template each paper is made from."""
    may_change = whose(request).may("decide.draft")
    return render(request, "decide/templates.html", {"listed": checking.listed(), "may_change": may_change})


@needs(*READERS, "decide.draft")
@require_GET
def template_word(request: HttpRequest, key: str) -> HttpResponse:
    """The template a paper is made from today, to be changed in Word."""
    if key not in TITLES:
        raise Http404
    return sent(checking.current(key), f"{key}.docx")


@needs("decide.draft")
@require_POST
def put_template(request: HttpRequest, key: str) -> HttpResponse:
    """Use another template, once it has been tried."""
    sent_in = request.FILES.get("file")
    if sent_in is None or not hasattr(sent_in, "size"):
        raise BadInput(_("请选一个 Word（.docx）文件。"))
    actions.put(key=key, file=sent_in.read(checking.MOST_BYTES + 1), by=whose(request))
    messages.success(request, _("模板检查无误，已经采用。"))
    return redirect("decide:templates")


@needs("decide.draft")
@require_POST
def drop_template(request: HttpRequest, key: str) -> HttpResponse:
    """Go back to the program's own."""
    actions.drop(key=key, by=whose(request))
    messages.success(request, _("已改用自带的模板。"))
    return redirect("decide:templates")


def sent(file: bytes, name: str) -> HttpResponse:
    """A file to keep; its name says nothing of a household."""
    response = HttpResponse(file, content_type=WORD if name.endswith(".docx") else "application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _contents(case: Case, key: str) -> dict[str, object]:
    if key not in cases.papers(case):
        raise Http404
    return cases.contents(case, key)


def _case(request: HttpRequest, event: str, household: str) -> Case:
    found = Case.objects.visible_to(whose(request)).select_related(*cases.RELATED)
    return get_object_or_404(found, event__code=event, household__code=household)
