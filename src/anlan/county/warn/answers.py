"""What households say themselves: by a page of their own, a short message, a key on the telephone.

The page's address is a number under a signature; whoever finds it learns of a warning, and of nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction

from anlan.county import bulk, clock
from anlan.county.dispatch.replies import Answer, waiting
from anlan.county.dispatch.replies import take as mark
from anlan.county.ledger.actions import Line, record, record_many
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.office.queries import machine
from anlan.county.warn import actions, rules
from anlan.county.warn.models import Remark, Target
from anlan.county.warn.reading import Reading, of_calls, of_people
from anlan.engine.audience.replies import KNOWN, SAFE

SALT = "warn.answer"
REMARK = ("household_id", "text", "said_at", "read_by")
OPEN_FOR = timedelta(days=7)  # after a warning's end its page closes


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

    A text that says they know, or are safe, in words of the engine's. Any other stays unknown, and so does a number
    that several households gave: nobody can say whose answer it is. Returns how many pieces of news it was.
    """
    return take(of_people([Answer((), phone.strip(), text, at) for phone, text, at in said]), how)


@transaction.atomic
def take_up() -> int:
    """Turn what people said since into answers, and mark each for what it was taken. Returns how many there were.

    Answers and marks are one transaction: whoever is killed in between has done neither.
    """
    found = waiting()
    if not found:
        return 0
    called, written = [each for each in found if each.message is not None], [each for each in found if not each.message]
    for readings, how in ((of_calls(called), "key"), (of_people(written), "reply")):
        take(readings, how)
        mark(outcomes={each.answer: each.outcome for each in readings})
        counts = Counter(each.outcome for each in readings)
        if readings:
            record("warn.take_up", about="target:*", by=machine().username, how=how, **counts)
    return len(found)


def take(readings: Sequence[Reading], how: str) -> int:
    """Acknowledge what was read; the first of several counts. Returns how many pieces of news it was."""
    news = [(target, each) for each in readings for target in each.targets]
    known = defaultdict[str, list[tuple[int, datetime]]](list)
    for target, each in news:
        if each.outcome in (KNOWN, SAFE):
            known["second" if each.second else how].append((target, each.answer.at))
    safe = [(target, each.answer.at) for target, each in news if each.outcome == SAFE]
    heard = [(target, each.answer.at) for target, each in news if each.heard]
    told = sum(actions.acknowledge(acks=acks, how=way, by=machine()) for way, acks in sorted(known.items()))
    kept = [(each.household, each.answer.text, each.answer.at, "") for each in readings if each.household]
    bulk.insert(Remark, REMARK, [row for row in kept if row[1].strip()])
    return told + settle(safe=safe, heard=heard)


@transaction.atomic
def heed(*, remarks: Sequence[int], by: User) -> int:
    """Somebody has read what households wrote, and seen to it. Returns how many were unread."""
    at = clock.now()
    fresh = Remark.objects.filter(pk__among=list(remarks), read_at__isnull=True)
    found = dict(fresh.values_list("pk", "household__code"))
    for division in sorted(set(fresh.values_list("household__division_id", flat=True))):
        check(by, "warn.acknowledge", division)
    Remark.objects.filter(pk__among=list(found), read_at__isnull=True).update(read_at=at, read_by=by.username)
    record_many([Line("warn.heed", f"household:{code}") for code in sorted(found.values())], by=by.username)
    return len(found)


@transaction.atomic
def settle(*, safe: Iterable[tuple[int, datetime]] = (), heard: Iterable[tuple[int, datetime]] = ()) -> int:
    """Note that households are safe, or were heard to listen: (target id, when). The first counts."""
    changed = 0
    for column, rows in (("safe_at", sorted(safe, reverse=True)), ("heard_at", sorted(heard, reverse=True))):
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
