"""May a household's data be looked into?"""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from anlan.county.discover.models import Lead
from anlan.county.office.models import Scoped, User
from anlan.county.verify.consent.models import Consent


def holds(on: date, lead: str = "lead") -> Q:
    """The condition of findings whose household consents on a day.

    A recorded sheet counts while it is valid. A visit that only says a sheet was signed counts where none is recorded:
    so it was noted before sheets were, and so a phone without the sheet at hand notes it still.
    """
    mine: Any = Consent.objects.filter(lead=OuterRef(lead))
    good = mine.filter(revoked_on__isnull=True, signed_on__lte=on, valid_until__gte=on)
    return Q(Exists(good)) | Q(Q(visit__consent=True), ~Exists(mine))


def of(lead: Lead) -> list[Consent]:
    """A lead's sheets, the latest first."""
    return list(Consent.objects.filter(lead=lead).select_related("by").order_by("-recorded_at", "-id"))


def consents(user: User) -> Scoped[Consent]:
    """The sheets this person may open."""
    return Consent.objects.visible_to(user).select_related("lead__event", "lead__household")
