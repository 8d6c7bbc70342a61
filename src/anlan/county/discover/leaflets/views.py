"""The leaflets on a screen, on paper and as a document, village by village."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from anlan.county import clock
from anlan.county.discover import qr, queries
from anlan.county.discover.leaflets import KEYS, document, leaflet
from anlan.county.office.models import Division
from anlan.county.office.permissions import needs, whose
from anlan.county.office.queries import county

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@needs("discover.report")
@require_GET
def leaflets(request: HttpRequest) -> HttpResponse:
    """Which village's leaflets are to be printed?"""
    villages = queries.reporting_villages(whose(request)).select_related("parent")
    titles = [(key, leaflet(key, "", clock.today()).title) for key in KEYS]
    return render(request, "discover/leaflets.html", {"villages": villages, "titles": titles})


@needs("discover.report")
@require_GET
def one(request: HttpRequest, key: str, village: str) -> HttpResponse:
    """A village's leaflet, as it prints."""
    place = _place(request, village)
    address = _address(request, place)
    context = {
        "leaflet": leaflet(key, place.name, clock.today()), "village": place, "address": address,
        "code": qr.drawn(address), "unreachable": qr.unreachable(address), "synthetic": county().synthetic,
    }  # fmt: skip
    return render(request, "discover/leaflet.html", context)


@needs("discover.report")
@require_GET
def word(request: HttpRequest, key: str, village: str) -> HttpResponse:
    """The same as a Word document."""
    place = _place(request, village)
    found, address = leaflet(key, place.name, clock.today()), _address(request, place)
    qr.check(address)
    data = document.word(found, place.name, address, synthetic=county().synthetic)
    response = HttpResponse(data, content_type=WORD)
    response.headers["Content-Disposition"] = f"attachment; filename=leaflet-{key}-{place.code}.docx"
    return response


def _place(request: HttpRequest, village: str) -> Division:
    return get_object_or_404(queries.reporting_villages(whose(request)), pk=village)


def _address(request: HttpRequest, place: Division) -> str:
    return qr.address(request, reverse("discover:from_village", args=[place.code]))
