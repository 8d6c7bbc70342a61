"""What households say themselves: by a page of their own, a short message, a key on the telephone.

The page's address is a number under a signature; whoever finds it learns of a warning, and of nobody.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from unicodedata import normalize

from django.core import signing
from django.db import transaction
from django.db.models import Q

from anlan.county import bulk, clock
from anlan.county.ledger.actions import Line, record_many
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household
from anlan.county.warn import actions, rules
from anlan.county.warn.models import Target

SALT = "warn.answer"
OPEN_FOR = timedelta(days=7)  # after a warning's end its page closes
KNOWN, SAFE = "1", "2"  # what is sent or pressed; nothing else is taken for an answer


def token(target: int) -> str:
    """The end of the address of a household's page for one warning."""
    return signing.Signer(salt=SALT).sign(str(target))


def behind(token: str) -> Target | None:
    """The target of a page's address, while the page is open; None for any other text."""
    try:
        number = int(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    since = clock.now() - OPEN_FOR
    found = Target.objects.filter(pk=number, warning__released_at__isnull=False, warning__expires_at__gt=since)
    return found.select_related("warning", "message").first()


@transaction.atomic
def say(*, target: Target, safe: bool) -> bool:
    """A household says on its page that it knows, or that it is safe, too. Returns whether that was new."""
    at = clock.now()
    new = actions.acknowledge(acks=[(target.pk, at)], how="page", by=machine())
    return bool(new + (settle(safe=[(target.pk, at)]) if safe else 0))


@transaction.atomic
def replied(*, said: Sequence[tuple[str, str, datetime]], how: str = "reply") -> int:
    """Short messages, or keys pressed, of these telephone numbers: (number, text, when).

    `1` says that they know, `2` that they are safe. Any other text stays unknown, and so does a number that several
    households gave: nobody can say whose answer it is. Returns how many pieces of news it was.
    """
    known: list[tuple[int, datetime]] = []
    by_second: list[tuple[int, datetime]] = []
    safe: list[tuple[int, datetime]] = []
    for target, answer, at, second in _whose(said):
        (by_second if second else known).append((target, at))
        if answer == SAFE:
            safe.append((target, at))
    news = 0
    for acks, way in ((known, how), (by_second, "second")):
        news += actions.acknowledge(acks=acks, how=way, by=machine()) if acks else 0
    return news + (settle(safe=safe) if safe else 0)


def _whose(said: Sequence[tuple[str, str, datetime]]) -> Iterable[tuple[int, str, datetime, bool]]:
    """The targets whose own telephone it was, or the one of a second contact that was turned to."""
    for phone, text, at in said:
        answer = normalize("NFKC", text).strip()
        if answer not in (KNOWN, SAFE) or not phone.strip():
            continue
        households = list(Household.objects.filter(_has(phone.strip())).values_list("pk", "phone")[:2])
        if len(households) != 1:
            continue
        ((household, own),) = households
        second = own != phone.strip()
        asked = (
            Q(second__isnull=False) | Q(household__phone="", message__isnull=False)
            if second
            else Q(message__isnull=False)
        )
        out = Target.objects.filter(household=household, warning__released_at__lte=at, warning__expires_at__gt=at)
        yield from ((key, answer, at, second) for key in out.filter(asked).values_list("id", flat=True))


def _has(phone: str) -> Q:
    return Q(phone=phone) | Q(second_phone=phone)


@transaction.atomic
def settle(*, safe: Iterable[tuple[int, datetime]] = (), heard: Iterable[tuple[int, datetime]] = ()) -> int:
    """Note that households are safe, or were heard to listen: (target id, when). The first counts."""
    changed = 0
    for column, rows in (("safe_at", list(safe)), ("heard_at", list(heard))):
        fresh = Target.objects.filter(pk__among=[key for key, _at in rows], **{f"{column}__isnull": True})
        open_ = dict(fresh.values_list("id", "warning__code"))
        bulk.update(Target, (column,), [(at, key) for key, at in dict(rows).items() if key in open_])
        changed += len(open_)
        lines = [
            Line(f"warn.{column.removesuffix('_at')}", rules.about(code), {"count": list(open_.values()).count(code)})
            for code in sorted(set(open_.values()))
        ]
        record_many(lines, by=machine().username)
    return changed
