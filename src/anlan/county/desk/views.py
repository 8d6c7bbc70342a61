"""Screens across rooms."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language

from anlan.county.office.permissions import public


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person."""
    return render(request, "desk/home.html")


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Show the pages in Chinese or in English from now on."""
    return set_language(request)
