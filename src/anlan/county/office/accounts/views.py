"""The pages of log-ins: the list, one of them, a new post. Who audits reads them; who keeps them acts."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.errors import BadInput
from anlan.county.office.accounts import actions, queries
from anlan.county.office.accounts.forms import Appointing, LettingIn, Sought
from anlan.county.office.models import Appointment
from anlan.county.office.permissions import needs, whose

PAGE = 20
READERS = ("office.write", "ledger.read")


@needs(*READERS)
@require_GET
def users(request: HttpRequest) -> HttpResponse:
    """Who holds which role where, and how each log-in stands."""
    form = Sought(request.GET)
    sought = form.cleaned_data if form.is_valid() else {}
    page = Paginator(queries.accounts(whose(request), **sought), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "may_write": whose(request).may("office.write")}
    return render(request, "office/users.html", context)


@needs(*READERS)
@require_GET
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One log-in: its posts and duties, the door, and what the ledger has of it."""
    return _page(request, pk)


@needs("office.write")
@require_http_methods(["GET", "POST"])
def appoint(request: HttpRequest) -> HttpResponse:
    """A post for somebody; a new person's password is shown once."""
    keeper = whose(request)
    form = Appointing(request.POST if request.method == "POST" else None, user=keeper, initial=_begun(request))
    if request.method == "POST" and form.is_valid():
        try:
            password = actions.give_post(post=form.post(), by=keeper, since=clock.today())
        except BadInput as refused:
            form.add_error(None, str(refused))
        else:
            found = queries.accounts(keeper).get(username=form.cleaned_data["username"])
            messages.success(request, _("已任命。"))
            return _once(request, found.pk, password)
    return render(request, "office/appoint.html", {"form": form}, status=422 if form.errors else 200)


def _begun(request: HttpRequest) -> dict[str, Any]:
    """For whom the form was opened."""
    pk = request.GET.get("user", "")
    found = queries.accounts(whose(request)).filter(pk=pk).first() if pk.isascii() and pk.isdigit() else None
    return {"username": found.username, "name": found.name} if found is not None else {}


@needs("office.write")
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a post."""
    held = get_object_or_404(Appointment.objects.visible_to(whose(request)).select_related("user"), pk=pk)
    actions.end_post(appointment=held, by=whose(request))
    messages.success(request, _("已免去。"))
    return redirect("office:user", held.user_id)


@needs("office.write")
@require_POST
def let_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in again."""
    found = get_object_or_404(queries.accounts(whose(request)), pk=pk)
    form = LettingIn(request.POST)
    said = form.cleaned_data if form.is_valid() else {}
    password = actions.let_in(user=found, by=whose(request), **said)
    messages.success(request, _("已办理，可以登录了。"))
    return _once(request, pk, password)


def _once(request: HttpRequest, pk: int, password: str) -> HttpResponse:
    """A password is on the page that answers, and nowhere else: no cookie, no cache."""
    if not password:
        return redirect("office:user", pk)
    response = _page(request, pk, password)
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, pk: int, password: str = "") -> HttpResponse:
    reader = whose(request)
    found = get_object_or_404(queries.accounts(reader), pk=pk)
    context = {
        "account": found, "password": password, "duties": queries.duties(found), "form": LettingIn(),
        "today": clock.today(), "may_write": reader.may("office.write") and reader.pk != found.pk,
        "lines": queries.lines(found) if reader.may("ledger.read") else None,
    }  # fmt: skip
    return render(request, "office/user.html", context)
