"""Log-in links for the roles of a synthetic county: signed, and good only there."""

from django.core import signing
from django.urls import reverse

from anlan.county.office.models import Appointment, County, User
from anlan.county.office.roles import ROLES

SALT = "anlan.county.office.entrance"
VALID_S = 30 * 24 * 3600


def links() -> list[tuple[str, str, str]]:
    """One link per role: (title, description, path). Empty where the county is a real one."""
    if not County.objects.filter(synthetic=True).exists():
        return []
    found = []
    for key, role in ROLES.items():
        first = Appointment.objects.filter(role=key, until__isnull=True).order_by("division_id", "user_id").first()
        if first is not None:
            token = signing.dumps(first.user.username, salt=SALT)
            found.append((str(role.title), str(role.description), reverse("office:enter", args=[token])))
    return found


def visitor(token: str) -> User | None:
    """The user a link stands for; None where it is forged, old, or the county is a real one."""
    if not County.objects.filter(synthetic=True).exists():
        return None
    try:
        username = signing.loads(token, salt=SALT, max_age=VALID_S)
    except signing.BadSignature:
        return None
    return User.objects.filter(username=username, is_active=True).first()
