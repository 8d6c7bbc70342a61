"""What a village hangs up: the publicity, and the notice after the decision."""

from typing import Any

from django.conf import settings
from django.utils import translation

from anlan.county.decide import dossier
from anlan.county.decide.models import Case
from anlan.county.decide.papers.cases import public
from anlan.county.decide.papers.printing import bundle
from anlan.county.office.models import Division
from anlan.county.sense.models import Event

PAPERS = {"publicity": ("publicity",), "notice": ("notice", "entered")}  # and the states of those it names


def contents(event: Event, village: Division, key: str) -> dict[str, Any]:
    """The names of one of the village's papers, with the households it is about."""
    cases = list(
        Case.objects.filter(event=event, household__division=village, state__in=PAPERS[key])
        .select_related("household__division")
        .order_by("household__group_no", "household__code")
    )
    moments = [case.public_since if key == "publicity" else case.closed_at for case in cases]
    since = max((at for at in moments if at is not None), default=None)
    with translation.override(settings.LANGUAGE_CODE):
        return public(village.name, event.title, [dossier.shown(case) for case in cases], since)


def everything(event: Event, village: Division) -> bytes:
    """All that a village has to hang up after an event, in one zip; a list of nobody is left out."""
    told = [(key, contents(event, village, key)) for key in PAPERS]
    return bundle((key, each) for key, each in told if each["households"])
