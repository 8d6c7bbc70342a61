"""Coming in and going out, and who answers for what."""

import segno
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county import clock
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.office import entrance, guarding, onetime, queries
from anlan.county.office.abilities import ABILITIES
from anlan.county.office.accounts import views as accounts
from anlan.county.office.forms import Bound, LogIn
from anlan.county.office.models import User
from anlan.county.office.permissions import needs, public, whose
from anlan.county.office.roles import ROLES

SECOND = "anlan.county.office.second"
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
        form.add_error(None, _("用户名或密码不对。绑定了手机的，还要填动态口令；连错五次，这个账号停用十五分钟。"))
    return render(request, "office/login.html", {"form": form, "links": entrance.links()})


def _next(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "desk:home"


@needs(*sorted(ABILITIES))
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """Bind a telephone, whose code is asked for at the door from then on."""
    user, form = whose(request), Bound(request.POST if request.method == "POST" else None)
    secret = _kept(form, user) or onetime.secret()
    if request.method == "POST" and form.is_valid():
        try:
            guarding.bind(user=user, secret=secret, code=form.cleaned_data["code"])
        except BadInput as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, _("已绑定。下次登录请填手机上的动态口令。"))
            return redirect("desk:home")
    form.initial["sealed"] = signing.dumps([user.pk, secret], salt=SECOND)
    address = onetime.address(secret, user.username, queries.county().division.name)
    context = {"form": form, "secret": secret, "picture": _picture(address), "bound": guarding.bound(user)}
    return render(request, "office/second.html", context, status=422 if form.errors else 200)


def _kept(form: Bound, user: User) -> str:
    """The secret that this person's page showed before; empty where it shows none yet, or it was forged."""
    try:
        whose_page, secret = signing.loads(form.data.get("sealed", ""), salt=SECOND, max_age=3600)
    except signing.BadSignature:
        return ""
    return str(secret) if whose_page == user.pk else ""


def _picture(address: str) -> SafeString:
    svg = segno.make(address, error="m", micro=False).svg_inline(
        svgclass="qr", lineclass=None, title=_("二维码"), omitsize=True
    )
    return mark_safe(svg)  # noqa: S308 (ours)


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
    may = any(map(whose(request).may, accounts.READERS))
    context = {"duties": queries.duties(clock.today()), "roles": ROLES.values(), "may_see_users": may}
    return render(request, "office/duties.html", context)
