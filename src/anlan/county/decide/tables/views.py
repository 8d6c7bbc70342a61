"""Screens of the rules: the tables, one table, a row worded anew, a signature; a trial with another figure."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.decide.tables import actions, queries
from anlan.county.decide.tables.forms import Reword, Trial
from anlan.county.decide.tables.trials import day_of
from anlan.county.errors import Refused
from anlan.county.office.permissions import needs, whose

READERS = ("decide.village", "decide.town", "decide.county", "decide.draft", "decide.sign", "account.read")


@needs(*READERS)
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Every decision table, in the order in which they are reckoned."""
    return render(request, "decide/tables.html", {"tables": queries.listed()})


@needs(*READERS)
@require_GET
def table(request: HttpRequest, table: str) -> HttpResponse:
    """One table as it stands on a day, its earlier wordings, and the drafts that wait."""
    user, on = whose(request), day_of(request.GET.get("on", ""))
    may_draft, may_sign = user.may("decide.draft"), user.may("decide.sign")
    waiting = queries.drafts(table) if may_draft or may_sign else []
    context = {"shown": queries.shown(table, on), "on": on, "drafts": waiting, "may_draft": may_draft,
               "may_sign": may_sign, "me": user, "today": clock.today()}  # fmt: skip
    return render(request, "decide/table.html", context)


@needs(*READERS)
@require_GET
def trial(request: HttpRequest) -> HttpResponse:
    """What if: another figure, or another day's rules, over the households of who asks; counts alone."""
    form = Trial(request.GET if request.GET else None)
    found = form.compared(whose(request)) if form.is_valid() else None
    context = {"form": form, "told": found, "changed": form.changed() if found else []}
    return render(request, "decide/trial.html", context)


@needs("decide.draft")
@require_http_methods(["GET", "POST"])
def reword(request: HttpRequest, table: str, row: str) -> HttpResponse:
    """Word a row anew from a day to come; a cell that cannot be read is told beside what was typed."""
    line = queries.line(table, row, clock.today())
    form, wrong, status = Reword(request.POST) if request.method == "POST" else Reword.of(line), "", 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.draft(wanted=form.draft(table, row), by=whose(request))
        except Refused as refusal:
            wrong, status = str(refusal), refusal.status
        else:
            messages.success(request, _("已起草，等另一人签署后从起始日期起生效。"))
            return redirect("decide:table", table)
    context = {"line": line, "table": queries.shown(table, clock.today()).table, "form": form, "wrong": wrong}
    return render(request, "decide/reword.html", context, status=status)


@needs("decide.sign")
@require_POST
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a draft."""
    kept = actions.sign(wording=pk, by=whose(request))
    messages.success(request, _("已签署，从 %(day)s 起生效。") % {"day": kept.since})
    return redirect("decide:table", kept.table)


@needs("decide.draft")
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a draft back."""
    kept = actions.drop(wording=pk, by=whose(request))
    messages.success(request, _("已撤回。"))
    return redirect("decide:table", kept.table)
