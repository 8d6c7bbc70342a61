"""A signed sheet."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from anlan.county.discover.models import Lead
from anlan.county.office.models import Scoped, User
from anlan.county.verify.consent.rules import PROXIES


class Consent(models.Model):
    """One signed 承诺授权查询书. A proxy's says why; a photograph of the sheet lies sealed under `photo`."""

    SCOPE: ClassVar[str] = "lead__household__division_id"
    PERSONAL: ClassVar = {"signer": "name", "why_proxy": "text"}

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="consents")
    signer = models.CharField(max_length=60)
    relation = models.CharField(max_length=12)  # a key of rules.RELATIONS
    why_proxy = models.CharField(max_length=120, blank=True)
    signed_on = models.DateField()
    valid_until = models.DateField()  # the last day
    revoked_on = models.DateField(null=True)
    photo = models.CharField(max_length=40, blank=True)
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="a_proxys_consent_says_why", condition=~Q(relation__in=sorted(PROXIES)) | ~Q(why_proxy="")
            ),
            models.CheckConstraint(
                name="consent_ends_after_it_is_signed", condition=Q(valid_until__gte=F("signed_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"consent for {self.lead_id}"
