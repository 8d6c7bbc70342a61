"""What a warning sends to whom: short messages, loudspeakers, and the cadres' lists of doors."""

from collections.abc import Iterator
from dataclasses import replace

from anlan.county.dispatch.actions import Draft
from anlan.county.office.queries import county
from anlan.county.warn import queries
from anlan.county.warn.models import Warning  # noqa: A004 (the field's own word)
from anlan.county.warn.queries import Audience


def key(warning: Warning, kind: str, name: str) -> str:
    """A message's key: one message of a kind for a warning and a household (or village, or cadre)."""
    return f"{warning.code}/{kind}/{name}"


def to_households(warning: Warning, reached: Audience) -> Iterator[Draft]:
    """One for each village's loudspeaker, and a short message to everyone with a phone."""
    base = _base(warning)
    for village in reached.villages():
        yield replace(
            base, key=key(warning, "loudspeaker", village), kind="loudspeaker", address=village, division_id=village,
            body=warning.voice,
        )  # fmt: skip
    phones = queries.phones(reached.id.tolist())
    rows = (reached.id.tolist(), reached.code.tolist(), reached.division.tolist(), reached.tier.tolist())
    for household, code, division, tier in zip(*rows, strict=True):
        if household in phones:
            yield replace(
                base, key=key(warning, "sms", code), address=phones[household], division_id=division, priority=tier
            )


def to_cadres(warning: Warning, reached: Audience) -> Iterator[Draft]:
    """Each village's list of doors to call at, and a short message to its cadres."""
    base = _base(warning)
    for village, doors in queries.doors(reached).items():
        yield replace(
            base, key=key(warning, "list", village), kind="list", address=village, division_id=village,
            body="\n".join([warning.sms, *doors]),
        )  # fmt: skip
    for username, phone, village in queries.cadres(reached.villages()):
        yield replace(base, key=key(warning, "sms", f"{village}/{username}"), address=phone, division_id=village)


def _base(warning: Warning) -> Draft:
    """What all messages of a warning share. In a synthetic county nothing is ever meant."""
    return Draft(
        key="", kind="sms", address="", division_id="", subject=warning.event.title[:120], body=warning.sms, priority=0,
        exercise=warning.event.exercise or county().synthetic, not_after=warning.expires_at,
    )  # fmt: skip
