"""What happens around every request."""

from collections.abc import Callable
from contextlib import ExitStack
from contextvars import ContextVar
from typing import Any

from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from anlan.county.config.clocks import the_countys_time
from anlan.county.errors import Refused
from anlan.county.office.guarding import must_bind
from anlan.county.office.models import User
from anlan.county.office.permissions import Unpermitted
from anlan.county.office.queries import empowered

DOOR = ("office:second", "office:logout", "office:login", "desk:language")
Respond = Callable[[HttpRequest], HttpResponse]

READS = ("SELECT", "EXPLAIN", "WITH", "SHOW", "PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT")
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class WroteOnRead(Exception):
    """A page that was only asked for tried to change something: a defect."""


_reading = ContextVar("reading", default=False)  # threads may share a connection, as those of a test's server do


def refuse_writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """A database execute wrapper that lets only reading through, of whoever reads."""
    if _reading.get() and not sql.lstrip(" (\n").upper().startswith(READS):
        raise WroteOnRead(sql.split(maxsplit=3)[:3])
    return execute(sql, params, many, context)


def reads_do_not_write(respond: Respond) -> Respond:
    """GET, HEAD and OPTIONS run with every connection closed to writing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            return respond(request)
        with ExitStack() as stack:
            for alias in connections:
                stack.enter_context(connections[alias].execute_wrapper(refuse_writes))
            stack.callback(_reading.reset, _reading.set(True))
            return respond(request)

    return middleware


def the_county_clock(respond: Respond) -> Respond:
    """In a synthetic county the time is the drill's, not the machine's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with the_countys_time():
            return respond(request)

    return middleware


def a_second_factor_first(respond: Respond) -> Respond:
    """Where the county demands a second factor, whoever has none sees only the page that binds one, and the way out."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        if isinstance(user, User) and request.path not in map(reverse, DOOR) and must_bind(user):
            return redirect("office:second")
        return respond(request)

    return middleware


def told(request: HttpRequest, refused: Refused) -> dict[str, Any]:
    """What the page of a refusal says: the sentence and, where a permission is missing, who has it."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not isinstance(refused, Unpermitted):
        return {"reason": str(refused)}
    return {"reason": str(refused), "empowered": empowered(refused.permission, refused.division, user)}


def refusals_are_answers(respond: Respond) -> Respond:
    """A refusal is a page with its sentence, not a crash; so is the address of a button that somebody opens by hand."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        if isinstance(response, HttpResponseNotAllowed):
            page = render(request, "desk/misplaced.html", status=response.status_code)
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        return render(request, "desk/refused.html", told(request, exception), status=exception.status)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def compressed_is_the_same(respond: Respond) -> Respond:
    """A file that is compressed on its way out gets a weak tag; asked about by it, it must be known again."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if (known := request.META.get("HTTP_IF_NONE_MATCH", "")).startswith('W/"'):
            request.META["HTTP_IF_NONE_MATCH"] = known.removeprefix("W/")
        return respond(request)

    return middleware


def security_headers(respond: Respond) -> Respond:
    """Nothing runs or loads in a page but what this site itself serves."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        return response

    return middleware
