"""What every page knows: which county this is, and whether it is a drill's."""

from typing import Any

from django.http import HttpRequest

from anlan.county import clock
from anlan.county.office.models import County


def county(request: HttpRequest) -> dict[str, Any]:
    """The county of this installation (None before one is set up) and its time."""
    return {"county": County.objects.select_related("division").first(), "now": clock.now()}
