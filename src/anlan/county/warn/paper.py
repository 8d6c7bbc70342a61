"""The call list for paper, and the page on which its ticks are entered."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from anlan.county import clock
from anlan.county.office.models import Division
from anlan.county.office.permissions import needs, whose
from anlan.county.registry.models import REASONS
from anlan.county.warn import calls as lists
from anlan.county.warn import documents, rules, ticks
from anlan.county.warn.forms import Ticked
from anlan.county.warn.models import Warning  # noqa: A004 (the field's own word)

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@needs("warn.acknowledge", "account.read")
@require_http_methods(["GET", "POST"])
def calls(request: HttpRequest, code: str) -> HttpResponse:
    """Who is to be called at: the villages, or one village's list. Whole telephones, or a file, come by a POST."""
    found, user = _found(code), whose(request)
    village = _village(request)
    if village is None:
        context = {"villages": lists.villages(found, user), **_about(found)}
        return render(request, "warn/call_villages.html", context)
    if request.method == "POST" and request.POST.get("reason"):
        listed = ticks.show(warning=found, village=village, reason=request.POST["reason"], by=user)
    else:
        listed = lists.call_list(found, village, user)
    if request.method == "POST" and "word" in request.POST:
        response = HttpResponse(documents.calls(listed), content_type=WORD)
        response.headers["Content-Disposition"] = f'attachment; filename="{code}.{village.code}.docx"'
    else:
        response = render(request, "warn/calls.html", _shown(found, listed) | {
            "reasons": REASONS, "may_acknowledge": user.may("warn.acknowledge", village.code)})  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response


@needs("warn.acknowledge")
@require_http_methods(["GET", "POST"])
def ticks_page(request: HttpRequest, code: str) -> HttpResponse:
    """Enter what was ticked on a village's paper: numbers, when and where."""
    found, user, village = _found(code), whose(request), _village(request)
    if village is None:
        raise Http404
    begun = {"at": timezone.localtime(clock.now())}
    form = Ticked(request.POST if request.method == "POST" else None, initial=begun)
    if form.is_valid():
        new = ticks.enter(warning=found, village=village, ticks=ticks.Ticks(**form.cleaned_data), by=user)
        messages.success(request, _("已登记 %(count)d 条叫应和平安。") % {"count": new})
        return redirect(f"{reverse('warn:ticks', args=[code])}?village={village.code}")
    listed = lists.call_list(found, village, user)
    context = {"form": form, **_shown(found, listed)}
    return render(request, "warn/ticks.html", context, status=422 if form.errors else 200)


def _found(code: str) -> Warning:
    return get_object_or_404(Warning.objects.select_related("event").filter(released_at__isnull=False), code=code)


def _village(request: HttpRequest) -> Division | None:
    code = request.GET.get("village", "")
    mine = Division.objects.visible_to(whose(request)).filter(level="village")
    return get_object_or_404(mine, code=code) if code else None


def _about(found: Warning) -> dict[str, Any]:
    return {"warning": found, "title": rules.TITLES[found.audience]}


def _shown(found: Warning, listed: lists.CallList) -> dict[str, Any]:
    header = documents.calls_header()
    parts = [(name, [(line, list(zip(header, documents.calls_row(line), strict=True))) for line in lines])
             for name, lines in listed.parts]  # fmt: skip
    return {"list": listed, "parts": parts, "header": header, "note": documents.calls_note(listed),
            **_about(found)}  # fmt: skip
