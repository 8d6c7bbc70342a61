"""Coming in and going out, and who answers for what."""

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.errors import NotAllowed
from anlan.county.office import entrance, queries
from anlan.county.office.forms import LogIn
from anlan.county.office.permissions import needs, public
from anlan.county.office.roles import ROLES

BACKEND = "anlan.county.office.authentication.Passwords"


@public
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """The log-in page; in a synthetic county also the links of the roles."""
    form = LogIn(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if user is not None:
            login(request, user)
            return redirect(_next(request))
        form.add_error(None, _("用户名或密码不对。"))
    return render(request, "office/login.html", {"form": form, "links": entrance.links()})


def _next(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "desk:home"


@public
@require_GET
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Come in by a role's link."""
    user = entrance.visitor(token)
    if user is None:
        raise NotAllowed(_("这个登录链接已失效。请用用户名和密码登录。"))
    login(request, user, backend=BACKEND)
    return redirect("desk:home")


@public
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Go out."""
    logout(request)
    return redirect("office:login")


@needs("office.read")
@require_GET
def duties(request: HttpRequest) -> HttpResponse:
    """Every duty of the plan with who leads, who supports and who holds it."""
    context = {"duties": queries.duties(clock.today()), "roles": ROLES.values()}
    return render(request, "office/duties.html", context)
