"""Recording a signed sheet, taking it back, and looking at its photograph."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.discover import rules as leads
from anlan.county.discover.models import Lead
from anlan.county.errors import BadInput, NotFound, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.registry import pictures
from anlan.county.registry.exif import bare
from anlan.county.verify.consent.models import Consent
from anlan.county.verify.consent.rules import PHOTO_BYTES, PHOTOS, PROXIES, RELATIONS
from anlan.engine import policy


class RevokedBefore(Refused):
    """The consent has been taken back already."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a signed sheet. `photo` is a photograph of it, where there is one."""

    signer: str
    relation: str
    signed_on: date
    why_proxy: str = ""
    photo: bytes = b""


@transaction.atomic
def sign(*, lead: Lead, sheet: Sheet, by: User) -> Consent:
    """Record a signed sheet for a household. It is valid as long as the policy of its day says."""
    check(by, "verify.visit", lead.household.division_id)
    _check(sheet)
    days = policy.on(sheet.signed_on).number("consent_valid_days")
    name = uuid4().hex if sheet.photo else ""
    made = Consent.objects.create(
        lead=lead, signer=sheet.signer.strip(), relation=sheet.relation, why_proxy=sheet.why_proxy.strip(),
        signed_on=sheet.signed_on, valid_until=sheet.signed_on + timedelta(days=days), photo=name,
        recorded_at=clock.now(), by=by,
    )  # fmt: skip
    if sheet.photo:
        pictures.keep(name, sheet.photo)
    record(
        "verify.consent", about=_about(lead), by=by.username, relation=made.relation, photo=bool(name),
        signed_on=made.signed_on.isoformat(), valid_until=made.valid_until.isoformat(),
    )  # fmt: skip
    return made


def _check(sheet: Sheet) -> None:
    wrong = (
        (not sheet.signer.strip(), _("请填写签署人姓名。")),
        (sheet.relation not in RELATIONS, _("请选择签署人与户主的关系。")),
        (sheet.relation in PROXIES and not sheet.why_proxy.strip(), _("代签的，请写明本人不能签字的原因。")),
        (sheet.signed_on > clock.today(), _("签署日期不能晚于今天。")),
        (len(sheet.photo) > PHOTO_BYTES, _("照片不能大于 8 MB。")),
        (bool(sheet.photo) and pictures.kind(sheet.photo) not in PHOTOS, _("签字页照片须是 JPEG 或 PNG。")),
    )
    for bad, why in wrong:
        if bad:
            raise BadInput(why)


@transaction.atomic
def revoke(*, consent: Consent, by: User) -> None:
    """Take a household's consent back: from today on nobody compares its data."""
    check(by, "verify.visit", consent.lead.household.division_id)
    held = Consent.objects.select_for_update().filter(pk=consent.pk, revoked_on__isnull=True)
    if not held.update(revoked_on=clock.today()):
        raise RevokedBefore(_("这份授权已经撤回。"))
    record("verify.revoke", about=_about(consent.lead), by=by.username)


@transaction.atomic
def see(*, consent: Consent, by: User) -> bytes:
    """The photograph of a signed sheet. Who looked at whose is on record."""
    check(by, "registry.unmask", consent.lead.household.division_id)
    photo = bare(b"".join(pictures.read(consent.photo))) if consent.photo else b""
    if not photo:
        raise NotFound(_("没有这份授权书的照片。"))
    record("verify.see_sheet", about=_about(consent.lead), by=by.username)
    return photo


def _about(lead: Lead) -> str:
    return leads.about(lead.event.code, lead.household.code)
