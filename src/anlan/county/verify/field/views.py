"""The phone's page and what it asks for; the phones; the copies read in by hand; the choices between two accounts."""

import base64
import hashlib
import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.core import signing
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.county.errors import Refused
from anlan.county.office.models import User
from anlan.county.office.permissions import check, needs, public, whose
from anlan.county.registry import pictures
from anlan.county.registry.exif import bare
from anlan.county.verify.field import actions, queries, reading
from anlan.county.verify.field.copies import Copy, read
from anlan.county.verify.field.pack import pack as packed
from anlan.county.verify.field.words import words
from anlan.county.verify.models import Submission

PAGE = 50
MODULES = ("app", "copy", "form", "list", "outbox", "pack", "photo", "qr", "store", "vault", "view")
PARTS = ("desk/anlan.svg", "field/field.css", *(f"field/{name}.js" for name in MODULES))
Answer = Callable[[HttpRequest, User], dict[str, Any]]
SALT = "verify.field.choice"


def for_phones(view: Answer) -> Callable[[HttpRequest], HttpResponse]:
    """A view that a phone's script asks: JSON also for refusals, and 401 where the log-in has run out."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user = request.user
        if not isinstance(user, User):
            return JsonResponse({"error": _("请重新登录。"), "code": "SignIn"}, status=401)
        try:
            check(user, "verify.visit")
            return JsonResponse(view(request, user))
        except Refused as refused:
            return JsonResponse({"error": str(refused), "code": type(refused).__name__}, status=refused.status)

    answer.needs = ("verify.visit",)  # type: ignore[attr-defined]  # the stranger test reads it
    return answer


# --- the page, which holds nobody's data ---------------------------------------------------------------
@needs("verify.visit")
@require_GET
@ensure_csrf_cookie
def page(request: HttpRequest) -> HttpResponse:
    """The page a phone keeps."""
    urls = {name: reverse(f"verify:field_{name}") for name in ("pack", "send", "worker", "page")}
    urls["login"] = f"{reverse('office:login')}?next={urls['page']}"
    return render(request, "verify/field/page.html", {"words": words(), "urls": urls})


@public
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with what it has to keep; it changes when any of that does."""
    kept = dict.fromkeys((reverse("verify:field_page"), reverse("verify:field_manifest")), "")
    kept |= {static(name): _integrity(name) for name in PARTS}
    version = hashlib.sha256("".join(kept.values()).encode()).hexdigest()[:12]
    head = f"const VERSION = {json.dumps(version)};\nconst KEPT = {json.dumps(kept)};\n"
    return HttpResponse(head + _file("field/worker.js").decode(), content_type="text/javascript; charset=utf-8")


def _file(name: str) -> bytes:
    place = finders.find(name)
    if not isinstance(place, str):
        raise Http404(name)
    return Path(place).read_bytes()


def _integrity(name: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(_file(name)).digest()).decode()}"


@public
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to know to put the page on its home screen."""
    start = reverse("verify:field_page")
    icon = {"src": static("desk/anlan.svg"), "type": "image/svg+xml", "sizes": "any"}
    said = {
        "name": _("安澜 排查登记"), "short_name": pgettext("short", "排查"), "start_url": start, "scope": start,
        "display": "standalone", "background_color": "#f3f5f5", "theme_color": "#083c45", "icons": [icon],
    }  # fmt: skip
    return JsonResponse(said, content_type="application/manifest+json")


# --- what its script asks ------------------------------------------------------------------------------
@for_phones
def pack(request: HttpRequest, user: User) -> dict[str, Any]:
    """Sign this phone in: the key under which it keeps things, and the households."""
    device = actions.sign_in(uuid=reading.uuid(request.POST.get("device")), label=_label(request), by=user)
    return {"key": actions.key_of(device).hex(), **packed(user)}


def _label(request: HttpRequest) -> str:
    """What kind of phone it says it is: the bracket of its browser's name."""
    agent = request.headers.get("User-Agent", "")
    return agent.partition("(")[2].partition(")")[0]


@for_phones
def send(request: HttpRequest, user: User) -> dict[str, Any]:
    """Take one record in. The same record again gives the same answer again."""
    sent = reading.record(request.POST.get("record", ""), request.FILES.getlist("photo"))
    return receipt(actions.hand_in(sent=sent, by=user))


def receipt(submission: Submission) -> dict[str, Any]:
    """What a phone must hear before it forgets a record: the same words every time."""
    received_at = localtime(submission.received_at)
    return {
        "uuid": submission.uuid, "receipt": f"{received_at:%y%m%d}-{submission.pk:06d}",
        "received_at": received_at.isoformat(), "held": submission.state == "held", "flags": submission.flags,
        "explain": reverse("verify:field_choice", args=[submission.pk]) if "far" in submission.flags else "",
    }  # fmt: skip


# --- phones, photographs, copies, choices --------------------------------------------------------------
@needs("verify.visit")
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    """One's own phones and, for the township, those of its people."""
    shown = Paginator(queries.devices(whose(request)), PAGE).get_page(request.GET.get("page"))
    return render(request, "verify/field/devices.html", {"page": shown})


@needs("verify.visit")
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke a phone."""
    user = whose(request)
    actions.revoke(device=get_object_or_404(queries.devices(user), pk=pk), by=user)
    messages.success(request, _("已停用。那部手机下次联网时会清除农户资料；还没发送的记录会交上来等待处理。"))
    return redirect("verify:field_devices")


@needs("verify.visit", "verify.match")
@require_GET
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """A photograph of a visit."""
    found = get_object_or_404(queries.photos(whose(request)), pk=pk)
    data = bare(b"".join(pictures.read(queries.photo_name(found.submission.uuid, found.number))))
    response = HttpResponse(data, content_type=pictures.KINDS.get(pictures.kind(data), "image/jpeg"))
    response.headers["Cache-Control"] = "private, no-store"
    return response


@needs("verify.visit")
@require_http_methods(["GET", "POST"])
def typed(request: HttpRequest) -> HttpResponse:
    """Read in a copy that came by text message; whoever does so answers for it."""
    form, user = Copy(request.POST or None), whose(request)
    if request.method == "POST" and form.is_valid():
        submission = actions.hand_in(sent=read(form.cleaned_data["text"], user), by=user)
        messages.success(request, _("已登记，回执 %(number)s。") % {"number": receipt(submission)["receipt"]})
        return redirect("verify:field_typed")
    return render(request, "verify/field/typed.html", {"form": form})


@needs("verify.visit", "verify.settle")
@require_GET
def handed_in(request: HttpRequest) -> HttpResponse:
    """What phones handed in, what waits for a choice first."""
    user, state = whose(request), request.GET.get("state", "held")
    tabs = {"held": queries.held, "far": queries.unexplained, "all": _all}
    state = state if state in tabs else "held"
    found = tabs[state](user)
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [(each, queries.flags_of(each)) for each in shown.object_list]
    return render(request, "verify/field/handed_in.html", {"page": shown, "rows": rows, "state": state})


def _all(user: User) -> QuerySet[Submission]:
    return queries.submissions(user).order_by("-received_at", "-id")


@needs("verify.visit", "verify.settle")
@require_POST
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    """Why a record was made far from the house."""
    user = whose(request)
    found = get_object_or_404(queries.submissions(user), pk=pk)
    actions.explain(submission=found, words=request.POST.get("words", ""), by=user)
    messages.success(request, _("已登记说明。"))
    return redirect("verify:field_choice", pk)


@needs("verify.visit", "verify.settle")
@require_http_methods(["GET", "POST"])
def choice(request: HttpRequest, pk: int) -> HttpResponse:
    """One submission beside what stands, and the choice between them."""
    user = whose(request)
    found = get_object_or_404(queries.submissions(user), pk=pk)
    if request.method == "POST":
        take = [name.removeprefix("take-") for name, said in request.POST.items() if said == "sent"]
        actions.choose(submission=found, take=take, seen=_seen(request), by=user)
        messages.success(request, _("已处理。"))
        return redirect("verify:field_handed_in")
    context = {
        "submission": found, "choices": queries.choices(found), "flags": queries.flags_of(found),
        "photos": found.photos.all(), "seen": signing.dumps(queries.standing(found), salt=SALT),
        "may_settle": user.may("verify.settle", found.household.division_id),
        "may_explain": "far" in found.flags
        and (found.by_id == user.pk or user.may("verify.settle", found.household.division_id)),
    }  # fmt: skip
    return render(request, "verify/field/choice.html", context)


def _seen(request: HttpRequest) -> dict[str, Any]:
    """What stood when the page was made; nothing where that was tampered with."""
    try:
        return dict(signing.loads(request.POST.get("seen", ""), salt=SALT))
    except signing.BadSignature:
        return {}
